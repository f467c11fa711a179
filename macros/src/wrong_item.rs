//! Errors for attributes on items of the wrong kind. The item is emitted as it is, beside the error.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{DeriveInput, Ident, ItemFn};

use crate::emit;
use crate::errors::Error;

/// Reports `#[compile_mode]` on something else than a struct or an enum.
pub fn of_compile_mode(item: TokenStream) -> TokenStream {
    let (keyword, name) = head(&item);
    let error = reported(
        quote!(#keyword #name),
        "`#[compile_mode]` goes on a struct, or on an enum of modules",
        "write it above the struct of the module, and `#[methods]` above its impl block",
    );
    // A union gets the macro that a struct has, so that its `#[methods]` block causes no second error.
    let is_type = keyword.is_some_and(|it| it == "union");
    let callback = name.filter(|_| is_type).map(|name| emit::no_module(&name));
    quote!(#item #callback #error)
}

/// Reports `#[methods]` on something else than an impl block.
pub fn of_methods(item: TokenStream) -> TokenStream {
    let (keyword, name) = head(&item);
    let error = reported(
        quote!(#keyword #name),
        "`#[methods]` goes on an impl block",
        "write it above the `impl` of the module that holds `forward`",
    );
    quote!(#item #error)
}

/// Reports `#[script]` on something else than a function.
pub fn of_script(name: &str, item: TokenStream) -> TokenStream {
    let (keyword, ident) = head(&item);
    let error = reported(
        quote!(#keyword #ident),
        format!("`#[{name}]` goes on a free function"),
        "for a module, write `#[compile_mode(script)]` above the struct and `#[methods]` above its impl block",
    );
    quote!(#item #error)
}

/// Reports `#[script]` on a method.
pub fn method_of_script(name: &str, item: &ItemFn) -> TokenStream {
    let error = reported(
        item.sig.receiver(),
        format!("`#[{name}]` goes on a free function"),
        "put `#[methods]` on the impl block; methods that `forward` calls are scripted with it",
    );
    quote!(#item #error)
}

/// Reports `#[tracing_inputs]` on a struct that is no module.
pub fn of_tracing_inputs(item: &DeriveInput) -> TokenStream {
    let error = reported(
        &item.ident,
        "`#[tracing_inputs]` goes on a module",
        "write `#[compile_mode(trace)]`, or another mode, above the struct as well",
    );
    quote!(#item #error)
}

/// Reports an attribute for methods that stands outside of a `#[methods]` block.
pub fn outside(name: &str, item: TokenStream) -> TokenStream {
    let (keyword, ident) = head(&item);
    let error = reported(
        quote!(#keyword #ident),
        format!("`#[{name}]` goes on a method in a `#[methods]` block"),
        "put `#[methods]` on the impl block",
    );
    quote!(#item #error)
}

fn reported(tokens: impl ToTokens, message: impl Into<String>, help: &str) -> TokenStream {
    Error::new(tokens, message, help).to_compile_error()
}

/// The tokens to blame of an item of the wrong kind: its keyword and its name.
fn head(item: &TokenStream) -> (Option<Ident>, Option<Ident>) {
    let mut idents = item.clone().into_iter().filter_map(|tree| match tree {
        TokenTree::Ident(ident) if ident != "pub" => Some(ident),
        _ => None,
    });
    (idents.next(), idents.next())
}
