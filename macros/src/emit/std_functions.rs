//! Code that refuses a method which calls another `cmp::max` than the standard library's, as which it is compiled.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::Visit;
use syn::{Path, parse_quote};

use super::spans::place;
use crate::check::Method;
use crate::paths::{place_of, private};
use crate::span::ends;

/// Expands to refusals of the method. Each function has a type of its own, so types tell functions apart:
///
/// ```text
/// if function_of_two::<i64, i64, _>(cmp::max) != function_of_two::<i64, i64, _>(::std::cmp::max) { … }
/// ```
pub fn refusals(method: &Method) -> TokenStream {
    // What a `use` in the body brings in, this code does not see.
    let mut uses = Uses(false);
    uses.visit_block(&method.func.block);
    if uses.0 {
        return TokenStream::new();
    }
    let refusals = method.lowered.made.std_functions.iter().filter_map(|path| refusal(path, method));
    quote!(#(#refusals)*)
}

fn refusal(path: &Path, method: &Method) -> Option<TokenStream> {
    let names: Vec<String> = path.segments.iter().rev().take(2).map(|it| it.ident.to_string()).collect();
    let [name, of] = &names[..] else { return None };
    let (types, known): (TokenStream, Path) = match (&**of, &**name) {
        ("cmp", "max") => (quote!(i64, i64), parse_quote!(::std::cmp::max)),
        ("cmp", "min") => (quote!(i64, i64), parse_quote!(::std::cmp::min)),
        ("iter", "repeat_n") => (quote!(i64, usize), parse_quote!(::std::iter::repeat_n)),
        ("mem", "drop") => (quote!(i64), parse_quote!(::std::mem::drop)),
        ("mem", "replace") => (quote!(&mut i64, i64), parse_quote!(::std::mem::replace)),
        ("mem", "swap") => (quote!(&mut i64, &mut i64), parse_quote!(::std::mem::swap)),
        ("mem", "take") => (quote!(&mut i64), parse_quote!(::std::mem::take)),
        _ => return None,
    };
    let (span, _) = ends(path)?;
    let private = private(span);
    // With the types that the call gives it.
    let mut path = path.clone();
    path.segments.iter_mut().for_each(|it| it.arguments = syn::PathArguments::None);
    let message = format!(
        "`{}` is not the function of the standard library, as which it would be compiled",
        path.to_token_stream().to_string().replace(' ', "")
    );
    let (rust_name, place) = (method.rust_name(), place(place_of(span)));
    let type_of = |function: &Path| quote_spanned!(span=> #private::FunctionOf::<(#types,)>::id(#function));
    let (found, expected) = (type_of(&path), type_of(&known));
    let private = crate::paths::private(Span::call_site());
    Some(quote! {
        if #found != #expected {
            __defs.refuse(#private::Refusal {
                method: #rust_name,
                message: #message,
                help: "give the module or the function another name",
                place: #place,
            });
        }
    })
}

struct Uses(bool);

impl<'ast> Visit<'ast> for Uses {
    fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {
        self.0 = true;
    }
}
