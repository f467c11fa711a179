//! Code for typed calls of exported methods: `compiled.encode((&x, 2))` on a `Compiled`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Type;

use crate::check::{Method, Methods};
use crate::names;
use crate::parse::methods::output;
use crate::paths::{krate, private};
use crate::types::{has_arguments, last_name, with_lifetimes};

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
    "into_compiled",
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

/// The trait, which stands where the type's block stands, and its impl, which asks about the types of arguments.
pub struct Exports {
    pub definition: TokenStream,
    pub implementation: TokenStream,
}

/// Expands to a trait with the exported methods of the block, which `Compiled` implements. It is in scope where the type's
/// block is, and beyond by `use`:
///
/// ```text
/// pub trait ExportsEncodeOfCodec<Args0, Output0>: Deref<Target = ScriptModule> {
///     fn encode<Form>(&self, args: impl IntoArgs<Args0, Form>) -> Result<Output0> { … }
/// }
/// impl ExportsEncodeOfCodec<(Tensor, i64), Tensor> for Compiled<Codec> {}
/// ```
///
/// Parameters may be private types, as associated types may not. rustc knows them by the only impl.
pub fn exports(methods: &Methods) -> Option<Exports> {
    if !methods.item.generics.params.is_empty() || has_arguments(&methods.item.self_ty) {
        return None;
    }
    let exported: Vec<&Method> = methods.exported().filter(|it| is_callable(it)).collect();
    let (first, ty) = (exported.first()?, last_name(&methods.item.self_ty)?);
    let (krate, private) = (krate(Span::call_site()), private(Span::call_site()));
    let self_ty = &methods.item.self_ty;
    let name = format_ident!("Exports{}Of{ty}", pascal(&names::of_rust(first.ident())));
    let (mut signatures, mut parameters, mut types) = (TokenStream::new(), vec![], vec![]);
    for (i, method) in exported.iter().enumerate() {
        let (args, output) = (format_ident!("Args{i}"), format_ident!("Output{i}"));
        let (ident, rust_name) = (method.ident(), method.rust_name());
        signatures.extend(quote! {
            fn #ident<__Form>(&self, args: impl #krate::IntoArgs<#args, __Form>) -> #krate::Result<#output>
            where
                #args: #krate::ScriptArgs,
                #output: #krate::ScriptOutput,
            {
                #private::call_exported(&**self, #rust_name, args)
            }
        });
        types.extend([method.inputs.args_type(), output_type(method).to_token_stream()]);
        parameters.extend([args, output]);
    }
    Some(Exports {
        definition: quote! {
            #[doc(hidden)]
            #[allow(warnings, clippy::all, clippy::pedantic)]
            pub trait #name<#(#parameters),*>: ::core::ops::Deref<Target = #krate::ScriptModule> {
                #signatures
            }
        },
        implementation: quote! {
            #[doc(hidden)]
            impl #name<#(#types),*> for #krate::Compiled<#self_ty> {}
        },
    })
}

fn is_callable(method: &Method) -> bool {
    method.errors.is_empty() && !OF_ALL.contains(&&*names::of_rust(method.ident()))
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn all_methods_of_compiled_modules_are_listed() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src/artifact");
        for file in ["script_module.rs", "compiled.rs", "save.rs"] {
            let text = std::fs::read_to_string(dir.join(file)).unwrap();
            for line in text.lines().filter_map(|it| it.strip_prefix("    pub fn ")) {
                let name = line.split(['(', '<']).next().unwrap();
                let is_method = line.contains("(&self") || line.contains("(self") || line.ends_with('(');
                assert!(!is_method || super::OF_ALL.contains(&name), "{file}: `{name}`");
            }
        }
    }
}
