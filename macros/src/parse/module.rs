//! Parses a struct or an enum with `#[compile_mode]`: its mode, its fields and its declared example inputs.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Data, DeriveInput, Fields, Generics, Ident, Member, Type};

use super::attr::{self, Mode, Role};
use super::examples::{self, Examples};
use crate::errors::Errors;
use crate::names::{self, is_python_keyword};
use crate::types;

/// An annotated struct or enum.
pub struct Module {
    pub ident: Ident,
    pub generics: Generics,
    pub mode: Mode,
    /// The mode's own token, for messages about it.
    pub mode_token: Option<Ident>,
    /// All fields, of all variants.
    pub fields: Vec<Field>,
    /// The names of those that are skipped.
    pub hidden: Vec<Ident>,
    /// The variants of an enum; none for a struct.
    pub variants: Option<Vec<Variant>>,
    /// Declared example inputs.
    pub examples: Vec<Examples>,
    /// The fields that imply the example inputs of `forward` by their names, see [`examples::implied`].
    pub implied: Vec<syn::Field>,
    /// The paths of our attributes on the item, which were taken off.
    pub attributes: Vec<syn::Path>,
}

/// A field that is not skipped.
pub struct Field {
    /// How Rust names it.
    pub member: Member,
    /// Its name in TorchScript.
    pub name: String,
    pub ty: Type,
    pub role: Role,
    /// The variant that it belongs to.
    pub variant: Option<usize>,
}

/// A variant of an enum of modules.
pub struct Variant {
    pub ident: Ident,
}

impl Module {
    /// Whether the struct has generic parameters: types, constants or lifetimes.
    pub fn is_generic(&self) -> bool {
        !self.generics.params.is_empty()
    }
}

/// An error for a union, which cannot hold modules.
pub fn reject_union(item: DeriveInput) -> syn::Result<DeriveInput> {
    match &item.data {
        Data::Union(data) => Err(syn::Error::new(data.union_token.span, "a union")),
        Data::Struct(_) | Data::Enum(_) => Ok(item),
    }
}

/// Reads the struct or enum and strips the attributes that are ours.
pub fn parse(args: TokenStream, item: &mut DeriveInput, errors: &mut Errors) -> Module {
    let (mode, mode_token) = attr::parse_mode(args, errors);
    attr::reject_second_mode(&mut item.attrs, errors);
    let (examples, attributes) = examples::take(&mut item.attrs, errors);
    let implied = match &item.data {
        Data::Struct(data) if examples.iter().all(|it| it.method != "forward") => {
            examples::implied(&data.fields)
        }
        _ => vec![],
    };
    let (mut fields, mut hidden): (Vec<Field>, Vec<Ident>) = (vec![], vec![]);
    let variants = match &mut item.data {
        Data::Struct(data) => {
            fields.extend(parse_fields(&mut data.fields, None, &mut hidden, errors));
            None
        }
        Data::Enum(data) => {
            let mut variants = vec![];
            for (i, variant) in data.variants.iter_mut().enumerate() {
                fields.extend(parse_fields(&mut variant.fields, Some(i), &mut hidden, errors));
                variants.push(Variant { ident: variant.ident.clone() });
            }
            if variants.is_empty() {
                errors.report(
                    &item.ident,
                    "an enum of modules has variants",
                    "add one, such as `Conv(ConvBlock)`",
                );
            }
            Some(variants)
        }
        Data::Union(_) => None,
    };
    let (ident, generics) = (item.ident.clone(), item.generics.clone());
    // The names of parameters may be needed, too, and a generic module's fields are generic in any case.
    if generics.params.is_empty() {
        for field in &mut fields {
            field.ty = types::with_own_name(&field.ty, &ident);
        }
    }
    Module { ident, generics, mode, mode_token, fields, hidden, variants, examples, implied, attributes }
}

fn parse_fields(
    fields: &mut Fields,
    variant: Option<usize>,
    hidden: &mut Vec<Ident>,
    errors: &mut Errors,
) -> Vec<Field> {
    let members: Vec<Member> = fields.members().collect();
    let mut parsed: Vec<Field> = vec![];
    for (field, member) in fields.iter_mut().zip(members) {
        let mut options = attr::take_field_attr(&mut field.attrs, errors);
        // It holds nothing.
        if options.role == Role::ByType && types::is_named(&field.ty, &["PhantomData"]) {
            options.role = Role::Skip;
        }
        if options.role == Role::Skip {
            hidden.extend(field.ident.clone());
            continue;
        }
        // The member's name, and the tokens that it comes from.
        let (name, token) = match &options.rename {
            Some(name) => (name.value(), name.to_token_stream()),
            None => (names::of_member(&member), field.ident.to_token_stream()),
        };
        if name == "training" && variant.is_none() && is_cell_of_bool(&field.ty) {
            options.role = Role::Training;
        } else {
            check_name(&name, &field.ty, &token, variant.is_some(), errors);
        }
        if parsed.iter().any(|other| other.name == name) {
            errors.report(
                &token,
                format!("two fields are named `{name}` in TorchScript"),
                "write another name in `#[jit(rename = \"…\")]`",
            );
        }
        parsed.push(Field { member, name, ty: field.ty.clone(), role: options.role, variant });
    }
    parsed
}

fn is_cell_of_bool(ty: &Type) -> bool {
    types::argument_of(ty, "Cell").is_some_and(types::is_bool)
}

/// Attributes of Python's `ScriptModule`. It cannot load a file in which one of them is a module.
const STATE_OF_PYTHON: &[&str] = &[
    "_backward_hooks",
    "_buffers",
    "_c",
    "_concrete_type",
    "_forward_hooks",
    "_forward_pre_hooks",
    "_initializing",
    "_is_full_backward_hook",
    "_modules",
    "_parameters",
    "_state_dict_hooks",
];

/// Types that are surely no modules.
const PLAIN: &[&str] = &["bool", "f32", "f64", "i32", "i64", "usize", "String", "Tensor", "Device"];

/// Rejects names that a saved file cannot have, as Python has to read them again. The numbers of a tuple struct's
/// fields are allowed, as in `torch.nn.Sequential`.
fn check_name(name: &str, ty: &Type, token: &TokenStream, in_enum: bool, errors: &mut Errors) {
    let is_number = name.chars().all(|c| c.is_ascii_digit());
    if name.is_empty() {
        errors.report(
            token,
            "a field has a name in TorchScript",
            "write `#[jit(rename = \"…\")]` with a name",
        );
    } else if is_python_keyword(name) {
        errors.report(
            token,
            format!("a field cannot be named `{name}`, which is a keyword of Python"),
            format!("add `#[jit(rename = \"{name}_\")]`"),
        );
    } else if !is_number && !names::is_identifier(name) {
        errors.report(
            token,
            format!("a field cannot be named `{name}` in TorchScript"),
            "write `#[jit(rename = \"…\")]` with a name of letters from `a` to `z`, digits and `_`",
        );
    } else if matches!(name, "forward" | "forward_t") {
        errors.report(
            token,
            format!("a field cannot be named `{name}`, which every module of TorchScript is called by"),
            "add `#[jit(rename = \"…\")]` with another name",
        );
    } else if name == "training" {
        errors.report(
            token,
            "a field named `training` says whether the module is in training, as every module of TorchScript does",
            "write `training: Cell<bool>` for that, or add `#[jit(rename = \"…\")]`",
        );
    } else if STATE_OF_PYTHON.contains(&name) && !types::is_named(ty, PLAIN) {
        errors.report(
            token,
            format!("a field cannot be named `{name}`, where Python keeps the state of a module"),
            "add `#[jit(rename = \"…\")]` with another name",
        );
    } else if name == "variant" && in_enum {
        errors.report(
            token,
            "a field of an enum cannot be named `variant`, which says in TorchScript which one it is",
            "add `#[jit(rename = \"…\")]`",
        );
    }
}
