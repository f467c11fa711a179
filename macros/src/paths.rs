//! Every path of the runtime that generated code names, in one place.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// `::tch_jit::…` for users of generated code; nothing else is named.
pub fn krate(span: Span) -> TokenStream {
    quote_spanned!(span=> ::tch_jit)
}

/// `span`'s place with the hygiene of the attribute: generated locals and `self` find each other,
/// also where the item comes out of a `macro_rules` macro.
pub fn place_of(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// What is not meant for people.
pub fn private(span: Span) -> TokenStream {
    quote_spanned!(span=> ::tch_jit::private)
}
