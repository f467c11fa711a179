//! The one statement that `#[methods]` and `#[script]` add to a user's function: it records a call while a trace is
//! recorded.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{FnArg, Ident, ItemFn, ItemImpl, Pat, ReturnType, Signature};

use crate::check::{Method, Methods};
use crate::paths::private;

/// Puts a statement at the head of the block's entries and of its other methods that can be traced:
///
/// ```text
/// if tch_jit::private::is_tracing() {
///     if let Some(output) = tch_jit::private::Probe::<Output>::record_entry(self, "forward", || [value, …]) {
///         return output;
///     }
/// }
/// ```
///
/// The statement must compile whatever the types are: `emit::entry` reports what is wrong with them.
pub fn record_calls(item: &mut ItemImpl, methods: &Methods) {
    for impl_item in &mut item.items {
        if let syn::ImplItem::Fn(func) = impl_item
            && let Some(method) = methods.find(&func.sig.ident).filter(|it| is_recorded(it))
            && let Some(receiver) = func.sig.receiver()
        {
            // The user's own `self` token: a generated one would have other hygiene in a method that comes out of a
            // macro.
            let this = receiver.self_token;
            let name = method.script_name();
            let record = if method.entry.is_some() { quote!(record_entry) } else { quote!(record_call) };
            let call = |values: &[TokenStream]| quote!(#record(#this, #name, || [#(#values),*]));
            let header = header(&mut func.sig, call);
            func.block.stmts.splice(0..0, header.stmts);
        }
    }
}

/// Puts such a statement at the head of a free function, which passes the companion type of the same name.
pub fn record_function(item: &mut ItemFn) {
    let ident = item.sig.ident.clone();
    let call = |values: &[TokenStream]| quote!(record_function::<#ident, _>(|| [#(#values),*]));
    let header = header(&mut item.sig, call);
    item.block.stmts.splice(0..0, header.stmts);
}

fn is_recorded(method: &Method) -> bool {
    match method.entry {
        Some(_) => !method.is_malformed,
        None => method.is_traceable && method.func.sig.generics.params.is_empty(),
    }
}

/// The function's new head with the statement; `call` makes the call from expressions for the arguments' values.
fn header(sig: &mut Signature, call: impl FnOnce(&[TokenStream]) -> TokenStream) -> syn::Block {
    let span = sig.ident.span();
    let private = private(span);
    let output = match &sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    let mut args = vec![];
    let mut bindings = vec![];
    for (i, input) in sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(input) = input else { continue };
        if let Pat::Ident(pat) = &*input.pat
            && pat.subpat.is_none()
        {
            args.push(pat.ident.clone());
            continue;
        }
        // An argument that is a pattern gets a name, and the pattern is bound one statement later.
        let arg = format_ident!("__arg{i}", span = span);
        let pat = std::mem::replace(&mut *input.pat, syn::parse_quote!(#arg));
        bindings.push(quote!(let #pat = #arg;));
        args.push(arg);
    }
    let values: Vec<TokenStream> =
        args.iter().map(|arg: &Ident| quote_spanned!(span=> #private::ProbeValue(&#arg).value())).collect();
    let call = call(&values);
    let stmts = quote_spanned! {span=>
        if #private::is_tracing() {
            #[allow(unused_imports)]
            use #private::{Otherwise as _, OtherwiseValue as _};
            if let ::core::option::Option::Some(output) = #private::Probe::<#output>::#call {
                return output;
            }
        }
        #(#bindings)*
    };
    syn::parse_quote!({ #stmts })
}
