//! Parses the attributes' own syntax. Nothing here returns a `Result`, so that a user sees all mistakes at once.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::{Attribute, Ident, LitStr, Path};

use super::krate::take_crate;
use crate::errors::Errors;
use crate::types;

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

    /// The mode as the user writes it.
    pub fn keyword(self) -> &'static str {
        match self {
            Mode::Script => "script",
            Mode::Trace => "trace",
            Mode::Unsupported => "unsupported",
            Mode::Inherit => "inherit",
        }
    }
}

const MODES: &str = "write one of `script`, `trace`, `unsupported` and `inherit`";

/// Reads `script`, `trace`, `unsupported`, `inherit` or nothing.
pub fn parse_mode(args: TokenStream, errors: &mut Errors) -> (Mode, Option<Ident>) {
    let args = take_crate(args, errors);
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

/// Takes off further `#[compile_mode]`s: the first one in the source is the one that runs.
pub fn reject_second_mode(attrs: &mut Vec<Attribute>, errors: &mut Errors) {
    let is_ours = |attr: &mut Attribute| named(attr, "compile_mode");
    for attr in attrs.extract_if(.., is_ours) {
        errors.report(&attr, "a module has one compile mode", "keep one of the `#[compile_mode]` attributes");
    }
}

/// What a field is to the compiler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The field's type decides.
    #[default]
    ByType,
    Skip,
    Parameter,
    Buffer,
    Constant,
    /// The module's own `training` flag.
    Training,
}

/// `#[jit(…)]` on a field.
#[derive(Debug, Default)]
pub struct FieldAttr {
    pub role: Role,
    pub rename: Option<LitStr>,
}

const FIELD_HELP: &str =
    "write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = \"name\"`";

/// Takes the `#[jit]` attributes off a field.
pub fn take_field_attr(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> FieldAttr {
    let mut result = FieldAttr::default();
    for attr in attrs.extract_if(.., |attr| attr.path().is_ident("jit")) {
        let Ok(list) = attr.meta.require_list() else {
            errors.report(&attr.meta, "`#[jit]` needs an option in parentheses", FIELD_HELP);
            continue;
        };
        if list.tokens.is_empty() {
            errors.report(&attr.meta, "`#[jit()]` has no option", FIELD_HELP);
        }
        let parser = syn::meta::parser(|meta| {
            parse_field_option(&meta, &mut result, errors);
            Ok(())
        });
        if let Err(error) = parser.parse2(list.tokens.clone()) {
            errors.report_syn(&error, FIELD_HELP);
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
            let name = meta.path.to_token_stream().to_string().replace(' ', "");
            errors.report(&meta.path, format!("unknown field option `{name}`"), FIELD_HELP);
            skip_value(meta);
            return;
        }
    };
    if !meta.input.is_empty() && !meta.input.peek(syn::Token![,]) {
        errors.report(
            &meta.path,
            format!("`{name}` takes no value"),
            format!("write `#[jit({name})]`, or leave it out"),
        );
        skip_value(meta);
    }
    if result.role != Role::ByType && result.role != role {
        errors.report(
            &meta.path,
            "a field has one role",
            "keep one of `skip`, `parameter`, `buffer` and `constant`",
        );
    }
    result.role = role;
}

/// Skips the rest of a wrong option, so that it causes no second error.
fn skip_value(meta: &ParseNestedMeta<'_>) {
    while !meta.input.is_empty() && !meta.input.peek(syn::Token![,]) {
        if meta.input.parse::<proc_macro2::TokenTree>().is_err() {
            return;
        }
    }
}

fn parse_rename(meta: &ParseNestedMeta<'_>, result: &mut FieldAttr, errors: &mut Errors) {
    let name = meta.value().and_then(|value| value.parse::<LitStr>());
    match name {
        Ok(name) => result.rename = Some(name),
        Err(_) => {
            errors.report(&meta.path, "`rename` needs a name in quotes", "write `#[jit(rename = \"name\")]`");
            skip_value(meta);
        }
    }
}

/// The attributes of one method in a `#[methods]` block.
#[derive(Clone, Debug, Default)]
pub struct MethodAttrs {
    /// `#[export]`: compiled although `forward` does not call it.
    pub export: Option<Attribute>,
    /// `#[unused]`: not compiled although something calls it.
    pub unused: Option<Attribute>,
    /// The paths of both attributes, and of those that were written twice.
    pub paths: Vec<Path>,
}

/// Takes `#[export]` and `#[unused]` off a method.
pub fn take_method_attrs(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> MethodAttrs {
    let mut result = MethodAttrs::default();
    let is_ours = |attr: &mut Attribute| named(attr, "export") || named(attr, "unused");
    for attr in attrs.extract_if(.., is_ours) {
        if !matches!(attr.meta, syn::Meta::Path(_)) {
            let name = attr.path().to_token_stream().to_string().replace(' ', "");
            errors.report(
                &attr.meta,
                format!("`#[{name}]` takes no arguments"),
                format!("write `#[{name}]`"),
            );
        }
        result.paths.push(attr.path().clone());
        let slot = if named(&attr, "export") { &mut result.export } else { &mut result.unused };
        *slot = Some(attr);
    }
    if let (Some(_), Some(unused)) = (&result.export, &result.unused) {
        errors.report(
            unused,
            "a method is either exported or unused",
            "keep `#[export]` to compile it, or `#[unused]` to leave it out",
        );
    }
    result
}

pub fn named(attr: &Attribute, name: &str) -> bool {
    types::path_is_named(attr.path(), &[name])
}

/// `#[tracing_inputs]` or `#[tracing_inputs(method)]` on a function: takes it off and returns the
/// method whose inputs they are.
pub fn take_tracing_inputs(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<(Ident, Path)> {
    let mut method = None;
    for attr in attrs.extract_if(.., |attr| named(attr, "tracing_inputs")) {
        let forward = || Ident::new("forward", attr.path().segments[0].ident.span());
        let name = match &attr.meta {
            syn::Meta::Path(_) => Ok(forward()),
            meta => meta.require_list().and_then(|list| list.parse_args_with(Ident::parse_any)),
        };
        let name = name.unwrap_or_else(|_| {
            errors.report(
                &attr.meta,
                "`#[tracing_inputs]` takes the name of one method",
                "write `#[tracing_inputs]` for `forward`, or `#[tracing_inputs(method)]`",
            );
            forward()
        });
        if method.is_some() {
            errors.report(
                &attr.meta,
                "a function gives the tracing inputs of one method",
                "write another function for the other method",
            );
        }
        method = Some((name, attr.path().clone()));
    }
    method
}

/// `#[auto_jitable]`, with its options: names of `AutoJit`'s methods with their arguments.
pub struct AutoJitable {
    pub options: Vec<(Ident, Option<syn::Expr>)>,
    /// The tokens to blame.
    pub token: TokenStream,
    pub path: Path,
}

const AUTO_JITABLE_HELP: &str = "write `#[auto_jitable]`, or with options, such as \
     `#[auto_jitable(strict_shapes = false, tolerance = 1e-3, n_trace_checks = 4, deny_warnings = false)]`, or \
     `#[auto_jitable(compile_only)]`";

/// Takes `#[auto_jitable]` off a function.
pub fn take_auto_jitable(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<AutoJitable> {
    let mut found = None;
    for attr in attrs.extract_if(.., |attr| named(attr, "auto_jitable")) {
        let mut options = vec![];
        let option = |meta: ParseNestedMeta<'_>| {
            const OPTIONS: [&str; 4] = ["strict_shapes", "tolerance", "n_trace_checks", "deny_warnings"];
            if let Some(name) = meta.path.get_ident().filter(|it| *it == "compile_only") {
                options.push((name.clone(), None));
                return Ok(());
            }
            let Some(name) = meta.path.get_ident().filter(|name| OPTIONS.iter().any(|it| *name == it)) else {
                return Err(meta.error("unknown option of `#[auto_jitable]`"));
            };
            options.push((name.clone(), Some(meta.value()?.parse()?)));
            Ok(())
        };
        if !matches!(attr.meta, syn::Meta::Path(_))
            && let Err(error) = attr.parse_nested_meta(option)
        {
            errors.report_syn(&error, AUTO_JITABLE_HELP);
        }
        let path = attr.path().clone();
        found = Some(AutoJitable { options, token: path.to_token_stream(), path });
    }
    found
}
