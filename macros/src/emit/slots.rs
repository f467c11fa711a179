//! Code that evaluates the slots of a method, which only Rust can do: its types, constants and functions. How strictly
//! rustc is asked about them depends on the mode.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Ident, Type};

use super::callees::child_call;
use super::names::types_name;
use super::refusal::refused;
use super::spans::place;
use super::{in_mode, inferred, own_types};
use crate::check::{Method, Methods, Strictness};
use crate::lower::{SlotConstant, SlotFunction, SlotType, rejected_method};
use crate::names;
use crate::parse::methods::Form;
use crate::paths::{krate, place_of, private};
use crate::span::ends;
use crate::types::{self, mentions_parameter, with_lifetimes};

/// Expands to the statements that evaluate a method's slots, as strictly as its mode allows.
pub fn slots(method: &Method, all: &Methods) -> TokenStream {
    let generics = &all.item.generics;
    let lenient = || match &method.undeclared {
        Some(error) => {
            let refused = refused(method, error);
            quote!(#refused return;)
        }
        None => lenient_slots(method, generics),
    };
    match method.strictness {
        Strictness::Strict => strict_slots(method, generics),
        Strictness::Lenient => lenient(),
        Strictness::ByMode => {
            let strict = in_mode(all, &quote!(script), &strict_slots(method, generics));
            let lenient = in_mode(all, &quote!(not script), &lenient());
            quote!(#strict #lenient)
        }
    }
}

fn strict_slots(method: &Method, generics: &Generics) -> TokenStream {
    let inferred = inferred::is_needed(method).then(|| {
        let name = types_name(method.ident());
        let refusals = own_types::inferred(method);
        let types = match method.form {
            Form::Function | Form::Data => {
                let (_, parameters, _) = generics.split_for_impl();
                let parameters = parameters.as_turbofish();
                quote!(#name #parameters)
            }
            Form::Method | Form::Unused => quote!(self.#name),
        };
        quote! {
            let (__inferred_types, __inferred_constants, __inferred_functions, __is_own) = #types();
            let mut __inferred_types = ::std::iter::IntoIterator::into_iter(__inferred_types);
            let mut __inferred_constants = ::std::iter::IntoIterator::into_iter(__inferred_constants);
            let mut __inferred_functions = ::std::iter::IntoIterator::into_iter(__inferred_functions);
            let mut __is_own = ::std::iter::IntoIterator::into_iter(__is_own);
            #refusals
        }
    });
    // A method of data may be for eager use alone, as nothing in its block tells what scripts it.
    let has_known_types = method.form != Form::Data;
    let types = types(method, generics, has_known_types);
    let constants = constants(method, has_known_types, true);
    let functions = method.lowered.made.functions.iter().map(|it| function(it, method));
    let children = method.lowered.made.child_calls.iter().filter(|it| !it.is_plain());
    let child_calls = children.map(|it| child_call(it, &quote!(self), Some(method)));
    quote! {
        #inferred
        __types = ::std::vec![#(#types),*];
        __constants = ::std::vec![#(#constants),*];
        __functions = ::std::vec![#(#functions),*];
        #(#child_calls)*
    }
}

fn lenient_slots(method: &Method, generics: &Generics) -> TokenStream {
    let types = types(method, generics, false);
    let constants = constants(method, false, false);
    // A method that needs others is refused, see `check::strictness`.
    let functions = method.lowered.made.functions.iter().map(|it| match it {
        SlotFunction::Parameter(..) => function(it, method),
        _ => quote!(::core::option::Option::None),
    });
    quote! {
        __types = ::std::vec![#(#types),*];
        __constants = ::std::vec![#(#constants),*];
        __functions = ::std::vec![#(#functions),*];
    }
}

/// The statements that evaluate the slots of a function, within items that have the `generics`.
pub fn function_slots(method: &Method, generics: &Generics) -> TokenStream {
    let slots = strict_slots(method, generics);
    let inferred = inferred::is_needed(method).then(|| inferred::function(method, None, generics));
    quote! {
        #inferred
        let __types;
        let __constants;
        let mut __functions: ::std::vec::Vec<_>;
        #slots
    }
}

/// Expands to the companion of a function that the body calls, which is added.
fn function(function: &SlotFunction, method: &Method) -> TokenStream {
    match function {
        SlotFunction::Path(path) => free_function(path),
        SlotFunction::Method(_, name) => {
            let call = data_call(name, method);
            quote!(__inferred_functions.next().expect("a function for each slot")(&#call, __defs))
        }
        SlotFunction::Parameter(ty, name) => {
            let (private, number, call) =
                (private(name.span()), names::number_of(name), data_call(name, method));
            let ty = match types::ungrouped(ty) {
                Type::Reference(ty) => with_lifetimes(&ty.elem, "'_"),
                ty => with_lifetimes(ty, "'_"),
            };
            let is_named = !matches!(ty, Type::ImplTrait(_) | Type::TraitObject(_));
            if !is_named {
                return quote!(::core::option::Option::None);
            }
            quote!({
                use #private::OtherwiseMethod as _;
                #private::MethodProbe::<#ty, #number>::define(&#call, __defs)
            })
        }
        SlotFunction::Associated(ty, name) => {
            let span = name.span();
            let (private, number, call) = (private(span), names::number_of(name), data_call(name, method));
            let (open, close) = (quote_spanned!(span=> <), quote_spanned!(span=> >::define));
            quote!(#open #ty as #private::DataMethod<#number> #close (&#call, __defs))
        }
        SlotFunction::Child => quote!(::core::option::Option::None),
    }
}

/// Expands to the call of a method that may be one of data.
pub fn data_call(name: &Ident, caller: &Method) -> TokenStream {
    let (private, place) = (private(Span::call_site()), place(place_of(name.span())));
    let (name, caller) = (names::of_rust(name), caller.rust_name());
    let (message, help) = match rejected_method(&name) {
        Some((why, help)) => (format!("`{name}` is not supported in scripted methods: {why}"), help),
        None => (
            format!("method `{name}` is not known to the compiler"),
            "put `#[methods]` on the impl block that holds it",
        ),
    };
    quote! {
        #private::DataCall {
            name: #name,
            unknown: #private::Refusal {
                method: #caller,
                message: #message,
                help: #help,
                place: #place,
            },
        }
    }
}

/// A function with `#[script]` has a companion of the same name among the types. Of another function, the alias names no
/// type, but for the one that the glob brings in, which lacks the trait: what is imported by name wins over a glob, among
/// the types and among the values each.
fn free_function(path: &syn::Path) -> TokenStream {
    let (start, end) = ends(path).unwrap_or((Span::call_site(), Span::call_site()));
    let alias = Ident::new("function_without_the_attribute_script", end);
    let private = private(start);
    let defs = Ident::new("__defs", place_of(start));
    quote_spanned! {start=> {
        use #path as #alias;
        use #private::no_script::*;
        ::core::option::Option::Some(<#alias as #private::ScriptFunction>::define(#defs))
    }}
}

/// Expressions for the types of `$T0`, `$T1`, …. If `strict`, a type that TorchScript does not have is an error, else a
/// refusal; in the entry's own signature it is always a refusal, as `Forward` reports the error.
fn types(method: &Method, generics: &Generics, strict: bool) -> Vec<TokenStream> {
    let name = method.rust_name();
    let def = &method.lowered.def;
    let signature: BTreeSet<usize> =
        def.params.iter().filter_map(|param| param.ty).chain(def.returns).map(|slot| slot.index).collect();
    let of_entry = method.entry.is_some() && method.form == Form::Method;
    let name_of = |(i, ty): (usize, &SlotType)| {
        let ty = match ty {
            SlotType::Written(ty) => ty,
            SlotType::Inferred(_) => return quote!(__inferred_types.next().expect("a type for each slot")),
            SlotType::Parameter(ty) if of_entry || mentions_parameter(&ty.elem, generics) => {
                &Type::Reference(ty.clone())
            }
            SlotType::Parameter(ty) => return parameter(ty, &name, strict),
        };
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
                    return __defs.refuse(#refusal);
                }
            }
        }
    };
    method.lowered.made.types.iter().enumerate().map(name_of).collect()
}

/// The type of a parameter that is a reference, to a module or to data.
fn parameter(ty: &syn::TypeReference, name: &str, strict: bool) -> TokenStream {
    let span = place_of(ty.span());
    let private = private(span);
    if let Type::ImplTrait(_) = &*ty.elem {
        return quote_spanned!(span=> #private::Type::module());
    }
    let reference = with_lifetimes(&Type::Reference(ty.clone()), "'_");
    let target = with_lifetimes(&ty.elem, "'static");
    let is_module = quote_spanned!(span=> #private::Probe::<#target>::IS_DYN_MODULE);
    if strict {
        let (start, end) = ends(ty).unwrap_or((span, span));
        let krate = krate(span);
        let (open, close) = (quote_spanned!(start=> <), quote_spanned!(end=> >::Data));
        let found = quote_spanned!(span=> #private::If<{ #is_module }>);
        let data = quote!(#open #found as #private::ParameterOf<#reference> #close);
        return quote_spanned! {span=>
            if #is_module { #private::Type::module() } else { <#data as #krate::ScriptType>::script_type() }
        };
    }
    let refusal = no_type(name, &quote!(#reference), span);
    quote_spanned! {span=>
        if #is_module {
            #private::Type::module()
        } else {
            match #private::Probe::<#reference>::script_type() {
                ::core::option::Option::Some(ty) => ty,
                ::core::option::Option::None => {
                    return __defs.refuse(#refusal);
                }
            }
        }
    }
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

/// Expressions for the values of `$C0`, `$C1`, …; how wide numbers are, only if that `is_asked`.
fn constants(method: &Method, strict: bool, is_asked: bool) -> Vec<TokenStream> {
    let name = method.rust_name();
    let value_of = |constant: &SlotConstant| {
        let expr = match constant {
            SlotConstant::Written(expr) => expr,
            SlotConstant::Number(_) if !is_asked => {
                let private = private(Span::call_site());
                return quote!(#private::Value::string(""));
            }
            _ => {
                return quote!(__inferred_constants.next().expect("a constant for each slot"));
            }
        };
        let span = expr.span();
        let private = private(span);
        if strict {
            let (defs, place) = (Ident::new("__defs", place_of(span)), place(place_of(span)));
            return quote_spanned!(span=> #defs.constant(&#expr, #place));
        }
        let span = place_of(span);
        let refusal = no_type(&name, &quote!(#expr), span);
        quote_spanned! {span=>
            match #private::ProbeValue(&#expr).constant() {
                ::core::option::Option::Some(value) => value,
                ::core::option::Option::None => {
                    return __defs.refuse(#refusal);
                }
            }
        }
    };
    method.lowered.made.constants.iter().map(value_of).collect()
}
