//! The struct: its mode as a type, its members, and its place in the registry.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use super::{check, fitness};
use crate::attr::{Mode, Role};
use crate::module::{Field, Module};
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
    let registration = registration(module);
    let callback = callback(&module.ident, module.mode.keyword());
    quote! {
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private::{Otherwise as _, OtherwiseValue as _};
            #traits
            #fitness
            #check
            #registration
        };
        #callback
    }
}

/// What remains of an item that is no struct: `#[methods]` must not miss the macro.
pub fn no_module(ident: &Ident) -> TokenStream {
    callback(ident, "none")
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
    let members = module.fields.iter().map(|field| member(field, module));
    let node = match module.mode {
        Mode::Unsupported => quote!(#private::NodeRef::unsupported::<Self>()),
        _ => quote!(#private::Probe::<Self>::node(self)),
    };
    // Where there is something to say about a parameter, the impl is not left out.
    let hidden = (!module.is_generic()).then(|| quote!(#[diagnostic::do_not_recommend]));
    // A generic module is a member where its own impl of `Forward` applies.
    let own =
        (module.is_generic() && module.mode != Mode::Unsupported).then(|| quote!(Self: #krate::Forward,));
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
        #hidden
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

/// Expands to a check of the field's type, and to `members.add("name", value);`. The value is found
/// in a way that says nothing more about a type that the check rejects.
fn member(field: &Field, module: &Module) -> TokenStream {
    let (krate, private) = (krate(Span::call_site()), private(Span::call_site()));
    let (member, name, ty) = (&field.member, &field.name, &field.ty);
    let (check, value) = match field.role {
        Role::ByType => {
            let check = fitness::member_check(field, module);
            (check, quote!(#private::ProbeValue(&self.#member).member()))
        }
        Role::Parameter => {
            let check = check(ty, quote!(#private::TensorField), "tensor");
            (check, quote!(#private::parameter(checked(&self.#member))))
        }
        Role::Buffer => {
            let check = check(ty, quote!(#private::TensorField), "tensor");
            (check, quote!(#private::buffer(checked(&self.#member))))
        }
        Role::Constant => {
            let check = check(ty, quote!(#krate::ScriptType), "to_value");
            (check, quote!(#private::MemberValue::Constant(checked(&self.#member))))
        }
        Role::Skip => return quote!(),
    };
    quote!(#check members.add(#name, #value);)
}

/// A generic module has no single entry; it is found through the modules that hold it.
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
    quote! {
        #private::inventory::submit! {
            #krate::registry::Entry {
                info: <#ident as #krate::Module>::INFO,
                type_name: ::core::any::type_name::<#ident>,
                forward: #forward,
            }
        }
    }
}

/// `Cell! { trace … }` passes its tokens on if `Cell` is declared `trace`. The macro shares the
/// type's name, so that it is found wherever `#[methods] impl Cell` finds the type.
fn callback(ident: &Ident, mode: &str) -> TokenStream {
    let name = format_ident!("__mode_of_{ident}");
    let mode = Ident::new(mode, Span::call_site());
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
