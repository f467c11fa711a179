//! One method: its tree, its text and what only Rust can evaluate.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::encode::encode;
use super::{definition_name, with_lifetimes};
use crate::methods::{Method, Methods};
use crate::paths::{place_of, private};

/// Expands to:
///
/// ```text
/// pub fn __jit_helper(&self, defs: &mut MethodDefs) {
///     if !defs.enter("helper") { return; }
///     self.__jit_other(defs);
///     defs.add(MethodDef { name: "helper", tree: b"…", source: "…", types: vec![…], … });
/// }
/// ```
pub fn definition(method: &Method, all: &Methods) -> TokenStream {
    let span = place_of(method.func.sig.ident.span());
    let name = definition_name(&method.func.sig.ident);
    let text = method.func.sig.ident.to_string();
    let body = if method.errors.is_empty() { accepted(method, all) } else { refused(method) };
    quote_spanned! {span=>
        pub fn #name(&self, defs: &mut ::tch_jit::private::MethodDefs) {
            if !defs.enter(#text) {
                return;
            }
            #body
        }
    }
}

fn accepted(method: &Method, all: &Methods) -> TokenStream {
    let private = private(Span::call_site());
    let calls = method.lowered.calls.iter().map(|callee| call(callee, all));
    let name = method.func.sig.ident.to_string();
    let tree = Literal::byte_string(&encode(&method.lowered.def));
    let source = &method.lowered.source.text;
    let line = method.lowered.source.line as u32;
    let types = method.lowered.types.iter().map(|ty| {
        let span = place_of(ty.span());
        let ty = with_lifetimes(ty, "'_");
        if method.reached {
            quote_spanned!(span=> #private::type_name::<#ty>())
        } else {
            // Only what the entry reaches must have types of TorchScript.
            quote_spanned!(span=> {
                use #private::NoScriptType as _;
                match #private::Probe::<#ty>::new().type_name() {
                    ::core::option::Option::Some(name) => name,
                    ::core::option::Option::None => {
                        return defs.refuse_type(#name, ::core::stringify!(#ty), ::core::file!(), #line);
                    }
                }
            })
        }
    });
    let constants = method.lowered.constants.iter().map(|expr| {
        let span = place_of(expr.span());
        if method.reached {
            quote_spanned!(span=> #private::value(&#expr))
        } else {
            quote_spanned!(span=> {
                use #private::NoScriptValue as _;
                match #private::ProbeValue(&#expr).value() {
                    ::core::option::Option::Some(value) => value,
                    ::core::option::Option::None => {
                        return defs.refuse_type(#name, ::core::stringify!(#expr), ::core::file!(), #line);
                    }
                }
            })
        }
    });
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

/// A callee of this block is known; one of another block is an inherent method as well, and where
/// there is none, a trait's method of the same name says so in a sentence.
fn call(callee: &Ident, all: &Methods) -> TokenStream {
    let definition = definition_name(callee);
    let span = place_of(callee.span());
    let call = quote_spanned!(span=> self.#definition(defs););
    if all.find(callee).is_some() {
        return call;
    }
    let message = format!("method `{callee}` is not known to the compiler");
    quote_spanned! {span=>
        {
            #[diagnostic::on_unimplemented(
                message = #message,
                label = "not in a `#[methods]` block of this type",
                note = "help: put `#[methods]` on the impl block that holds it"
            )]
            trait InMethodsBlock {}
            trait Unknown {
                fn #definition(&self, _: &mut ::tch_jit::private::MethodDefs)
                where
                    Self: InMethodsBlock,
                {
                }
            }
            impl<T: ?Sized> Unknown for T {}
            #call
        }
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
