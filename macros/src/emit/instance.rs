//! Code for a function with `#[auto_jitable]`: a test that builds the module by it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{ReturnType, Type};

use super::names::test_name;
use super::spans::{check, first_span, place};
use crate::check::Methods;
use crate::names;
use crate::parse::methods::{Instance, typed_inputs};
use crate::paths::{krate, place_of, private};

/// Expands to a method that builds the module and tests it:
///
/// ```text
/// pub fn __jit_test_SMALL(vs: &VarStore) -> Result<(), String> {
///     AutoJit::new().tolerance(1e-3).test(&Self::small(&vs.root()))
/// }
/// ```
pub fn test(instance: &Instance) -> TokenStream {
    let Instance { func, attr } = instance;
    let (krate, private) = (krate(Span::call_site()), private(Span::call_site()));
    let (name, ident) = (test_name(&func.sig.ident), &func.sig.ident);
    // A path is taken by value or by reference.
    let path = match typed_inputs(func).next().map(|input| &*input.ty) {
        None => quote!(),
        Some(Type::Reference(_)) => quote!(&vs.root()),
        Some(_) => quote!(vs.root()),
    };
    let options = attr.options.iter().map(|(name, value)| quote!(.#name(#value)));
    let check = match &func.sig.output {
        ReturnType::Type(_, ty) => check(ty, quote!(#private::Instance<Self>), "into_module"),
        ReturnType::Default => quote!(),
    };
    let test = quote_spanned!(first_span(&attr.token)=> .test(&module));
    quote! {
        #[doc(hidden)]
        pub fn #name(
            vs: &#private::VarStore,
        ) -> ::core::result::Result<(), ::std::string::String> {
            #check
            let module = checked(Self::#ident(#path))?;
            #krate::testing::AutoJit::new()#(#options)*#test
        }
    }
}

/// Expands to the registration of the test, so that `auto_jit_tests!` finds it.
pub fn registration(instance: &Instance, methods: &Methods) -> TokenStream {
    let func = &instance.func;
    let (krate, private) = (krate(Span::call_site()), private(Span::call_site()));
    let (self_ty, test) = (&methods.item.self_ty, test_name(&func.sig.ident));
    let name = names::of_rust(&func.sig.ident);
    let place = place(place_of(func.sig.ident.span()));
    quote! {
        #private::inventory::submit! {
            #krate::testing::Test {
                type_name: ::core::any::type_name::<#self_ty>,
                ty: #private::RustType::of::<#self_ty>,
                module_path: ::core::module_path!(),
                function: #name,
                place: #place,
                run: <#self_ty>::#test,
            }
        }
    }
}
