//! What only Rust can evaluate for a method: its types, constants and functions. How strictly rustc is
//! asked about them depends on the mode.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::callees::{child_call, is_plain};
use super::entry::place;
use super::method::refused;
use super::{in_mode, script_only, with_lifetimes};
use crate::errors::{Error, Errors};
use crate::lower::Form;
use crate::methods::{Method, Methods, is_entry};
use crate::paths::{krate, place_of, private};
use crate::span::ends;

/// What Rust evaluates. In a module that is declared `script`, the entry's methods must be TorchScript's
/// throughout. Where the mode is another one, or not known, they may hold what rustc must not be
/// asked about: then the method is refused if somebody scripts it.
pub fn slots(method: &Method, all: &Methods) -> TokenStream {
    let is_root = method.attrs.export.is_some();
    let lenient = match needs_declaration(method) {
        Some(error) => {
            let refused = refused(method, &error);
            quote!(#refused return;)
        }
        None => lenient_slots(method),
    };
    match script_only(all, &strict_slots(method)) {
        _ if !method.reached => lenient,
        _ if is_root => strict_slots(method),
        _ if is_plainly_typed(method) => lenient,
        Some(strict) => {
            let lenient = in_mode(all, &quote!(not script), &lenient);
            quote!(#strict #lenient)
        }
        None => lenient,
    }
}

/// Whether rustc has nothing to say about the slots, whatever the mode.
fn is_plainly_typed(method: &Method) -> bool {
    let lowered = &method.lowered;
    needs_declaration(method).is_none()
        && lowered.types.iter().all(is_plain_type)
        && lowered.constants.iter().all(is_plain_constant)
}

/// Tensors, numbers and what holds them, as everybody writes them.
fn is_plain_type(ty: &Type) -> bool {
    match ty {
        Type::Reference(ty) => is_plain_type(&ty.elem),
        Type::Slice(ty) => is_plain_type(&ty.elem),
        Type::Array(ty) => is_plain_type(&ty.elem),
        Type::Tuple(ty) => ty.elems.iter().all(is_plain_type),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            let inner = match &last.arguments {
                syn::PathArguments::AngleBracketed(args) => args.args.iter().all(|arg| match arg {
                    syn::GenericArgument::Type(ty) => is_plain_type(ty),
                    _ => true,
                }),
                _ => true,
            };
            const PLAIN: [&str; 10] =
                ["Tensor", "i64", "f64", "bool", "usize", "str", "String", "Vec", "Option", "Result"];
            // Of a failure, the type does not matter.
            PLAIN.contains(&name.as_str()) && (inner || name == "Result")
        }),
        _ => false,
    }
}

/// `Kind::Float`, `Device::Cpu`, `f64::consts::PI`.
fn is_plain_constant(expr: &syn::Expr) -> bool {
    let syn::Expr::Path(path) = expr else { return false };
    let last = path.path.segments.len().saturating_sub(1);
    let types = path.path.segments.iter().take(last);
    types.into_iter().any(|it| {
        matches!(&*it.ident.to_string(), "Kind" | "Device" | "Reduction" | "f64" | "f32" | "i64" | "kind")
    })
}

fn strict_slots(method: &Method) -> TokenStream {
    let types = types(method, true);
    let constants = constants(method, true);
    let functions = method.lowered.functions.iter().map(function);
    let children = method.lowered.child_calls.iter().filter(|it| !is_plain(it));
    let child_calls = children.map(|it| child_call(it, &quote!(self)));
    quote! {
        types = ::std::vec![#(#types),*];
        constants = ::std::vec![#(#constants),*];
        functions = ::std::vec![#(#functions),*];
        #(#child_calls)*
    }
}

fn lenient_slots(method: &Method) -> TokenStream {
    let types = types(method, false);
    let constants = constants(method, false);
    quote! {
        types = ::std::vec![#(#types),*];
        constants = ::std::vec![#(#constants),*];
        functions = ::std::vec![];
    }
}

/// The statements that evaluate the slots of a `#[script]` function.
pub fn function_slots(method: &Method) -> TokenStream {
    let slots = strict_slots(method);
    quote! {
        let types;
        let constants;
        let functions;
        #slots
    }
}

/// A function with `#[script]` has a companion of the same name among the types. Of another
/// function, rustc says that it is none; the alias says what is missing.
fn function(path: &syn::Path) -> TokenStream {
    let (start, end) = ends(path).unwrap_or((Span::call_site(), Span::call_site()));
    let alias = Ident::new("function_without_the_attribute_script", end);
    let private = private(start);
    let defs = Ident::new("defs", place_of(start));
    quote_spanned! {start=> {
        use #path as #alias;
        <#alias as #private::ScriptFunction>::define(#defs)
    }}
}

/// The names of the types in TorchScript. Only what the entry reaches must have some, and of the
/// entry's own signature `Forward` says what is wrong.
fn types(method: &Method, strict: bool) -> Vec<TokenStream> {
    let name = method.func.sig.ident.to_string();
    let def = &method.lowered.def;
    let signature: BTreeSet<usize> =
        def.params.iter().filter_map(|param| param.ty).chain(def.returns).map(|slot| slot.index).collect();
    let of_entry = method.form == Form::Method && is_entry(&method.func);
    let name_of = |(i, ty): (usize, &syn::Type)| {
        let span = place_of(ty.span());
        let (krate, private) = (krate(span), private(span));
        let ty = with_lifetimes(ty, "'_");
        let refusal = no_type(&name, &quote!(#ty), span);
        if strict && !(of_entry && signature.contains(&i)) {
            return quote_spanned!(span=> <#ty as #krate::ScriptType>::script_type());
        }
        quote_spanned! {span=>
            match #private::Probe::<#ty>::script_type() {
                ::core::option::Option::Some(ty) => ty,
                ::core::option::Option::None => {
                    return defs.refuse(#refusal);
                }
            }
        }
    };
    method.lowered.types.iter().enumerate().map(name_of).collect()
}

/// Expands to the refusal of the method `name`, which names something that TorchScript has no type for.
fn no_type(name: &str, tokens: &TokenStream, span: Span) -> TokenStream {
    let (private, place) = (private(span), place(span));
    let help =
        "use tensors, numbers, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these";
    quote_spanned! {span=>
        #private::Refusal {
            method: #name,
            message: ::core::concat!("`", ::core::stringify!(#tokens), "` is not a type of TorchScript"),
            help: #help,
            place: #place,
        }
    }
}

/// The values of the constants.
fn constants(method: &Method, strict: bool) -> Vec<TokenStream> {
    let name = method.func.sig.ident.to_string();
    let value_of = |expr: &syn::Expr| {
        let span = expr.span();
        let private = private(span);
        if strict {
            return quote_spanned!(span=> #private::value(&#expr));
        }
        let span = place_of(span);
        let refusal = no_type(&name, &quote!(#expr), span);
        quote_spanned! {span=>
            match #private::ProbeValue(&#expr).value() {
                ::core::option::Option::Some(value) => value,
                ::core::option::Option::None => {
                    return defs.refuse(#refusal);
                }
            }
        }
    };
    method.lowered.constants.iter().map(value_of).collect()
}

/// rustc is not asked about functions that need not have `#[script]`, nor about children that need not be
/// modules, where the method may be for eager use alone: in another mode, and where nothing in its
/// block reaches it.
fn needs_declaration(method: &Method) -> Option<Error> {
    let function = method.lowered.functions.first().map(|path| path.to_token_stream());
    let child = method.lowered.child_calls.iter().find(|call| !is_plain(call));
    let culprit = function.or_else(|| child.map(|call| call.method.to_token_stream()))?;
    let (place, help) = if method.reached {
        ("in a module that is declared so", "mark the module `#[compile_mode(script)]`")
    } else {
        (
            "where `forward` of the same block needs it",
            "put `#[export]` on the method, or move it to the `#[methods]` block of `forward`",
        )
    };
    let mut errors = Errors::default();
    errors.report(&culprit, format!("`{}` is looked up only {place}", display(&culprit)), help);
    errors.into_vec().pop()
}

fn display(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}
