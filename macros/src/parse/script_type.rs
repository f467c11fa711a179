//! Parses a struct or enum with `#[derive(ScriptType)]`: its fields or its variants.

use quote::ToTokens;
use syn::{Data, DeriveInput, Fields, GenericParam, Generics, Ident, Member, Type};

use crate::errors::Errors;
use crate::names::{self, is_python_keyword};

/// A Rust type that is to be a type of TorchScript.
pub struct ScriptType {
    pub ident: Ident,
    pub generics: Generics,
    pub shape: Shape,
}

/// The type of TorchScript that it becomes.
pub enum Shape {
    /// The fields, with their names in TorchScript and their types.
    NamedTuple(Vec<(Member, String, Type)>),
    Tuple(Vec<Type>),
    /// The variants of an enum.
    Int(Vec<Ident>),
}

/// Reads the struct or enum; `None` where the mistakes leave nothing to generate.
pub fn parse(item: &DeriveInput, errors: &mut Errors) -> Option<ScriptType> {
    for param in &item.generics.params {
        if let GenericParam::Lifetime(param) = param {
            errors.report(
                param,
                "a type of TorchScript owns its fields",
                "store `String`, `Vec<T>` and `Tensor` instead of references",
            );
            return None;
        }
    }
    let shape = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => named(&data.fields, errors),
            Fields::Unnamed(fields) if !fields.unnamed.is_empty() => {
                Shape::Tuple(fields.unnamed.iter().map(|field| field.ty.clone()).collect())
            }
            _ => {
                errors.report(
                    &item.ident,
                    "a struct without fields is no value of TorchScript",
                    "add a field, or remove `#[derive(ScriptType)]`",
                );
                return None;
            }
        },
        Data::Enum(data) => {
            for variant in &data.variants {
                if !variant.fields.is_empty() {
                    errors.report(
                        variant,
                        "a variant with fields has no type in TorchScript",
                        "write a struct with an `Option` for each; for an enum of modules, use `#[compile_mode]`",
                    );
                    return None;
                }
            }
            Shape::Int(data.variants.iter().map(|variant| variant.ident.clone()).collect())
        }
        Data::Union(data) => {
            errors.report(data.union_token, "a union has no type in TorchScript", "write a struct");
            return None;
        }
    };
    Some(ScriptType { ident: item.ident.clone(), generics: item.generics.clone(), shape })
}

/// Reads named fields, whose names have to be valid in Python, too.
fn named(fields: &Fields, errors: &mut Errors) -> Shape {
    let fields = fields.iter().zip(fields.members()).map(|(field, member)| {
        let name = names::of_member(&member);
        let token = field.ident.to_token_stream();
        if is_python_keyword(&name) {
            errors.report(
                &token,
                format!("a field of a named tuple cannot be named `{name}`, which is a keyword of Python"),
                format!("name it `{name}_`"),
            );
        } else if !names::is_identifier(&name) || name.starts_with('_') {
            errors.report(
                &token,
                format!("a field of a named tuple cannot be named `{name}` in TorchScript"),
                "start with a letter from `a` to `z`, and use letters, digits and `_`",
            );
        }
        (member, name, field.ty.clone())
    });
    Shape::NamedTuple(fields.collect())
}
