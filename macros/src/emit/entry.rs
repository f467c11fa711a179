//! Code for a module's entry: typed arguments, the modes that its body allows, and the block's other methods.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Generics, Ident, Type};

use super::function_values::function_values;
use super::method;
use super::names::{definition_name, function_values_name, inputs_name, is_exported_name, signature_name};
use super::spans::{around, check, place};
use crate::check::{Method, Methods};
use crate::errors::Error;
use crate::parse::methods::{Entry, output};
use crate::paths::{krate, place_of, private};
use crate::span::ends;
use crate::types::{mentions_parameter, with_lifetimes};

/// Expands to the impls of `Forward` and `BodyIn`.
pub fn entry(methods: &Methods) -> TokenStream {
    let Some(method) = methods.entry() else { return quote!() };
    let forward = forward(methods, method);
    let body = body(methods, method);
    quote!(#forward #body)
}

fn forward(methods: &Methods, method: &Method) -> TokenStream {
    let inputs = &method.inputs;
    let (impl_generics, _, where_clause) = methods.item.generics.split_for_impl();
    let self_ty = &methods.item.self_ty;
    let span = place_of(method.ident().span());
    let (krate, private) = (krate(span), private(span));
    let names = &inputs.names;
    let args = inputs.args_type();
    let output = match output(&method.func) {
        Some(ty) if !method.is_malformed => with_lifetimes(ty, "'static"),
        _ => syn::parse_quote!(()),
    };
    let (has_train, kind, train) = match method.entry {
        Some(Entry::ForwardT) => (true, quote!(WithTrain), quote!(train)),
        _ => (false, quote!(Plain), quote!()),
    };
    let ident = method.ident();
    let eager = if method.is_malformed {
        quote!(::core::unreachable!())
    } else {
        let checks = inputs.types.iter().map(|ty| check(ty, quote!(#private::Arg), "check"));
        let args = inputs.borrowed();
        let callee = match &methods.item.trait_ {
            // Names the method of this impl of a trait: an inherent method may have the same name.
            Some((path, _)) => quote!(<Self as #path>::#ident),
            None => quote!(Self::#ident),
        };
        quote!(#(#checks)* #callee(self, #(#args,)* #train))
    };
    let definition = (!method.is_malformed).then(|| method::body(method, methods));
    let others = others_of_block(methods);
    let inputs_of = inputs_name(&Ident::new("forward", span));
    let place = place(span);
    let mut numbers = BTreeSet::new();
    for method in &methods.methods {
        add_small_integers(method.func.block.to_token_stream(), &mut numbers);
    }
    let integers = (!numbers.is_empty()).then(|| {
        let numbers = numbers.iter();
        quote!(const SMALL_INTEGERS: &'static [i64] = &[#(#numbers),*];)
    });
    quote_spanned! {span=>
        #[diagnostic::do_not_recommend]
        impl #impl_generics #krate::Forward for #self_ty #where_clause {
            type Args = #args;
            type Output = #output;
            type Body = BodyOf<Self>;
            type Entry = #private::#kind;
            const ARG_NAMES: &'static [&'static str] = &[#(#names),*];
            const HAS_TRAIN: bool = #has_train;
            const PLACE: #krate::Place = #place;
            #integers

            fn eager(&self, args: &#args, train: bool) -> Self::Output {
                #eager
            }

            fn define(&self, __defs: &mut #private::MethodDefs) {
                #definition
            }

            #others

            fn tracing_inputs(&self, n: usize) -> ::core::option::Option<::std::vec::Vec<#args>> {
                self.#inputs_of(n)
            }
        }
    }
}

/// Adds the small whole numbers in the block: a body may compare a size with one of them, so its trace is compared at
/// that size.
fn add_small_integers(tokens: TokenStream, found: &mut BTreeSet<i64>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => add_small_integers(group.stream(), found),
            TokenTree::Literal(literal) => {
                if let syn::Lit::Int(literal) = syn::Lit::new(literal)
                    && let Ok(number @ 2..=64) = literal.base10_parse()
                {
                    found.insert(number);
                }
            }
            _ => {}
        }
    }
}

/// Expands to `Forward::define_exports` and `Forward::methods`, in the entry's block.
fn others_of_block(methods: &Methods) -> TokenStream {
    let private = private(Span::call_site());
    let definitions: Vec<Ident> = methods.exported().map(|method| definition_name(method.ident())).collect();
    let define_exports = (!definitions.is_empty()).then(|| {
        quote! {
            fn define_exports(&self, __defs: &mut #private::MethodDefs) {
                #(Self::#definitions(self, __defs);)*
            }
        }
    });
    let traceable: Vec<_> = methods.traceable().map(|method| traceable(method, methods)).collect();
    let of_block = (!traceable.is_empty()).then(|| {
        quote! {
            fn methods(&self) -> ::std::vec::Vec<#private::RustMethod<'_>> {
                let this = self;
                ::std::vec![#(#traceable),*]
            }
        }
    });
    let function_values = function_values(methods).map(|added| {
        quote! {
            fn function_values<'__m>(&'__m self, members: &mut #private::Members<'__m>) {
                #added
            }
        }
    });
    quote!(#define_exports #of_block #function_values)
}

/// Expands to the registration of what a block without the entry adds to its type.
pub fn others_elsewhere(methods: &Methods) -> TokenStream {
    let definitions: Vec<Ident> = methods.exported().map(|method| definition_name(method.ident())).collect();
    let traceable: Vec<_> = methods.traceable().map(|method| traceable(method, methods)).collect();
    let function_values = function_values(methods);
    if methods.entry().is_some()
        || definitions.is_empty() && traceable.is_empty() && function_values.is_none()
    {
        return quote!();
    }
    let private = private(Span::call_site());
    let self_ty = &methods.item.self_ty;
    let first = methods.methods.first().expect("a block with something to register has a method");
    let added = function_values_name(first.ident());
    quote! {
        impl #self_ty {
            #[doc(hidden)]
            fn #added<'__m>(&'__m self, members: &mut #private::Members<'__m>) {
                #function_values
            }
        }
        #private::inventory::submit! {
            #private::Elsewhere {
                define: |module, __defs| {
                    if let ::core::option::Option::Some(module) = module.downcast_ref::<#self_ty>() {
                        #(module.#definitions(__defs);)*
                    }
                },
                methods: |module| match module.downcast_ref::<#self_ty>() {
                    ::core::option::Option::Some(this) => ::std::vec![#(#traceable),*],
                    ::core::option::Option::None => ::std::vec![],
                },
                function_values: |module, members| {
                    if let ::core::option::Option::Some(module) = module.downcast_ref::<#self_ty>() {
                        module.#added(members);
                    }
                },
            }
        }
    }
}

/// Expands to the signatures of the exported methods, with which the struct's declared example inputs are compared.
pub fn signatures(methods: &Methods) -> TokenStream {
    let private = private(Span::call_site());
    let exported = methods.exported().filter(|it| it.has_plain_signature);
    let signatures = exported.map(|method| {
        let ident = method.ident();
        let (signature, is_exported) = (signature_name(ident), is_exported_name(ident));
        let (names, args) = (&method.inputs.names, method.inputs.args_type());
        quote! {
            #[doc(hidden)]
            pub const #signature: #private::Signature<#args> =
                #private::Signature::new(::core::option::Option::Some(&[#(#names),*]));
            #[doc(hidden)]
            pub fn #is_exported(&self) {}
        }
    });
    quote!(#(#signatures)*)
}

/// Expands to the `RustMethod` of a method of `this`.
fn traceable(method: &Method, methods: &Methods) -> TokenStream {
    let private = private(Span::call_site());
    let self_ty = &methods.item.self_ty;
    let ident = method.ident();
    let (name, script_name, place) =
        (method.rust_name(), method.script_name(), place(place_of(ident.span())));
    let inputs = &method.inputs;
    let (names, args, borrowed) = (&inputs.names, inputs.args_type(), inputs.borrowed());
    let function = inputs_name(ident);
    let examples = if method.has_tracing_inputs {
        quote!(this.#function(n))
    } else {
        quote!(::core::option::Option::None)
    };
    quote! {
        #private::RustMethod::new(
            #name,
            #script_name,
            #place,
            &[#(#names),*],
            move |args: &#args, _| <#self_ty>::#ident(this, #(#borrowed),*),
            move |n| #examples,
        )
    }
}

/// `BodyIn<C>` says in which modes the entry can be compiled. It is implemented for a marker type of this block.
fn body(methods: &Methods, method: &Method) -> TokenStream {
    let span = method.ident().span();
    let (krate, private) = (krate(span), private(span));
    let self_ty = &methods.item.self_ty;
    let (impl_generics, _, where_clause) = methods.item.generics.split_for_impl();
    let predicates: Vec<_> = where_clause.iter().flat_map(|it| &it.predicates).collect();
    let traced = method.inputs.types.iter().map(|ty| {
        let bound = around(ty, &quote!(#krate), &quote!(::TraceInput));
        let ty = with_lifetimes(ty, "'any");
        quote!(for<'any> #ty: #bound)
    });
    let (items, scripted): (Vec<_>, Vec<_>) = methods
        .untranslatable
        .iter()
        .enumerate()
        .map(|(i, (method, error))| untranslatable(i, error, method, self_ty))
        .unzip();
    quote_spanned! {span=>
        #(#items)*
        #[doc(hidden)]
        pub struct BodyOf<__M: ?::core::marker::Sized>(::core::marker::PhantomData<__M>);
        impl #impl_generics #private::BodyIn<#krate::mode::Inherit> for BodyOf<#self_ty> #where_clause {}
        impl #impl_generics #private::BodyIn<#krate::mode::Trace> for BodyOf<#self_ty>
        where #(#traced,)* #(#predicates,)* {}
        impl #impl_generics #private::BodyIn<#krate::mode::Script> for BodyOf<#self_ty>
        where #(#scripted,)* #(#predicates,)* {}
    }
}

/// Expands to a bound that `mode::Script` does not meet, spanned at the offending expression, and to the local trait in
/// it, whose diagnostic is the error's message. `for<'any>` keeps rustc from checking the bound where it is defined.
fn untranslatable(i: usize, error: &Error, method: &Ident, self_ty: &Type) -> (TokenStream, TokenStream) {
    let krate = krate(Span::call_site());
    let ty = quote!(#self_ty).to_string().replace(' ', "");
    let message = escaped(&format!("`{ty}::{method}` cannot be scripted: {}", error.message));
    let help = escaped(&format!("help: {}", error.help));
    let label = escaped(&error.message);
    let (start, end) = error.spans();
    let expresses = Ident::new(&format!("Expresses{i}"), start);
    // The spans of the bound's tokens reach from the expression's first token to its last.
    let close = quote_spanned!(end=> <>);
    let item = quote! {
        #[diagnostic::on_unimplemented(message = #message, label = #label, note = #help)]
        #[doc(hidden)]
        pub trait #expresses {}
        // Without any implementation rustc would propose to write one.
        #[diagnostic::do_not_recommend]
        impl #expresses for #krate::mode::Trace {}
    };
    (item, quote!(for<'any> #krate::mode::Script: #expresses #close))
}

/// The text for `#[diagnostic::on_unimplemented]`, which reads what braces enclose as a parameter's name.
fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// Expands to checks of what `trace` mode does not allow, in a struct that declares it: arguments and results that a trace
/// cannot follow. rustc evaluates no constant that names a parameter, so generic modules are checked where they are compiled.
pub fn mode_checks(methods: &Methods) -> TokenStream {
    if !methods.item.generics.params.is_empty() {
        return quote!();
    }
    let private = private(Span::call_site());
    let self_ty = &methods.item.self_ty;
    let traced = methods.traceable().filter(|method| method.has_tracing_inputs);
    let traced: Vec<&Method> = methods.entry().into_iter().chain(traced).collect();
    let check = |ty: &Type, is_possible: &str, allows: &str| {
        let (start, end) = ends(ty).unwrap_or((Span::call_site(), Span::call_site()));
        let (open, close) = (quote_spanned!(start=> <), quote_spanned!(end=> >::Mode));
        let ty = with_lifetimes(ty, "'static");
        let (is_possible, allows) = (format_ident!("{is_possible}"), format_ident!("{allows}"));
        // A type that no mode allows is reported elsewhere, so it is not asked about here.
        let found = quote! {
            #private::If<{ #private::Probe::<#self_ty>::IS_MODULE && #private::Probe::<#ty>::#is_possible }>
        };
        quote!(let checked = <#open #found as #private::ModeOf<#self_ty> #close as #private::#allows<#ty>>::check;)
    };
    let arguments = traced.iter().flat_map(|it| &it.inputs.types).map(|ty| check(ty, "IS_ARG", "Takes"));
    let results = traced
        .iter()
        .filter_map(|it| output(&it.func))
        .filter(|ty| !mentions_parameter(ty, &Generics::default()));
    let results = results.map(|ty| check(ty, "IS_OUTPUT", "Gives"));
    let checks: Vec<_> = arguments.chain(results).collect();
    if checks.is_empty() { quote!() } else { quote!(const _: fn() = || { #(#checks)* };) }
}

/// Expands to the errors of bodies that TorchScript cannot express, in a struct that declares `script`. `#[methods]`
/// does not see the struct, so the errors go through the macro of the type's name, which `#[compile_mode]` defines and
/// which passes tokens on in one mode only.
pub fn definition_errors(methods: &Methods) -> TokenStream {
    let errors: TokenStream =
        methods.untranslatable.iter().map(|(_, error)| error.to_compile_error()).collect();
    let in_script_mode = (!errors.is_empty()).then(|| super::script_only(methods, &errors)).flatten();
    let always = methods.exported().flat_map(|it| &it.errors).map(Error::to_compile_error);
    quote!(#in_script_mode #(#always)*)
}
