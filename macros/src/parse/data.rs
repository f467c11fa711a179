//! Parses an impl block with `#[methods]` of a type that is no module: each method becomes a function, whose first
//! argument is the receiver.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, ImplItem, ImplItemFn, ItemImpl, PathArguments, ReceiverKind, Type};

use super::attr;
use super::methods::{Form, Method, associated_types, with_associated_types};
use super::stored_iterators::put_to_their_uses;
use crate::errors::Errors;
use crate::span::Source;
use crate::types;

/// What the text of an impl block says of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A module: it has an entry, or what only modules have.
    Module,
    /// Data of another crate.
    Foreign,
    /// A module or data of this crate, which rustc knows.
    Unknown,
}

/// What the block is one of.
pub fn owner(item: &ItemImpl) -> Owner {
    let is_of_module = item.items.iter().any(|it| match it {
        ImplItem::Fn(func) => {
            let name = func.sig.ident.to_string();
            let of_modules = ["export", "tracing_inputs", "auto_jitable"];
            matches!(&*name, "forward" | "forward_t")
                || func.attrs.iter().any(|it| of_modules.iter().any(|name| attr::named(it, name)))
        }
        _ => false,
    });
    // Any type, `impl<M: Module> Run for M`.
    let is_any =
        |path: &syn::TypePath| item.generics.type_params().any(|param| path.path.is_ident(&param.ident));
    match types::ungrouped(&item.self_ty) {
        _ if is_of_module => Owner::Module,
        Type::Path(path) if is_any(path) => Owner::Module,
        // An impl block without a trait is one of a type of this crate, whatever its name.
        Type::Path(_) if item.trait_.is_some() && types::is_named(&item.self_ty, types::FOREIGN) => {
            Owner::Foreign
        }
        Type::Path(_) => Owner::Unknown,
        _ => Owner::Foreign,
    }
}

/// Reads the block. The attributes of its methods are not taken off.
pub fn parse(item: &ItemImpl, errors: &mut Errors) -> Vec<Method> {
    let braces = item.brace_token.span;
    let types = associated_types(item);
    let own = turbofish(&item.self_ty);
    let methods = item.items.iter().filter_map(|it| {
        let ImplItem::Fn(func) = it else { return None };
        let mut func = func.clone();
        let attrs = attr::take_method_attrs(&mut func.attrs, errors);
        if attrs.unused.is_some() {
            return None;
        }
        func.attrs.clear();
        let source = Source::of_method(&func, braces, func.block.brace_token.span);
        let mut func = with_associated_types(&func, &types);
        put_to_their_uses(&mut func.block);
        let func = function(&func, &own)?;
        Some(Method { func, attrs, form: Form::Data, source })
    });
    methods.collect()
}

/// Takes our attributes off the methods.
pub fn take_attributes(item: &mut ItemImpl) {
    for it in &mut item.items {
        if let ImplItem::Fn(func) = it {
            // Mistakes in them were reported.
            let mut errors = Errors::default();
            attr::take_method_attrs(&mut func.attrs, &mut errors);
            errors.into_vec();
        }
    }
}

/// The method as a function: `fn norm(&self)` becomes `fn norm(__self: &State)`.
fn function(func: &ImplItemFn, own: &TokenStream) -> Option<ImplItemFn> {
    let mut func = func.clone();
    if let Some(FnArg::Receiver(receiver)) = func.sig.inputs.first() {
        let (this, by_value) = (this(receiver.self_token.span), receiver.mutability);
        let input = match &receiver.kind {
            ReceiverKind::Reference(and, _, mutability) => {
                quote_spanned!(and.span=> #this: &#mutability Self)
            }
            ReceiverKind::Typed(_, ty) => quote!(#by_value #this: #ty),
            _ => quote!(#by_value #this: Self),
        };
        func.sig.inputs[0] = syn::parse2(input).ok()?;
    }
    syn::parse2(replaced(func.to_token_stream(), own)).ok()
}

/// The name of the receiver, as `self` is none outside of an impl block.
pub const RECEIVER: &str = "__self";

fn this(span: Span) -> Ident {
    Ident::new(RECEIVER, span)
}

/// The tokens with the receiver's name in place of `self`, and the type in place of `Self`.
fn replaced(tokens: TokenStream, own: &TokenStream) -> TokenStream {
    let replace = |tree: TokenTree| match tree {
        TokenTree::Ident(ident) if ident == "self" => this(ident.span()).into_token_stream(),
        TokenTree::Ident(ident) if ident == "Self" => respanned(own, ident.span()),
        TokenTree::Group(group) => {
            let mut replaced = Group::new(group.delimiter(), replaced(group.stream(), own));
            replaced.set_span(group.span());
            TokenTree::Group(replaced).into()
        }
        tree => tree.into(),
    };
    tokens.into_iter().flat_map(replace).collect()
}

fn respanned(tokens: &TokenStream, span: Span) -> TokenStream {
    let respan = |mut tree: TokenTree| {
        tree.set_span(tree.span().located_at(span));
        tree
    };
    tokens.clone().into_iter().map(respan).collect()
}

/// The type as it may stand in an expression as well: `Pair::<T>`.
fn turbofish(ty: &Type) -> TokenStream {
    let mut ty = types::ungrouped(ty).clone();
    if let Type::Path(path) = &mut ty {
        for segment in &mut path.path.segments {
            if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                arguments.colon2_token.get_or_insert_default();
            }
        }
    }
    ty.into_token_stream()
}
