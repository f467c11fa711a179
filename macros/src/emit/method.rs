//! One method: its tree, its text and what only Rust can evaluate.

use std::collections::BTreeSet;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::encode::encode;
use super::{definition_name, with_lifetimes};
use crate::errors::{Error, Errors};
use crate::lower::{ChildCall, Form, Step};
use crate::methods::{Method, Methods, is_entry};
use crate::ops;
use crate::paths::{krate, place_of, private};
use crate::span::ends;

/// Expands to:
///
/// ```text
/// pub fn __jit_HELPER(&self, defs: &mut MethodDefs) {
///     if !defs.enter::<Self>("helper", …) { return; }
///     self.__jit_OTHER(defs);
///     defs.add::<Self>(MethodDef { name: "helper", tree: b"…", source: "…", types: vec![…], … });
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
    let enter = enter(method, &quote!(Self));
    let body = match method.errors.first() {
        Some(error) => refused(method, error),
        None => match needs_export(method) {
            Some(error) => refused(method, &error),
            None => accepted(method, all),
        },
    };
    quote_spanned! {span=>
        if !#enter {
            return;
        }
        #body
    }
}

/// `defs.enter::<Owner>("name", …)`.
pub fn enter(method: &Method, owner: &TokenStream) -> TokenStream {
    let span = place_of(method.func.sig.ident.span());
    let name = &method.lowered.def.name;
    let (line, column) = (span.start().line as u32, span.start().column as u32 + 1);
    quote_spanned!(span=> defs.enter::<#owner>(#name, ::core::file!(), #line, #column))
}

fn accepted(method: &Method, all: &Methods) -> TokenStream {
    let calls = method.lowered.calls.iter().map(|callee| call(callee, all));
    let definition = method_def(method);
    quote! {
        let def = #definition;
        #(#calls)*
        defs.add::<Self>(def);
    }
}

/// What Rust evaluates for the method, and the method: an expression. Of the functions and the
/// children's methods that it calls, the definitions are added to `defs`.
pub fn method_def(method: &Method) -> TokenStream {
    let private = private(Span::call_site());
    let name = &method.lowered.def.name;
    let tree = Literal::byte_string(&encode(&method.lowered.def));
    let source = &method.lowered.source.text;
    let line = method.lowered.source.line as u32;
    let types = types(method);
    let constants = constants(method);
    let functions = method.lowered.functions.iter().map(function);
    let child_calls = method.lowered.child_calls.iter().map(child_call);
    quote! {{
        let types = ::std::vec![#(#types),*];
        let constants = ::std::vec![#(#constants),*];
        let functions = ::std::vec![#(#functions),*];
        #(#child_calls)*
        #private::MethodDef {
            name: #name,
            tree: #tree,
            source: #source,
            file: ::core::file!(),
            line: #line,
            types,
            constants,
            functions,
        }
    }}
}

/// A function with `#[script]` has a companion of the same name among the types. Of another
/// function, rustc says that it is none; the alias says what is missing.
fn function(path: &syn::Path) -> TokenStream {
    let (start, end) = ends(path).unwrap_or((Span::call_site(), Span::call_site()));
    let alias = Ident::new("function_without_the_attribute_script", end);
    let private = private(start);
    quote_spanned! {start=> {
        use #path as #alias;
        <#alias as #private::ScriptFunction>::define(defs)
    }}
}

/// Walks from `self` to the children and asks each for its method.
fn child_call(call: &ChildCall) -> TokenStream {
    let definition = definition_name(&call.method);
    let span = place_of(call.method.span());
    let steps = call.origin.0.iter().map(|step| match step {
        Step::Field(member) => quote_spanned!(span=> .map(|module| &module.#member)),
        Step::Elements => quote_spanned!(span=> .flat_map(|module| module.iter())),
        // A struct's pattern has this form, too.
        Step::Variant(path, member) => quote_spanned! {span=>
            .filter_map(|module| match module {
                #path { #member: field, .. } => ::core::option::Option::Some(field),
                _ => ::core::option::Option::None,
            })
        },
    });
    // rustc blames the receiver.
    let module = Ident::new("module", call.method.span());
    quote_spanned! {span=>
        ::core::option::Option::Some(self).into_iter()#(#steps)*.for_each(|#module| #module.#definition(defs));
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
    let of_entry = method.form == Form::Method && is_entry(&method.func);
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
                items.extend(unknown_callee(callee, method, seen.len(), NOT_IN_A_BLOCK));
            }
        }
        // A child's method may have the name of one in this block.
        for call in &method.lowered.child_calls {
            if seen.insert(&call.method) {
                let name = call.method.to_string();
                let help = match ops::similar(&name).first().filter(|similar| **similar != name) {
                    Some(name) => format!("{NOT_IN_A_BLOCK}; of a tensor, did you mean `{name}`?"),
                    None => NOT_IN_A_BLOCK.to_owned(),
                };
                items.extend(unknown_callee(&call.method, method, seen.len(), &help));
            }
        }
    }
    items
}

const NOT_IN_A_BLOCK: &str = "help: put `#[methods]` on the impl block that holds it";

fn unknown_callee(callee: &Ident, caller: &Method, i: usize, help: &str) -> TokenStream {
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
    // What tch's recurrent layers have themselves.
    let layers = matches!(&*callee.to_string(), "step" | "seq" | "seq_init" | "zero_state").then(|| {
        quote! {
            impl #in_block for #private::LSTM {}
            impl #in_block for #private::GRU {}
        }
    });
    quote! {
        #[diagnostic::on_unimplemented(
            message = #message,
            label = "not in a `#[methods]` block of this type",
            note = #help
        )]
        trait #in_block {}
        // Without any implementation rustc would propose to write one.
        enum #nothing {}
        #[diagnostic::do_not_recommend]
        impl #in_block for #nothing {}
        #layers
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

/// A method that nothing in its block reaches may be for eager use alone, so rustc is not asked about
/// functions that need not have `#[script]`, nor about children that need not be modules.
fn needs_export(method: &Method) -> Option<Error> {
    if method.reached {
        return None;
    }
    let is_field = |step: &Step| matches!(step, Step::Field(_));
    let function = method.lowered.functions.first().map(|path| path.to_token_stream());
    let child = method.lowered.child_calls.iter().find(|call| !call.origin.0.iter().all(is_field));
    let culprit = function.or_else(|| child.map(|call| call.method.to_token_stream()))?;
    let mut errors = Errors::default();
    errors.report(
        &culprit,
        format!("`{}` is looked up only where `forward` of the same block needs it", display(&culprit)),
        "put `#[export]` on the method, or move it to the `#[methods]` block of `forward`",
    );
    errors.into_vec().pop()
}

fn display(tokens: &TokenStream) -> String {
    tokens.to_string().replace(' ', "")
}

/// A body that TorchScript cannot express: an error only if it is needed.
fn refused(method: &Method, first: &Error) -> TokenStream {
    let private = private(Span::call_site());
    let name = method.func.sig.ident.to_string();
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
