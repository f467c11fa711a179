//! Code for functions that bodies call as values: they are added to the module's members.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};

use super::spans::place;
use crate::check::Methods;
use crate::lower::FunctionValue;
use crate::paths::{place_of, private};
use crate::span::ends;

/// Expands to statements that add the functions which bodies of the block call to `members`; none where there are none.
pub fn function_values(methods: &Methods) -> Option<TokenStream> {
    let values = methods.methods.iter().filter(|it| it.errors.is_empty());
    let values: BTreeMap<String, &FunctionValue> =
        values.flat_map(|it| &it.lowered.made.function_values).map(|it| (it.marker(), it)).collect();
    let private = private(Span::call_site());
    let added = values.iter().map(|(marker, value)| {
        let (expr, name) = (&value.expr, value.name());
        let args: Vec<_> = (0..value.n_args).map(|i| format_ident!("__x{i}")).collect();
        let tensors = args.iter().map(|_| quote!(#private::Tensor));
        let place = place(place_of(ends(expr).map_or(Span::call_site(), |it| it.0)));
        quote! {
            members.add_function(
                #marker,
                #name,
                #private::function::<(#(#tensors,)*), _>(
                    #place,
                    move |#(#args: &#private::Tensor),*| -> #private::Tensor { (#expr)(#(#args),*) },
                ),
            );
        }
    });
    let added: Vec<_> = added.collect();
    (!added.is_empty()).then(|| quote!(#(#added)*))
}
