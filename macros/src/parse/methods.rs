//! Parses an impl block with `#[methods]`: its methods, and the functions with our attributes. Nothing is lowered here.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{FnArg, GenericParam, Ident, ImplItem, ImplItemFn, ItemImpl, Path, ReceiverKind, ReturnType, Type};

use super::attr::{self, AutoJitable, MethodAttrs};
use super::krate::take_crate;
use super::stored_iterators::put_to_their_uses;
use crate::errors::Errors;
use crate::span::Source;
use crate::types;

/// An annotated impl block.
pub struct Block {
    /// The block, without its items.
    pub item: ItemImpl,
    /// The methods and associated functions, in the order of the source.
    pub methods: Vec<Method>,
    pub tracing_inputs: Vec<TracingInputs>,
    pub instances: Vec<Instance>,
    /// The paths of the attributes that were taken off.
    pub attributes: Vec<Path>,
}

/// A function, without our attributes.
#[derive(Clone)]
pub struct Method {
    pub func: ImplItemFn,
    pub attrs: MethodAttrs,
    pub form: Form,
    /// The function's text.
    pub source: Source,
}

/// Where the function stands. Limits what its body may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In an impl block. An associated function becomes a method that does not use `self`.
    Method,
    /// Outside of an impl block, with `#[script]`.
    Function,
    /// A method of data, as a function that takes the receiver.
    Data,
    /// In an impl block, with `#[unused]`: it may be called, and fails then.
    Unused,
}

/// A function with `#[tracing_inputs]`, which gives example inputs.
pub struct TracingInputs {
    pub func: ImplItemFn,
    /// The method whose inputs they are.
    pub of: Ident,
}

/// A function with `#[auto_jitable]`, which builds a module to test.
pub struct Instance {
    pub func: ImplItemFn,
    pub attr: AutoJitable,
}

/// The two forms of a module's entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// `forward(&self, …)`.
    Forward,
    /// `forward_t(&self, …, train: bool)`.
    ForwardT,
}

/// Reads the attribute's own arguments, which are `crate = "…"` or none.
pub fn parse_args(args: TokenStream, errors: &mut Errors) {
    let args = take_crate(args, errors);
    if !args.is_empty() {
        errors.report(
            &args,
            "`#[methods]` takes no arguments",
            "write `#[methods]`; the mode stands in the struct's `#[compile_mode]`",
        );
    }
}

/// Reads the block and strips our attributes.
pub fn parse(item: &mut ItemImpl, errors: &mut Errors) -> Block {
    let braces = item.brace_token.span;
    let (mut methods, mut tracing_inputs, mut instances) = (vec![], vec![], vec![]);
    let mut attributes = vec![];
    let types = associated_types(item);
    let own = item.self_ty.clone();
    for impl_item in &mut item.items {
        let ImplItem::Fn(func) = impl_item else { continue };
        if let Some((of, path)) = attr::take_tracing_inputs(&mut func.attrs, errors) {
            attributes.push(path);
            tracing_inputs.push(TracingInputs { func: func.clone(), of });
        } else if let Some(attr) = attr::take_auto_jitable(&mut func.attrs, errors) {
            attributes.push(attr.path.clone());
            instances.push(Instance { func: func.clone(), attr });
        } else {
            let attrs = attr::take_method_attrs(&mut func.attrs, errors);
            attributes.extend(attrs.paths.iter().cloned());
            let form = if attrs.unused.is_some() { Form::Unused } else { Form::Method };
            let without_attrs = ImplItemFn { attrs: vec![], ..func.clone() };
            let source = Source::of_method(&without_attrs, braces, func.block.brace_token.span);
            let mut func = with_associated_types(func, &types);
            with_own_type(&mut func.sig, &own);
            put_to_their_uses(&mut func.block);
            methods.push(Method { func, attrs, form, source });
        }
    }
    let item = ItemImpl { items: vec![], ..item.clone() };
    Block { item, methods, tracing_inputs, instances, attributes }
}

/// Writes out `Self` in the types of arguments: generated code names these in other places.
fn with_own_type(sig: &mut syn::Signature, own: &Type) {
    struct WriteOut<'a>(&'a Type);
    impl VisitMut for WriteOut<'_> {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if let Type::Path(path) = ty
                && path.qself.is_none()
                && path.path.is_ident("Self")
            {
                *ty = respanned(self.0, path.span());
            }
            visit_type_mut(self, ty);
        }
    }
    for input in &mut sig.inputs {
        if let FnArg::Typed(input) = input {
            WriteOut(own).visit_type_mut(&mut input.ty);
        }
    }
}

/// The type, as if it stood at `span`.
fn respanned(ty: &Type, span: Span) -> Type {
    let tokens = ty.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    syn::parse2(tokens.collect()).expect("it was a type")
}

/// The associated types that the block defines.
pub fn associated_types(item: &ItemImpl) -> HashMap<Ident, Type> {
    let types = item.items.iter().filter_map(|item| match item {
        ImplItem::Type(it) if it.generics.params.is_empty() => Some((it.ident.clone(), it.ty.clone())),
        _ => None,
    });
    types.collect()
}

/// The function with `Self::Output` and its like written out: generated code stands in other impls, where they are
/// unknown.
pub fn with_associated_types(func: &ImplItemFn, types: &HashMap<Ident, Type>) -> ImplItemFn {
    struct WriteOut<'a>(&'a HashMap<Ident, Type>);
    impl VisitMut for WriteOut<'_> {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if let Type::Path(path) = ty
                && path.qself.is_none()
                && path.path.segments.len() == 2
                && path.path.segments[0].ident == "Self"
                && let Some(known) = self.0.get(&path.path.segments[1].ident)
            {
                *ty = known.clone();
            }
            visit_type_mut(self, ty);
        }
    }
    let mut func = func.clone();
    if !types.is_empty() {
        WriteOut(types).visit_impl_item_fn_mut(&mut func);
    }
    func
}

impl Block {
    /// Whether the type has generic parameters, which keep it out of the registry.
    pub fn is_generic(&self) -> bool {
        !self.item.generics.params.is_empty() || types::has_arguments(&self.item.self_ty)
    }
}

impl Method {
    pub fn ident(&self) -> &Ident {
        &self.func.sig.ident
    }

    /// Which entry the method is, by its name; none for other methods and for free functions.
    pub fn entry(&self) -> Option<Entry> {
        if matches!(self.form, Form::Function | Form::Data) {
            None
        } else if self.ident() == "forward" {
            Some(Entry::Forward)
        } else if self.ident() == "forward_t" {
            Some(Entry::ForwardT)
        } else {
            None
        }
    }

    /// Whether the method takes `&self` and arguments of known types, so that the compiler can call it.
    pub fn has_plain_signature(&self) -> bool {
        let sig = &self.func.sig;
        takes_shared_self(&self.func)
            && sig.asyncness.is_none()
            && sig.generics.params.iter().all(|it| matches!(it, GenericParam::Lifetime(_)))
            && signature_types(&self.func).all(|ty| !matches!(ty, Type::ImplTrait(_)))
    }
}

/// Whether the receiver is `&self`.
pub fn takes_shared_self(func: &ImplItemFn) -> bool {
    func.sig.receiver().is_some_and(|it| matches!(it.kind, ReceiverKind::Reference(_, _, None)))
}

/// The arguments beside `self`.
pub fn typed_inputs(func: &ImplItemFn) -> impl Iterator<Item = &syn::PatType> {
    func.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(input),
        FnArg::Receiver(_) => None,
    })
}

/// The type after the arrow, if there is one.
pub fn output(func: &ImplItemFn) -> Option<&Type> {
    match &func.sig.output {
        ReturnType::Type(_, ty) => Some(ty),
        ReturnType::Default => None,
    }
}

/// The types of the arguments and of the result.
pub fn signature_types(func: &ImplItemFn) -> impl Iterator<Item = &Type> {
    typed_inputs(func).map(|input| &*input.ty).chain(output(func))
}
