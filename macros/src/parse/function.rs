//! `#[script]` on a free function.

use syn::{ImplItemFn, ItemFn};

use super::attr::MethodAttrs;
use super::methods::{Form, Method};
use crate::errors::Errors;
use crate::span::Source;

/// The function, as a method without a receiver.
pub fn parse(item: &ItemFn, errors: &mut Errors) -> Method {
    let func = ImplItemFn {
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
    Method { func, source, attrs: MethodAttrs::default(), form: Form::Function }
}
