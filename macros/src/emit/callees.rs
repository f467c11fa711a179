//! Code that adds the callees of a method: methods of its own type, in any block, and methods of children.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;

use super::names::definition_name;
use super::script_only;
use super::slots::data_call;
use super::spans::respan;
use crate::check::{Callee, Method, Methods, Target};
use crate::lower::{ChildCall, Step};
use crate::names;
use crate::ops;
use crate::paths::{krate, place_of, private};

/// Expands to a call of the callee's generated definition, an inherent method in whichever block it stands. Where there
/// is none, the call reaches a trait's method from [`unknown_callees`].
pub fn call(callee: &Callee, ty: &TokenStream, this: &TokenStream) -> TokenStream {
    let krate = krate(Span::call_site());
    if callee.target == Target::Entry {
        return quote!(<#ty as #krate::Forward>::define(#this, __defs););
    }
    // The path alone is spanned at the call: `self` and `defs` keep the attribute's hygiene.
    let definition = definition_name(&callee.ident);
    let span = callee.ident.span();
    let ty = respan(ty, span);
    let path = quote_spanned!(span=> <#ty>::#definition);
    quote!({ let define = #path; define(#this, __defs); })
}

/// Expands to answers for callees that this block does not hold and that may be in another one. If none does, a trait
/// that all types have refuses the call at run time, as most bodies are never scripted. In a module that is declared
/// `script`, a second trait with a method of that name makes rustc report it, for what the entry reaches; it is in
/// scope only where the first one is not.
pub fn unknown_callees(all: &Methods) -> (TokenStream, Option<TokenStream>) {
    let mut fallbacks = TokenStream::new();
    let mut strict = TokenStream::new();
    let mut checks = TokenStream::new();
    let mut seen = BTreeSet::new();
    let (reached, others): (Vec<&Method>, Vec<&Method>) = all.methods.iter().partition(|it| it.reached);
    for method in reached.into_iter().chain(others).filter(|it| it.errors.is_empty()) {
        for (callee, help) in unknown_callees_of(method) {
            let is_new = seen.insert(callee);
            if is_new {
                fallbacks.extend(fallback(callee, method, seen.len()));
            }
            if is_new && method.reached {
                strict.extend(strict_fallback(callee, seen.len(), &help));
            }
        }
        if method.reached {
            let (ty, this) = (all.item.self_ty.to_token_stream(), quote!(this));
            checks.extend(unknown(method).map(|callee| call(callee, &ty, &this)));
            checks.extend(method.lowered.made.child_calls.iter().map(|it| child_call(it, &this, None)));
        }
    }
    let check = (!strict.is_empty()).then(|| script_only(all, &check_callees(all, &strict, &checks)));
    (fallbacks, check.flatten())
}

/// The callees of a method that the block does not hold, each with the help for its error.
fn unknown_callees_of(method: &Method) -> Vec<(&Ident, String)> {
    let own = unknown(method).map(|callee| (&callee.ident, NOT_IN_A_BLOCK.to_owned()));
    // A child's method may have the name of one in this block.
    let of_children = method.lowered.made.child_calls.iter().map(|call| {
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

fn unknown(method: &Method) -> impl Iterator<Item = &Callee> {
    method.callees.iter().filter(|it| it.target == Target::Unknown)
}

/// Expands to a trait whose method refuses the call at run time.
fn fallback(callee: &Ident, caller: &Method, i: usize) -> TokenStream {
    let private = private(Span::call_site());
    let definition = definition_name(callee);
    let fallback = format_ident!("Unknown{i}");
    let call = data_call(callee, caller);
    quote! {
        trait #fallback {
            fn #definition(&self, __defs: &mut #private::MethodDefs) {
                __defs.refuse_call::<Self>((#call).unknown);
            }
        }
        impl<__M: ?::core::marker::Sized> #fallback for __M {}
    }
}

fn unknown_method(callee: &Ident) -> String {
    format!("method `{}` is not known to the compiler", names::of_rust(callee))
}

/// Expands to a trait whose method makes rustc report the call.
fn strict_fallback(callee: &Ident, i: usize, help: &str) -> TokenStream {
    let span = callee.span();
    let private = private(Span::call_site());
    let definition = definition_name(callee);
    let fallback = format_ident!("Unknown{i}");
    let message = unknown_method(callee);
    let in_block = format_ident!("InMethodsBlock{i}", span = span);
    let nothing = format_ident!("Nothing{i}");
    let foreign =
        [quote!(#private::Tensor), quote!(i64), quote!(f64), quote!(bool), quote!(::std::string::String)];
    // Methods that tch's recurrent layers have themselves need no block.
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
        // Keeps rustc from proposing to implement the trait, as it does for a trait without any implementation.
        enum #nothing {}
        #[diagnostic::do_not_recommend]
        impl #in_block for #nothing {}
        // Methods of these are looked up when something is compiled.
        #(
            #[diagnostic::do_not_recommend]
            impl #in_block for #foreign {}
        )*
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
            fn check #impl_generics (this: &#self_ty, __defs: &mut #private::MethodDefs) #where_clause {
                #checks
            }
        };
    }
}

/// Expands to a walk from the module to the child, which then adds its method. There may be several such children, or
/// none. If the child is data, the method is a function, which goes to its slot in the definition of the `caller`.
pub fn child_call(call: &ChildCall, this: &TokenStream, caller: Option<&Method>) -> TokenStream {
    let definition = definition_name(&call.method);
    let span = place_of(call.method.span());
    let private = private(span);
    let steps = call.origin.0.iter().map(|step| match step {
        Step::Field(member) => quote_spanned!(span=> .map(|module| &module.#member)),
        Step::Elements => quote_spanned!(span=> .flat_map(|module| module.iter())),
        Step::OfPair(0) => quote_spanned!(span=> .map(#private::Pair::first)),
        Step::OfPair(_) => quote_spanned!(span=> .map(#private::Pair::second)),
        // `Path { 0: field, .. }` fits tuple variants and structs alike.
        Step::Variant(path, member) => quote_spanned! {span=>
            .filter_map(|module| match module {
                #path { #member: field, .. } => ::core::option::Option::Some(field),
                _ => ::core::option::Option::None,
            })
        },
    });
    // Spanned at the method's name in the user's code, as rustc underlines the receiver.
    let module = Ident::new("module", call.method.span());
    let last = matches!(call.origin.0.last(), Some(Step::Elements))
        .then(|| quote_spanned!(span=> .map(#private::Part::part)));
    let parts = quote_spanned!(span=> ::core::option::Option::Some(#this).into_iter()#(#steps)* #last);
    let walk = quote_spanned! {span=>
        .for_each(|module| {
            use #private::OtherwisePointer as _;
            let #module = #private::Pointer(module).target();
            __defs.of_child(|__defs| #module.#definition(__defs));
        });
    };
    let Some((function, caller)) = call.function.zip(caller) else {
        return quote_spanned!(span=> #parts #walk);
    };
    let (number, data_call) = (names::number_of(&call.method), data_call(&call.method, caller));
    quote_spanned! {span=> {
        use #private::OtherwiseParts as _;
        let parts = #parts;
        match (#private::PartsProbe::<_, #number>(&parts)).define(&#data_call, __defs) {
            ::core::option::Option::Some(companion) => __functions[#function] = companion,
            ::core::option::Option::None => { parts #walk }
        }
    }}
}
