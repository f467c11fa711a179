//! Bodies that TorchScript cannot express.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::spans::place;
use crate::check::Method;
use crate::errors::Error;
use crate::paths::{place_of, private};

/// A body that TorchScript cannot express: an error only if it is needed.
pub fn refused(method: &Method, first: &Error) -> TokenStream {
    let refusal = refusal(method, first);
    quote!(defs.refuse(#refusal);)
}

/// Why there is no body.
pub fn refusal(method: &Method, error: &Error) -> TokenStream {
    let private = private(Span::call_site());
    let name = method.rust_name();
    let (message, help) = (&error.message, &error.help);
    let place = place(place_of(error.spans().0));
    quote! {
        #private::Refusal {
            method: #name,
            message: #message,
            help: #help,
            place: #place,
        }
    }
}
