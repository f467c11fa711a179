//! How a variable's value is copied, and how references are declared.

use crate::ast::Var;
use crate::ty::Ty;

/// A variable's value: copied, cloned or read through its reference. Of a tensor it is the same memory.
pub fn value_of(name: &str, var: &Var) -> String {
    copy_of(name, &var.ty, var.by_ref)
}

/// The value at the place `name`.
pub fn copy_of(name: &str, ty: &Ty, by_ref: bool) -> String {
    match ty {
        ty if ty.is_copy() && !by_ref => name.to_owned(),
        ty if ty.is_copy() => format!("(*{name})"),
        ty if ty.has_tensor() => share_of(name, ty),
        Ty::Text if by_ref => format!("{name}.to_owned()"),
        Ty::List(_) if by_ref => format!("{name}.to_vec()"),
        _ => format!("{name}.clone()"),
    }
}

/// What holds tensors, anew, with the same tensors: tch has no `Clone` for them.
fn share_of(name: &str, ty: &Ty) -> String {
    match ty {
        Ty::List(of) => {
            format!("{name}.iter().map(|it| {}).collect::<Vec<{of}>>()", copy_of("it", of, true))
        }
        Ty::Option(of) => format!("{name}.as_ref().map(|it| {})", copy_of("it", of, true)),
        Ty::Struct(it) => {
            let parts = it.fields.iter().map(|(field, ty)| {
                let part = copy_of(&format!("{name}.{field}"), ty, false);
                format!("{field}: {part}")
            });
            format!("({} {{ {} }})", it.name, parts.collect::<Vec<_>>().join(", "))
        }
        Ty::Tuple(items) => {
            let parts = items.iter().enumerate().map(|(i, it)| copy_of(&format!("{name}.{i}"), it, false));
            format!("({},)", parts.collect::<Vec<_>>().join(", "))
        }
        _ => format!("{name}.shallow_clone()"),
    }
}

/// `&[T]` and `&str` for references to lists and texts.
pub fn param_type(var: &Var) -> String {
    match &var.ty {
        ty if !var.by_ref => ty.to_string(),
        Ty::List(of) => format!("&[{of}]"),
        Ty::Text => "&str".to_owned(),
        ty => format!("&{ty}"),
    }
}
