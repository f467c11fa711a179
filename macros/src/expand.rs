//! The pipeline of each attribute, from tokens to tokens: parse, lower, check, emit. The item itself is
//! always emitted, whatever is wrong, so that one mistake does not cause others.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{DeriveInput, Ident, ItemFn, ItemImpl};

use crate::errors::Errors;
use crate::{check, emit, lower, parse};

/// `#[compile_mode(…)]`.
pub fn compile_mode(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = syn::parse2::<DeriveInput>(item.clone());
    let Ok(mut item) = parsed.and_then(parse::module::reject_union) else {
        let (keyword, name) = head(&item);
        errors.report(
            quote!(#keyword #name),
            "`#[compile_mode]` goes on a struct, or on an enum of modules",
            "write it above the struct of the module, and `#[methods]` above its impl block",
        );
        let errors = errors.into_tokens();
        let is_type = keyword.is_some_and(|it| it == "union");
        let callback = name.filter(|_| is_type).map(|name| emit::no_module(&name));
        return quote!(#item #callback #errors);
    };
    let module = parse::module::parse(args, &mut item, &mut errors);
    let generated = emit::module(&module);
    let errors = errors.into_tokens();
    quote!(#item #generated #errors)
}

/// `#[script]` and `#[script_if_tracing]`.
pub fn script(name: &str, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Ok(mut item) = syn::parse2::<ItemFn>(item.clone()) else {
        let (keyword, ident) = head(&item);
        errors.report(
            quote!(#keyword #ident),
            format!("`#[{name}]` goes on a free function"),
            "for a module, write `#[compile_mode(script)]` above the struct and `#[methods]` above its impl block",
        );
        let errors = errors.into_tokens();
        return quote!(#item #errors);
    };
    if let Some(receiver) = item.sig.receiver() {
        errors.report(
            receiver,
            format!("`#[{name}]` goes on a free function"),
            "put `#[methods]` on the impl block; methods that `forward` calls are scripted with it",
        );
        let errors = errors.into_tokens();
        return quote!(#item #errors);
    }
    let args = parse::krate::take_crate(args, &mut errors);
    if !args.is_empty() {
        errors.report(&args, format!("`#[{name}]` takes no arguments"), format!("write `#[{name}]`"));
    }
    let parsed = parse::function::parse(&item, &mut errors);
    let lowered = lower::method(&parsed);
    let function = check::function(parsed, lowered);
    let generated = emit::function(&function, &item.vis);
    if errors.len() == 0 && function.errors.is_empty() {
        emit::record_function(&mut item);
    }
    let errors = errors.into_tokens();
    quote!(#item #generated #errors)
}

/// `#[derive(ScriptType)]`.
pub fn script_type(item: TokenStream) -> TokenStream {
    let Ok(item) = syn::parse2::<DeriveInput>(item) else { return TokenStream::new() };
    let mut errors = Errors::default();
    parse::krate::read_script_type(&item.attrs, &mut errors);
    let generated = parse::script_type::parse(&item, &mut errors).map(|it| emit::script_type(&it));
    let errors = errors.into_tokens();
    quote!(#generated #errors)
}

/// `#[tracing_inputs]` outside of a `#[methods]` block: on a struct, `#[compile_mode]` reads it, wherever it stands.
pub fn tracing_inputs(args: TokenStream, item: TokenStream) -> TokenStream {
    let is_mode = |attr: &syn::Attribute| parse::attr::named(attr, "compile_mode");
    match syn::parse2::<DeriveInput>(item.clone()) {
        Ok(mut item) if item.attrs.iter().any(is_mode) => {
            item.attrs.push(syn::parse_quote!(#[tracing_inputs(#args)]));
            quote!(#item)
        }
        Ok(parsed) => {
            let mut errors = Errors::default();
            errors.report(
                &parsed.ident,
                "`#[tracing_inputs]` goes on a module",
                "write `#[compile_mode(trace)]`, or another mode, above the struct as well",
            );
            let errors = errors.into_tokens();
            quote!(#item #errors)
        }
        Err(_) => outside("tracing_inputs", args, item),
    }
}

/// An attribute for methods that stands somewhere else: inside of a `#[methods]` block it is taken off.
pub fn outside(name: &str, args: TokenStream, item: TokenStream) -> TokenStream {
    if is_only_used(&args) {
        return TokenStream::new();
    }
    let mut errors = Errors::default();
    let (keyword, ident) = head(&item);
    errors.report(
        quote!(#keyword #ident),
        format!("`#[{name}]` goes on a method in a `#[methods]` block"),
        "put `#[methods]` on the impl block",
    );
    let errors = errors.into_tokens();
    quote!(#item #errors)
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
    let args = parse::krate::take_crate(args, &mut errors);
    if !args.is_empty() {
        errors.report(
            &args,
            "`#[methods]` takes no arguments",
            "write `#[methods]`; the mode stands in the struct's `#[compile_mode]`",
        );
    }
    let block = parse::methods::parse(&mut item, &mut errors);
    let lowered = lower::block(&block);
    let methods = check::methods(block, lowered, &mut errors);
    let generated = emit::methods(&methods);
    emit::record_calls(&mut item, &methods);
    let errors = errors.into_tokens();
    quote!(#item #generated #errors)
}

/// Whether the attribute stands on an item of ours, see [`emit::USED`].
fn is_only_used(args: &TokenStream) -> bool {
    args.to_string() == emit::USED
}

/// What to blame of an item that is of the wrong kind: its keyword and its name.
fn head(item: &TokenStream) -> (Option<Ident>, Option<Ident>) {
    let mut idents = item.clone().into_iter().filter_map(|tree| match tree {
        TokenTree::Ident(ident) if ident != "pub" => Some(ident),
        _ => None,
    });
    (idents.next(), idents.next())
}
