//! The pipeline of each attribute, from tokens to tokens: parse, lower, check, emit. The item itself is
//! always emitted, whatever is wrong, so that one mistake does not cause others.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, ItemFn, ItemImpl};

use crate::errors::Errors;
use crate::parse::data::Owner;
use crate::{check, emit, lower, parse, wrong_item};

/// Expands the attribute `name` on an item that rustc has configured.
pub fn attribute(name: &str, args: TokenStream, item: TokenStream) -> TokenStream {
    match name {
        "compile_mode" => compile_mode(args, item),
        "methods" => methods(args, item),
        name => script(name, args, item),
    }
}

/// Expands `#[compile_mode(…)]` on a struct or an enum.
pub fn compile_mode(args: TokenStream, item: TokenStream) -> TokenStream {
    let parsed = syn::parse2::<DeriveInput>(item.clone()).and_then(parse::module::reject_union);
    let Ok(mut item) = parsed else { return wrong_item::of_compile_mode(item) };
    let mut errors = Errors::default();
    let module = parse::module::parse(args, &mut item, &mut errors);
    let generated = emit::module(&module);
    let errors = errors.into_tokens();
    quote!(#item #generated #errors)
}

/// Expands `#[methods]` on an impl block.
pub fn methods(args: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(mut item) = syn::parse2::<ItemImpl>(item.clone()) else { return wrong_item::of_methods(item) };
    let mut errors = Errors::default();
    parse::methods::parse_args(args, &mut errors);
    match parse::data::owner(&item) {
        Owner::Module => {
            let generated = methods_of_module(&mut item, &mut errors);
            let errors = errors.into_tokens();
            quote!(#item #generated #errors)
        }
        Owner::Foreign => {
            let generated = methods_of_data(&item, true, &mut errors);
            parse::data::take_attributes(&mut item);
            let errors = errors.into_tokens();
            quote!(#item #generated #errors)
        }
        // rustc decides which of the two is compiled.
        Owner::Unknown => {
            let mut again = Errors::default();
            let data = methods_of_data(&item, false, &mut again);
            // Of mistakes in attributes the other one tells.
            again.into_vec();
            let module = methods_of_module(&mut item, &mut errors);
            let generated = emit::if_data(&item, &data, &module);
            let errors = errors.into_tokens();
            quote!(#item #generated #errors)
        }
    }
}

/// What a block of a module's methods generates beside itself; takes our attributes off.
fn methods_of_module(item: &mut ItemImpl, errors: &mut Errors) -> TokenStream {
    let block = parse::methods::parse(item, errors);
    let lowered = lower::block(&block);
    let methods = check::methods(block, lowered, errors);
    let generated = emit::methods(&methods);
    emit::record_calls(item, &methods);
    generated
}

/// The same of a block of methods of data.
fn methods_of_data(item: &ItemImpl, is_foreign: bool, errors: &mut Errors) -> TokenStream {
    let methods = parse::data::parse(item, errors);
    let lowered = lower::data(&methods, (!is_foreign).then_some(&*item.self_ty));
    let methods = check::data(methods, lowered, item);
    emit::data(item, &methods, is_foreign)
}

/// Expands `#[script]` or `#[script_if_tracing]`, whichever is the `name`, on a free function.
pub fn script(name: &str, args: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(mut item) = syn::parse2::<ItemFn>(item.clone()) else { return wrong_item::of_script(name, item) };
    if item.sig.receiver().is_some() {
        return wrong_item::method_of_script(name, &item);
    }
    let mut errors = Errors::default();
    parse::function::parse_args(name, args, &mut errors);
    let parsed = parse::function::parse(&item, &mut errors);
    let lowered = lower::function(&parsed);
    let function = check::function(parsed, lowered);
    let generated = emit::function(&function, &item.vis);
    if errors.len() == 0 && function.errors.is_empty() {
        emit::record_function(&mut item);
    }
    let errors = errors.into_tokens();
    quote!(#item #generated #errors)
}

/// Expands `#[derive(ScriptType)]` on a struct or an enum.
pub fn script_type(item: TokenStream) -> TokenStream {
    let Ok(item) = syn::parse2::<DeriveInput>(item) else { return TokenStream::new() };
    let mut errors = Errors::default();
    parse::krate::read_script_type(&item.attrs, &mut errors);
    let generated = parse::script_type::parse(&item, &mut errors).map(|it| emit::script_type(&it));
    let is_data = emit::data_type(&item.ident);
    let errors = errors.into_tokens();
    quote!(#generated #is_data #errors)
}

/// Expands `#[tracing_inputs]` outside of a `#[methods]` block. On a struct, `#[compile_mode]` reads it, whichever
/// stands first.
pub fn tracing_inputs(args: TokenStream, item: TokenStream) -> TokenStream {
    let is_mode = |attr: &syn::Attribute| parse::attr::named(attr, "compile_mode");
    match syn::parse2::<DeriveInput>(item.clone()) {
        Ok(mut item) if item.attrs.iter().any(is_mode) => {
            item.attrs.push(syn::parse_quote!(#[tracing_inputs(#args)]));
            quote!(#item)
        }
        Ok(item) => wrong_item::of_tracing_inputs(&item),
        Err(_) => outside("tracing_inputs", args, item),
    }
}

/// Expands an attribute for methods, which is a mistake: inside of a `#[methods]` block it would have been taken off.
pub fn outside(name: &str, args: TokenStream, item: TokenStream) -> TokenStream {
    // The item was generated to name the attribute, see `emit::imports`, and is removed.
    if args.to_string() == emit::USED {
        return TokenStream::new();
    }
    wrong_item::outside(name, item)
}
