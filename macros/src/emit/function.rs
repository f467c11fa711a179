//! Code for a free function with `#[script]`: a companion type that holds its definition.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Generics, Visibility};

use super::{method, slots, std_functions};
use crate::check::Method;
use crate::errors::Error;
use crate::paths::{place_of, private};

/// Expands to the function's companion: a type of its name, so that it is found wherever the function
/// is found, with `use` and across crates.
///
/// ```text
/// pub struct gate {}
/// impl ScriptFunction for gate { fn define(__defs: &mut MethodDefs) -> RustType { … } }
/// ```
pub fn function(method: &Method, vis: &Visibility) -> TokenStream {
    let ident = method.ident();
    let span = place_of(ident.span());
    let private = private(span);
    let errors = method.errors.iter().map(Error::to_compile_error);
    let define = method.errors.is_empty().then(|| {
        let enter = method::enter(method, &quote!(#ident));
        let slots = slots::function_slots(method, &Generics::default());
        let def = method::method_def(method);
        let std_functions = std_functions::refusals(method);
        quote_spanned! {span=>
            if #enter {
                #std_functions
                #slots
                __defs.add_function(#private::RustType::of::<#ident>(), #def);
            }
        }
    });
    let hidden = quote_spanned!(Span::call_site()=> #[doc(hidden)] #[allow(non_camel_case_types, dead_code)]);
    quote_spanned! {span=>
        #hidden
        #vis struct #ident {}
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private::{Otherwise as _, OtherwiseValue as _};
            #[diagnostic::do_not_recommend]
            impl #private::ScriptFunction for #ident {
                fn define(__defs: &mut #private::MethodDefs) -> #private::RustType {
                    #define
                    #private::RustType::of::<#ident>()
                }
            }
        };
        #(#errors)*
    }
}
