//! Reads the tokens of Rust types. No type is inferred: a `Vec` is any path whose last segment is `Vec`.

use proc_macro2::Span;
use syn::{GenericArgument, Generics, Ident, Lifetime, Path, PathArguments, PathSegment, Type};

/// The type without parentheses around it, and without the group of a `macro_rules!` variable.
pub fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
}

/// The expression without parentheses around it, and without the group of a `macro_rules!` variable.
pub fn ungrouped_expr(expr: &syn::Expr) -> &syn::Expr {
    match expr {
        syn::Expr::Paren(paren) => ungrouped_expr(&paren.expr),
        syn::Expr::Group(group) => ungrouped_expr(&group.expr),
        expr => expr,
    }
}

/// The last segment of a path, such as `Vec<T>` in `std::vec::Vec<T>`.
pub fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ungrouped(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The last name of a path, such as `Vec` in `std::vec::Vec<T>`.
pub fn last_name(ty: &Type) -> Option<String> {
    last_segment(ty).map(|segment| segment.ident.to_string())
}

/// Whether the type has one of these names, whatever its path and its arguments.
pub fn is_named(ty: &Type, names: &[&str]) -> bool {
    last_segment(ty).is_some_and(|segment| names.iter().any(|name| segment.ident == name))
}

/// Whether the path ends in one of these names.
pub fn path_is_named(path: &Path, names: &[&str]) -> bool {
    path.segments.last().is_some_and(|segment| names.iter().any(|name| segment.ident == name))
}

/// The types between the angle brackets of a segment.
pub fn arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let args = match &segment.arguments {
        PathArguments::AngleBracketed(args) => Some(&args.args),
        _ => None,
    };
    args.into_iter().flatten().filter_map(|arg| match arg {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The type `T` in `Name<T, …>`, if the first argument is a type.
pub fn first_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(args) = &segment.arguments else { return None };
    match args.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// The type `T` in `name<T>`; none for other names.
pub fn argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    last_segment(ty).filter(|segment| segment.ident == name).and_then(first_argument)
}

/// Types of tch and of the standard library that are values in TorchScript.
pub const FOREIGN: &[&str] = &[
    "Tensor", "bool", "i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize", "f32", "f64",
    "str", "String", "Vec", "Option", "HashMap", "BTreeMap", "Device", "Kind",
];

/// Whether a parameter of this type may be a module: a reference to something that is not certainly data.
pub fn may_be_module(ty: &Type) -> bool {
    const DATA: [&str; 9] =
        ["Tensor", "str", "String", "Vec", "Option", "HashMap", "BTreeMap", "Device", "Kind"];
    let Type::Reference(reference) = ungrouped(ty) else { return false };
    match ungrouped(&reference.elem) {
        Type::TraitObject(_) | Type::ImplTrait(_) => true,
        Type::Path(path) => {
            let is_primitive =
                path.path.get_ident().is_some_and(|it| it.to_string().starts_with(char::is_lowercase));
            reference.mutability.is_none() && !is_primitive && !is_named(&reference.elem, &DATA)
        }
        _ => false,
    }
}

/// Whether it is a `Tensor`, or a reference to one.
pub fn is_tensor(ty: &Type) -> bool {
    match ungrouped(ty) {
        Type::Reference(ty) => is_tensor(&ty.elem),
        ty => is_named(ty, &["Tensor"]),
    }
}

/// Whether it is an `Option`.
pub fn is_option(ty: &Type) -> bool {
    is_named(ty, &["Option"])
}

/// Whether it is `bool`.
pub fn is_bool(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Path(path) if path.path.is_ident("bool"))
}

/// Whether it is `()`.
pub fn is_unit(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Whether the type is written with generic arguments.
pub fn has_arguments(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.iter().any(|it| !it.arguments.is_none()))
}

/// The type, if no part of it is left to inference. Only such an annotation is of use to TorchScript.
pub fn complete(ty: &Type) -> Option<&Type> {
    struct Inferred(bool);
    impl<'ast> syn::visit::Visit<'ast> for Inferred {
        fn visit_type_infer(&mut self, _: &'ast syn::TypeInfer) {
            self.0 = true;
        }
    }
    let mut inferred = Inferred(false);
    syn::visit::Visit::visit_type(&mut inferred, ty);
    (!inferred.0).then_some(ty)
}

/// `ty` with every lifetime replaced, elided ones of references as well.
pub fn with_lifetimes(ty: &Type, lifetime: &str) -> Type {
    struct Replace(Lifetime);
    impl syn::visit_mut::VisitMut for Replace {
        fn visit_type_reference_mut(&mut self, ty: &mut syn::TypeReference) {
            ty.lifetime = Some(self.0.clone());
            self.visit_type_mut(&mut ty.elem);
        }
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = self.0.clone();
        }
        // A function takes references of any lifetime.
        fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}
        fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut syn::ParenthesizedGenericArguments) {}
    }
    let mut ty = ty.clone();
    let mut replace = Replace(Lifetime::new(lifetime, Span::call_site()));
    syn::visit_mut::VisitMut::visit_type_mut(&mut replace, &mut ty);
    ty
}

/// `ty` with the name of the struct in place of `Self`.
pub fn with_own_name(ty: &Type, own: &Ident) -> Type {
    struct Replace<'a>(&'a Ident);
    impl syn::visit_mut::VisitMut for Replace<'_> {
        fn visit_ident_mut(&mut self, ident: &mut Ident) {
            if ident == "Self" {
                let span = ident.span();
                *ident = self.0.clone();
                ident.set_span(span);
            }
        }
    }
    let mut ty = ty.clone();
    syn::visit_mut::VisitMut::visit_type_mut(&mut Replace(own), &mut ty);
    ty
}

/// Whether `ty` names a type or constant parameter, or `Self`. rustc evaluates no constant that does, so a
/// `Probe` cannot be asked about such a type.
pub fn mentions_parameter(ty: &Type, generics: &Generics) -> bool {
    struct Mentions<'a>(Vec<&'a Ident>, bool);
    impl<'ast> syn::visit::Visit<'ast> for Mentions<'_> {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.1 |= ident == "Self" || self.0.contains(&ident);
        }
    }
    let params = generics.params.iter().filter_map(|param| match param {
        syn::GenericParam::Type(param) => Some(&param.ident),
        syn::GenericParam::Const(param) => Some(&param.ident),
        syn::GenericParam::Lifetime(_) => None,
    });
    let mut mentions = Mentions(params.collect(), false);
    syn::visit::Visit::visit_type(&mut mentions, ty);
    mentions.1
}
