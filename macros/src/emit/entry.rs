//! The module's entry: typed arguments, example inputs, and what it says about modes.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Ident, ImplItemFn, ReturnType, Type};

use super::{definition_name, inputs_name, with_lifetimes};
use crate::errors::Error;
use crate::methods::{Entry, Method, Methods};
use crate::paths::{krate, place_of, private};

/// Expands to the impls of `Forward` and `Body`, and to the errors of a `script` module's body.
pub fn entry(methods: &Methods) -> TokenStream {
    let Some((entry, method)) = methods.entry() else {
        return quote!();
    };
    let inputs = Inputs::new(entry, method);
    let forward = forward(methods, entry, method, &inputs);
    let body = body(methods, method, &inputs);
    let errors = definition_errors(methods, &inputs);
    quote!(#forward #body #errors)
}

/// The arguments of the entry, without `train`.
struct Inputs {
    names: Vec<String>,
    types: Vec<Type>,
}

impl Inputs {
    fn new(entry: Entry, method: &Method) -> Inputs {
        let typed: Vec<_> = method
            .func
            .sig
            .inputs
            .iter()
            .filter_map(|input| match input {
                FnArg::Typed(input) => Some(input),
                FnArg::Receiver(_) => None,
            })
            .collect();
        let n = if entry == Entry::ForwardT { typed.len().saturating_sub(1) } else { typed.len() };
        let params = &method.lowered.def.params;
        Inputs {
            // The tree's names, which are the schema's.
            names: params.iter().skip(1).take(n).map(|param| param.name.clone()).collect(),
            types: typed[..n].iter().map(|input| (*input.ty).clone()).collect(),
        }
    }
}

fn forward(methods: &Methods, entry: Entry, method: &Method, inputs: &Inputs) -> TokenStream {
    let (impl_generics, _, where_clause) = methods.item.generics.split_for_impl();
    let self_ty = &methods.item.self_ty;
    let span = place_of(method.func.sig.ident.span());
    let (krate, private) = (krate(span), private(span));
    let names = &inputs.names;
    let owned = inputs.types.iter().map(|ty| {
        let ty_static = with_lifetimes(ty, "'static");
        quote_spanned!(ty.span()=> <#ty_static as #private::Arg<'static>>::Owned)
    });
    let output = match &method.func.sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => {
            let ty = with_lifetimes(ty, "'static");
            quote!(#ty)
        }
    };
    let args = (0..names.len()).map(|i| {
        let index = syn::Index::from(i);
        quote!(#private::Arg::from_owned(&args.#index))
    });
    let (has_train, train) = match entry {
        Entry::Forward => (false, quote!()),
        Entry::ForwardT => (true, quote!(train)),
    };
    let ident = &method.func.sig.ident;
    let callee = match &methods.item.trait_ {
        // The method of this very impl: an inherent one may have the same name.
        Some((path, _)) => quote!(<Self as #path>::#ident(self, #(#args,)* #train)),
        None => quote!(Self::#ident(self, #(#args,)* #train)),
    };
    let definition = definition_name(ident);
    let inputs_of = inputs_name(&Ident::new("forward", span));
    let line = span.start().line as u32;
    let column = span.start().column as u32 + 1;
    quote_spanned! {span=>
        #[allow(warnings, clippy::all, clippy::pedantic)]
        impl #impl_generics #krate::Forward for #self_ty #where_clause {
            type Args = (#(#owned,)*);
            type Output = #output;
            const ARG_NAMES: &'static [&'static str] = &[#(#names),*];
            const HAS_TRAIN: bool = #has_train;
            const PLACE: #krate::Place =
                #krate::Place { file: ::core::file!(), line: #line, column: #column };

            fn eager(&self, args: &Self::Args, train: bool) -> Self::Output {
                #callee
            }

            fn define(&self, defs: &mut #private::MethodDefs) {
                self.#definition(defs)
            }

            fn tracing_inputs(&self, n: usize) -> ::core::option::Option<::std::vec::Vec<Self::Args>> {
                use #private::NoTracingInputs as _;
                self.#inputs_of(n)
            }
        }
    }
}

/// `Body<C>` says in which modes the entry can be compiled.
fn body(methods: &Methods, method: &Method, inputs: &Inputs) -> TokenStream {
    let span = Span::call_site();
    let (krate, private) = (krate(span), private(span));
    let self_ty = &methods.item.self_ty;
    let (impl_generics, _, where_clause) = methods.item.generics.split_for_impl();
    let predicates: Vec<_> = where_clause.iter().flat_map(|it| &it.predicates).collect();
    let traced = inputs.types.iter().map(|ty| {
        let ty_of = with_lifetimes(ty, "'__a");
        quote_spanned!(ty.span()=> for<'__a> #ty_of: #krate::TraceInput)
    });
    let reasons: Vec<&Error> =
        methods.methods.iter().filter(|it| it.reached).flat_map(|it| &it.errors).collect();
    let (items, scripted): (Vec<_>, Vec<_>) =
        reasons.iter().enumerate().map(|(i, error)| untranslatable(i, error, method, self_ty)).unzip();
    quote! {
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            #(#items)*
            impl #impl_generics #private::Body<#krate::mode::Inherit> for #self_ty #where_clause {}
            impl #impl_generics #private::Body<#krate::mode::Trace> for #self_ty
            where #(#traced,)* #(#predicates,)* {}
            impl #impl_generics #private::Body<#krate::mode::Script> for #self_ty
            where #(#scripted,)* #(#predicates,)* {}
        };
    }
}

/// A local trait that nothing implements carries the sentence; the bound on it lies under the
/// offending expression. `for<'a>` keeps rustc from checking the bound where it stands.
fn untranslatable(i: usize, error: &Error, method: &Method, self_ty: &Type) -> (TokenStream, TokenStream) {
    let expression = format_ident!("Expression{i}");
    let ty = quote!(#self_ty).to_string().replace(' ', "");
    let message = format!("`{ty}::{}` cannot be scripted: {}", method.func.sig.ident, error.message);
    let help = format!("help: {}", error.help);
    let label = &error.message;
    let (start, end) = error.spans();
    let translatable = Ident::new(&format!("Translatable{i}"), start);
    // The bound's tokens reach from the expression's first token to its last.
    let close = quote_spanned!(end=> <>);
    let item = quote! {
        pub struct #expression<'a>(&'a ());
        #[diagnostic::on_unimplemented(message = #message, label = #label, note = #help)]
        pub trait #translatable {}
    };
    (item, quote!(for<'__a> #expression<'__a>: #translatable #close))
}

/// What is wrong as soon as the struct's own mode is known. `#[methods]` does not see the struct;
/// the macro of the type's name, which `#[compile_mode]` defines, passes tokens on in one mode.
fn definition_errors(methods: &Methods, inputs: &Inputs) -> TokenStream {
    let Type::Path(ty) = &*methods.item.self_ty else { return quote!() };
    let mut path = ty.path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    let errors: TokenStream = methods
        .methods
        .iter()
        .filter(|it| it.reached)
        .flat_map(|it| &it.errors)
        .map(Error::to_compile_error)
        .map(|error| quote!(#error))
        .collect();
    let script = (!errors.is_empty()).then(|| quote!(#path! { script #errors }));
    let krate = krate(Span::call_site());
    let concrete = methods.item.generics.params.is_empty() && !inputs.types.is_empty();
    let trace = concrete.then(|| {
        let checks = inputs.types.iter().map(|ty| {
            let ty_static = with_lifetimes(ty, "'static");
            quote_spanned!(ty.span()=> need::<#ty_static>();)
        });
        quote! {
            #path! { trace
                const _: fn() = || {
                    fn need<T: ?Sized + #krate::TraceInput>() {}
                    #(#checks)*
                };
            }
        }
    });
    quote!(#script #trace)
}

/// Expands to the function itself, and to one that gives its results as argument tuples. A result
/// of the wrong type is an error under the function's return type.
pub fn tracing_inputs(func: &ImplItemFn, of: &Ident) -> TokenStream {
    let name = inputs_name(of);
    let inner = &func.sig.ident;
    let span = match &func.sig.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => inner.span(),
    };
    let span = place_of(span);
    let (krate, private) = (krate(span), private(span));
    quote_spanned! {span=>
        pub fn #name(
            &self,
            n: usize,
        ) -> ::core::option::Option<::std::vec::Vec<<Self as #krate::Forward>::Args>> {
            let inputs = Self::#inner(self, n);
            ::core::option::Option::Some(#private::tracing_inputs::<Self, _, _>(inputs))
        }
    }
}
