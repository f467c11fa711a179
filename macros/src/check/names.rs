//! Rejects names that are different in Rust and the same in TorchScript: the second one is a mistake.

use quote::ToTokens;
use syn::{Ident, ImplItemFn, Pat};

use super::Method;
use crate::errors::{Error, Errors};
use crate::names;
use crate::parse::methods::typed_inputs;

/// Rejects a method with the TorchScript name of an earlier one, and such parameters of the methods that are compiled.
pub fn check_names(methods: &[Method], errors: &mut Errors) {
    let mut known: Vec<(&Ident, &str)> = vec![];
    for method in methods {
        let (ident, name) = (method.ident(), &*method.lowered.def.name);
        // Two methods with one Rust name are rustc's to reject.
        match known.iter().find(|(other, known)| *known == name && *other != ident) {
            Some((other, _)) => errors.report(
                ident,
                format!("the methods `{other}` and `{ident}` are both named `{name}` in TorchScript"),
                "give one of them another name",
            ),
            None => known.push((ident, name)),
        }
        if method.reached || method.is_traceable {
            errors.extend(same_parameters(&method.func));
        }
    }
}

/// An error for each parameter with the TorchScript name of an earlier one.
pub fn same_parameters(func: &ImplItemFn) -> Vec<Error> {
    let mut known: Vec<(&Ident, String)> = vec![];
    let mut errors = vec![];
    for input in typed_inputs(func) {
        let Pat::Ident(pat) = &*input.pat else { continue };
        let name = names::of_variable(&pat.ident.to_string());
        match known.iter().find(|(other, known)| *known == name && **other != pat.ident) {
            Some((other, _)) => errors.push(Error::new(
                pat.ident.to_token_stream(),
                format!(
                    "the parameters `{other}` and `{}` are both named `{name}` in TorchScript",
                    pat.ident
                ),
                "give one of them another name",
            )),
            None => known.push((&pat.ident, name)),
        }
    }
    errors
}
