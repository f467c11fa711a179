//! `#[compile_mode]`: what the struct says.

use proc_macro2::TokenStream;
use syn::{Generics, Ident, ItemStruct, Member, Type};

use crate::attr::{self, Mode, Role};
use crate::errors::Errors;

/// An annotated struct.
pub struct Module {
    pub ident: Ident,
    pub generics: Generics,
    pub mode: Mode,
    /// The mode's own token, for messages about it.
    pub mode_token: Option<Ident>,
    pub fields: Vec<Field>,
}

/// A field that is not skipped.
pub struct Field {
    /// How Rust names it.
    pub member: Member,
    /// Its name in TorchScript.
    pub name: String,
    pub ty: Type,
    pub role: Role,
}

/// Reads the struct and strips the attributes that are ours.
pub fn parse(args: TokenStream, item: &mut ItemStruct, errors: &mut Errors) -> Module {
    let (mode, mode_token) = attr::parse_mode(args, errors);
    let mut fields: Vec<Field> = vec![];
    let members: Vec<Member> = item.fields.members().collect();
    for (field, member) in item.fields.iter_mut().zip(members) {
        let options = attr::take_field_attr(&mut field.attrs, errors);
        if options.role == Role::Skip {
            continue;
        }
        let name = match &options.rename {
            Some(name) => name.value(),
            None => field_name(&member, errors),
        };
        if name == "training" {
            errors.report(
                field.ident.as_ref(),
                "every module of TorchScript has a flag `training` of its own",
                "read it as the `train` argument of `forward_t`, or add `#[jit(rename = \"…\")]`",
            );
        }
        if fields.iter().any(|other| other.name == name) {
            errors.report(
                options.rename.as_ref(),
                format!("two fields are named `{name}` in TorchScript"),
                "choose another name",
            );
        }
        fields.push(Field { member, name, ty: field.ty.clone(), role: options.role });
    }
    Module {
        ident: item.ident.clone(),
        generics: item.generics.clone(),
        mode,
        mode_token,
        fields,
    }
}

/// Names must survive saving: Python reads them again.
fn field_name(member: &Member, errors: &mut Errors) -> String {
    let Member::Named(ident) = member else {
        let Member::Unnamed(index) = member else { unreachable!("a member is one of the two") };
        return index.index.to_string();
    };
    let name = ident.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
    if !name.is_ascii() || PYTHON_KEYWORDS.contains(&name) {
        errors.report(
            ident,
            format!("`{name}` cannot be the name of a field in Python"),
            "add `#[jit(rename = \"…\")]`",
        );
    }
    name.to_owned()
}

const PYTHON_KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
    "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];
