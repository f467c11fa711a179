//! Generated code: data and calls into `tch_jit::private`. Behaviour lives in the runtime.
//!
//! A trait that a user's type may lack is checked in one place, under the user's own tokens:
//! `let checked = <Type as Trait>::item;` makes rustc underline `Type` and nothing more. Everywhere else
//! the code asks a `Probe`, so that one mistake is one error.

mod callees;
pub mod encode;
mod entry;
mod examples;
mod fitness;
mod function;
mod inputs;
mod instance;
mod method;
mod module;
mod record;
mod registry;
mod script_type;
mod slots;

pub use function::function;
pub use module::{module, no_module};
pub use record::{record_calls, record_function};
pub use script_type::script_type;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Generics, Ident, Lifetime, Type};

use crate::methods::Methods;
use crate::paths::private;
use crate::span::ends;

/// Everything beside the impl block itself.
pub fn methods(methods: &Methods) -> TokenStream {
    let (impl_generics, _, where_clause) = methods.item.generics.split_for_impl();
    let self_ty = &methods.item.self_ty;
    let definitions = methods.helpers().map(|it| method::definition(it, methods));
    let inputs = methods.tracing_inputs.iter().map(|it| inputs::tracing_inputs(it, methods));
    let signatures = entry::signatures(methods);
    let entry = entry::entry(methods);
    let others = entry::others_elsewhere(methods);
    let mode_checks = entry::mode_checks(methods);
    let registration = registry::registration(methods);
    let tests = methods.instances.iter().map(instance::test);
    let instances = methods.instances.iter().map(|it| instance::registration(it, methods));
    let (unknown, check) = callees::unknown_callees(methods);
    let errors = entry::definition_errors(methods);
    let private = private(Span::call_site());
    quote! {
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private::{NoTracingInputs as _, Otherwise as _, OtherwiseValue as _};
            impl #impl_generics #self_ty #where_clause {
                #(#definitions)*
                #(#inputs)*
                #signatures
                #(#tests)*
            }
            #entry
            #others
            #mode_checks
            #registration
            #(#instances)*
            #unknown
        };
        #check
        #errors
    }
}

/// `tokens` where the type is declared `script`.
fn script_only(all: &Methods, tokens: &TokenStream) -> Option<TokenStream> {
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

/// The inherent method that adds `name` to the methods to be compiled.
fn definition_name(name: &Ident) -> Ident {
    format_ident!("__jit_{}", unlike(name), span = name.span())
}

/// The inherent method that gives the tracing inputs of `name`.
fn inputs_name(name: &Ident) -> Ident {
    format_ident!("__jit_inputs_{}", unlike(name), span = name.span())
}

/// The name with small and large letters exchanged: rustc must not take a generated method for what
/// the user meant to call.
fn unlike(name: &Ident) -> String {
    let exchange =
        |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    name.to_string().trim_start_matches("r#").chars().map(exchange).collect()
}

/// `first second`, placed so that rustc underlines `tokens` from their start to their end.
fn around(tokens: &impl ToTokens, first: &TokenStream, second: &TokenStream) -> TokenStream {
    let (start, end) = ends(tokens).unwrap_or((Span::call_site(), Span::call_site()));
    let first = respan(first, start);
    let second = respan(second, end);
    quote!(#first #second)
}

fn respan(tokens: &TokenStream, span: Span) -> TokenStream {
    let respan_tree = |mut tree: proc_macro2::TokenTree| {
        if let proc_macro2::TokenTree::Group(group) = tree {
            let inner = respan(&group.stream(), span);
            tree = proc_macro2::Group::new(group.delimiter(), inner).into();
        }
        tree.set_span(span);
        tree
    };
    tokens.clone().into_iter().map(respan_tree).collect()
}

/// `let checked = <Type as Trait>::item;`
fn check(ty: &Type, of: TokenStream, item: &str) -> TokenStream {
    let item = Ident::new(item, Span::call_site());
    let ty = with_lifetimes(ty, "'_");
    quote!(let checked = <#ty as #of>::#item;)
}

/// `ty` with every lifetime replaced, elided ones of references as well.
fn with_lifetimes(ty: &Type, lifetime: &str) -> Type {
    struct Replace(Lifetime);
    impl syn::visit_mut::VisitMut for Replace {
        fn visit_type_reference_mut(&mut self, ty: &mut syn::TypeReference) {
            ty.lifetime = Some(self.0.clone());
            self.visit_type_mut(&mut ty.elem);
        }
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = self.0.clone();
        }
    }
    let mut ty = ty.clone();
    let mut replace = Replace(Lifetime::new(lifetime, Span::call_site()));
    syn::visit_mut::VisitMut::visit_type_mut(&mut replace, &mut ty);
    ty
}

/// Whether `ty` names a type or constant parameter, or `Self`. rustc evaluates no constant that
/// does, so a `Probe` cannot be asked about such a type.
fn mentions_parameter(ty: &Type, generics: &Generics) -> bool {
    struct Mentions<'a>(Vec<&'a Ident>, bool);
    impl<'ast> syn::visit::Visit<'ast> for Mentions<'_> {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.1 |= ident == "Self" || self.0.contains(&ident);
        }
    }
    let params = generics.params.iter().filter_map(|param| match param {
        syn::GenericParam::Type(param) => Some(&param.ident),
        syn::GenericParam::Const(param) => Some(&param.ident),
        syn::GenericParam::Lifetime(_) => None,
    });
    let mut mentions = Mentions(params.collect(), false);
    syn::visit::Visit::visit_type(&mut mentions, ty);
    mentions.1
}

/// `If<{ Probe::<Type>::ANSWER }>`; `Otherwise` has to be in scope.
fn if_found(ty: &impl ToTokens, answer: &str) -> TokenStream {
    let answer = Ident::new(answer, Span::call_site());
    let private = private(Span::call_site());
    quote_spanned!(Span::call_site()=> #private::If<{ #private::Probe::<#ty>::#answer }>)
}
