//! The arguments of a method, as `emit` needs them: names, types, and whether rustc can be asked about each type.

use syn::{Generics, ImplItemFn, Type};

use crate::lower::Lowered;
use crate::parse::methods::{Entry, typed_inputs};
use crate::types::mentions_parameter;

/// The arguments of a method, without an entry's `train`.
#[derive(Default)]
pub struct Inputs {
    /// The arguments' names in TorchScript.
    pub names: Vec<String>,
    pub types: Vec<Type>,
    /// Whether rustc can evaluate a `Probe` of each type.
    pub is_probed: Vec<bool>,
}

impl Inputs {
    pub fn new(entry: Option<Entry>, func: &ImplItemFn, lowered: &Lowered, generics: &Generics) -> Inputs {
        // The names in the syntax tree, which the schema gets; the first is `self`.
        let mut names: Vec<String> =
            lowered.def.params.iter().skip(1).map(|param| param.name.clone()).collect();
        let mut types: Vec<Type> = typed_inputs(func)
            .map(|input| match &*input.ty {
                // A type that was reported as none for an argument is replaced, so that it causes no second error.
                ty if is_unnamed(ty, func) => syn::parse_quote!(()),
                ty => ty.clone(),
            })
            .collect();
        if entry == Some(Entry::ForwardT) {
            names.pop();
            types.pop();
        }
        let is_probed = types.iter().map(|ty| !mentions_parameter(ty, generics)).collect();
        Inputs { names, types, is_probed }
    }
}

/// Whether the type is `impl Trait`, or names a type parameter of the method.
fn is_unnamed(ty: &Type, func: &ImplItemFn) -> bool {
    let generics = &func.sig.generics;
    matches!(ty, Type::ImplTrait(_)) || !generics.params.is_empty() && mentions_parameter(ty, generics)
}
