//! Bodies that TorchScript cannot express.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::check::Method;
use crate::errors::Error;
use crate::paths::private;

/// A body that TorchScript cannot express: an error only if it is needed.
pub fn refused(method: &Method, first: &Error) -> TokenStream {
    let refusal = refusal(method, first);
    quote!(defs.refuse(#refusal);)
}

/// Why there is no body.
pub fn refusal(method: &Method, error: &Error) -> TokenStream {
    let private = private(Span::call_site());
    let name = method.rust_name();
    let start = error.spans().0.start();
    let (message, help) = (&error.message, &error.help);
    let (line, column) = (start.line as u32, start.column as u32 + 1);
    quote! {
        #private::Refusal {
            method: #name,
            message: #message,
            help: #help,
            file: ::core::file!(),
            line: #line,
            column: #column,
        }
    }
}
