//! `#[compile_mode]`: what the struct says.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Generics, Ident, ItemStruct, Member, Type};

use crate::attr::{self, Mode, Role};
use crate::errors::Errors;
use crate::lower::is_python_keyword;

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

impl Module {
    /// Whether the struct stands for many types, or for one with lifetimes.
    pub fn is_generic(&self) -> bool {
        !self.generics.params.is_empty()
    }
}

/// Reads the struct and strips the attributes that are ours.
pub fn parse(args: TokenStream, item: &mut ItemStruct, errors: &mut Errors) -> Module {
    let (mode, mode_token) = attr::parse_mode(args, errors);
    attr::reject_second_mode(&mut item.attrs, errors);
    let mut fields: Vec<Field> = vec![];
    let members: Vec<Member> = item.fields.members().collect();
    for (field, member) in item.fields.iter_mut().zip(members) {
        let options = attr::take_field_attr(&mut field.attrs, errors);
        if options.role == Role::Skip {
            continue;
        }
        // What the name comes from.
        let (name, token) = match &options.rename {
            Some(name) => (name.value(), name.to_token_stream()),
            None => (name_of(&member), field.ident.to_token_stream()),
        };
        check_name(&name, &token, errors);
        if fields.iter().any(|other| other.name == name) {
            errors.report(
                &token,
                format!("two fields are named `{name}` in TorchScript"),
                "write another name in `#[jit(rename = \"…\")]`",
            );
        }
        fields.push(Field { member, name, ty: field.ty.clone(), role: options.role });
    }
    Module { ident: item.ident.clone(), generics: item.generics.clone(), mode, mode_token, fields }
}

fn name_of(member: &Member) -> String {
    match member {
        Member::Named(ident) => ident.to_string().trim_start_matches("r#").to_owned(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// Names must survive saving: Python reads them again. A tuple struct's numbers do, as they do in
/// `torch.nn.Sequential`.
fn check_name(name: &str, token: &TokenStream, errors: &mut Errors) {
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_number = name.chars().all(|c| c.is_ascii_digit());
    let starts_well = !name.starts_with(|c: char| c.is_ascii_digit()) || is_number;
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
    } else if !is_word || !starts_well {
        errors.report(
            token,
            format!("a field cannot be named `{name}` in TorchScript"),
            "write `#[jit(rename = \"…\")]` with a name of letters from `a` to `z`, digits and `_`",
        );
    } else if name == "training" {
        errors.report(
            token,
            "a field cannot be named `training`, which every module of TorchScript has already",
            "read the `train` argument of `forward_t` instead, or add `#[jit(rename = \"…\")]`",
        );
    }
}
