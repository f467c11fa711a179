//! Code that refuses operators, methods and traits of the user's own types, where the body is compiled as if they were
//! those of numbers, texts and lists.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned;

use super::spans::place;
use crate::check::Method;
use crate::lower::{By, Use};
use crate::paths::{place_of, private};
use crate::types;

/// Expands to refusals of the method where values are of such types, which rustc infers: `__is_own` has the answers.
pub fn inferred(method: &Method) -> TokenStream {
    let refusals = method.lowered.made.uses.iter().map(|it| {
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
        let (part, refusal) = (of_self(&it.value.expr), refusal(it, method));
        let is_wrong = is_wrong(&quote!(asked), it.by);
        quote! {{
            use #private::{TellsItems as _, TellsNothing as _};
            let asked = #private::Inferred::new();
            (&#private::Operand(&#part)).tell(&asked);
            if #is_wrong { #refusal }
        }}
    });
    quote!(#(#checks)*)
}

/// Expands to whether the type that `asked` tells of is used otherwise than in TorchScript.
pub fn is_wrong(asked: &TokenStream, by: By) -> TokenStream {
    let plain = match by {
        By::Conversion | By::Method | By::Operator | By::Text => return quote!(#asked.is_own()),
        By::Clone => quote!(has_plain_clone),
        By::Default => quote!(has_plain_default),
        By::Equality => quote!(has_plain_equality),
        By::Order => quote!(has_plain_order),
    };
    let private = private(Span::call_site());
    quote! {{
        use #private::HasUnknown as _;
        #asked.may_differ(#asked.#plain())
    }}
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
fn refusal(used: &Use, method: &Method) -> TokenStream {
    const METHOD: &str = "write a method in a `#[methods]` block of the type, and call it";
    let (message, help) = match used.by {
        By::Text => (
            "the text of a value of your own type is not compiled",
            "write a method that gives the text in a `#[methods]` block of the type, and call it",
        ),
        By::Method => (
            "a method of your own type has the name of one of numbers or lists, and is not compiled",
            "write a method of another name in a `#[methods]` block of the type, and call it",
        ),
        By::Equality | By::Order => (
            "a type whose `PartialEq` or `PartialOrd` is written by hand is not compared in TorchScript",
            "derive it, or write a method that compares in a `#[methods]` block of the type, and call it",
        ),
        By::Clone => (
            "a `Clone` that is written by hand is not compiled, where the clone differs from the value",
            "derive it, or write a method in a `#[methods]` block of the type, and call it",
        ),
        By::Default => (
            "a `Default` that differs from the data's own is not compiled",
            "write the value, or a method that makes it in a `#[methods]` block of the type, and call it",
        ),
        By::Conversion => ("a conversion of your own type is not compiled", METHOD),
        By::Operator => ("operators of your own types are not compiled", METHOD),
    };
    let name = method.rust_name();
    let (private, place) = (private(Span::call_site()), place(place_of(used.value.expr.span())));
    quote! {
        __defs.refuse(#private::Refusal { method: #name, message: #message, help: #help, place: #place });
    }
}
