//! Code by which rustc rejects trees that cannot be compiled: one trait for each struct, which depends on its fields'
//! types.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{GenericParam, Ident, Type};

use super::if_found;
use super::spans::{around, check};
use crate::parse::attr::{Mode, Role};
use crate::parse::module::{Field, Module};
use crate::paths::{krate, private};
use crate::span::ends;
use crate::types::{self, mentions_parameter, with_lifetimes};

/// A tree may be compiled if its fields' types implement a trait. The trait is local to the struct, so that rustc
/// prints every step of the path to an unsupported module: it hides repeated requirements of one and the same trait.
///
/// Expands to:
///
/// ```text
/// pub trait FieldsOfCell<C> {}
/// impl<C> FieldsOfCell<C> for Cell where for<'any> Gate: CompilableIn<C>, … {}
/// impl<C> CompilableIn<C> for Cell where for<'any> Self: FieldsOfCell<mode::Trace>, … {}
/// impl Compilable for Cell where for<'any> Self: FieldsOfCell<mode::Trace>, … {}
/// impl Scriptable for Cell where for<'any> Self: FieldsOfCell<mode::Script>, … {}
/// ```
///
/// `for<'any>` keeps rustc from checking a bound where it is defined.
pub fn fitness(module: &Module) -> TokenStream {
    if module.mode == Mode::Unsupported {
        return unsupported(module);
    }
    let span = module.ident.span();
    let (krate, private) = (krate(span), private(span));
    let ident = &module.ident;
    let (impl_generics, ty_generics, _) = module.generics.split_for_impl();
    let predicates = predicates(module);
    let params = &params(module);
    let fields_of = format_ident!("FieldsOf{ident}", span = span);
    // The mode that the module is compiled in: its own, or where none is declared, the one that it inherits.
    let in_context = |inherited| match module.mode {
        Mode::Script => quote_spanned!(span=> #krate::mode::Script),
        Mode::Trace => quote_spanned!(span=> #krate::mode::Trace),
        Mode::Inherit | Mode::Unsupported => inherited,
    };
    let context = in_context(quote_spanned!(span=> __C));
    let root_context = in_context(quote_spanned!(span=> #krate::mode::Inherit));
    let fields = by_type(module).flat_map(|field| leaves(&field.ty)).map(|leaf| {
        let tree = tree(leaf, module);
        let bound = around(leaf, &quote!(#private::CompilableIn), &quote!(<__C>));
        quote!(for<'any> #tree: #bound)
    });
    // Where the fields are checked at the definition, see `definition_check`, nothing above repeats what is wrong there.
    let is_checked =
        !by_type(module).flat_map(|field| leaves(&field.ty)).any(|leaf| is_generic(leaf, module));
    let fields_fit = |is_declared: bool, context: &TokenStream| {
        (!is_checked || !is_declared).then(|| quote_spanned!(span=> for<'any> Self: #fields_of<#context>,))
    };
    let has_mode = module.mode != Mode::Inherit;
    let (fit, fit_as_root) = (fields_fit(has_mode, &context), fields_fit(has_mode, &root_context));
    let fit_scripted = fields_fit(module.mode == Mode::Script, &quote_spanned!(span=> #krate::mode::Script));
    let has_forward = module.is_generic().then(|| quote_spanned!(span=> Self: #krate::Forward,));
    let body = if module.is_generic() {
        quote_spanned!(span=> <Self as #krate::Forward>::Body)
    } else {
        let found = if_found(ident, "HAS_FORWARD");
        quote_spanned!(span=> <#found as #private::BodyOf<Self>>::Body)
    };
    quote_spanned! {span=>
        #[doc(hidden)]
        pub trait #fields_of<__C> {}
        #[doc(hidden)]
        impl<#params __C> #fields_of<__C> for #ident #ty_generics
        where #(#fields,)* #(#predicates,)* {}
        #[doc(hidden)]
        impl<#params __C> #private::CompilableIn<__C> for #ident #ty_generics
        where
            #fit
            for<'any> #body: #private::BodyIn<#context>,
            #has_forward
            #(#predicates,)* {}
        #[doc(hidden)]
        impl #impl_generics #krate::Compilable for #ident #ty_generics
        where
            #fit_as_root
            for<'any> #body: #private::BodyIn<#root_context>,
            #has_forward
            #(#predicates,)* {}
        #[doc(hidden)]
        impl #impl_generics #krate::Scriptable for #ident #ty_generics
        where
            for<'any> Self: #krate::Compilable,
            #fit_scripted
            for<'any> #body: #private::BodyIn<#krate::mode::Script>,
            #has_forward
            #(#predicates,)* {}
    }
}

/// Expands to the impls for an unsupported module. Their bound is a trait that the mode lacks, whose message is the error.
fn unsupported(module: &Module) -> TokenStream {
    let ident = &module.ident;
    let span = ident.span();
    let (krate, private) = (krate(span), private(span));
    let (impl_generics, ty_generics, _) = module.generics.split_for_impl();
    let predicates = predicates(module);
    let params = params(module);
    let token = module.mode_token.as_ref().map_or(span, Ident::span);
    let private_at_token = crate::paths::private(token);
    let supports = quote_spanned!(token=> #private_at_token::Supports<Self>);
    quote_spanned! {span=>
        #[doc(hidden)]
        impl<#params __C> #private::CompilableIn<__C> for #ident #ty_generics
        where for<'any> #krate::mode::Unsupported: #supports, #(#predicates,)* {}
        #[doc(hidden)]
        impl #impl_generics #krate::Compilable for #ident #ty_generics
        where for<'any> #krate::mode::Unsupported: #supports, #(#predicates,)* {}
        #[doc(hidden)]
        impl #impl_generics #krate::Scriptable for #ident #ty_generics
        where for<'any> #krate::mode::Unsupported: #supports, #(#predicates,)* {}
    }
}

/// The generic parameters, each followed by a comma, for an impl with one parameter more.
fn params(module: &Module) -> TokenStream {
    let params = module.generics.params.iter().map(|param| {
        let mut param = param.clone();
        match &mut param {
            GenericParam::Type(param) => param.default = None,
            GenericParam::Const(param) => param.default = None,
            GenericParam::Lifetime(_) => {}
        }
        param
    });
    quote!(#(#params,)*)
}

/// The predicates of an impl for the module: the user's own, and one for each field of a generic type, which has to be
/// a member.
pub fn predicates(module: &Module) -> Vec<TokenStream> {
    let private = private(Span::call_site());
    let own = module.generics.where_clause.iter().flat_map(|it| &it.predicates).map(|it| quote!(#it));
    let generic = by_type(module).filter(|it| is_generic(&it.ty, module));
    let members = generic.map(|it| {
        let ty = &it.ty;
        let bound = around(ty, &quote!(#private), &quote!(::Member));
        quote!(#ty: #bound)
    });
    own.chain(members).collect()
}

/// The fields whose types decide what they are.
fn by_type(module: &Module) -> impl Iterator<Item = &Field> {
    module.fields.iter().filter(|it| it.role == Role::ByType)
}

fn is_generic(ty: &Type, module: &Module) -> bool {
    mentions_parameter(ty, &module.generics)
}

/// Expands to a check of the tree below a module that declares its mode, at its definition.
pub fn definition_check(module: &Module) -> TokenStream {
    let mode = match module.mode {
        Mode::Script | Mode::Trace => Ident::new(module.mode.type_name(), Span::call_site()),
        Mode::Inherit | Mode::Unsupported => return quote!(),
    };
    let (krate, private) = (krate(Span::call_site()), private(Span::call_site()));
    let leaves = by_type(module).flat_map(|field| leaves(&field.ty)).filter(|it| !is_generic(it, module));
    let checks = leaves.map(|leaf| {
        let tree = tree(leaf, module);
        quote!(let checked = <#tree as #private::Fits<#krate::mode::#mode>>::check;)
    });
    quote!(const _: fn() = || { #(#checks)* };)
}

/// Expands to a check that the field's type can be a member's.
pub fn member_check(field: &Field, module: &Module) -> TokenStream {
    let private = private(Span::call_site());
    let krate = krate(Span::call_site());
    if is_generic(&field.ty, module) {
        return quote!();
    }
    let checks = leaves(&field.ty).into_iter().map(|leaf| match element(leaf) {
        Element::Member(ty) => check(ty, quote!(#private::Member), "member"),
        Element::Pointee(ty) => check(ty, quote!(#krate::DynModule), "node"),
    });
    quote!(#(#checks)*)
}

/// The modules in a leaf of a field's type, as a type: `Tree` of `Member`, or `()` where the leaf cannot be a member's.
fn tree(leaf: &Type, module: &Module) -> TokenStream {
    let private = private(Span::call_site());
    // A module that may hold one of its own type: rustc checks the rest of it already.
    if is_recursive(leaf, &module.ident) {
        return quote!(());
    }
    let ty = tree_type(leaf);
    let (start, end) = ends(leaf).unwrap_or((Span::call_site(), Span::call_site()));
    let (open, close) = (quote_spanned!(start=> <), quote_spanned!(end=> >::Tree));
    if is_generic(leaf, module) {
        return quote!(#open #ty as #private::Member #close);
    }
    let (element, answer) = match element(leaf) {
        Element::Member(ty) => (ty, "IS_MEMBER"),
        Element::Pointee(ty) => (ty, "IS_DYN_MODULE"),
    };
    let found = if_found(&with_lifetimes(element, "'static"), answer);
    quote!(#open #found as #private::TreeOf<#ty> #close)
}

/// The types inside of tuples and of containers of the standard library, which decide whether these are members, so that
/// the smallest culprit is blamed.
fn leaves(ty: &Type) -> Vec<&Type> {
    // As far as tuples implement traits.
    const MAX_ELEMENTS: usize = 12;
    match types::ungrouped(ty) {
        Type::Array(array) => return leaves(&array.elem),
        Type::Tuple(tuple) if (1..=MAX_ELEMENTS).contains(&tuple.elems.len()) => {
            return tuple.elems.iter().flat_map(leaves).collect();
        }
        _ => {}
    }
    let Some(last) = types::last_segment(ty) else { return vec![ty] };
    let mut arguments = types::arguments(last);
    match (last.ident.to_string().as_str(), arguments.next(), arguments.next()) {
        ("Vec" | "Option", Some(inner), None) => leaves(inner),
        ("HashMap" | "BTreeMap", Some(key), Some(value)) if types::is_named(key, &["String"]) => {
            leaves(value)
        }
        _ => vec![ty],
    }
}

/// What decides whether a leaf is a member.
enum Element<'t> {
    Member(&'t Type),
    /// The type that a `Box`, `Rc` or `Arc` points to.
    Pointee(&'t Type),
}

fn element(leaf: &Type) -> Element<'_> {
    let leaf = types::ungrouped(leaf);
    let Some(last) = types::last_segment(leaf) else { return Element::Member(leaf) };
    let mut arguments = types::arguments(last);
    match (last.ident.to_string().as_str(), arguments.next(), arguments.next()) {
        ("Box" | "Rc" | "Arc", Some(inner), None) => Element::Pointee(inner),
        _ => Element::Member(leaf),
    }
}

/// Whether the field holds modules of the struct's own type, as `Option<Box<Self>>` does.
fn is_recursive(ty: &Type, own: &Ident) -> bool {
    match types::ungrouped(ty) {
        Type::Array(array) => is_recursive(&array.elem, own),
        Type::Tuple(tuple) => tuple.elems.iter().any(|ty| is_recursive(ty, own)),
        Type::Path(it) if it.path.is_ident(own) => true,
        ty => types::last_segment(ty).into_iter().flat_map(types::arguments).any(|ty| is_recursive(ty, own)),
    }
}

/// The type whose tree rustc checks. `dyn Trait` is replaced, as the module behind it is known at run time only.
fn tree_type(ty: &Type) -> Type {
    struct Dynamic;
    impl syn::visit_mut::VisitMut for Dynamic {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if is_pointer_to_dyn(ty) {
                let private = private(Span::call_site());
                *ty = syn::parse_quote!(#private::Dynamic);
            } else {
                syn::visit_mut::visit_type_mut(self, ty);
            }
        }
    }
    let mut ty = with_lifetimes(ty, "'static");
    syn::visit_mut::VisitMut::visit_type_mut(&mut Dynamic, &mut ty);
    ty
}

/// Whether the type is `Box<dyn Trait>` or the like.
fn is_pointer_to_dyn(ty: &Type) -> bool {
    let Type::Path(_) = ty else { return false };
    let mut arguments = types::last_segment(ty).into_iter().flat_map(types::arguments);
    arguments.any(|ty| matches!(ty, Type::TraitObject(_)))
}
