//! Code for bodies that TorchScript cannot express: a refusal at run time.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::spans::place;
use crate::check::Method;
use crate::errors::Error;
use crate::paths::{place_of, private};

/// Expands to a statement that refuses the method: an error only if something scripts it.
pub fn refused(method: &Method, first: &Error) -> TokenStream {
    let refusal = refusal(method, first);
    quote!(__defs.refuse(#refusal);)
}

/// Expands to the `Refusal`: why the method cannot be scripted.
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
