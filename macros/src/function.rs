//! `#[script]` on a free function.

use syn::{ImplItemFn, ItemFn};

use crate::attr::MethodAttrs;
use crate::errors::Errors;
use crate::lower::{Form, lower_method};
use crate::methods::Method;
use crate::span::Source;

/// The function, lowered as a method without a receiver.
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
    let mut lowering = Errors::default();
    let lowered = lower_method(&func, Form::Function, source, &mut lowering);
    let mut lowering = lowering.into_vec();
    // The path of a recursive call is the function's own name.
    let own = |path: &&syn::Path| path.is_ident(&func.sig.ident);
    if let Some(path) = lowered.functions.iter().find(own) {
        let mut recursion = Errors::default();
        recursion.report(
            path,
            format!("`{}` calls itself here, and TorchScript has no recursion", func.sig.ident),
            "write a loop",
        );
        lowering.extend(recursion.into_vec());
    }
    let attrs = MethodAttrs::default();
    let form = Form::Function;
    Method { func, lowered, errors: lowering, reached: true, malformed: false, attrs, form }
}
