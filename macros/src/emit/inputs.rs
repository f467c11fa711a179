//! Arguments: as the runtime stores them, and the functions that give examples of them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{ReturnType, Type};

use super::{check, if_found, inputs_name, mentions_parameter, with_lifetimes};
use crate::methods::{Entry, Method, Methods, TracingInputs, typed_inputs};
use crate::paths::{krate, place_of, private};

/// The arguments of a method, without an entry's `train`.
pub struct Inputs {
    pub names: Vec<String>,
    pub types: Vec<Type>,
    /// Whether rustc can evaluate a `Probe` of the type.
    probed: Vec<bool>,
}

impl Inputs {
    pub fn new(entry: Entry, method: &Method, methods: &Methods) -> Inputs {
        let mut inputs = Inputs::of_method(method, methods);
        if entry == Entry::ForwardT {
            inputs.names.pop();
            inputs.types.pop();
        }
        inputs
    }

    pub fn of_method(method: &Method, methods: &Methods) -> Inputs {
        // The tree's names, which are the schema's.
        let names = method.lowered.def.params.iter().skip(1).map(|param| param.name.clone()).collect();
        let types: Vec<Type> = typed_inputs(&method.func)
            .map(|input| match &*input.ty {
                // What was reported to be no type of an argument is none here either.
                ty if is_unnamed(ty, method) => syn::parse_quote!(()),
                ty => ty.clone(),
            })
            .collect();
        let probed = types.iter().map(|ty| !mentions_parameter(ty, &methods.item.generics)).collect();
        Inputs { names, types, probed }
    }

    /// The tuple of what is stored for the arguments.
    pub fn args_type(&self) -> TokenStream {
        let owned = self.types.iter().zip(&self.probed).map(|(ty, probed)| {
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

    /// The arguments from such a tuple, `args`.
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
            .zip(&self.probed)
            .enumerate()
            .map(|(i, (ty, probed))| from_owned(i, ty, *probed))
            .collect()
    }
}

/// `impl Trait`, or a type parameter of the method.
fn is_unnamed(ty: &Type, method: &Method) -> bool {
    matches!(ty, Type::ImplTrait(_))
        || mentions_parameter(ty, &method.func.sig.generics) && !method.func.sig.generics.params.is_empty()
}

/// Expands to a function that gives the results of the user's as argument tuples. A result of the
/// wrong type is an error under the function's return type.
pub fn tracing_inputs(inputs: &TracingInputs, methods: &Methods) -> TokenStream {
    let TracingInputs { func, of } = inputs;
    let name = inputs_name(of);
    let inner = &func.sig.ident;
    let span = place_of(inner.span());
    let (krate, private) = (krate(span), private(span));
    let args = match methods.find(of) {
        Some(method) if methods.entry().is_none_or(|(_, entry)| entry.func.sig.ident != *of) => {
            Inputs::of_method(method, methods).args_type()
        }
        _ => quote!(<Self as #krate::Forward>::Args),
    };
    let check = match &func.sig.output {
        ReturnType::Type(_, ty) => check(ty, quote!(#private::TracingInputs<#args, _>), "into_sets"),
        ReturnType::Default => quote!(),
    };
    quote_spanned! {span=>
        pub fn #name(&self, n: usize) -> ::core::option::Option<::std::vec::Vec<#args>> {
            #check
            ::core::option::Option::Some(checked(Self::#inner(self, n)))
        }
    }
}
