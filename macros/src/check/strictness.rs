//! Decides how strictly rustc is asked about the types, constants and functions of a body.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Type;

use super::Method;
use crate::errors::Error;
use crate::lower::{SlotConstant, SlotFunction, SlotType, narrow_word};
use crate::types;

/// How rustc is asked about what it evaluates for a body.
///
/// In a module that is declared `script`, the entry's methods may use types of TorchScript only. In another mode, or
/// where the mode is not known, they may use anything, and rustc must not complain: such a method is refused at run
/// time if something scripts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// A type that TorchScript does not have is an error of rustc.
    Strict,
    /// A type that TorchScript does not have is a refusal at run time.
    Lenient,
    /// Strict where the type is declared `script`, else lenient.
    ByMode,
}

/// The strictness for a method. `is_path`: whether the block's type has a path, as only then its mode can be asked.
pub fn of(method: &Method, is_path: bool) -> Strictness {
    if !method.reached {
        Strictness::Lenient
    } else if method.is_exported() {
        Strictness::Strict
    } else if is_plainly_typed(method) || !is_path {
        Strictness::Lenient
    } else {
        Strictness::ByMode
    }
}

/// The refusal of a method that names functions, children or types about which rustc is not asked. Where the method may
/// be for eager use alone, in another mode than `script` or where nothing in its block reaches it, the functions need not
/// have `#[script]`, the children need not be modules, and inferred types need not be of TorchScript.
pub fn undeclared(method: &Method) -> Option<Error> {
    let function = method.lowered.made.functions.iter().find_map(|it| match it {
        SlotFunction::Path(path) => Some(path.to_token_stream()),
        SlotFunction::Method(_, name) | SlotFunction::Associated(_, name) => Some(name.to_token_stream()),
        SlotFunction::Parameter(..) | SlotFunction::Child => None,
    });
    let child = method.lowered.made.child_calls.iter().find(|call| !call.is_plain());
    let name = function.or_else(|| child.map(|call| call.method.to_token_stream()));
    let inferred = method.lowered.needed().next().map(|it| it.expr.to_token_stream());
    // Numbers are taken for those of 64 bits, which many are.
    let is_narrow = method.lowered.inferred().next().is_some();
    let narrow = is_narrow.then(|| narrow_word(&method.func)).flatten().map(TokenStream::from);
    let culprit = name.clone().or_else(|| inferred.clone()).or_else(|| narrow.clone())?;
    let (place, help) = if method.reached {
        ("in a module that is declared so", "mark the module `#[compile_mode(script)]`")
    } else {
        (
            "where `forward` of the same block needs it",
            "put `#[export]` on the method, or move it to the `#[methods]` block of `forward`",
        )
    };
    Some(match name {
        Some(name) => {
            let name = name.to_string().replace(' ', "");
            Error::new(&culprit, format!("`{name}` is looked up only {place}"), help)
        }
        None if inferred.is_none() => {
            let message = format!("how wide a number is, is looked up only {place}");
            Error::new(&culprit, message, format!("use `i64` and `f64`, or {help}"))
        }
        None => {
            let message = format!("a type that is not written is looked up only {place}");
            Error::new(&culprit, message, format!("write the type, or {help}"))
        }
    })
}

/// Whether everything that rustc evaluates for the body is certainly of TorchScript's types, whatever the mode.
fn is_plainly_typed(method: &Method) -> bool {
    let lowered = &method.lowered;
    method.undeclared.is_none()
        && lowered.made.types.iter().all(|it| matches!(it, SlotType::Written(ty) if is_plain_type(ty)))
        && lowered
            .made
            .constants
            .iter()
            .all(|it| matches!(it, SlotConstant::Written(it) if is_plain_constant(it)))
}

/// Whether the type is a tensor, a number or a container of these, under its usual name.
fn is_plain_type(ty: &Type) -> bool {
    const PLAIN: [&str; 10] =
        ["Tensor", "i64", "f64", "bool", "usize", "str", "String", "Vec", "Option", "Result"];
    match ty {
        Type::Reference(ty) => is_plain_type(&ty.elem),
        Type::Slice(ty) => is_plain_type(&ty.elem),
        Type::Array(ty) => is_plain_type(&ty.elem),
        Type::Tuple(ty) => ty.elems.iter().all(is_plain_type),
        Type::Path(_) => types::last_segment(ty).is_some_and(|last| {
            // The error type of a `Result` does not matter.
            PLAIN.iter().any(|name| last.ident == name)
                && (last.ident == "Result" || types::arguments(last).all(is_plain_type))
        }),
        _ => false,
    }
}

/// Whether the expression is a well-known constant, such as `Kind::Float`, `Device::Cpu` or `f64::consts::PI`.
fn is_plain_constant(expr: &syn::Expr) -> bool {
    let syn::Expr::Path(path) = expr else { return false };
    let last = path.path.segments.len().saturating_sub(1);
    let types = path.path.segments.iter().take(last);
    types.into_iter().any(|it| {
        matches!(&*it.ident.to_string(), "Kind" | "Device" | "Reduction" | "f64" | "f32" | "i64" | "kind")
    })
}
