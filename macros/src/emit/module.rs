//! The struct: its mode as a type, its members, and its place in the registry.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Ident, Type};

use crate::attr::{Mode, Role};
use crate::module::{Field, Module};
use crate::paths::{krate, place_of, private};

/// Expands to:
///
/// ```text
/// const _: () = {
///     impl Module for Cell { type Mode = mode::Trace; const INFO: TypeInfo = …; fn members(…) {…} }
///     impl Member for Cell { type Tree = Cell; … }
///     impl DynModule for Cell { … }
///     // whether the tree below may be compiled in a mode, see `tch_jit::private::CompilableIn`
///     pub trait FieldsOfCell<C> {}
///     inventory::submit! { … }
/// };
/// macro_rules! __mode_of_Cell { … }
/// ```
pub fn module(module: &Module) -> TokenStream {
    let traits = traits(module);
    let fitness = fitness(module);
    let check = definition_check(module);
    let registration = registration(module);
    let callback = callback(module);
    quote! {
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            #traits
            #fitness
            #check
            #registration
        };
        #callback
    }
}

fn traits(module: &Module) -> TokenStream {
    let span = Span::call_site();
    let (krate, private) = (krate(span), private(span));
    let ident = &module.ident;
    let (impl_generics, ty_generics, _) = module.generics.split_for_impl();
    let predicates = predicates(module);
    let name = ident.to_string();
    let mode = Ident::new(module.mode.type_name(), Span::call_site());
    let start = ident.span().start();
    let (line, column) = (start.line as u32, start.column as u32 + 1);
    let members = module.fields.iter().map(member);
    let node = quote_spanned! {place_of(ident.span())=> #private::NodeRef::of_module(self) };
    let node = match module.mode {
        Mode::Unsupported => quote!(#private::NodeRef::unsupported::<Self>()),
        _ => node,
    };
    // A generic module is a member where its own impl of `Forward` applies.
    let generic = module.generics.type_params().next().is_some() && module.mode != Mode::Unsupported;
    let own = generic.then(|| quote!(Self: #krate::Forward,));
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
                #(#members)*
            }
        }
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
        impl #impl_generics #krate::DynModule for #ident #ty_generics where #own #(#predicates,)* {
            fn node(&self) -> #private::NodeRef<'_> {
                #node
            }
        }
    }
}

fn member(field: &Field) -> TokenStream {
    let span = place_of(field.ty.span());
    let private = private(span);
    let (member, name) = (&field.member, &field.name);
    let value = match field.role {
        Role::ByType => quote_spanned!(span=> #private::Member::member(&self.#member)),
        Role::Parameter => quote_spanned!(span=> #private::parameter(&self.#member)),
        Role::Buffer => quote_spanned!(span=> #private::buffer(&self.#member)),
        Role::Constant => quote_spanned!(span=> #private::constant_member(&self.#member)),
        Role::Skip => return quote!(),
    };
    quote!(members.add(#name, #value);)
}

/// The user's own predicates, and that fields of a generic type are members.
fn predicates(module: &Module) -> Vec<TokenStream> {
    let private = private(Span::call_site());
    let own = module.generics.where_clause.iter().flat_map(|it| &it.predicates).map(|it| quote!(#it));
    let members = generic_fields(module).map(|field| {
        let ty = &field.ty;
        quote_spanned!(ty.span()=> #ty: #private::Member)
    });
    own.chain(members).collect()
}

fn generic_fields(module: &Module) -> impl Iterator<Item = &Field> {
    module
        .fields
        .iter()
        .filter(|field| field.role == Role::ByType && mentions_parameter(&field.ty, module))
}

fn mentions_parameter(ty: &Type, module: &Module) -> bool {
    struct Mentions<'a>(Vec<&'a Ident>, bool);
    impl<'ast> syn::visit::Visit<'ast> for Mentions<'_> {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.1 |= self.0.contains(&ident);
        }
    }
    let params = module.generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    });
    let mut mentions = Mentions(params.collect(), false);
    syn::visit::Visit::visit_type(&mut mentions, ty);
    mentions.1
}

/// Whether a tree may be compiled is a trait of its fields' types. The trait is local to the
/// struct, so that rustc prints every step of the path to an unsupported module: it hides repeated
/// requirements of one and the same trait.
fn fitness(module: &Module) -> TokenStream {
    let span = Span::call_site();
    let (krate, private) = (krate(span), private(span));
    let ident = &module.ident;
    let (_, ty_generics, _) = module.generics.split_for_impl();
    let predicates = predicates(module);
    let params = &module.generics.params.iter().map(without_default).collect::<Vec<_>>();
    if module.mode == Mode::Unsupported {
        let token = module.mode_token.as_ref().map_or(ident.span(), Ident::span);
        let marker = format_ident!("ModeOf{ident}");
        let message = format!("`{ident}` does not support TorchScript compilation");
        let label = format!("`{ident}` is declared `#[compile_mode(unsupported)]`");
        let supported = Ident::new("Supported", token);
        let fits = quote!(where for<'__a> #marker<'__a>: #supported, #(#predicates,)*);
        return quote! {
            pub struct #marker<'a>(&'a ());
            #[diagnostic::on_unimplemented(
                message = #message,
                label = #label,
                note = "help: take it out of the tree, or compile the parts around it"
            )]
            pub trait #supported {}
            impl<__C, #(#params),*> #private::CompilableIn<__C> for #ident #ty_generics #fits {}
            impl<__C, #(#params),*> #private::RootIn<__C> for #ident #ty_generics #fits {}
        };
    }
    let fields_of = format_ident!("FieldsOf{ident}", span = ident.span());
    let context = match module.mode {
        Mode::Script => quote!(#krate::mode::Script),
        Mode::Trace => quote!(#krate::mode::Trace),
        Mode::Inherit | Mode::Unsupported => quote!(__C),
    };
    let fields = module.fields.iter().filter(|field| field.role == Role::ByType).map(|field| {
        let ty = tree_type(&field.ty);
        quote_spanned!(field.ty.span()=> for<'__a> <#ty as #private::Member>::Tree: #private::CompilableIn<__C>)
    });
    quote! {
        pub trait #fields_of<__C> {}
        impl<__C, #(#params),*> #fields_of<__C> for #ident #ty_generics
        where #(#fields,)* #(#predicates,)* {}
        impl<__C, #(#params),*> #private::CompilableIn<__C> for #ident #ty_generics
        where
            for<'__a> Self: #fields_of<#context>,
            for<'__a> Self: #private::Body<#context>,
            #(#predicates,)* {}
        impl<__C, #(#params),*> #private::RootIn<__C> for #ident #ty_generics
        where
            for<'__a> Self: #fields_of<__C>,
            for<'__a> Self: #private::Body<__C>,
            #(#predicates,)* {}
    }
}

/// The type whose tree rustc checks. What lies behind `dyn` is known at run time only.
fn tree_type(ty: &Type) -> Type {
    struct Dynamic;
    impl syn::visit_mut::VisitMut for Dynamic {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if is_pointer_to_dyn(ty) {
                let private = private(ty.span());
                *ty = syn::parse_quote!(#private::Dynamic);
            } else {
                syn::visit_mut::visit_type_mut(self, ty);
            }
        }
    }
    let mut ty = super::with_lifetimes(ty, "'static");
    syn::visit_mut::VisitMut::visit_type_mut(&mut Dynamic, &mut ty);
    ty
}

/// `Box<dyn Trait>` and its like.
fn is_pointer_to_dyn(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(syn::PathArguments::AngleBracketed(args)) = path.path.segments.last().map(|it| &it.arguments)
    else {
        return false;
    };
    args.args.iter().any(|arg| matches!(arg, syn::GenericArgument::Type(Type::TraitObject(_))))
}

fn without_default(param: &GenericParam) -> GenericParam {
    let mut param = param.clone();
    match &mut param {
        GenericParam::Type(param) => param.default = None,
        GenericParam::Const(param) => param.default = None,
        GenericParam::Lifetime(_) => {}
    }
    param
}

/// A module that declares its mode is checked where it is defined, whoever compiles it.
fn definition_check(module: &Module) -> TokenStream {
    let mode = match module.mode {
        Mode::Script | Mode::Trace => Ident::new(module.mode.type_name(), Span::call_site()),
        Mode::Inherit | Mode::Unsupported => return quote!(),
    };
    let checks = module
        .fields
        .iter()
        .filter(|field| field.role == Role::ByType && !mentions_parameter(&field.ty, module))
        .map(|field| {
            let span = field.ty.span();
            let private = private(span);
            let ty = tree_type(&field.ty);
            quote_spanned!(span=> need::<<#ty as #private::Member>::Tree>();)
        });
    let (krate, private) = (krate(Span::call_site()), private(Span::call_site()));
    quote! {
        const _: fn() = || {
            fn need<T: ?Sized + #private::CompilableIn<#krate::mode::#mode>>() {}
            #(#checks)*
        };
    }
}

/// A generic module has no single entry; it is found through the modules that hold it.
fn registration(module: &Module) -> TokenStream {
    if !module.generics.params.is_empty() {
        return quote!();
    }
    let (krate, private) = (krate(Span::call_site()), private(Span::call_site()));
    let ident = &module.ident;
    let methods = match module.mode {
        Mode::Unsupported => quote!(::core::option::Option::None),
        _ => quote!(::core::option::Option::Some(<#ident as #krate::Forward>::PLACE)),
    };
    quote! {
        #private::inventory::submit! {
            #krate::registry::Entry {
                info: <#ident as #krate::Module>::INFO,
                type_name: ::core::any::type_name::<#ident>,
                forward: #methods,
            }
        }
    }
}

/// `Cell! { trace … }` passes its tokens on if `Cell` is declared `trace`. The macro shares the
/// type's name, so that it is found wherever `#[methods] impl Cell` finds the type.
fn callback(module: &Module) -> TokenStream {
    let ident = &module.ident;
    let name = format_ident!("__mode_of_{ident}");
    let mode = Ident::new(module.mode.keyword(), Span::call_site());
    quote! {
        #[doc(hidden)]
        #[allow(unused_macros)]
        macro_rules! #name {
            (#mode $($tokens:tt)*) => { $($tokens)* };
            ($mode:ident $($tokens:tt)*) => {};
        }
        #[doc(hidden)]
        #[allow(unused_imports)]
        pub(crate) use #name as #ident;
    }
}
