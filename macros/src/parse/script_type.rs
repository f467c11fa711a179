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
    /// The variants of an enum without fields.
    Int(Vec<Ident>),
    /// The variants of an enum, some of which have fields.
    Variants(Vec<Variant>),
}

/// A variant of an enum with fields.
pub struct Variant {
    pub ident: Ident,
    /// Its fields, with their names in TorchScript, and their types.
    pub fields: Vec<(Member, String, Type)>,
    /// Whether the fields have names.
    pub is_named: bool,
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
            Fields::Named(fields) if !fields.named.is_empty() => {
                Shape::NamedTuple(named(&data.fields, errors))
            }
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
            if data.variants.iter().all(|variant| variant.fields.is_empty()) {
                Shape::Int(data.variants.iter().map(|variant| variant.ident.clone()).collect())
            } else {
                Shape::Variants(data.variants.iter().map(|it| variant(it, errors)).collect())
            }
        }
        Data::Union(data) => {
            errors.report(data.union_token, "a union has no type in TorchScript", "write a struct");
            return None;
        }
    };
    Some(ScriptType { ident: item.ident.clone(), generics: item.generics.clone(), shape })
}

fn variant(variant: &syn::Variant, errors: &mut Errors) -> Variant {
    let is_named = matches!(variant.fields, Fields::Named(_));
    let name = variant.ident.to_string();
    if !variant.fields.is_empty() && (name == "variant" || is_python_keyword(&name)) {
        errors.report(
            &variant.ident,
            format!("a variant with fields cannot be named `{name}` in TorchScript"),
            "give it another name",
        );
    }
    let fields = if is_named {
        named(&variant.fields, errors)
    } else {
        let fields = variant.fields.iter().zip(variant.fields.members());
        fields.map(|(field, member)| (member, String::new(), field.ty.clone())).collect()
    };
    Variant { ident: variant.ident.clone(), fields, is_named }
}

/// Reads named fields, whose names have to be valid in Python, too.
fn named(fields: &Fields, errors: &mut Errors) -> Vec<(Member, String, Type)> {
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
    fields.collect()
}
