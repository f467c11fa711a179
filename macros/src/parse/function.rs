//! Parses `#[script]` on a free function.

use proc_macro2::TokenStream;
use syn::{ImplItemFn, ItemFn};

use super::attr::MethodAttrs;
use super::krate::take_crate;
use super::methods::{Form, Method};
use super::stored_iterators::put_to_their_uses;
use crate::errors::Errors;
use crate::span::Source;

/// Reads the arguments of the attribute `name`, which are `crate = "…"` or none.
pub fn parse_args(name: &str, args: TokenStream, errors: &mut Errors) {
    let args = take_crate(args, errors);
    if !args.is_empty() {
        errors.report(&args, format!("`#[{name}]` takes no arguments"), format!("write `#[{name}]`"));
    }
}

/// Reads the function, as a method without a receiver.
pub fn parse(item: &ItemFn, errors: &mut Errors) -> Method {
    let mut func = ImplItemFn {
        attrs: vec![],
        vis: item.vis.clone(),
        modifiers: item.modifiers.clone(),
        sig: item.sig.clone(),
        block: (*item.block).clone(),
    };
    for param in func.sig.generics.const_params() {
        errors.report(param, "a scripted function is not generic", "pass the number as an argument");
    }
    let body = func.block.brace_token.span;
    let source = Source::of_method(&func, body, body);
    put_to_their_uses(&mut func.block);
    Method { func, source, attrs: MethodAttrs::default(), form: Form::Function }
}
