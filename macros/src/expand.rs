//! The pipeline of both attributes, from tokens to tokens: parse, lower, emit. The item itself is
//! always emitted, whatever is wrong, so that one mistake does not cause others.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemImpl, ItemStruct};

use crate::errors::Errors;
use crate::{emit, module};

/// `#[compile_mode(…)]`.
pub fn compile_mode(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(mut item) = syn::parse2::<ItemStruct>(item.clone()) else {
        errors.report(
            first_line(&item),
            "`#[compile_mode]` goes on a struct",
            "put it on the struct of the module, and `#[methods]` on its impl block",
        );
        let errors = errors.into_tokens();
        return quote!(#item #errors);
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
        errors.report(first_line(&item), "`#[methods]` goes on an impl block", "write it above `impl …`");
        let errors = errors.into_tokens();
        return quote!(#item #errors);
    };
    if !args.is_empty() {
        errors.report(&args, "`#[methods]` takes no arguments", "write `#[methods]`");
    }
    let methods = crate::methods::parse(&mut item, &mut errors);
    let generated = methods.map(|methods| emit::methods(&methods));
    let errors = errors.into_tokens();
    quote!(#item #generated #errors)
}

/// What to blame of an item that is of the wrong kind: its keyword and name.
fn first_line(item: &TokenStream) -> TokenStream {
    item.clone()
        .into_iter()
        .skip_while(|tree| match tree {
            proc_macro2::TokenTree::Punct(_) | proc_macro2::TokenTree::Group(_) => true,
            proc_macro2::TokenTree::Ident(ident) => ident == "pub",
            proc_macro2::TokenTree::Literal(_) => false,
        })
        .take(2)
        .collect()
}
