//! Every path of the runtime that generated code names, in one place.
//!
//! The runtime is `::tch_jit`, unless the user's Cargo.toml gives it another name, or an attribute says `crate = "…"`.
//! The name holds for one expansion.

use std::cell::RefCell;

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;

thread_local! {
    // The path is kept as text: tokens must not outlive the expansion that they belong to.
    static KRATE: RefCell<Option<Krate>> = const { RefCell::new(None) };
}

/// The path of the runtime.
#[derive(Clone)]
struct Krate {
    /// Whether it begins with `::`.
    is_global: bool,
    segments: Vec<String>,
}

/// A guard for one expansion, whose drop restores the former path of the runtime.
#[must_use]
pub struct Expansion(Option<Krate>);

/// Begins an expansion: the runtime has the name that the user's Cargo.toml gives it.
pub fn enter() -> Expansion {
    // In the package of the runtime, its tests and examples see it under its own name.
    let renamed = match crate_name("tch-jit") {
        Ok(FoundCrate::Name(name)) => Some(Krate { is_global: true, segments: vec![name] }),
        Ok(FoundCrate::Itself) | Err(_) => None,
    };
    Expansion(KRATE.replace(renamed))
}

impl Drop for Expansion {
    fn drop(&mut self) {
        KRATE.set(self.0.take());
    }
}

/// Sets the path of the runtime, from `crate = "path"` in an attribute, for the rest of the expansion.
pub fn name_runtime(path: &syn::Path) {
    let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    KRATE.set(Some(Krate { is_global: path.leading_colon.is_some(), segments }));
}

/// The path of the runtime, `::tch_jit`, for items that users may name as well.
pub fn krate(span: Span) -> TokenStream {
    KRATE.with_borrow(|krate| match krate {
        None => quote_spanned!(span=> ::tch_jit),
        Some(Krate { is_global, segments }) => {
            let colons = is_global.then(|| quote_spanned!(span=> ::));
            let segments = segments.iter().map(|segment| Ident::new(segment, span));
            let joined = segments.enumerate().map(|(i, segment)| match i {
                0 => segment.to_token_stream(),
                _ => quote_spanned!(span=> :: #segment),
            });
            quote!(#colons #(#joined)*)
        }
    })
}

/// The path of the runtime's items that only generated code may name, `::tch_jit::private`.
pub fn private(span: Span) -> TokenStream {
    let krate = krate(span);
    quote_spanned!(span=> #krate::private)
}

/// The place of `span` with the hygiene of the attribute, so that generated locals and `self` find each other even if
/// the item comes out of a `macro_rules` macro.
pub fn place_of(span: Span) -> Span {
    Span::call_site().located_at(span)
}
