//! Checks the signatures of entries, and where exported methods may stand.

use syn::{GenericParam, ImplItemFn, Type};

use super::Method;
use crate::errors::{Error, Errors};
use crate::parse::methods::{Block, Entry, signature_types, takes_shared_self, typed_inputs};
use crate::types::is_bool;

/// How many arguments an entry may have: the longest tuple that the runtime knows.
const MAX_ARGS: usize = 12;

/// The block's entry, as an index into its methods: `forward`, else `forward_t`.
pub fn entry_of(block: &Block) -> Option<usize> {
    let is = |entry| block.methods.iter().position(|it| it.entry() == Some(entry));
    is(Entry::Forward).or_else(|| is(Entry::ForwardT))
}

/// Reports a method that is `forward` but for its spelling, in a block without an entry.
pub fn check_spelling(block: &Block, errors: &mut Errors) {
    let is_near = |name: &str| {
        !name.starts_with("forward") && strsim::damerau_levenshtein(&name.to_lowercase(), "forward") <= 2
    };
    let ident = block.methods.iter().map(|it| it.ident()).find(|it| is_near(&it.to_string()));
    if let (None, Some(ident)) = (entry_of(block), ident) {
        errors.report(ident, "this block has no `forward`", "did you mean `forward`?");
    }
}

/// An entry takes `&self`, then inputs of known types, in every mode.
pub fn check_entry(func: &ImplItemFn, errors: &mut Errors) -> bool {
    let n_before = errors.len();
    let sig = &func.sig;
    let name = &sig.ident;
    match sig.receiver() {
        None => errors.report(
            name,
            format!("`{name}` of a module takes `&self`"),
            "add `&self`, or give the associated function another name",
        ),
        Some(receiver) if !takes_shared_self(func) => errors.report(
            receiver,
            format!("`{name}` of a module takes `&self`"),
            "write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`",
        ),
        Some(_) => {}
    }
    if let Some(asyncness) = &sig.asyncness {
        errors.report(asyncness, format!("`{name}` of a module is not `async`"), "remove `async`");
    }
    if let syn::Safety::Unsafe(unsafety) = &sig.safety {
        errors.report(
            unsafety,
            format!("`{name}` of a module is not `unsafe`"),
            "move what is unsafe into an `unsafe` block",
        );
    }
    for param in sig.generics.params.iter().filter(|it| !matches!(it, GenericParam::Lifetime(_))) {
        errors.report(
            param,
            format!("`{name}` of a module is not generic"),
            "name the type, such as `&Tensor`, or put the parameter on the struct",
        );
    }
    for ty in signature_types(func) {
        if let Type::ImplTrait(ty) = ty {
            errors.report(
                ty,
                format!("`{name}` of a module has named types only"),
                "name the type, such as `Tensor`",
            );
        }
    }
    if name == "forward_t" {
        check_train(func, errors);
    }
    if let Some(input) = typed_inputs(func).nth(MAX_ARGS) {
        errors.report(
            input,
            format!("`{name}` of a module has at most {MAX_ARGS} arguments"),
            "pass several in one tuple, list or map",
        );
    }
    errors.len() == n_before
}

fn check_train(func: &ImplItemFn, errors: &mut Errors) {
    const MESSAGE: &str = "the last argument of `forward_t` says whether the module is in training";
    const HELP: &str = "add an argument `train: bool`, or call the method `forward`";
    match typed_inputs(func).last() {
        Some(last) if is_bool(&last.ty) => {}
        Some(last) => errors.report(&last.ty, MESSAGE, HELP),
        None => errors.report(&func.sig.ident, MESSAGE, HELP),
    }
}

/// The mistakes of a method without those in its signature, if the signature's were reported already.
pub fn without_signature(mistakes: Errors, func: &ImplItemFn, is_malformed: bool) -> Vec<Error> {
    let mut mistakes = mistakes.into_vec();
    if is_malformed {
        let body = func.block.brace_token.span.open().start();
        mistakes.retain(|error| error.spans().0.start() >= body);
    }
    mistakes
}

/// Rejects exported methods of generic types outside of the entry's block: such methods are found through the registry,
/// which holds only types without parameters.
pub fn check_exports(methods: &[Method], is_generic: bool, errors: &mut Errors) {
    let has_entry = methods.iter().any(|method| method.entry.is_some());
    for method in methods {
        let Some(attr) = &method.attrs.export else { continue };
        if is_generic && !has_entry {
            errors.report(
                attr,
                "an exported method of a generic module stands in the block of `forward`",
                "move the method to the `#[methods]` block that holds `forward`",
            );
        }
        if method.func.sig.receiver().is_none() {
            errors.report(
                method.ident(),
                "an exported method takes `&self`",
                "add `&self`, or remove `#[export]`",
            );
        }
    }
}
