//! Code for example inputs that a struct declares: it makes them, and checks that the methods have such arguments.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use super::if_found;
use super::names::{inputs_name, is_exported_name, signature_name};
use super::spans::{first_span, respan};
use crate::names;
use crate::parse::examples::{Argument, Examples, Input};
use crate::parse::module::Module;
use crate::paths::{place_of, private};

/// Expands to `Module::example_inputs`:
///
/// ```text
/// fn example_inputs(&self, method: &str, request: &Request) -> Option<Declared> {
///     match method {
///         "forward" => Some(Declared::new(request, |draw| vec![("x", value(&draw.tensor(…)))])),
///         _ => None,
///     }
/// }
/// ```
pub fn example_inputs(module: &Module) -> Option<TokenStream> {
    if module.examples.is_empty() && module.implied.is_empty() {
        return None;
    }
    let private = private(Span::call_site());
    let declared = module.examples.iter().map(|Examples { method, args, .. }| {
        let method = names::of_rust(method);
        let args = args.iter().map(|Argument { name, input, .. }| {
            let (name, input) = (argument_name(name), example(input));
            quote!((#name, #private::value(&#input)))
        });
        quote!(#method => #private::Declared::new(request, |draw| ::std::vec![#(#args),*]),)
    });
    let implied = (!module.implied.is_empty()).then(|| {
        let fields = module.implied.iter().map(|it| &it.ident);
        quote! {
            "forward" => #private::Declared::implied(request, |draw| {
                ::core::option::Option::Some(::std::vec![#(#private::ProbeValue(&self.#fields).example(draw)?),*])
            }),
        }
    });
    Some(quote! {
        fn example_inputs(
            &self,
            method: &str,
            request: &#private::Request<'_>,
        ) -> ::core::option::Option<#private::Declared> {
            match method {
                #(#declared)*
                #implied
                _ => ::core::option::Option::None,
            }
        }
    })
}

/// Expands to an expression that makes one example by `draw`.
fn example(input: &Input) -> TokenStream {
    let private = private(Span::call_site());
    match input {
        Input::Free(name) => quote!(draw.free(#name)),
        Input::Tensor { kind, size, below } => {
            let kind = match kind {
                Some(kind) => quote!(::core::option::Option::Some(#private::Kind::#kind)),
                None => quote!(::core::option::Option::None),
            };
            let size = size.iter().map(dimension);
            let below = match below.as_ref().map(dimension) {
                Some(below) => quote!(::core::option::Option::Some(#below)),
                None => quote!(::core::option::Option::None),
            };
            quote!(draw.tensor(#kind, &[#(#size),*], #below))
        }
        Input::Tuple(items) => {
            let items = items.iter().map(example);
            quote!((#(#items,)*))
        }
        Input::List(items) => {
            let items = items.iter().map(example);
            quote!(::std::vec![#(#items),*])
        }
        Input::Expr(expr) => {
            let reference = quote_spanned!(place_of(first_span(expr))=> &);
            quote!(draw.example(#reference #expr))
        }
    }
}

fn dimension(expr: &TokenStream) -> TokenStream {
    let private = private(Span::call_site());
    quote!(#private::Dimension::dimension(#expr))
}

/// Checks that the methods have these arguments, once for each attribute. rustc evaluates no constant that names a
/// parameter: of a generic module, examples that do not fit are an error when they are made.
///
/// Expands to:
///
/// ```text
/// impl Cell {
///     fn check_inputs_0(&self, draw: &Draw) {
///         const SIGNATURE: Signature<…> = …;
///         const ALL: () = SIGNATURE.check("forward", &["x", "ids"]);
///         { const AT: usize = SIGNATURE.position("forward", "x"); fits::<AT, _, _>(SIGNATURE, draw.tensor(…)); }
///     }
/// }
/// ```
pub fn checks(module: &Module) -> TokenStream {
    if module.is_generic() {
        return quote!();
    }
    let private = private(Span::call_site());
    let ident = &module.ident;
    let checks = module.examples.iter().enumerate().map(|(i, examples)| {
        let check = format_ident!("check_inputs_{i}");
        let method = names::of_rust(&examples.method);
        let (items, signature) =
            if method == "forward" { entry_signature(module) } else { method_signature(module, examples) };
        let once = given_once(examples);
        let names = examples.args.iter().map(|it| argument_name(&it.name));
        let all = respan(&quote!(#signature.check(#method, &[#(#names),*])), first_span(&examples.attr));
        let args = examples.args.iter().map(|arg| fits(arg, &method, &signature));
        quote! {
            const _: () = {
                impl #ident {
                    fn #check(&self, draw: &#private::Draw) {
                        #items
                        #once
                        const ALL: () = #all;
                        #(#args)*
                    }
                }
            };
        }
    });
    quote!(#(#checks)*)
}

/// The signature of `forward` as an expression, behind the items that it needs.
fn entry_signature(module: &Module) -> (TokenStream, TokenStream) {
    let private = private(Span::call_site());
    let ident = &module.ident;
    let found = if_found(ident, "HAS_FORWARD");
    let items = quote! {
        const SIGNATURE: #private::Signature<<#found as #private::ArgsOf<#ident>>::Args> =
            #private::Signature::new(#private::Probe::<#ident>::ARG_NAMES);
    };
    (items, quote!(SIGNATURE))
}

/// The argument's name in the method's schema, by which the runtime knows it. It may differ: `from` is a keyword of
/// Python.
fn argument_name(name: &Ident) -> String {
    names::of_variable(&name.to_string())
}

/// The signature that `#[methods]` defines for an exported method, behind the items that it needs. These make rustc
/// report, under its name, a method that is not exported.
fn method_signature(module: &Module, examples: &Examples) -> (TokenStream, TokenStream) {
    let private = private(Span::call_site());
    let (ident, method) = (&module.ident, &examples.method);
    let exported = Ident::new("IsExported", method.span());
    let (signature, is_exported) = (signature_name(method), is_exported_name(method));
    let message = format!("there is no exported method `{method}`");
    let help = format!(
        "help: put `#[export]` on `{method}` in its `#[methods]` block; without a name, the inputs are those of `forward`"
    );
    let asked = respan(&quote!(let this = self; this.#is_exported();), place_of(method.span()));
    let items = quote! {
        #[diagnostic::on_unimplemented(
            message = #message,
            label = "not an exported method of this type",
            note = #help
        )]
        trait #exported {}
        // Without any implementation rustc would propose to write one.
        enum Nothing {}
        #[diagnostic::do_not_recommend]
        impl #exported for Nothing {}
        trait Unknown {
            const #signature: #private::Signature<()> = #private::Signature::new(::core::option::Option::None);
            fn #is_exported(&self)
            where
                Self: #exported,
            {
            }
        }
        impl<__M: ?::core::marker::Sized> Unknown for __M {}
        #asked
    };
    (items, quote!(<#ident>::#signature))
}

/// Expands to a check that no function gives the inputs of the same method: such a function defines an inherent method,
/// which wins over the trait's here and has another result.
fn given_once(examples: &Examples) -> TokenStream {
    let span = first_span(&examples.attr);
    let private = private(Span::call_site());
    let once = Ident::new("GivenOnce", span);
    let inputs = Ident::new(&inputs_name(&examples.method).to_string(), Span::call_site());
    let asked = respan(&quote!(given_once(self.#inputs(0));), place_of(span));
    let message = format!("the tracing inputs of `{}` are given twice", examples.method);
    quote! {
        #[diagnostic::on_unimplemented(
            message = #message,
            label = "a function with `#[tracing_inputs]` gives them, too",
            note = "help: remove the function, or this attribute"
        )]
        trait #once {}
        #[diagnostic::do_not_recommend]
        impl #once for #private::NotGiven {}
        trait NoFunction {
            fn #inputs(&self, _: usize) -> #private::NotGiven {
                #private::NotGiven
            }
        }
        impl<__M: ?::core::marker::Sized> NoFunction for __M {}
        fn given_once(_: impl #once) {}
        #asked
    }
}

/// Expands to a check that the method has the argument, and that it can take the example.
fn fits(Argument { name, input, culprit }: &Argument, method: &str, signature: &TokenStream) -> TokenStream {
    let private = private(Span::call_site());
    let text = argument_name(name);
    let position = respan(&quote!(#signature.position(#method, #text)), name.span());
    let example = example(input);
    let fits = respan(&quote!(#private::fits::<AT, _, _>(#signature, value);), place_of(*culprit));
    quote! {
        {
            const AT: usize = #position;
            let value = #example;
            #fits
        }
    }
}
