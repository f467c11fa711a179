//! Code for one method: its syntax tree, its text, and a function that adds it and all that it calls.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Generics;

use super::callees::{call, child_call};
use super::encode::encode;
use super::names::definition_name;
use super::refusal::refused;
use super::slots::slots;
use super::spans::place;
use super::{in_mode, inferred, own_types, std_functions};
use crate::check::{Method, Methods, Strictness};
use crate::paths::{place_of, private};

/// Expands to:
///
/// ```text
/// pub fn __jit_HELPER(&self, __defs: &mut MethodDefs) {
///     if !__defs.enter::<Self>("helper", …) { return; }
///     self.__jit_OTHER(__defs);
///     __defs.add::<Self>(MethodDef { name: "helper", rust_name: "helper", tree: b"…", source: "…", types: vec![…], … });
/// }
/// ```
pub fn definition(method: &Method, all: &Methods) -> TokenStream {
    let span = place_of(method.ident().span());
    let name = definition_name(method.ident());
    let private = private(span);
    let body = body(method, all);
    quote_spanned! {span=>
        #[doc(hidden)]
        pub fn #name(&self, __defs: &mut #private::MethodDefs) {
            #body
        }
    }
}

/// Expands to the method that gives the types which rustc infers, where these may be asked for, see `slots`.
pub fn types(method: &Method, all: &Methods) -> Option<TokenStream> {
    let is_asked = inferred::is_needed(method) && method.errors.is_empty();
    // `self` may come from a `macro_rules!`, where only the body's own word names it.
    let receiver =
        method.func.sig.receiver().map_or_else(|| quote!(self), |it| it.self_token.to_token_stream());
    let types = || inferred::function(method, Some(&quote!(&#receiver)), &Generics::default());
    match method.strictness {
        Strictness::Strict if is_asked => Some(types()),
        Strictness::ByMode if is_asked => Some(in_mode(all, &quote!(script), &types())),
        _ => None,
    }
}

/// The statements of that function.
pub fn body(method: &Method, all: &Methods) -> TokenStream {
    let span = place_of(method.ident().span());
    let enter = enter(method, &quote!(Self));
    let body = match method.errors.first() {
        Some(error) => refused(method, error),
        None => accepted(method, all),
    };
    quote_spanned! {span=>
        if !#enter {
            return;
        }
        #body
    }
}

/// Expands to `__defs.enter::<Owner>("name", …)`.
pub fn enter(method: &Method, owner: &TokenStream) -> TokenStream {
    let span = place_of(method.ident().span());
    let (name, place) = (method.rust_name(), place(span));
    quote_spanned!(span=> __defs.enter::<#owner>(#name, #place))
}

fn accepted(method: &Method, all: &Methods) -> TokenStream {
    let calls = method.callees.iter().map(|callee| call(callee, &quote!(Self), &quote!(self)));
    let children = method.lowered.made.child_calls.iter().filter(|it| it.is_plain());
    let child_calls = children.map(|it| child_call(it, &quote!(self), Some(method)));
    let slots = slots(method, all);
    let own_parts = own_types::parts(method);
    let std_functions = std_functions::refusals(method);
    let def = method_def(method);
    quote! {
        #own_parts
        #std_functions
        let __types;
        let __constants;
        let mut __functions: ::std::vec::Vec<_>;
        #slots
        #(#calls)*
        #(#child_calls)*
        __defs.add::<Self>(#def);
    }
}

/// Expands to the `MethodDef`, from the variables that hold the evaluated types, constants and functions.
pub fn method_def(method: &Method) -> TokenStream {
    let private = private(Span::call_site());
    let (name, rust_name) = (method.script_name(), method.rust_name());
    let tree = Literal::byte_string(&encode(&method.lowered.def));
    let source = &method.lowered.source.text;
    let line = method.lowered.source.line as u32;
    quote! {
        #private::MethodDef {
            name: #name,
            rust_name: #rust_name,
            tree: #tree,
            source: #source,
            file: ::core::file!(),
            line: #line,
            types: __types,
            constants: __constants,
            functions: __functions,
        }
    }
}
