//! The one statement that `#[methods]` adds to a user's method.

use quote::{format_ident, quote, quote_spanned};
use syn::{FnArg, ImplItemFn, ItemImpl, Pat, ReturnType};

use crate::methods::{Methods, is_entry};
use crate::paths::private;

/// Puts a statement at the head of the block's entries:
///
/// ```text
/// if tch_jit::private::is_tracing() {
///     if let Some(output) = tch_jit::private::Probe::<Output>::record_call(self, "forward", || [value, …]) {
///         return output;
///     }
/// }
/// ```
///
/// It must compile whatever the types are: `emit::entry` says what is wrong with them.
pub fn record_calls(item: &mut ItemImpl, methods: &Methods) {
    for impl_item in &mut item.items {
        if let syn::ImplItem::Fn(func) = impl_item
            && is_entry(func)
            && methods.find(&func.sig.ident).is_some_and(|method| !method.malformed)
        {
            record_calls_of(func);
        }
    }
}

fn record_calls_of(func: &mut ImplItemFn) {
    let name = func.sig.ident.to_string();
    let span = func.sig.ident.span();
    let private = private(span);
    let Some(receiver) = func.sig.receiver() else { return };
    // The user's own `self`: one of ours would not be found in a method out of a macro.
    let this = receiver.self_token;
    let output = match &func.sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    let mut args = vec![];
    let mut bindings = vec![];
    for (i, input) in func.sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(input) = input else { continue };
        if let Pat::Ident(pat) = &*input.pat
            && pat.subpat.is_none()
        {
            args.push(pat.ident.clone());
            continue;
        }
        // A pattern is bound one statement later.
        let arg = format_ident!("__arg{i}", span = span);
        let pat = std::mem::replace(&mut *input.pat, syn::parse_quote!(#arg));
        bindings.push(quote!(let #pat = #arg;));
        args.push(arg);
    }
    let stmts = quote_spanned! {span=>
        if #private::is_tracing() {
            #[allow(unused_imports)]
            use #private::{Otherwise as _, OtherwiseValue as _};
            if let ::core::option::Option::Some(output) =
                #private::Probe::<#output>::record_call(#this, #name, || [#(#private::ProbeValue(&#args).value()),*])
            {
                return output;
            }
        }
        #(#bindings)*
    };
    let header: syn::Block = syn::parse_quote!({ #stmts });
    func.block.stmts.splice(0..0, header.stmts);
}
