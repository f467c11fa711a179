//! Code that keeps rustc from calling the imports of attributes unused that `#[methods]` and `#[compile_mode]` took
//! off.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Ident, Path};

use crate::paths::private;

/// The argument that makes one of our attributes expand to nothing.
pub const USED: &str = "__used";

/// An attribute that is taken off is never resolved, and rustc would warn of its import. So each is written once more,
/// on an item that it then removes. Expands to:
///
/// ```text
/// use tch_jit::private::attributes::export::*;
/// const _: () = { #[export(__used)] const _: () = (); };
/// ```
///
/// The glob is for users who did not import the attribute, as they need not. An import of theirs wins over it,
/// also one of a module around the function that the block stands in, since both are one macro.
pub fn imports(attributes: &[Path]) -> TokenStream {
    let used = Ident::new(USED, Span::call_site());
    let private = private(Span::call_site());
    let mut seen = BTreeSet::new();
    let distinct = attributes.iter().filter(|path| seen.insert(path.to_token_stream().to_string()));
    let all = distinct.map(|path| {
        let module = path.get_ident().map(|ident| Ident::new(&ident.to_string(), Span::call_site()));
        let glob = module.map(|module| {
            quote! {
                #[allow(warnings, clippy::all, clippy::pedantic)]
                use #private::attributes::#module::*;
            }
        });
        quote! {
            #glob
            #[allow(warnings, clippy::all, clippy::pedantic)]
            const _: () = {
                #[#path(#used)]
                const _: () = ();
            };
        }
    });
    quote!(#(#all)*)
}
