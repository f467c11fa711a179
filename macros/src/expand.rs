//! The pipeline of both attributes, from tokens to tokens: parse, lower, emit. The item itself is
//! always emitted, whatever is wrong, so that one mistake does not cause others.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{Ident, ItemImpl, ItemStruct};

use crate::errors::Errors;
use crate::{emit, module};

/// `#[compile_mode(…)]`.
pub fn compile_mode(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(mut item) = syn::parse2::<ItemStruct>(item.clone()) else {
        let (keyword, name) = head(&item);
        errors.report(
            quote!(#keyword #name),
            "`#[compile_mode]` goes on a struct",
            "write it above the struct of the module, and `#[methods]` above its impl block",
        );
        let errors = errors.into_tokens();
        let is_type = keyword.is_some_and(|it| it == "enum" || it == "union");
        let callback = name.filter(|_| is_type).map(|name| emit::no_module(&name));
        return quote!(#item #callback #errors);
    };
    let module = module::parse(args, &mut item, &mut errors);
    let generated = emit::module(&module);
    let errors = errors.into_tokens();
    quote!(#item #generated #errors)
}

/// `#[methods]`.
pub fn methods(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(mut item) = syn::parse2::<ItemImpl>(item.clone()) else {
        let (keyword, name) = head(&item);
        errors.report(
            quote!(#keyword #name),
            "`#[methods]` goes on an impl block",
            "write it above the `impl` of the module that holds `forward`",
        );
        let errors = errors.into_tokens();
        return quote!(#item #errors);
    };
    if !args.is_empty() {
        errors.report(
            &args,
            "`#[methods]` takes no arguments",
            "write `#[methods]`; the mode stands in the struct's `#[compile_mode]`",
        );
    }
    let methods = crate::methods::parse(&mut item, &mut errors);
    let generated = emit::methods(&methods);
    emit::record_calls(&mut item, &methods);
    let errors = errors.into_tokens();
    quote!(#item #generated #errors)
}

/// What to blame of an item that is of the wrong kind: its keyword and its name.
fn head(item: &TokenStream) -> (Option<Ident>, Option<Ident>) {
    let mut idents = item.clone().into_iter().filter_map(|tree| match tree {
        TokenTree::Ident(ident) if ident != "pub" => Some(ident),
        _ => None,
    });
    (idents.next(), idents.next())
}
