//! Code for an impl block of data: each method's definition, where callers find it by the receiver's type.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{ItemImpl, Type};

use super::method::method_def;
use super::names::definition_name;
use super::refusal::refused;
use super::spans::place;
use super::{in_mode_of, slots};
use crate::check::Method;
use crate::names;
use crate::paths::{place_of, private};
use crate::types;

/// Expands to, for a method `norm` of a type `State` of the user's crate:
///
/// ```text
/// impl DataMethod<7> for State {
///     fn define(…, __defs: &mut MethodDefs) -> Option<RustType> { … }
/// }
/// impl State { pub fn __jit_NORM(&self, __defs: &mut MethodDefs) -> Option<RustType> { … } }
/// ```
///
/// For a type of another crate, an entry of the registry stands in place of the impls.
pub fn data(item: &ItemImpl, methods: &[Method], is_foreign: bool) -> TokenStream {
    let private = private(Span::call_site());
    let methods = methods.iter().map(|it| match is_foreign {
        true => foreign_method(item, it),
        false => own_method(item, it),
    });
    quote! {
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private::{Otherwise as _, OtherwiseValue as _};
            #(#methods)*
        };
    }
}

/// Expands to the tokens if the type is data, and to the others if not.
pub fn if_data(item: &ItemImpl, data: &TokenStream, otherwise: &TokenStream) -> TokenStream {
    let data = in_mode_of(&item.self_ty, &quote!(data), data);
    let otherwise = in_mode_of(&item.self_ty, &quote!(not data), otherwise);
    quote!(#data #otherwise)
}

fn own_method(item: &ItemImpl, method: &Method) -> TokenStream {
    let span = place_of(method.ident().span());
    let private = private(span);
    let (generics, _, where_clause) = item.generics.split_for_impl();
    let self_ty = &item.self_ty;
    let number = names::number_of(method.ident());
    let name = definition_name(method.ident());
    let definition = definition(item, method);
    quote_spanned! {span=>
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        impl #generics #private::DataMethod<#number> for #self_ty #where_clause {
            fn define(_: &#private::DataCall, __defs: &mut #private::MethodDefs)
                -> ::core::option::Option<#private::RustType>
            {
                ::core::option::Option::Some(#definition)
            }
        }
        impl #generics #self_ty #where_clause {
            #[doc(hidden)]
            pub fn #name(&self, __defs: &mut #private::MethodDefs) -> ::core::option::Option<#private::RustType> {
                <Self as #private::DataMethod<#number>>::define(&#private::DataCall::KNOWN, __defs)
            }
        }
    }
}

fn foreign_method(item: &ItemImpl, method: &Method) -> TokenStream {
    let span = place_of(method.ident().span());
    let private = private(span);
    let self_ty = &item.self_ty;
    let rust_name = names::of_rust(method.ident());
    let definition = definition(item, method);
    quote_spanned! {span=>
        #private::inventory::submit! {
            #private::ForeignMethod {
                ty: || #private::RustType::of::<#self_ty>(),
                name: #rust_name,
                define: |__defs| #definition,
            }
        }
    }
}

/// Expands to an expression that adds the method, and gives its companion.
fn definition(item: &ItemImpl, method: &Method) -> TokenStream {
    let span = place_of(method.ident().span());
    let private = private(span);
    let self_ty = &item.self_ty;
    let number = names::number_of(method.ident());
    let (rust_name, place) = (method.rust_name(), place(span));
    // As the function is called in TorchScript, where the type's own name stands for a class.
    let name = format!("{}_{}", short_name(self_ty), names::of_method(method.ident()));
    let body = match method.errors.first() {
        Some(error) => refused(method, error),
        None => {
            let slots = slots::function_slots(method, &item.generics);
            let def = method_def(method);
            quote!(#slots __defs.add_function(companion, #def);)
        }
    };
    quote_spanned! {span=> {
        let companion = #private::RustType::named::<#private::MethodOf<#self_ty, #number>>(
            ::core::concat!(::core::module_path!(), "::", #name),
        );
        let add = |__defs: &mut #private::MethodDefs| {
            if __defs.enter::<#private::MethodOf<#self_ty, #number>>(#rust_name, #place) {
                #body
            }
        };
        add(__defs);
        companion
    }}
}

/// What the type is called in names: `State` for `crate::State<f64>`.
fn short_name(ty: &Type) -> String {
    types::last_name(ty).unwrap_or_else(|| "data".to_owned())
}
