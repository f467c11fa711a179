//! Before the pipeline: an annotated item comes in that has `cfg` or `cfg_attr` inside, and what goes to the pipeline
//! is the item as rustc configures it. Only rustc decides a `cfg`.
//!
//! An attribute macro sees every `cfg` inside of its item. A derive macro sees none: rustc configures its input first,
//! down to the last expression. So such an item takes a detour. The attribute makes it part of an enum with a derive
//! macro of ours, which takes it out again and expands the attribute on what rustc has left of it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ItemFn;

use crate::errors::{Error, Errors};
use crate::expand;
use crate::parse::krate::take_crate;
use crate::paths::private;

/// Expands the attribute `name`; if anything inside of the item is to be configured, rustc does that first.
pub fn attribute(name: &str, args: TokenStream, item: TokenStream) -> TokenStream {
    // A method cannot become an enum. With an attribute for functions it is an error anyway.
    if find_cfg(&item).is_none() || is_method(&item) {
        return expand::attribute(name, args, item);
    }
    // Here the arguments say what the runtime is called; mistakes in them are reported after the detour.
    let mut errors = Errors::default();
    take_crate(args.clone(), &mut errors);
    errors.into_vec();
    detour(name, &args, &item)
}

/// Expands to:
///
/// ```text
/// #[derive(tch_jit::private::Configured)]
/// #[tch_jit::private::discard]
/// enum Configured { Item = { #[methods()] impl Model { … } 0 } }
/// ```
///
/// A block in the place of a value may hold any item. When the derive macro has been given the enum, `discard` removes
/// it, so that it is never compiled, and its name is never taken.
fn detour(name: &str, args: &TokenStream, item: &TokenStream) -> TokenStream {
    let private = private(Span::call_site());
    let name = Ident::new(name, Span::call_site());
    quote! {
        #[derive(#private::Configured)]
        #[#private::discard]
        enum Configured { Item = { #[#name(#args)] #item 0 } }
    }
}

/// Expands the derive macro on the enum that [`detour`] made: the attribute, on the configured item.
pub fn configured(input: TokenStream) -> TokenStream {
    let block = braces(input.clone()).and_then(braces).unwrap_or_default();
    let mut block = block.into_iter().collect::<Vec<_>>().into_iter();
    match (block.next(), block.next(), block.next_back()) {
        // Of an item that rustc removed, the block's value is left.
        (Some(TokenTree::Literal(_)), None, None) => TokenStream::new(),
        (Some(TokenTree::Punct(_)), Some(TokenTree::Group(attribute)), Some(TokenTree::Literal(_))) => {
            let mut attribute = attribute.stream().into_iter();
            let name = attribute.next().map(|name| name.to_string()).unwrap_or_default();
            let args = match attribute.next() {
                Some(TokenTree::Group(args)) => args.stream(),
                _ => TokenStream::new(),
            };
            let item: TokenStream = block.collect();
            let closed = close_gaps(&item, Delimiter::None);
            expand::attribute(&name, args, closed.unwrap_or(item))
        }
        _ => Error::new(
            input,
            "`Configured` is for code that tch-jit's attributes generate",
            "write `#[compile_mode]`, `#[methods]` or `#[script]`",
        )
        .to_compile_error(),
    }
}

/// The contents of the first pair of braces.
fn braces(tokens: TokenStream) -> Option<TokenStream> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    })
}

/// Where rustc removes an argument, a parameter or an element, it leaves the comma: `f(a, #[cfg(any())] b, c)` becomes
/// `f(a, , c)`. Such a comma is moved to the end, as in `f(a, c,)`, so that a tuple of one element stays one. `None`
/// where there is none.
fn close_gaps(tokens: &TokenStream, delimiter: Delimiter) -> Option<TokenStream> {
    let mut closed: Vec<TokenTree> = vec![];
    let mut gap = None;
    let mut is_changed = false;
    for tree in tokens.clone() {
        let tree = match tree {
            TokenTree::Punct(it) if it.as_char() == ',' && closed.last().is_none_or(opens_gap) => {
                gap = Some(it);
                continue;
            }
            TokenTree::Group(group) if !belongs_to_macro(&closed) => {
                match close_gaps(&group.stream(), group.delimiter()) {
                    Some(contents) => {
                        is_changed = true;
                        let mut changed = Group::new(group.delimiter(), contents);
                        changed.set_span(group.span());
                        TokenTree::Group(changed)
                    }
                    None => group.into(),
                }
            }
            tree => tree,
        };
        closed.push(tree);
    }
    if gap.is_none() && !is_changed {
        return None;
    }
    let is_list = matches!(delimiter, Delimiter::Parenthesis | Delimiter::Bracket);
    if is_list && closed.last().is_some_and(|last| !is_punct(last, ',')) {
        closed.extend(gap.map(TokenTree::Punct));
    }
    Some(closed.into_iter().collect())
}

/// Whether nothing can stand between the token and a comma. Bars are those of a closure's parameters.
fn opens_gap(tree: &TokenTree) -> bool {
    is_punct(tree, ',') || is_punct(tree, '|')
}

/// Whether a group after these tokens holds the arguments of a macro or of an attribute, in which a comma may mean
/// anything.
fn belongs_to_macro(before: &[TokenTree]) -> bool {
    let is_name = |tree: &TokenTree| matches!(tree, TokenTree::Ident(name) if !is_keyword(name));
    match before {
        [.., hash] if is_punct(hash, '#') => true,
        [.., hash, bang] if is_punct(hash, '#') && is_punct(bang, '!') => true,
        [.., name, bang] if is_name(name) && is_punct(bang, '!') => true,
        [.., bang, name] => is_name(name) && is_punct(bang, '!'),
        _ => false,
    }
}

/// As in `return !(a, b).0`.
fn is_keyword(name: &Ident) -> bool {
    syn::parse_str::<Ident>(&name.to_string()).is_err()
}

fn is_punct(tree: &TokenTree, punct: char) -> bool {
    matches!(tree, TokenTree::Punct(it) if it.as_char() == punct)
}

/// The first `#[cfg(…)]` or `#[cfg_attr(…)]` among the tokens, at any depth.
pub fn find_cfg(tokens: &TokenStream) -> Option<TokenStream> {
    let mut before = TokenStream::new();
    for tree in tokens.clone() {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == '#' => before = punct.into_token_stream(),
            TokenTree::Punct(punct) if punct.as_char() == '!' && !before.is_empty() => before.extend([punct]),
            TokenTree::Group(group) => {
                let before = std::mem::take(&mut before);
                let is_attribute = !before.is_empty() && group.delimiter() == Delimiter::Bracket;
                if is_attribute && begins_with_cfg(&group) {
                    return Some(quote!(#before #group));
                }
                if let Some(found) = find_cfg(&group.stream()) {
                    return Some(found);
                }
            }
            _ => before = TokenStream::new(),
        }
    }
    None
}

/// Whether the first token is `cfg` or `cfg_attr`. A `macro_rules` parameter leaves a group around it.
fn begins_with_cfg(group: &Group) -> bool {
    match group.stream().into_iter().next() {
        Some(TokenTree::Ident(name)) => name == "cfg" || name == "cfg_attr",
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => begins_with_cfg(&group),
        _ => false,
    }
}

fn is_method(item: &TokenStream) -> bool {
    syn::parse2::<ItemFn>(item.clone()).is_ok_and(|item| item.sig.receiver().is_some())
}
