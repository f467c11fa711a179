//! Code that registers a block with the program's registry: its methods, and whether each can be scripted.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::refusal::refusal;
use super::spans::place;
use crate::check::{Method, Methods};
use crate::names;
use crate::paths::{place_of, private};

/// Expands to the block's registration. Blocks of generic types have none.
pub fn registration(methods: &Methods) -> TokenStream {
    if !methods.item.generics.params.is_empty() {
        return quote!();
    }
    let private = private(Span::call_site());
    let self_ty = &methods.item.self_ty;
    let known = methods.methods.iter().filter(|it| it.entry.is_some() || it.has_plain_signature);
    let known = known.filter(|it| !it.is_malformed).map(method);
    let inputs_of = methods.tracing_inputs.iter().map(|it| names::of_rust(&it.of));
    quote! {
        #private::inventory::submit! {
            #private::Block {
                ty: #private::RustType::of::<#self_ty>,
                methods: &[#(#known),*],
                inputs_of: &[#(#inputs_of),*],
            }
        }
    }
}

fn method(method: &Method) -> TokenStream {
    let private = private(Span::call_site());
    let ident = method.ident();
    let (name, place) = (method.rust_name(), place(place_of(ident.span())));
    let is_exported = method.is_exported();
    let refusal = match method.errors.first() {
        Some(error) => {
            let refusal = refusal(method, error);
            quote!(::core::option::Option::Some(#refusal))
        }
        None => quote!(::core::option::Option::None),
    };
    let calls = method.lowered.made.calls.iter().map(names::of_rust);
    quote! {
        #private::BlockMethod {
            name: #name,
            place: #place,
            is_exported: #is_exported,
            refusal: #refusal,
            calls: &[#(#calls),*],
        }
    }
}
