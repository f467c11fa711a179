//! Code for typed calls of exported methods: `compiled.encode((&x, 2))` on a `Compiled`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

use crate::check::{Method, Methods};
use crate::names;
use crate::parse::methods::output;
use crate::paths::{krate, private};
use crate::types::{self, with_lifetimes};

/// Methods that every compiled module has. An exported method of one of these names is called by `call`.
const OF_ALL: &[&str] = &[
    "call",
    "code",
    "code_of",
    "deep_copy",
    "eval",
    "forward",
    "forward_t",
    "freeze",
    "graph",
    "inlined_graph",
    "into_script_module",
    "is_training",
    "methods",
    "mode",
    "named_buffers",
    "named_children",
    "named_modules",
    "named_parameters",
    "optimize_for_inference",
    "original_name",
    "report",
    "rust_type",
    "same_class",
    "save",
    "save_for_inference",
    "save_to_writer",
    "save_with_extra_files",
    "schema",
    "set_optimized_execution",
    "submodule",
    "to",
    "to_kind",
    "to_module_t",
    "train",
    "warnings",
    "written_by",
];

/// Expands to a trait with the exported methods of the block, which `Compiled` implements. It is in scope where the type's
/// block is, and beyond by `use`:
///
/// ```text
/// pub trait ExportsEncodeOfCodec {
///     fn encode<Form>(&self, args: impl IntoArgs<(Tensor, i64), Form>) -> Result<Tensor>;
/// }
/// impl ExportsEncodeOfCodec for Compiled<Codec> { … }
/// ```
pub fn exports(methods: &Methods) -> TokenStream {
    let is_generic = !methods.item.generics.params.is_empty() || types::has_arguments(&methods.item.self_ty);
    let exported: Vec<&Method> = methods.exported().filter(|it| is_callable(it)).collect();
    let (Some(first), Some(ty), false) =
        (exported.first(), types::last_name(&methods.item.self_ty), is_generic)
    else {
        return TokenStream::new();
    };
    let krate = krate(Span::call_site());
    let self_ty = &methods.item.self_ty;
    let name = format_ident!("Exports{}Of{ty}", pascal(&names::of_rust(first.ident())));
    let signatures: Vec<_> = exported.iter().map(|it| signature(it)).collect();
    let bodies = exported.iter().map(|it| body(it));
    let doc = format!("Typed calls of exported methods of `{ty}`, on its compiled form.");
    quote! {
        #[doc = #doc]
        #[allow(warnings, clippy::all, clippy::pedantic)]
        pub trait #name {
            #(#signatures;)*
        }
        #[allow(warnings, clippy::all, clippy::pedantic)]
        impl #name for #krate::Compiled<#self_ty> {
            #(#signatures { #bodies })*
        }
    }
}

fn is_callable(method: &Method) -> bool {
    method.errors.is_empty() && !OF_ALL.contains(&&*names::of_rust(method.ident()))
}

fn signature(method: &Method) -> TokenStream {
    let krate = krate(Span::call_site());
    let (ident, args, output) = (method.ident(), method.inputs.args_type(), output_type(method));
    let doc =
        format!("Calls the compiled `{ident}`, with the tuple of its arguments, or with its one argument.");
    // `for<'any>` keeps rustc from checking the bound where it is defined: a wrong type is reported elsewhere.
    quote! {
        #[doc = #doc]
        fn #ident<__Form>(&self, args: impl #krate::IntoArgs<#args, __Form>) -> #krate::Result<#output>
        where
            for<'any> #output: #krate::ScriptOutput
    }
}

fn body(method: &Method) -> TokenStream {
    let private = private(Span::call_site());
    let name = method.rust_name();
    quote!(#private::call_exported(self, #name, args))
}

fn output_type(method: &Method) -> Type {
    output(&method.func).map_or_else(|| syn::parse_quote!(()), |ty| with_lifetimes(ty, "'static"))
}

/// `load_all` becomes `LoadAll`.
fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
    };
    name.split('_').map(capital).collect()
}
