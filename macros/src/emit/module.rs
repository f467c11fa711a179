//! Code for an annotated struct or enum: its mode as a type, its members, its fitness, and its place in the registry.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use super::skipped::HIDES;
use super::spans::check;
use super::{examples, fitness, imports};
use crate::names;
use crate::parse::attr::{Mode, Role};
use crate::parse::module::{Field, Module};
use crate::paths::{krate, private};

/// Expands to:
///
/// ```text
/// const _: () = {
///     impl Module for Cell { type Mode = mode::Trace; const INFO: TypeInfo = …; fn members(…) {…} }
///     impl Member for Cell { type Tree = Cell; … }
///     impl DynModule for Cell { … }
///     // whether the tree below may be compiled in a mode, see `fitness`
///     pub trait FieldsOfCell<C> {}
///     inventory::submit! { … }
/// };
/// macro_rules! __mode_of_Cell { … }
/// ```
pub fn module(module: &Module) -> TokenStream {
    let private = private(Span::call_site());
    let traits = traits(module);
    let fitness = fitness::fitness(module);
    let check = fitness::definition_check(module);
    let examples = examples::checks(module);
    let registration = registration(module);
    let callback = callback(&module.ident, module.mode.keyword(), &module.hidden);
    let imports = imports::imports(&module.attributes);
    quote! {
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private::{Otherwise as _, OtherwiseValue as _};
            #traits
            #fitness
            #check
            #examples
            #registration
        };
        #callback
        #imports
    }
}

/// Expands to the macro alone, for an item that cannot be a module: without it, `#[methods]` would cause a second
/// error.
pub fn no_module(ident: &Ident) -> TokenStream {
    callback(ident, "none", [])
}

/// Expands to the macro alone, for a struct or an enum that is data.
pub fn data_type(ident: &Ident) -> TokenStream {
    callback(ident, "data", [])
}

fn traits(module: &Module) -> TokenStream {
    let span = Span::call_site();
    let (krate, private) = (krate(span), private(span));
    let ident = &module.ident;
    let (impl_generics, ty_generics, _) = module.generics.split_for_impl();
    let predicates = fitness::predicates(module);
    let name = ident.to_string();
    let mode = Ident::new(module.mode.type_name(), Span::call_site());
    let start = ident.span().start();
    let (line, column) = (start.line as u32, start.column as u32 + 1);
    let members = members(module);
    let constant = variant_constant(module);
    let as_any = (!module.is_generic()).then(|| {
        quote! {
            fn as_any(&self) -> ::core::option::Option<&dyn ::core::any::Any> {
                ::core::option::Option::Some(self)
            }
        }
    });
    // A generic module is a member where its own impl of `Forward` applies.
    let own =
        (module.is_generic() && module.mode != Mode::Unsupported).then(|| quote!(Self: #krate::Forward,));
    let entries = {
        let with_entry = if module.mode == Mode::Unsupported {
            quote!(::core::option::Option::None)
        } else if module.is_generic() {
            quote!(::core::option::Option::Some(self))
        } else {
            quote!(#private::Probe::<Self>::with_entry(self))
        };
        quote! {
            #[doc(hidden)]
            impl #impl_generics #private::Entries for #ident #ty_generics where #own #(#predicates,)* {
                fn with_entry(&self) -> ::core::option::Option<&dyn #private::WithEntry> {
                    #with_entry
                }
            }
        }
    };
    let examples = examples::example_inputs(module);
    let node = match module.mode {
        Mode::Unsupported => quote!(#private::NodeRef::Unsupported(<Self as #krate::Module>::INFO)),
        _ => quote!(#private::NodeRef::Module(self)),
    };
    // The impl of a generic module is shown in messages, which may be about its parameters.
    let hidden = (!module.is_generic()).then(|| quote!(#[diagnostic::do_not_recommend]));
    quote! {
        impl #impl_generics #krate::Module for #ident #ty_generics where #(#predicates,)* {
            type Mode = #krate::mode::#mode;
            const INFO: #krate::TypeInfo = #krate::TypeInfo {
                name: #name,
                module_path: ::core::module_path!(),
                mode: #krate::CompileMode::#mode,
                place: #krate::Place { file: ::core::file!(), line: #line, column: #column },
            };
            fn members<'__m>(&'__m self, members: &mut #private::Members<'__m>) {
                #members
            }
            #as_any
            #examples
        }
        #constant
        #entries
        #hidden
        #[doc(hidden)]
        impl #impl_generics #private::Member for #ident #ty_generics where #own #(#predicates,)* {
            type Tree = Self;
            fn member(&self) -> #private::MemberValue<'_> {
                #private::MemberValue::Module(#krate::DynModule::node(self))
            }
            fn list(items: &[Self]) -> #private::MemberValue<'_> {
                #private::MemberValue::module_list(items)
            }
            fn option(item: &::core::option::Option<Self>) -> #private::MemberValue<'_> {
                #private::MemberValue::optional_module(item)
            }
        }
        #hidden
        impl #impl_generics #krate::DynModule for #ident #ty_generics where #own #(#predicates,)* {
            fn node(&self) -> #private::NodeRef<'_> {
                #node
            }
        }
    }
}

/// Expands to a statement for each field; of an enum, to a `match` over its variants, each of which adds
/// its name as well.
fn members(module: &Module) -> TokenStream {
    let Some(variants) = &module.variants else {
        let fields = module.fields.iter().map(|field| {
            let name = &field.member;
            member(field, module, &quote!(&self.#name))
        });
        return quote!(#(#fields)*);
    };
    let private = private(Span::call_site());
    let arms = variants.iter().enumerate().map(|(i, variant)| {
        let ident = &variant.ident;
        let name = ident.to_string();
        let fields: Vec<(&Field, Ident)> = module
            .fields
            .iter()
            .filter(|field| field.variant == Some(i))
            .map(|field| (field, format_ident!("field_{}", names::of_member(&field.member))))
            .collect();
        let pattern = fields.iter().map(|(field, bound)| {
            let member = &field.member;
            quote!(#member: #bound)
        });
        let added = fields.iter().map(|(field, bound)| member(field, module, &quote!(#bound)));
        quote! {
            Self::#ident { #(#pattern,)* .. } => {
                members.add("variant", #private::MemberValue::Constant(#private::Value::string(#name)));
                #(#added)*
            }
        }
    });
    quote!(match self { #(#arms)* })
}

/// Expands to an impl of `Constant` for an enum, by which a scripted pattern names a variant.
fn variant_constant(module: &Module) -> Option<TokenStream> {
    let variants = module.variants.as_ref()?;
    let private = private(Span::call_site());
    let ident = &module.ident;
    let (impl_generics, ty_generics, where_clause) = module.generics.split_for_impl();
    let arms = variants.iter().map(|variant| {
        let ident = &variant.ident;
        let name = ident.to_string();
        quote!(Self::#ident { .. } => #name,)
    });
    Some(quote! {
        #[doc(hidden)]
        impl #impl_generics #private::Constant for #ident #ty_generics #where_clause {
            fn constant(&self) -> #private::Value {
                #private::Value::string(match self { #(#arms)* })
            }
        }
    })
}

/// Expands to a check of the field's type, and to `members.add("name", value);`. The value is found by a `Probe`, so
/// that a type which the check rejects causes no second error. `reference` is an expression for a reference to the
/// field.
fn member(field: &Field, module: &Module, reference: &TokenStream) -> TokenStream {
    let (krate, private) = (krate(Span::call_site()), private(Span::call_site()));
    let (name, ty) = (&field.name, &field.ty);
    let (check, value) = match field.role {
        Role::ByType => {
            let check = fitness::member_check(field, module);
            (check, quote!(#private::ProbeValue(#reference).member()))
        }
        Role::Parameter => {
            let check = check(ty, quote!(#private::TensorField), "tensor");
            (check, quote!(#private::parameter(checked(#reference))))
        }
        Role::Buffer => {
            let check = check(ty, quote!(#private::TensorField), "tensor");
            (check, quote!(#private::buffer(checked(#reference))))
        }
        Role::Constant => {
            let check = check(ty, quote!(#krate::ScriptType), "to_value");
            (check, quote!(#private::MemberValue::Constant(checked(#reference))))
        }
        Role::Training => return quote!(members.training = ::core::option::Option::Some(#reference);),
        Role::Skip => return quote!(),
    };
    let field_name = names::of_member(&field.member);
    let renamed = (field_name != *name).then(|| quote!(members.rename(#field_name, #name);));
    quote!(#check members.add(#name, #value); #renamed)
}

/// Expands to the module's place in the registry. A generic module has none, as it is many types.
fn registration(module: &Module) -> TokenStream {
    if module.is_generic() {
        return quote!();
    }
    let (krate, private) = (krate(Span::call_site()), private(Span::call_site()));
    let ident = &module.ident;
    let forward = match module.mode {
        Mode::Unsupported => quote!(::core::option::Option::None),
        _ => quote!(#private::Probe::<#ident>::PLACE),
    };
    let declared = module.examples.iter().map(|it| names::of_rust(&it.method));
    let implied = module.implied.iter().map(|field| {
        let ty = &field.ty;
        quote!(#private::Probe::<#ty>::IS_EXAMPLE)
    });
    let is_implied = if module.implied.is_empty() { quote!(false) } else { quote!(#(#implied)&&*) };
    quote! {
        #private::inventory::submit! {
            #private::Registered {
                info: <#ident as #krate::Module>::INFO,
                type_name: ::core::any::type_name::<#ident>,
                ty: #private::RustType::of::<#ident>,
                forward: #forward,
                declared: &[#(#declared),*],
                is_implied: #is_implied,
            }
        }
    }
}

/// Expands to a macro of the type's name: `Cell! { trace … }` passes its tokens on if `Cell` is declared `trace`,
/// `Cell! { not trace … }` if not. The shared name lets `#[methods] impl Cell` find the macro wherever it finds the
/// type. `Cell! { hides config … }` does so if the field `config` is hidden from the compiler.
fn callback<'f>(ident: &Ident, mode: &str, hidden: impl IntoIterator<Item = &'f Ident>) -> TokenStream {
    let name = format_ident!("__mode_of_{ident}");
    let mode = Ident::new(mode, Span::call_site());
    let hides = format_ident!("{HIDES}");
    let hidden = hidden.into_iter();
    quote! {
        #[doc(hidden)]
        #[allow(unused_macros)]
        macro_rules! #name {
            (#mode $($tokens:tt)*) => { $($tokens)* };
            #((#hides #hidden $($tokens:tt)*) => { $($tokens)* };)*
            (not #mode $($tokens:tt)*) => {};
            (not $mode:ident $($tokens:tt)*) => { $($tokens)* };
            ($mode:ident $($tokens:tt)*) => {};
        }
        #[doc(hidden)]
        #[allow(unused_imports)]
        pub(crate) use #name as #ident;
    }
}
