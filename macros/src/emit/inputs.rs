//! Code for arguments: the types that store them, and the functions that give example inputs.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{ReturnType, Type};

use super::if_found;
use super::names::inputs_name;
use super::spans::check;
use crate::check::{Inputs, Methods, TracingInputs};
use crate::paths::{krate, place_of, private};
use crate::types::with_lifetimes;

impl Inputs {
    /// The tuple of the types that store the arguments.
    pub fn args_type(&self) -> TokenStream {
        let owned = self.types.iter().zip(&self.is_probed).map(|(ty, probed)| {
            let private = private(Span::call_site());
            let ty = with_lifetimes(ty, "'static");
            if !probed {
                return quote!(<#ty as #private::Arg<'static>>::Owned);
            }
            let found = if_found(&ty, "IS_ARG");
            quote!(<#found as #private::ArgOf<'static, #ty>>::Owned)
        });
        quote!((#(#owned,)*))
    }

    /// Expressions for the arguments, borrowed from such a tuple, `args`.
    pub fn borrowed(&self) -> Vec<TokenStream> {
        let from_owned = |i, ty: &Type, probed: bool| {
            let private = private(Span::call_site());
            let index = syn::Index::from(i);
            if !probed {
                return quote!(#private::Arg::from_owned(&args.#index));
            }
            let found = if_found(&with_lifetimes(ty, "'static"), "IS_ARG");
            let ty = with_lifetimes(ty, "'_");
            quote!(<#found as #private::ArgOf<'_, #ty>>::from_owned(&args.#index))
        };
        self.types
            .iter()
            .zip(&self.is_probed)
            .enumerate()
            .map(|(i, (ty, probed))| from_owned(i, ty, *probed))
            .collect()
    }
}

/// Expands to a method that calls the user's function and gives its results as tuples of arguments. A result of the
/// wrong type is an error under the function's return type.
pub fn tracing_inputs(inputs: &TracingInputs, methods: &Methods) -> TokenStream {
    let TracingInputs { func, of, method } = inputs;
    let name = inputs_name(of);
    let inner = &func.sig.ident;
    let span = place_of(inner.span());
    let (krate, private) = (krate(span), private(span));
    let args = match method {
        Some(at) => methods.methods[*at].inputs.args_type(),
        None => quote!(<Self as #krate::Forward>::Args),
    };
    let check = match &func.sig.output {
        ReturnType::Type(_, ty) => check(ty, quote!(#private::TracingInputs<#args, _>), "into_sets"),
        ReturnType::Default => quote!(),
    };
    quote_spanned! {span=>
        #[doc(hidden)]
        pub fn #name(&self, n: usize) -> ::core::option::Option<::std::vec::Vec<#args>> {
            #check
            ::core::option::Option::Some(checked(Self::#inner(self, n)))
        }
    }
}
