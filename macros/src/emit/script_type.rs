//! Code for a struct or enum with `#[derive(ScriptType)]`: conversions to and from TorchScript.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Type};

use crate::parse::script_type::{ScriptType, Shape, Variant};
use crate::paths::{krate, private};
use crate::span::ends;

/// Expands to the impls of `ScriptType` and `ScriptOutput`, and to those that make it an argument, a
/// constant and a field of a module.
pub fn script_type(item: &ScriptType) -> TokenStream {
    let (krate, private) = (krate(Span::call_site()), private(Span::call_site()));
    let ident = &item.ident;
    let Image { script_type, to_value, from_value, types } = image(item);
    let (impl_generics, ty_generics, where_clause) = item.generics.split_for_impl();
    let mut with_lifetime = item.generics.clone();
    with_lifetime.params.insert(0, syn::parse_quote!('__a));
    let (arg_generics, ..) = with_lifetime.split_for_impl();
    let own: Vec<_> = where_clause.iter().flat_map(|it| it.predicates.iter()).collect();
    // Only generic types need bounds on their fields: for others, rustc checks the fields where they are used.
    let fields = types.iter().filter(|_| !item.generics.params.is_empty());
    let bounds = quote!(#(#fields: #krate::ScriptOutput + 'static,)* #(#own,)*);
    // `for<'any>` keeps rustc from checking the bounds where they are defined.
    let samples = samples(item);
    // Of a generic type, rustc knows no implementation here.
    let plain = item.generics.params.is_empty().then(|| {
        quote! {
            fn is_plain(of: #private::Trait) -> ::core::option::Option<bool> {
                let this = #private::Inferred::<Self>::new();
                match of {
                    #private::Trait::Equality => this.has_plain_equality(),
                    #private::Trait::Order => this.has_plain_order(),
                    #private::Trait::Clone => this.has_plain_clone(),
                    #private::Trait::Default => this.has_plain_default(),
                }
            }
        }
    });
    // A trace cannot follow which variant a value is.
    let is_struct = matches!(item.shape, Shape::NamedTuple(_) | Shape::Tuple(_));
    let traced = is_struct.then(|| {
        quote! {
            #[diagnostic::do_not_recommend]
            impl #impl_generics #krate::TraceInput for #ident #ty_generics
            where #(for<'any> #types: #krate::TraceInput,)* #bounds {}
            #[diagnostic::do_not_recommend]
            impl #impl_generics #krate::TraceOutput for #ident #ty_generics
            where #(for<'any> #types: #krate::TraceOutput,)* #bounds {}
        }
    });
    quote! {
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private::{Otherwise as _, HasNone as _, OtherwiseValue as _};
            #[diagnostic::do_not_recommend]
            impl #impl_generics #krate::ScriptType for #ident #ty_generics where #bounds {
                type Erased = Self;
                const IS_OWN: bool = true;
                #plain
                fn samples() -> ::std::vec::Vec<#private::Value> {
                    #samples
                }
                fn script_type() -> #private::Type {
                    #script_type
                }
                fn to_value(&self) -> #private::Value {
                    #to_value
                }
            }
            #[diagnostic::do_not_recommend]
            impl #impl_generics #krate::ScriptOutput for #ident #ty_generics where #bounds {
                fn from_value(value: &#private::Value) -> #krate::Result<Self> {
                    #from_value
                }
            }
            #[diagnostic::do_not_recommend]
            #[doc(hidden)]
            impl #arg_generics #private::Arg<'__a> for #ident #ty_generics where #bounds {
                type Owned = Self;
                fn from_owned(owned: &'__a Self) -> Self {
                    #private::share(owned)
                }
            }
            #[diagnostic::do_not_recommend]
            impl #impl_generics #krate::IntoValue<#ident #ty_generics> for #ident #ty_generics where #bounds {
                fn into_owned(self) -> Self {
                    self
                }
            }
            #[diagnostic::do_not_recommend]
            impl #arg_generics #krate::IntoValue<#ident #ty_generics> for &'__a #ident #ty_generics where #bounds {
                fn into_owned(self) -> #ident #ty_generics {
                    #private::share(self)
                }
            }
            #traced
            #[diagnostic::do_not_recommend]
            #[doc(hidden)]
            impl #impl_generics #private::Member for #ident #ty_generics where #bounds {
                type Tree = ();
                fn member(&self) -> #private::MemberValue<'_> {
                    #private::attribute(self)
                }
                fn data_type() -> ::core::option::Option<#private::Type> {
                    ::core::option::Option::Some(<Self as #krate::ScriptType>::script_type())
                }
                fn data(&self) -> #private::Value {
                    #krate::ScriptType::to_value(self)
                }
            }
        };
    }
}

/// Expands to different values of the type.
fn samples(item: &ScriptType) -> TokenStream {
    let private = private(Span::call_site());
    let tuple = quote!(#private::NamedTuple);
    let of = |types: &[&Type]| quote!(::std::vec![#(<#types as #private::DataField>::samples()),*]);
    match &item.shape {
        Shape::NamedTuple(fields) => {
            let fields = of(&fields.iter().map(|(.., ty)| ty).collect::<Vec<_>>());
            quote!(#tuple::samples(#fields, |it| #tuple::value::<Self>(it)))
        }
        Shape::Tuple(types) => {
            let fields = of(&types.iter().collect::<Vec<_>>());
            quote!(#tuple::samples(#fields, |it| #private::Value::tuple(it)))
        }
        Shape::Variants(variants) => {
            let with_fields = || variants.iter().filter(|it| !it.fields.is_empty());
            let n = with_fields().count();
            let samples = variants.iter().map(|variant| {
                let name = variant.ident.to_string();
                let Some(index) = with_fields().position(|it| it.ident == variant.ident) else {
                    return quote!(::std::vec![#tuple::variant_value::<Self>(#name, #n, ::core::option::Option::None)]);
                };
                let fields = of(&variant.fields.iter().map(|(.., ty)| ty).collect::<Vec<_>>());
                let payload_type = payload_type(variant);
                quote! {
                    #tuple::samples(#fields, |it| {
                        let payload = ::core::option::Option::Some((#index, #tuple::payload(&#payload_type, it)));
                        #tuple::variant_value::<Self>(#name, #n, payload)
                    })
                }
            });
            quote!([#(#samples),*].concat())
        }
        Shape::Int(variants) => quote!(::std::vec![#(#private::Value::int(Self::#variants as i64)),*]),
    }
}

/// The bodies of the conversions.
struct Image<'t> {
    script_type: TokenStream,
    to_value: TokenStream,
    from_value: TokenStream,
    types: Vec<&'t Type>,
}

fn image(item: &ScriptType) -> Image<'_> {
    let private = private(Span::call_site());
    let tuple = quote!(#private::NamedTuple);
    match &item.shape {
        Shape::NamedTuple(fields) => {
            let members: Vec<_> = fields.iter().map(|(member, ..)| member).collect();
            let names: Vec<_> = fields.iter().map(|(_, name, _)| name).collect();
            let types: Vec<&Type> = fields.iter().map(|(.., ty)| ty).collect();
            let values = values(fields.len());
            let field_types = types.iter().map(|ty| field_type(ty));
            let from = types.iter().zip(&values).map(|(ty, value)| from_value(ty, value));
            Image {
                script_type: quote!(#tuple::named::<Self>(&[#(#names),*], || ::std::vec![#(#field_types),*])),
                to_value: quote!(#tuple::value::<Self>(&[#(#tuple::field(#private::ProbeValue(&self.#members).value())),*])),
                from_value: quote! {
                    let [#(#values),*] = #tuple::fields::<Self, _>(value)?;
                    ::core::result::Result::Ok(Self { #(#members: #from),* })
                },
                types,
            }
        }
        Shape::Tuple(types) => {
            let values = values(types.len());
            let indices = (0..types.len()).map(syn::Index::from);
            let from = types.iter().zip(&values).map(|(ty, value)| from_value(ty, value));
            let field_types = types.iter().map(field_type);
            Image {
                script_type: quote!(#tuple::unnamed(&[#(#field_types),*])),
                to_value: quote!(#private::Value::tuple(&[#(#tuple::field(#private::ProbeValue(&self.#indices).value())),*])),
                from_value: quote! {
                    let [#(#values),*] = #tuple::fields::<Self, _>(value)?;
                    ::core::result::Result::Ok(Self(#(#from),*))
                },
                types: types.iter().collect(),
            }
        }
        Shape::Variants(variants) => variants_image(item, variants),
        Shape::Int(variants) => {
            let indices = 0..variants.len();
            // The number of a variant is that of `as i64`, in Rust and in TorchScript.
            let numbers: Vec<_> = variants.iter().map(|variant| quote!(Self::#variant as i64)).collect();
            Image {
                script_type: quote!(#tuple::number()),
                to_value: quote!(#private::Value::int(match self { #(Self::#variants => #numbers,)* })),
                from_value: quote! {
                    let index = #tuple::variant::<Self>(value, &[#(#numbers),*])?;
                    ::core::result::Result::Ok(match index {
                        #(#indices => Self::#variants,)*
                        _ => ::core::unreachable!(),
                    })
                },
                types: vec![],
            }
        }
    }
}

/// An enum whose variants have fields: the name of the variant, and for each variant with fields the option of these.
fn variants_image<'t>(item: &ScriptType, variants: &'t [Variant]) -> Image<'t> {
    let private = private(Span::call_site());
    let tuple = quote!(#private::NamedTuple);
    let ident = &item.ident;
    let with_fields: Vec<&Variant> = variants.iter().filter(|it| !it.fields.is_empty()).collect();
    let n = with_fields.len();
    let names = with_fields.iter().map(|it| it.ident.to_string());
    let payloads = with_fields.iter().map(|it| payload_type(it));
    let to_values = variants.iter().map(|variant| {
        let (variant_ident, name) = (&variant.ident, variant.ident.to_string());
        let members: Vec<_> = variant.fields.iter().map(|(member, ..)| member).collect();
        let values = values(members.len());
        let index = with_fields.iter().position(|it| it.ident == variant.ident);
        let payload = match index {
            Some(index) => {
                let payload_type = payload_type(variant);
                quote! {
                    ::core::option::Option::Some((#index, #tuple::payload(
                        &#payload_type,
                        &[#(#tuple::field(#private::ProbeValue(#values).value())),*],
                    )))
                }
            }
            None => quote!(::core::option::Option::None),
        };
        quote!(#ident::#variant_ident { #(#members: #values),* } => #tuple::variant_value::<Self>(#name, #n, #payload))
    });
    let to_values: Vec<_> = to_values.collect();
    let from_values = variants.iter().map(|variant| {
        let (variant_ident, name) = (&variant.ident, variant.ident.to_string());
        let members: Vec<_> = variant.fields.iter().map(|(member, ..)| member).collect();
        let values = values(members.len());
        let from = variant.fields.iter().zip(&values).map(|((.., ty), value)| from_value(ty, value));
        quote! {
            #name => {
                let [#(#values),*] = #tuple::payload_fields::<Self, _>(&payload)?;
                ::core::result::Result::Ok(#ident::#variant_ident { #(#members: #from),* })
            }
        }
    });
    Image {
        script_type: quote! {
            #tuple::variants::<Self>(&[#(#names),*], || ::std::vec![#(#payloads),*])
        },
        to_value: quote!(match self { #(#to_values,)* }),
        from_value: quote! {
            let (name, payload) = #tuple::variant_of::<Self>(value)?;
            match &*name {
                #(#from_values)*
                _ => ::core::result::Result::Err(#tuple::no_variant::<Self>(value)),
            }
        },
        types: variants.iter().flat_map(|it| &it.fields).map(|(.., ty)| ty).collect(),
    }
}

/// Expands to the type of the fields of a variant.
fn payload_type(variant: &Variant) -> TokenStream {
    let tuple = {
        let private = private(Span::call_site());
        quote!(#private::NamedTuple)
    };
    let types: Vec<_> = variant.fields.iter().map(|(.., ty)| field_type(ty)).collect();
    if variant.is_named {
        let (name, names) = (variant.ident.to_string(), variant.fields.iter().map(|(_, name, _)| name));
        quote!(#tuple::named_payload::<Self>(#name, &[#(#names),*], &[#(#types),*]))
    } else {
        quote!(#tuple::unnamed(&[#(#types),*]))
    }
}

fn values(n: usize) -> Vec<Ident> {
    (0..n).map(|i| format_ident!("value_{i}")).collect()
}

/// Expands to a call that underlines the field's type if TorchScript does not have it. All other code asks a `Probe`.
fn field_type(ty: &Type) -> TokenStream {
    let (start, end) = ends(ty).unwrap_or((Span::call_site(), Span::call_site()));
    let (open, close) = (quote_spanned!(start=> <), quote_spanned!(end=> >::field_type()));
    let private = private(Span::call_site());
    quote!(#open #ty as #private::DataField #close)
}

fn from_value(ty: &Type, value: &Ident) -> TokenStream {
    let private = private(Span::call_site());
    quote!(#private::Probe::<#ty>::from_value(&#value)?)
}
