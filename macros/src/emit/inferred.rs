//! Code that has rustc infer types: the body once more, in a closure that is never called.
//!
//! ```text
//! fn __jit_types_of_FORWARD(&self) -> (Vec<Type>, Vec<Value>, Vec<Define>, Vec<bool>) {
//!     let list = Inferred::new();
//!     let _ = || -> Tensor {
//!         let x: &Tensor = any();
//!         let mut outputs = list.of(vec![]);
//!         …
//!     };
//!     (vec![list.script_type()], vec![], vec![], vec![])
//! }
//! ```

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_expr_mut};
use syn::{Block, FnArg, Generics, Ident};

use super::names::types_name;
use super::own_types::is_wrong;
use crate::check::Method;
use crate::lower::{
    Inferred, Of, SlotConstant, SlotFunction, SlotType, arguments, is_assignment, value_and_rest,
};
use crate::names;
use crate::paths::private;
use crate::types::{path_is_named, ungrouped_expr, with_lifetimes};

/// What is asked about, by its number in the body, with the variables that hold the answers.
type Asked = BTreeMap<(usize, Of), Ident>;

/// Whether rustc is to infer types for the body.
pub fn is_needed(method: &Method) -> bool {
    method.lowered.inferred().next().is_some()
}

/// Expands to the function that gives the inferred types, and constants of these, in the order of their slots. In an
/// impl block it is a method, as the body may name `self` and `Self`; else it has the `generics` of what is around it.
pub fn function(method: &Method, receiver: Option<&TokenStream>, generics: &Generics) -> TokenStream {
    let (generics, _, where_clause) = generics.split_for_impl();
    let private = private(Span::call_site());
    let name = types_name(method.ident());
    let asked: Asked = method
        .lowered
        .inferred()
        .map(|it| ((it.number, it.of), format_ident!("inferred_{}", it.number, span = Span::mixed_site())))
        .map(|((number, of), name)| {
            let suffix = match of {
                Of::Value => return ((number, of), name),
                Of::Place => "place",
                Of::Items => "items",
                Of::Receiver => "receiver",
                Of::Operand => "operand",
                Of::Assigned => "assigned",
                Of::Operated => "operated",
                Of::Elements => "elements",
                Of::Indexed => "indexed",
                Of::Borrowed => "borrowed",
            };
            ((number, of), format_ident!("{name}_{suffix}", span = Span::mixed_site()))
        })
        .collect();
    let variables: Vec<_> = asked.values().collect();
    let variable = |it: &Inferred| &asked[&(it.number, it.of)];
    let types = method.lowered.made.types.iter().filter_map(|it| {
        let SlotType::Inferred(it) = it else { return None };
        let variable = variable(it);
        Some(match it.of {
            Of::Items => quote!(#variable.list_type()),
            _ => quote!(#variable.script_type()),
        })
    });
    let constants = method.lowered.made.constants.iter().filter_map(|it| {
        let (it, bound) = match it {
            SlotConstant::Low(it) => (it, Some("low")),
            SlotConstant::High(it) => (it, Some("high")),
            SlotConstant::Number(it) | SlotConstant::Primitive(it) => (it, None),
            SlotConstant::Written(_) => return None,
        };
        let variable = variable(it);
        let Some(bound) = bound else { return Some(quote!(#variable.primitive())) };
        // A type without bounds is blamed where the value stands.
        let span = it.expr.span();
        let (private, bound) = (self::private(span), Ident::new(bound, span));
        Some(quote_spanned!(span=> #private::#bound::<_>(&#variable)))
    });
    let functions = method.lowered.made.functions.iter().filter_map(|it| {
        let SlotFunction::Method(receiver, name) = it else { return None };
        let (variable, number) = (variable(receiver), names::number_of(name));
        let private = self::private(name.span());
        Some(quote_spanned!(name.span()=> #private::method_of::<_, #number>(&#variable)))
    });
    let is_own = method.lowered.made.uses.iter().map(|it| {
        let variable = variable(&it.value);
        is_wrong(&quote!(#variable), it.by)
    });
    let arguments = method.func.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => {
            let (pat, ty) = (&input.pat, with_lifetimes(&input.ty, "'_"));
            Some(quote!(let #pat: #ty = #private::any();))
        }
        FnArg::Receiver(_) => None,
    });
    let output = match &method.func.sig.output {
        syn::ReturnType::Default => quote!(()),
        syn::ReturnType::Type(_, ty) => {
            let ty = with_lifetimes(ty, "'_");
            quote!(#ty)
        }
    };
    let body = asking(method, &asked);
    quote! {
        fn #name #generics (#receiver) -> (
            ::std::vec::Vec<#private::Type>,
            ::std::vec::Vec<#private::Value>,
            ::std::vec::Vec<#private::Define>,
            ::std::vec::Vec<bool>,
        ) #where_clause {
            #(let #variables = #private::Inferred::new();)*
            let _ = || -> #output {
                use #private::{TellsItems as _, TellsNothing as _};
                #(#arguments)*
                #body
            };
            (::std::vec![#(#types),*], ::std::vec![#(#constants),*], ::std::vec![#(#functions),*], ::std::vec![#(#is_own),*])
        }
    }
}

/// The place that an operator such as `+=` assigns.
fn assigned(expr: &syn::Expr) -> Option<syn::Expr> {
    match expr {
        syn::Expr::Binary(it) if is_assignment(&it.op) => Some((*it.left).clone()),
        _ => None,
    }
}

/// Whether the expression is a part of another value, which cannot be moved out of it.
fn is_part(expr: &syn::Expr) -> bool {
    match ungrouped_expr(expr) {
        syn::Expr::Field(_) | syn::Expr::Index(_) => true,
        syn::Expr::Unary(it) => matches!(it.op, syn::UnOp::Deref(_)),
        _ => false,
    }
}

/// Expands to what tells the type of a place.
fn tell(place: &syn::Expr, (variable, of): (&Ident, Of)) -> TokenStream {
    let private = private(Span::call_site());
    let method = if of == Of::Elements { quote!(tell_items) } else { quote!(tell) };
    quote!((&#private::Operand(&#place)).#method(&#variable))
}

/// Expands to the value itself, whose type is told.
fn told(value: TokenStream, (variable, of): (&Ident, Of)) -> TokenStream {
    let private = private(Span::call_site());
    let method = if of == Of::Elements { quote!(told_items) } else { quote!(told) };
    quote!((&#private::Told(#value)).#method(&#variable))
}

/// Whether the expression names something that is there already, so that to name it twice makes no difference.
fn is_place(expr: &syn::Expr) -> bool {
    match ungrouped_expr(expr) {
        syn::Expr::Path(_) => true,
        syn::Expr::Field(it) => is_place(&it.base),
        syn::Expr::Index(it) => is_place(&it.expr),
        syn::Expr::Unary(it) => matches!(it.op, syn::UnOp::Deref(_)) && is_place(&it.expr),
        _ => false,
    }
}

/// The body, with what is asked about passed through the variables.
fn asking(method: &Method, asked: &Asked) -> Block {
    /// Numbers the expressions as `lower::infer` does.
    struct Ask<'a> {
        asked: &'a Asked,
        next: usize,
        has_lifetimes: bool,
    }
    impl<'a> Ask<'a> {
        fn asked(&self, number: usize, of: Of) -> Option<(&'a Ident, Of)> {
            Some((self.asked.get(&(number, of))?, of))
        }
    }
    impl VisitMut for Ask<'_> {
        fn visit_expr_mut(&mut self, expr: &mut syn::Expr) {
            let number = self.next;
            self.next += 1;
            let assigned = assigned(expr);
            let is_of_place = matches!(expr, syn::Expr::MethodCall(call) if is_place(&call.receiver));
            let is_part = matches!(expr, syn::Expr::MethodCall(call) if is_part(&call.receiver));
            let is_place = is_place(expr);
            visit_expr_mut(self, expr);
            // A place that is assigned is asked about beside the assignment.
            if let (Some(place), Some(variable)) = (&assigned, self.asked.get(&(number + 1, Of::Place)))
                && let syn::Expr::Binary(assignment) = expr
            {
                *assignment.left = place.clone();
                *expr = syn::Expr::Verbatim(quote!({ #variable.place(&#place); #assignment }));
            }
            if let (Some(place), Some(asked)) = (assigned, self.asked(number + 1, Of::Assigned)) {
                let tell = tell(&place, asked);
                *expr = syn::Expr::Verbatim(quote!({ #tell; #expr }));
            }
            if let (syn::Expr::Index(it), Some(asked)) = (&mut *expr, self.asked(number + 1, Of::Indexed)) {
                let (tell, index) = (tell(&it.expr, asked), &it.index);
                *it.index = syn::Expr::Verbatim(quote!({ #tell; #index }));
            }
            let of_receiver = [Of::Operated, Of::Elements].map(|of| self.asked(number + 1, of));
            let of_receiver: Vec<_> = of_receiver.into_iter().flatten().collect();
            if let (syn::Expr::MethodCall(call), [_, ..]) = (&mut *expr, &of_receiver[..]) {
                let receiver = &call.receiver;
                let all_told = |value| of_receiver.iter().fold(value, |value, asked| told(value, *asked));
                if is_of_place {
                    let tells = of_receiver.iter().map(|asked| tell(receiver, *asked));
                    *expr = syn::Expr::Verbatim(quote!(({ #(#tells;)* }, #call).1));
                } else if is_part {
                    let told = all_told(quote!(&#receiver));
                    *call.receiver = syn::Expr::Verbatim(quote!((*#told)));
                } else {
                    *call.receiver = syn::Expr::Verbatim(all_told(quote!(#receiver)));
                }
            }
            // The receiver is the first expression in a call.
            if let (syn::Expr::MethodCall(call), Some(variable)) =
                (&mut *expr, self.asked.get(&(number + 1, Of::Receiver)))
            {
                let receiver = &call.receiver;
                if is_of_place {
                    // In a block, what the arguments borrow would not live long enough.
                    let asked = quote_spanned!(call.span()=> (#variable.receiver(&#receiver), #call).1);
                    *expr = syn::Expr::Verbatim(asked);
                } else if is_part {
                    *call.receiver = syn::Expr::Verbatim(quote!((*#variable.place(&#receiver))));
                } else {
                    *call.receiver = syn::Expr::Verbatim(quote!(#variable.of(#receiver)));
                }
            }
            for (of, method) in [(Of::Value, "of"), (Of::Items, "items")] {
                if let Some(variable) = self.asked.get(&(number, of)) {
                    let method = Ident::new(method, Span::call_site());
                    *expr = syn::Expr::Verbatim(quote!(#variable.#method(#expr)));
                }
            }
            if let Some(asked) = self.asked(number, Of::Operand) {
                *expr = syn::Expr::Verbatim(told(quote!(#expr), asked));
            }
            if let Some(asked) = self.asked(number, Of::Borrowed) {
                let tell = tell(expr, asked);
                *expr = syn::Expr::Verbatim(match is_place {
                    true => quote!((*{ #tell; &#expr })),
                    false => told(quote!(#expr), asked),
                });
            }
            if let Some(variable) = self.asked.get(&(number, Of::Place)) {
                *expr = syn::Expr::Verbatim(quote!((*#variable.place(&(#expr)))));
            }
        }

        fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
            let Some(mut arguments) = arguments(mac) else { return };
            let first = self.next;
            arguments.iter_mut().for_each(|it| self.visit_expr_mut(it));
            if !self.asked.keys().any(|(number, _)| (first..self.next).contains(number)) {
                return;
            }
            mac.tokens = match &arguments[..] {
                [syn::Expr::Array(array)] if path_is_named(&mac.path, &["vec"]) => {
                    array.elems.to_token_stream()
                }
                [value] if path_is_named(&mac.path, &["matches"]) => {
                    let Ok((_, rest)) = value_and_rest.parse2(mac.tokens.clone()) else { return };
                    quote!(#value #rest)
                }
                [syn::Expr::Repeat(syn::ExprRepeat { expr, len, .. })] => quote!(#expr; #len),
                arguments => quote!(#(#arguments),*),
            };
        }

        // The lifetimes of the signature are those of a function that is not there.
        fn visit_type_mut(&mut self, ty: &mut syn::Type) {
            if self.has_lifetimes {
                *ty = with_lifetimes(ty, "'_");
            }
            syn::visit_mut::visit_type_mut(self, ty);
        }
    }
    let has_lifetimes = method.func.sig.generics.lifetimes().next().is_some();
    let mut body = method.func.block.clone();
    Ask { asked, next: 0, has_lifetimes }.visit_block_mut(&mut body);
    body
}
