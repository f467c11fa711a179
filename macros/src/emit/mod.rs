//! The fourth stage: analysed items become generated code, which is data and calls into `tch_jit::private`. Behaviour
//! lives in the runtime.
//!
//! A trait that a user's type may lack is checked in one place, under the user's own tokens:
//! `let checked = <Type as Trait>::item;` makes rustc underline `Type` and nothing more. Everywhere else
//! the code asks a `Probe`, so that one mistake is one error.

mod callees;
mod data;
pub mod encode;
mod entry;
mod examples;
mod exports;
mod fitness;
mod function;
mod function_values;
mod imports;
mod inferred;
mod inputs;
mod instance;
mod method;
mod module;
mod names;
mod own_types;
mod record;
mod refusal;
mod registry;
mod script_type;
mod skipped;
mod slots;
mod spans;
mod std_functions;

pub use data::{data, if_data};
pub use function::function;
pub use imports::USED;
pub use module::{data_type, module, no_module};
pub use record::{record_calls, record_function};
pub use script_type::script_type;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Type};

use crate::check::Methods;
use crate::paths::private;

/// Everything that `#[methods]` generates beside the impl block itself.
pub fn methods(methods: &Methods) -> TokenStream {
    let (impl_generics, _, where_clause) = methods.item.generics.split_for_impl();
    let self_ty = &methods.item.self_ty;
    let definitions = methods.helpers().map(|it| method::definition(it, methods));
    let types = methods.methods.iter().filter_map(|it| method::types(it, methods));
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
    let skipped = skipped::errors(methods);
    let exports = exports::exports(methods);
    let (exports, of_exports) = exports.map(|it| (it.definition, it.implementation)).unzip();
    let imports = imports::imports(&methods.attributes);
    let private = private(Span::call_site());
    quote! {
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private::{NoTracingInputs as _, Otherwise as _, OtherwiseValue as _};
            impl #impl_generics #self_ty #where_clause {
                #(#definitions)*
                #(#types)*
                #(#inputs)*
                #signatures
                #(#tests)*
            }
            #entry
            #others
            #mode_checks
            #registration
            #of_exports
            #(#instances)*
            #unknown
        };
        #imports
        #exports
        #skipped
        #check
        #errors
    }
}

/// Expands to `tokens` if the type is declared `script`; none where its mode cannot be asked.
fn script_only(all: &Methods, tokens: &TokenStream) -> Option<TokenStream> {
    let Type::Path(_) = &*all.item.self_ty else { return None };
    Some(in_mode(all, &quote!(script), tokens))
}

/// Expands to `tokens` if the type has the mode, such as `script` or `not script`. `#[methods]` does not see the
/// struct, so they go through the macro of the type's name, which `#[compile_mode]` defines.
fn in_mode(all: &Methods, mode: &TokenStream, tokens: &TokenStream) -> TokenStream {
    in_mode_of(&all.item.self_ty, mode, tokens)
}

fn in_mode_of(self_ty: &Type, mode: &TokenStream, tokens: &TokenStream) -> TokenStream {
    let Type::Path(ty) = self_ty else { return quote!() };
    let mut path = ty.path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    quote!(#path! { #mode #tokens })
}

/// Expands to `If<{ Probe::<Type>::ANSWER }>`; `Otherwise` has to be in scope.
fn if_found(ty: &impl ToTokens, answer: &str) -> TokenStream {
    let answer = Ident::new(answer, Span::call_site());
    let private = private(Span::call_site());
    quote_spanned!(Span::call_site()=> #private::If<{ #private::Probe::<#ty>::#answer }>)
}
