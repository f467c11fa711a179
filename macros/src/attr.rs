//! The attributes' own syntax. Nothing here returns a `Result`: a user sees all mistakes at once.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::{Attribute, Ident, LitStr};

use crate::errors::Errors;

/// The argument of `#[compile_mode]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Script,
    Trace,
    Unsupported,
    Inherit,
}

impl Mode {
    /// The mode's type in `tch_jit::mode`, and its variant of `CompileMode`.
    pub fn type_name(self) -> &'static str {
        match self {
            Mode::Script => "Script",
            Mode::Trace => "Trace",
            Mode::Unsupported => "Unsupported",
            Mode::Inherit => "Inherit",
        }
    }

    /// As the user writes it.
    pub fn keyword(self) -> &'static str {
        match self {
            Mode::Script => "script",
            Mode::Trace => "trace",
            Mode::Unsupported => "unsupported",
            Mode::Inherit => "inherit",
        }
    }
}

const MODES: &str = "the modes are `script`, `trace`, `unsupported` and `inherit`";

/// Reads `script`, `trace`, `unsupported`, `inherit` or nothing.
pub fn parse_mode(args: TokenStream, errors: &mut Errors) -> (Mode, Option<Ident>) {
    if args.is_empty() {
        return (Mode::Inherit, None);
    }
    let Ok(ident) = syn::parse2::<Ident>(args.clone()) else {
        errors.report(&args, "`#[compile_mode]` takes one mode", MODES);
        return (Mode::Inherit, None);
    };
    let mode = match ident.to_string().as_str() {
        "script" => Mode::Script,
        "trace" => Mode::Trace,
        "unsupported" => Mode::Unsupported,
        "inherit" => Mode::Inherit,
        other => {
            errors.report(&ident, format!("unknown compile mode `{other}`"), MODES);
            return (Mode::Inherit, None);
        }
    };
    (mode, Some(ident))
}

/// How a field takes part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Its type decides.
    #[default]
    ByType,
    Skip,
    Parameter,
    Buffer,
    Constant,
}

/// `#[jit(…)]` on a field.
#[derive(Debug, Default)]
pub struct FieldAttr {
    pub role: Role,
    pub rename: Option<LitStr>,
}

const FIELD_HELP: &str =
    "`#[jit(…)]` takes `skip`, `parameter`, `buffer`, `constant` and `rename = \"name\"`";

/// Takes the `#[jit]` attributes off a field.
pub fn take_field_attr(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> FieldAttr {
    let mut result = FieldAttr::default();
    for attr in attrs.extract_if(.., |attr| attr.path().is_ident("jit")) {
        let Ok(list) = attr.meta.require_list() else {
            errors.report(&attr.meta, "`#[jit]` needs an argument", FIELD_HELP);
            continue;
        };
        let parser = syn::meta::parser(|meta| {
            parse_field_option(&meta, &mut result, errors);
            Ok(())
        });
        if let Err(error) = parser.parse2(list.tokens.clone()) {
            errors.report_syn(&error);
        }
    }
    result
}

fn parse_field_option(meta: &ParseNestedMeta<'_>, result: &mut FieldAttr, errors: &mut Errors) {
    let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
    let role = match name.as_str() {
        "skip" => Role::Skip,
        "parameter" => Role::Parameter,
        "buffer" => Role::Buffer,
        "constant" => Role::Constant,
        "rename" => {
            parse_rename(meta, result, errors);
            return;
        }
        _ => {
            errors.report(&meta.path, format!("unknown field option `{name}`"), FIELD_HELP);
            // The rest of an unknown option must not be a second error.
            let _ = meta.input.parse::<proc_macro2::TokenStream>();
            return;
        }
    };
    if result.role != Role::ByType {
        errors.report(
            &meta.path,
            "a field has one role",
            "keep one of `skip`, `parameter`, `buffer` and `constant`",
        );
    }
    result.role = role;
}

fn parse_rename(meta: &ParseNestedMeta<'_>, result: &mut FieldAttr, errors: &mut Errors) {
    let name = meta.value().and_then(|value| value.parse::<LitStr>());
    match name {
        Ok(name) if is_identifier(&name.value()) => result.rename = Some(name),
        Ok(name) => errors.report(
            &name,
            format!("`{}` cannot be a name in TorchScript", name.value()),
            "use letters, digits and `_`",
        ),
        Err(_) => errors.report(&meta.path, "`rename` needs a name", "write `#[jit(rename = \"name\")]`"),
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `#[tracing_inputs]` or `#[tracing_inputs(method)]` on a function: takes it off and returns the
/// method whose inputs they are.
pub fn take_tracing_inputs(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<Ident> {
    let mut method = None;
    for attr in attrs.extract_if(.., |attr| attr.path().is_ident("tracing_inputs")) {
        let forward = || Ident::new("forward", attr.path().segments[0].ident.span());
        method = Some(match &attr.meta {
            syn::Meta::Path(_) => forward(),
            meta => match meta.require_list().and_then(syn::MetaList::parse_args::<Ident>) {
                Ok(name) => name,
                Err(_) => {
                    errors.report(
                        meta.to_token_stream(),
                        "`#[tracing_inputs]` takes the name of one method",
                        "write `#[tracing_inputs]` for `forward`, or `#[tracing_inputs(method)]`",
                    );
                    forward()
                }
            },
        });
    }
    method
}
