//! The arguments of a method.

use syn::{Generics, ImplItemFn, Type};

use crate::lower::Lowered;
use crate::parse::methods::{Entry, typed_inputs};
use crate::types::mentions_parameter;

/// The arguments of a method, without an entry's `train`.
#[derive(Default)]
pub struct Inputs {
    /// Their names in TorchScript.
    pub names: Vec<String>,
    pub types: Vec<Type>,
    /// Whether rustc can evaluate a `Probe` of the type.
    pub is_probed: Vec<bool>,
}

impl Inputs {
    pub fn new(entry: Option<Entry>, func: &ImplItemFn, lowered: &Lowered, generics: &Generics) -> Inputs {
        // The tree's names, which are the schema's; the first is `self`.
        let mut names: Vec<String> =
            lowered.def.params.iter().skip(1).map(|param| param.name.clone()).collect();
        let mut types: Vec<Type> = typed_inputs(func)
            .map(|input| match &*input.ty {
                // What was reported to be no type of an argument is none here either.
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

/// `impl Trait`, or a type parameter of the method.
fn is_unnamed(ty: &Type, func: &ImplItemFn) -> bool {
    let generics = &func.sig.generics;
    matches!(ty, Type::ImplTrait(_)) || !generics.params.is_empty() && mentions_parameter(ty, generics)
}
