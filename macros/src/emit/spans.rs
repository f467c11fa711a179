//! Places generated tokens in the user's code, so that rustc's messages underline the user's own tokens.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Type};

use crate::paths::krate;
use crate::span::ends;
use crate::types::with_lifetimes;

/// `first second`, placed so that rustc underlines `tokens` from their start to their end.
pub fn around(tokens: &impl ToTokens, first: &TokenStream, second: &TokenStream) -> TokenStream {
    let (start, end) = ends(tokens).unwrap_or((Span::call_site(), Span::call_site()));
    let first = respan(first, start);
    let second = respan(second, end);
    quote!(#first #second)
}

pub fn respan(tokens: &TokenStream, span: Span) -> TokenStream {
    let respan_tree = |mut tree: proc_macro2::TokenTree| {
        if let proc_macro2::TokenTree::Group(group) = tree {
            let inner = respan(&group.stream(), span);
            tree = proc_macro2::Group::new(group.delimiter(), inner).into();
        }
        tree.set_span(span);
        tree
    };
    tokens.clone().into_iter().map(respan_tree).collect()
}

/// Expands to `let checked = <Type as Trait>::item;`, with spans so that rustc underlines `Type` alone.
pub fn check(ty: &Type, of: TokenStream, item: &str) -> TokenStream {
    let item = Ident::new(item, Span::call_site());
    let ty = with_lifetimes(ty, "'_");
    quote!(let checked = <#ty as #of>::#item;)
}

/// Expands to the `Place` of `span`.
pub fn place(span: Span) -> TokenStream {
    let krate = krate(span);
    let (line, column) = (span.start().line as u32, span.start().column as u32 + 1);
    quote_spanned!(span=> #krate::Place { file: ::core::file!(), line: #line, column: #column })
}

/// The span of the first token, where a message about the tokens belongs.
pub fn first_span(tokens: &TokenStream) -> Span {
    ends(tokens).map_or_else(Span::call_site, |(start, _)| start)
}
