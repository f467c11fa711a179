//! One method: its tree, its text and what only Rust can evaluate.

use std::collections::BTreeSet;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::encode::encode;
use super::{definition_name, with_lifetimes};
use crate::methods::{Method, Methods, is_entry};
use crate::paths::{krate, place_of, private};

/// Expands to:
///
/// ```text
/// pub fn __jit_HELPER(&self, defs: &mut MethodDefs) {
///     if !defs.enter("helper") { return; }
///     self.__jit_OTHER(defs);
///     defs.add(MethodDef { name: "helper", tree: b"…", source: "…", types: vec![…], … });
/// }
/// ```
pub fn definition(method: &Method, all: &Methods) -> TokenStream {
    let span = place_of(method.func.sig.ident.span());
    let name = definition_name(&method.func.sig.ident);
    let private = private(span);
    let body = body(method, all);
    quote_spanned! {span=>
        pub fn #name(&self, defs: &mut #private::MethodDefs) {
            #body
        }
    }
}

/// The statements of such a function.
pub fn body(method: &Method, all: &Methods) -> TokenStream {
    let span = place_of(method.func.sig.ident.span());
    let text = &method.lowered.def.name;
    let body = if method.errors.is_empty() { accepted(method, all) } else { refused(method) };
    quote_spanned! {span=>
        if !defs.enter(#text) {
            return;
        }
        #body
    }
}

fn accepted(method: &Method, all: &Methods) -> TokenStream {
    let private = private(Span::call_site());
    let calls = method.lowered.calls.iter().map(|callee| call(callee, all));
    let name = &method.lowered.def.name;
    let tree = Literal::byte_string(&encode(&method.lowered.def));
    let source = &method.lowered.source.text;
    let line = method.lowered.source.line as u32;
    let types = types(method);
    let constants = constants(method);
    quote! {
        let types = ::std::vec![#(#types),*];
        let constants = ::std::vec![#(#constants),*];
        #(#calls)*
        defs.add(#private::MethodDef {
            name: #name,
            tree: #tree,
            source: #source,
            file: ::core::file!(),
            line: #line,
            types,
            constants,
        });
    }
}

/// The names of the types in TorchScript. Only what the entry reaches must have some, and of the
/// entry's own signature `Forward` says what is wrong.
fn types(method: &Method) -> Vec<TokenStream> {
    let name = method.func.sig.ident.to_string();
    let line = method.lowered.source.line as u32;
    let def = &method.lowered.def;
    let signature: BTreeSet<usize> =
        def.params.iter().filter_map(|param| param.ty).chain(def.returns).map(|slot| slot.index).collect();
    let of_entry = is_entry(&method.func);
    let name_of = |(i, ty): (usize, &syn::Type)| {
        let span = place_of(ty.span());
        let (krate, private) = (krate(span), private(span));
        let ty = with_lifetimes(ty, "'_");
        if method.reached && !(of_entry && signature.contains(&i)) {
            return quote_spanned!(span=> <#ty as #krate::ScriptType>::type_name());
        }
        quote_spanned! {span=>
            match #private::Probe::<#ty>::type_name() {
                ::core::option::Option::Some(name) => name,
                ::core::option::Option::None => {
                    return defs.refuse_type(#name, ::core::stringify!(#ty), ::core::file!(), #line);
                }
            }
        }
    };
    method.lowered.types.iter().enumerate().map(name_of).collect()
}

/// The values of the constants.
fn constants(method: &Method) -> Vec<TokenStream> {
    let name = method.func.sig.ident.to_string();
    let line = method.lowered.source.line as u32;
    let value_of = |expr: &syn::Expr| {
        let span = expr.span();
        let private = private(span);
        if method.reached {
            return quote_spanned!(span=> #private::value(&#expr));
        }
        quote_spanned! {span=>
            match #private::ProbeValue(&#expr).value() {
                ::core::option::Option::Some(value) => value,
                ::core::option::Option::None => {
                    return defs.refuse_type(#name, ::core::stringify!(#expr), ::core::file!(), #line);
                }
            }
        }
    };
    method.lowered.constants.iter().map(value_of).collect()
}

/// A callee of this block is known; one of another block is an inherent method as well, and where
/// there is none, one of [`unknown_callees`] is called.
fn call(callee: &Ident, all: &Methods) -> TokenStream {
    let krate = krate(Span::call_site());
    if is_elsewhere_entry(callee, all) {
        return quote!(<Self as #krate::Forward>::define(self, defs););
    }
    // The path alone is spanned at the call: `self` and `defs` keep the attribute's hygiene.
    let definition = definition_name(callee);
    let path = quote_spanned!(callee.span()=> Self::#definition);
    quote!({ let define = #path; define(self, defs); })
}

/// The entry has its definition in `Forward`, also where it is in another block.
fn is_elsewhere_entry(callee: &Ident, all: &Methods) -> bool {
    (callee == "forward" || callee == "forward_t") && !all.helpers().any(|it| it.func.sig.ident == *callee)
}

/// A method that is called but not in this block may be in another. Where it is not, the method of
/// a trait that all types have says so: rustc, if the entry reaches the call, else at run time.
pub fn unknown_callees(all: &Methods) -> TokenStream {
    let mut items = TokenStream::new();
    let mut seen = BTreeSet::new();
    let (reached, others): (Vec<&Method>, Vec<&Method>) = all.methods.iter().partition(|it| it.reached);
    for method in reached.into_iter().chain(others).filter(|it| it.errors.is_empty()) {
        for callee in &method.lowered.calls {
            let is_known = all.find(callee).is_some() || is_elsewhere_entry(callee, all);
            if !is_known && seen.insert(callee) {
                items.extend(unknown_callee(callee, method, seen.len()));
            }
        }
    }
    items
}

fn unknown_callee(callee: &Ident, caller: &Method, i: usize) -> TokenStream {
    let span = callee.span();
    let private = private(Span::call_site());
    let definition = definition_name(callee);
    let fallback = format_ident!("Unknown{i}");
    let sized = quote!(?::core::marker::Sized);
    if !caller.reached {
        let (caller, callee) = (caller.func.sig.ident.to_string(), callee.to_string());
        let (line, column) = (span.start().line as u32, span.start().column as u32 + 1);
        return quote! {
            trait #fallback {
                fn #definition(&self, defs: &mut #private::MethodDefs) {
                    defs.refuse_call(#caller, #callee, ::core::file!(), #line, #column);
                }
            }
            impl<__M: #sized> #fallback for __M {}
        };
    }
    let message = format!("method `{callee}` is not known to the compiler");
    let in_block = format_ident!("InMethodsBlock{i}", span = span);
    let nothing = format_ident!("Nothing{i}");
    quote! {
        #[diagnostic::on_unimplemented(
            message = #message,
            label = "not in a `#[methods]` block of this type",
            note = "help: put `#[methods]` on the impl block that holds it"
        )]
        trait #in_block {}
        // Without any implementation rustc would propose to write one.
        enum #nothing {}
        #[diagnostic::do_not_recommend]
        impl #in_block for #nothing {}
        trait #fallback {
            fn #definition(&self, _: &mut #private::MethodDefs)
            where
                Self: #in_block,
            {
            }
        }
        impl<__M: #sized> #fallback for __M {}
    }
}

/// A body that TorchScript cannot express: an error only if it is needed.
fn refused(method: &Method) -> TokenStream {
    let private = private(Span::call_site());
    let name = method.func.sig.ident.to_string();
    let first = &method.errors[0];
    let start = first.spans().0.start();
    let (message, help) = (&first.message, &first.help);
    let (line, column) = (start.line as u32, start.column as u32 + 1);
    quote! {
        defs.refuse(#private::Refusal {
            method: #name,
            message: #message,
            help: #help,
            file: ::core::file!(),
            line: #line,
            column: #column,
        });
    }
}
