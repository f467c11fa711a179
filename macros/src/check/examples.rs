//! Checks functions with `#[tracing_inputs]`, which give example inputs, and with `#[auto_jitable]`, which build
//! modules to test.

use quote::ToTokens;
use syn::{FnArg, Ident, ImplItemFn, ReturnType, Type};

use super::{Method, TracingInputs};
use crate::errors::Errors;
use crate::parse::attr::AutoJitable;
use crate::parse::methods::{self, Instance};

/// The functions with `#[tracing_inputs]` that are well-formed, at most one for each method.
pub fn tracing_inputs(
    parsed: Vec<methods::TracingInputs>,
    methods: &[Method],
    is_generic: bool,
    errors: &mut Errors,
) -> Vec<TracingInputs> {
    let mut known: Vec<TracingInputs> = vec![];
    let parsed: Vec<_> = parsed.into_iter().filter(|it| check_signature(&it.func, errors)).collect();
    for it in parsed {
        let Some((of, at)) = target(&it, methods, is_generic, errors) else { continue };
        if known.iter().any(|other| other.of == of) {
            errors.report(
                &it.func.sig.ident,
                format!("the tracing inputs of `{of}` are given twice"),
                "keep one of the functions with `#[tracing_inputs]`",
            );
            continue;
        }
        let method = at.filter(|at| methods[*at].entry.is_none());
        known.push(TracingInputs { func: it.func, of, method });
    }
    known.retain(|it| {
        let is_malformed = |method: &Method| method.entry.is_some() && method.is_malformed;
        it.of != "forward" || !methods.iter().any(is_malformed)
    });
    known
}

fn check_signature(func: &ImplItemFn, errors: &mut Errors) -> bool {
    const HELP: &str = "write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`";
    let n_before = errors.len();
    let inputs: Vec<_> = func.sig.inputs.iter().collect();
    if !matches!(inputs[..], [FnArg::Receiver(_), FnArg::Typed(_)]) {
        // Without arguments, there are no tokens of theirs to blame.
        let culprit = if inputs.is_empty() {
            func.sig.ident.to_token_stream()
        } else {
            func.sig.inputs.to_token_stream()
        };
        errors.report(
            culprit,
            "a function that gives tracing inputs takes `&self` and how many are wanted",
            HELP,
        );
    }
    match &func.sig.output {
        ReturnType::Type(_, ty) if matches!(**ty, Type::ImplTrait(_)) => {
            errors.report(ty, "tracing inputs are returned as a `Vec`", HELP);
        }
        ReturnType::Type(..) => {}
        ReturnType::Default => {
            errors.report(&func.sig.ident, "tracing inputs are returned as a `Vec`", HELP);
        }
    }
    errors.len() == n_before
}

/// The method that a function gives inputs for: one of this block, or the entry, which may be in another block.
fn target(
    inputs: &methods::TracingInputs,
    methods: &[Method],
    is_generic: bool,
    errors: &mut Errors,
) -> Option<(Ident, Option<usize>)> {
    let of = match inputs.of == "forward_t" {
        true => Ident::new("forward", inputs.of.span()),
        false => inputs.of.clone(),
    };
    let at = methods.iter().position(|method| *method.ident() == inputs.of);
    let method = at.map(|at| &methods[at]);
    if method.is_none() && of != "forward" {
        errors.report(
            &inputs.of,
            format!("there is no method `{of}` in this block"),
            "name a method of the same `#[methods]` block, or leave the name out for `forward`",
        );
        return None;
    }
    if method.is_some_and(|method| method.entry.is_none() && !method.has_plain_signature) {
        errors.report(
            &inputs.of,
            format!(
                "`{of}` cannot be traced: it takes something else than `&self` and values of named types"
            ),
            "name the types of its arguments and of its result, such as `Tensor`",
        );
        return None;
    }
    if is_generic && of != "forward" && methods.iter().all(|method| method.entry.is_none()) {
        errors.report(
            &inputs.of,
            "a traced method of a generic module stands in the block of `forward`",
            "move the method to the `#[methods]` block that holds `forward`",
        );
        return None;
    }
    Some((of, at))
}

/// Whether a method beside the entry can be traced: something asks for it, and its signature has named types.
pub fn is_traceable(method: &Method) -> bool {
    let is_exported = method.is_exported() && method.errors.is_empty();
    let is_wanted = is_exported || method.has_tracing_inputs;
    is_wanted && method.entry.is_none() && method.has_plain_signature
}

/// The functions with `#[auto_jitable]` that are well-formed.
pub fn instances(parsed: Vec<Instance>, is_generic: bool, errors: &mut Errors) -> Vec<Instance> {
    parsed.into_iter().filter(|it| check_instance(&it.func, &it.attr, is_generic, errors)).collect()
}

/// A function that builds a module to test takes nothing, or a path of a `VarStore`.
fn check_instance(func: &ImplItemFn, attr: &AutoJitable, is_generic: bool, errors: &mut Errors) -> bool {
    const HELP: &str = "write `fn small() -> Self`, or `fn small(vs: &nn::Path) -> Self`";
    let n_before = errors.len();
    if is_generic {
        errors.report(
            &attr.token,
            "a generic module is many types, and none of them is tested by itself",
            "write a test that calls `tch_jit::testing::assert_auto_jitable` with a module of one type",
        );
    }
    if let Some(receiver) = func.sig.receiver() {
        errors.report(receiver, "a function that builds a module to test takes no `self`", HELP);
    } else if let Some(second) = func.sig.inputs.get(1) {
        errors.report(
            second,
            "a function that builds a module to test takes a path of a `VarStore`, or nothing",
            HELP,
        );
    }
    if matches!(func.sig.output, ReturnType::Default) {
        errors.report(&func.sig.ident, "a function that builds a module to test returns it", HELP);
    }
    errors.len() == n_before
}
