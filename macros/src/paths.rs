//! Every path of the runtime that generated code names, in one place.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// `::tch_jit::…` for users of generated code; nothing else is named.
pub fn krate(span: Span) -> TokenStream {
    quote_spanned!(span=> ::tch_jit)
}

/// What is not meant for people.
pub fn private(span: Span) -> TokenStream {
    quote_spanned!(span=> ::tch_jit::private)
}
