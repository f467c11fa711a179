//! One method: its tree, its text and what only Rust can evaluate.

use std::collections::BTreeSet;

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

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
        None => accepted(method, all),
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
    let calls = method.lowered.calls.iter().map(|callee| call(callee, all, &quote!(Self), &quote!(self)));
    let children = method.lowered.child_calls.iter().filter(|it| is_plain(it));
    let child_calls = children.map(|it| child_call(it, &quote!(self)));
    let slots = slots(method, all);
    let def = method_def(method);
    quote! {
        let types;
        let constants;
        let functions;
        #slots
        #(#calls)*
        #(#child_calls)*
        defs.add::<Self>(#def);
    }
}

/// What Rust evaluates. In a module that is declared `script`, the entry's methods must be TorchScript's
/// throughout. Where the mode is another one, or not known, they may hold what rustc must not be
/// asked about: then the method is refused if somebody scripts it.
fn slots(method: &Method, all: &Methods) -> TokenStream {
    let is_root = method.attrs.export.is_some();
    let lenient = match needs_declaration(method) {
        Some(error) => {
            let refused = refused(method, &error);
            quote!(#refused return;)
        }
        None => lenient_slots(method),
    };
    match script_only(all, &strict_slots(method)) {
        _ if !method.reached => lenient,
        _ if is_root => strict_slots(method),
        _ if is_plainly_typed(method) => lenient,
        Some(strict) => {
            let lenient = in_mode(all, &quote!(not script), &lenient);
            quote!(#strict #lenient)
        }
        None => lenient,
    }
}

/// Whether rustc has nothing to say about the slots, whatever the mode.
fn is_plainly_typed(method: &Method) -> bool {
    let lowered = &method.lowered;
    needs_declaration(method).is_none()
        && lowered.types.iter().all(is_plain_type)
        && lowered.constants.iter().all(is_plain_constant)
}

/// Tensors, numbers and what holds them, as everybody writes them.
fn is_plain_type(ty: &Type) -> bool {
    match ty {
        Type::Reference(ty) => is_plain_type(&ty.elem),
        Type::Slice(ty) => is_plain_type(&ty.elem),
        Type::Array(ty) => is_plain_type(&ty.elem),
        Type::Tuple(ty) => ty.elems.iter().all(is_plain_type),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            let inner = match &last.arguments {
                syn::PathArguments::AngleBracketed(args) => args.args.iter().all(|arg| match arg {
                    syn::GenericArgument::Type(ty) => is_plain_type(ty),
                    _ => true,
                }),
                _ => true,
            };
            const PLAIN: [&str; 10] =
                ["Tensor", "i64", "f64", "bool", "usize", "str", "String", "Vec", "Option", "Result"];
            // Of a failure, the type does not matter.
            PLAIN.contains(&name.as_str()) && (inner || name == "Result")
        }),
        _ => false,
    }
}

/// `Kind::Float`, `Device::Cpu`, `f64::consts::PI`.
fn is_plain_constant(expr: &syn::Expr) -> bool {
    let syn::Expr::Path(path) = expr else { return false };
    let last = path.path.segments.len().saturating_sub(1);
    let types = path.path.segments.iter().take(last);
    types.into_iter().any(|it| {
        matches!(&*it.ident.to_string(), "Kind" | "Device" | "Reduction" | "f64" | "f32" | "i64" | "kind")
    })
}

fn strict_slots(method: &Method) -> TokenStream {
    let types = types(method, true);
    let constants = constants(method, true);
    let functions = method.lowered.functions.iter().map(function);
    let children = method.lowered.child_calls.iter().filter(|it| !is_plain(it));
    let child_calls = children.map(|it| child_call(it, &quote!(self)));
    quote! {
        types = ::std::vec![#(#types),*];
        constants = ::std::vec![#(#constants),*];
        functions = ::std::vec![#(#functions),*];
        #(#child_calls)*
    }
}

fn lenient_slots(method: &Method) -> TokenStream {
    let types = types(method, false);
    let constants = constants(method, false);
    quote! {
        types = ::std::vec![#(#types),*];
        constants = ::std::vec![#(#constants),*];
        functions = ::std::vec![];
    }
}

/// `tokens` where the type is declared `script`.
pub fn script_only(all: &Methods, tokens: &TokenStream) -> Option<TokenStream> {
    let Type::Path(_) = &*all.item.self_ty else { return None };
    Some(in_mode(all, &quote!(script), tokens))
}

/// `#[methods]` does not see the struct; the macro of the type's name, which `#[compile_mode]` defines,
/// passes tokens on in one mode, or in all others.
fn in_mode(all: &Methods, mode: &TokenStream, tokens: &TokenStream) -> TokenStream {
    let Type::Path(ty) = &*all.item.self_ty else { return quote!() };
    let mut path = ty.path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    quote!(#path! { #mode #tokens })
}

/// The method itself, with what was evaluated for it.
pub fn method_def(method: &Method) -> TokenStream {
    let private = private(Span::call_site());
    let name = &method.lowered.def.name;
    let tree = Literal::byte_string(&encode(&method.lowered.def));
    let source = &method.lowered.source.text;
    let line = method.lowered.source.line as u32;
    quote! {
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
    }
}

/// The statements that evaluate the slots of a `#[script]` function.
pub fn function_slots(method: &Method) -> TokenStream {
    let slots = strict_slots(method);
    quote! {
        let types;
        let constants;
        let functions;
        #slots
    }
}

/// A child that is found by its fields alone.
fn is_plain(call: &ChildCall) -> bool {
    call.origin.0.iter().all(|step| matches!(step, Step::Field(_)))
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

/// Walks from the module to the children and asks each for its method.
fn child_call(call: &ChildCall, this: &TokenStream) -> TokenStream {
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
        ::core::option::Option::Some(#this).into_iter()#(#steps)*.for_each(|#module| #module.#definition(defs));
    }
}

/// The names of the types in TorchScript. Only what the entry reaches must have some, and of the
/// entry's own signature `Forward` says what is wrong.
fn types(method: &Method, strict: bool) -> Vec<TokenStream> {
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
        if strict && !(of_entry && signature.contains(&i)) {
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
fn constants(method: &Method, strict: bool) -> Vec<TokenStream> {
    let name = method.func.sig.ident.to_string();
    let line = method.lowered.source.line as u32;
    let value_of = |expr: &syn::Expr| {
        let span = expr.span();
        let private = private(span);
        if strict {
            return quote_spanned!(span=> #private::value(&#expr));
        }
        let span = place_of(span);
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
fn call(callee: &Ident, all: &Methods, ty: &TokenStream, this: &TokenStream) -> TokenStream {
    let krate = krate(Span::call_site());
    if is_elsewhere_entry(callee, all) {
        return quote!(<#ty as #krate::Forward>::define(#this, defs););
    }
    // The path alone is spanned at the call: `self` and `defs` keep the attribute's hygiene.
    let definition = definition_name(callee);
    let ty = super::respan(ty, callee.span());
    let path = quote_spanned!(callee.span()=> <#ty>::#definition);
    quote!({ let define = #path; define(#this, defs); })
}

/// The entry has its definition in `Forward`, also where it is in another block.
fn is_elsewhere_entry(callee: &Ident, all: &Methods) -> bool {
    (callee == "forward" || callee == "forward_t") && !all.helpers().any(|it| it.func.sig.ident == *callee)
}

/// A method that is called but not in this block may be in another. Where it is not, the method of a trait
/// that all types have says so: at run time, as most bodies are never scripted. In a module that is
/// declared `script`, rustc says it of what the entry reaches: by a trait of the same name, which is not in
/// sight of the first one.
pub fn unknown_callees(all: &Methods) -> (TokenStream, Option<TokenStream>) {
    let mut fallbacks = TokenStream::new();
    let mut strict = TokenStream::new();
    let mut checks = TokenStream::new();
    let mut seen = BTreeSet::new();
    let (reached, others): (Vec<&Method>, Vec<&Method>) = all.methods.iter().partition(|it| it.reached);
    for method in reached.into_iter().chain(others).filter(|it| it.errors.is_empty()) {
        for (callee, help) in unknown_callees_of(method, all) {
            let is_new = seen.insert(callee);
            if is_new {
                fallbacks.extend(fallback(callee, method, seen.len()));
            }
            if is_new && method.reached {
                strict.extend(strict_fallback(callee, seen.len(), &help));
            }
        }
        if method.reached {
            let lowered = &method.lowered;
            let unknown = lowered.calls.iter().filter(|callee| !is_known(callee, all));
            checks.extend(
                unknown.map(|callee| call(callee, all, &all.item.self_ty.to_token_stream(), &quote!(this))),
            );
            checks.extend(lowered.child_calls.iter().map(|it| child_call(it, &quote!(this))));
        }
    }
    let check = (!strict.is_empty()).then(|| script_only(all, &check_callees(all, &strict, &checks)));
    (fallbacks, check.flatten())
}

/// The callees with what to do about each.
fn unknown_callees_of<'m>(method: &'m Method, all: &Methods) -> Vec<(&'m Ident, String)> {
    let own = method.lowered.calls.iter().filter(|callee| !is_known(callee, all));
    let own = own.map(|callee| (callee, NOT_IN_A_BLOCK.to_owned()));
    // A child's method may have the name of one in this block.
    let of_children = method.lowered.child_calls.iter().map(|call| {
        let name = call.method.to_string();
        let help = match ops::similar(&name).first().filter(|similar| **similar != name) {
            Some(name) => format!("{NOT_IN_A_BLOCK}; of a tensor, did you mean `{name}`?"),
            None => NOT_IN_A_BLOCK.to_owned(),
        };
        (&call.method, help)
    });
    own.chain(of_children).collect()
}

const NOT_IN_A_BLOCK: &str = "help: put `#[methods]` on the impl block that holds it";

fn is_known(callee: &Ident, all: &Methods) -> bool {
    all.find(callee).is_some() || is_elsewhere_entry(callee, all)
}

/// Says at run time that a method is not known.
fn fallback(callee: &Ident, caller: &Method, i: usize) -> TokenStream {
    let span = callee.span();
    let private = private(Span::call_site());
    let definition = definition_name(callee);
    let fallback = format_ident!("Unknown{i}");
    let (caller, callee) = (caller.func.sig.ident.to_string(), callee.to_string());
    let (line, column) = (span.start().line as u32, span.start().column as u32 + 1);
    quote! {
        trait #fallback {
            fn #definition(&self, defs: &mut #private::MethodDefs) {
                defs.refuse_call::<Self>(#caller, #callee, ::core::file!(), #line, #column);
            }
        }
        impl<__M: ?::core::marker::Sized> #fallback for __M {}
    }
}

/// Lets rustc say it.
fn strict_fallback(callee: &Ident, i: usize, help: &str) -> TokenStream {
    let span = callee.span();
    let private = private(Span::call_site());
    let definition = definition_name(callee);
    let fallback = format_ident!("Unknown{i}");
    let message = format!("method `{callee}` is not known to the compiler");
    let in_block = format_ident!("InMethodsBlock{i}", span = span);
    let nothing = format_ident!("Nothing{i}");
    // What tch's recurrent layers have themselves.
    let layers = is_layer_method(callee).then(|| {
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
        impl<__M: ?::core::marker::Sized> #fallback for __M {}
    }
}

fn is_layer_method(callee: &Ident) -> bool {
    matches!(&*callee.to_string(), "step" | "seq" | "seq_init" | "zero_state")
}

fn check_callees(all: &Methods, strict: &TokenStream, checks: &TokenStream) -> TokenStream {
    let private = private(Span::call_site());
    let (impl_generics, _, where_clause) = all.item.generics.split_for_impl();
    let self_ty = &all.item.self_ty;
    quote! {
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            #strict
            fn check #impl_generics (this: &#self_ty, defs: &mut #private::MethodDefs) #where_clause {
                #checks
            }
        };
    }
}

/// rustc is not asked about functions that need not have `#[script]`, nor about children that need not be
/// modules, where the method may be for eager use alone: in another mode, and where nothing in its
/// block reaches it.
fn needs_declaration(method: &Method) -> Option<Error> {
    let function = method.lowered.functions.first().map(|path| path.to_token_stream());
    let child = method.lowered.child_calls.iter().find(|call| !is_plain(call));
    let culprit = function.or_else(|| child.map(|call| call.method.to_token_stream()))?;
    let (place, help) = if method.reached {
        ("in a module that is declared so", "mark the module `#[compile_mode(script)]`")
    } else {
        (
            "where `forward` of the same block needs it",
            "put `#[export]` on the method, or move it to the `#[methods]` block of `forward`",
        )
    };
    let mut errors = Errors::default();
    errors.report(&culprit, format!("`{}` is looked up only {place}", display(&culprit)), help);
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
