//! Generated code: data and calls into `tch_jit::private`. Behaviour lives in the runtime.

pub mod encode;
mod entry;
mod method;
mod module;

pub use module::module;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Ident, Lifetime, Type};

use crate::methods::Methods;

/// Everything beside the impl block itself.
pub fn methods(methods: &Methods) -> TokenStream {
    let (impl_generics, _, where_clause) = methods.item.generics.split_for_impl();
    let self_ty = &methods.item.self_ty;
    let definitions = methods.methods.iter().map(|it| method::definition(it, methods));
    let inputs = methods.tracing_inputs.iter().map(|(func, of)| entry::tracing_inputs(func, of));
    let entry = entry::entry(methods);
    quote! {
        #[doc(hidden)]
        #[allow(warnings, clippy::all, clippy::pedantic)]
        impl #impl_generics #self_ty #where_clause {
            #(#definitions)*
            #(#inputs)*
        }
        #entry
    }
}

/// The inherent method that adds `name` to the methods to be compiled.
fn definition_name(name: &Ident) -> Ident {
    format_ident!("__jit_{}", name, span = name.span())
}

/// The inherent method that gives the tracing inputs of `name`.
fn inputs_name(name: &Ident) -> Ident {
    format_ident!("__jit_inputs_{}", name, span = name.span())
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
