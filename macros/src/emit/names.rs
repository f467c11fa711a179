//! Names of generated items, which cannot be confused with the user's own.

use quote::format_ident;
use syn::Ident;

use crate::names;

/// The inherent method that adds `name` to the methods to be compiled.
pub fn definition_name(name: &Ident) -> Ident {
    format_ident!("__jit_{}", unlike(name), span = name.span())
}

/// The function that gives the types of `name` which rustc infers.
pub fn types_name(name: &Ident) -> Ident {
    format_ident!("__jit_types_of_{}", unlike(name), span = name.span())
}

/// The inherent method that adds the functions which the bodies of a block call, by the block's first method.
pub fn function_values_name(first: &Ident) -> Ident {
    format_ident!("__jit_function_values_{}", unlike(first), span = first.span())
}

/// The inherent method that gives the tracing inputs of `name`.
pub fn inputs_name(name: &Ident) -> Ident {
    format_ident!("__jit_inputs_{}", unlike(name), span = name.span())
}

/// The constant in which `#[methods]` keeps the signature of an exported method.
pub fn signature_name(method: &Ident) -> Ident {
    format_ident!("__jit_signature_{}", unlike(method))
}

/// The method that exists only if `method` is exported.
pub fn is_exported_name(method: &Ident) -> Ident {
    format_ident!("__jit_is_exported_{}", unlike(method))
}

/// The function that builds and tests what a function with `#[auto_jitable]` builds.
pub fn test_name(func: &Ident) -> Ident {
    format_ident!("__jit_test_{}", unlike(func))
}

/// The name with small and large letters exchanged: rustc must not take a generated method for what
/// the user meant to call.
fn unlike(name: &Ident) -> String {
    let exchange =
        |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    names::of_rust(name).chars().map(exchange).collect()
}
