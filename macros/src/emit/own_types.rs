//! Code that refuses operators and methods of the user's own types, where the body is compiled as if they were those of
//! numbers, texts and lists.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;

use super::spans::place;
use crate::check::Method;
use crate::lower::{Inferred, Of};
use crate::paths::{place_of, private};
use crate::types;

/// Expands to refusals of the method where values are of such types, which rustc infers: `__is_own` has the answers.
pub fn inferred(method: &Method) -> TokenStream {
    let refusals = method.lowered.made.primitive.iter().map(|it| {
        let refusal = refusal(it, method);
        quote! {
            if ::std::iter::Iterator::next(&mut __is_own) == ::core::option::Option::Some(true) {
                #refusal
            }
        }
    });
    quote!(#(#refusals)*)
}

/// Expands to a refusal of the method where a part of the module is of a type of the user's, see `refusal`.
pub fn parts(method: &Method) -> TokenStream {
    let checks = method.lowered.made.parts.iter().map(|it| {
        let private = private(Span::call_site());
        let (part, refusal) = (of_self(&it.expr), refusal(it, method));
        let is_wrong = match it.of {
            Of::Compared => quote!(differs),
            _ => quote!(is_own),
        };
        quote!(if #private::Operand(&#part).#is_wrong() { #refusal })
    });
    quote!(#(#checks)*)
}

/// A part of the module, or a constant, with the `self` of generated code.
fn of_self(expr: &syn::Expr) -> TokenStream {
    match types::ungrouped_expr(expr) {
        syn::Expr::Reference(it) => of_self(&it.expr),
        syn::Expr::Field(it) => {
            let (base, member) = (of_self(&it.base), &it.member);
            quote!(#base.#member)
        }
        syn::Expr::Path(path) if path.path.is_ident("self") => quote!(self),
        constant => quote!(#constant),
    }
}

/// Expands to the refusal of a value whose type is one of the user's, where the body takes it for another one.
fn refusal(value: &Inferred, method: &Method) -> TokenStream {
    let (message, help) = match value.of {
        Of::Shown => (
            "the text of a value of your own type is not compiled",
            "write a method that gives the text in a `#[methods]` block of the type, and call it",
        ),
        Of::Operated => (
            "a method of your own type has the name of one of numbers or lists, and is not compiled",
            "write a method of another name in a `#[methods]` block of the type, and call it",
        ),
        Of::Compared => (
            "a type whose `PartialEq` or `PartialOrd` is written by hand is not compared in TorchScript",
            "derive it, or write a method that compares in a `#[methods]` block of the type, and call it",
        ),
        _ => (
            "operators of your own types are not compiled",
            "write a method in a `#[methods]` block of the type, and call it",
        ),
    };
    let name = method.rust_name();
    let (private, place) = (private(Span::call_site()), place(place_of(value.expr.span())));
    quote! {
        __defs.refuse(#private::Refusal { method: #name, message: #message, help: #help, place: #place });
    }
}
