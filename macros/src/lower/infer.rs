//! Asks for types that nobody wrote: rustc infers them, see `emit::inferred`.
//!
//! What is asked about is known by its number in the body, in the order of syn's visitors. Code that lowering makes
//! itself, and what stands between the brackets of a macro, has none.

use std::collections::HashMap;

use quote::ToTokens;
use syn::visit::{Visit, visit_expr};

use super::Cx;
use crate::syntax::{Expr, Operator, Slot, TypeSlot};
use crate::types;

/// A type that Rust evaluates.
#[derive(Clone, Debug)]
pub enum SlotType {
    Written(syn::Type),
    Inferred(Inferred),
}

/// A type that rustc infers.
#[derive(Clone, Debug)]
pub struct Inferred {
    /// The number of the expression in the body.
    pub number: usize,
    pub of: Of,
    /// The expression, to be blamed.
    pub expr: syn::Expr,
}

/// Whose type it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// That of the expression.
    Value,
    /// That of a list of what the expression, an iterator, gives.
    Items,
    /// That of the elements of the expression, a list.
    Element,
}

/// The numbers of the expressions of a body, by their addresses. The body is borrowed for as long as it is lowered.
#[derive(Default)]
pub struct Numbers(HashMap<usize, usize>);

impl Numbers {
    pub fn of(body: &syn::Block) -> Numbers {
        struct Number(HashMap<usize, usize>, usize);
        impl<'ast> Visit<'ast> for Number {
            fn visit_expr(&mut self, expr: &'ast syn::Expr) {
                self.0.insert(std::ptr::from_ref(expr).addr(), self.1);
                if let syn::Expr::Macro(it) = expr {
                    self.0.insert(std::ptr::from_ref(&it.mac).addr(), self.1);
                }
                self.1 += 1;
                visit_expr(self, expr);
            }
        }
        let mut number = Number(HashMap::new(), 0);
        number.visit_block(body);
        Numbers(number.0)
    }
}

impl Cx {
    /// The type of `expr`; none where rustc cannot be asked about it.
    pub fn infer(&mut self, expr: &syn::Expr) -> Option<TypeSlot> {
        self.ask(expr, Of::Value, || expr.clone())
    }

    /// The type of a list of what the iterator `expr` gives.
    pub fn infer_items(&mut self, expr: &syn::Expr) -> Option<TypeSlot> {
        self.ask(expr, Of::Items, || expr.clone())
    }

    /// The type of the elements of `vec![…]`.
    fn infer_element(&mut self, mac: &syn::Macro) -> Option<TypeSlot> {
        self.ask(mac, Of::Element, || syn::parse_quote!(#mac))
    }

    fn ask<T: ToTokens>(&mut self, node: &T, of: Of, expr: impl FnOnce() -> syn::Expr) -> Option<TypeSlot> {
        let number = *self.numbers.0.get(&std::ptr::from_ref(node).addr())?;
        let range = self.range(node);
        Some(self.add_type(SlotType::Inferred(Inferred { number, of, expr: expr() }), range))
    }

    /// Lowers a value that is stored. TorchScript does not know what a `None` is an option of, nor what an empty list
    /// or map holds.
    pub fn lower_stored(&mut self, expr: &syn::Expr) -> Expr {
        if is_none(expr) && !self.expected.as_ref().is_some_and(types::is_option) {
            return self.none_of(expr);
        }
        match expr {
            syn::Expr::Array(array) if array.elems.is_empty() && !self.expects(LIST) => {
                self.infer(expr).map_or_else(|| self.lower_expr(expr), empty)
            }
            expr => self.lower_expr(expr),
        }
    }

    /// `None`, of the type of `expr`.
    pub fn none_of(&mut self, expr: &syn::Expr) -> Expr {
        self.infer(expr).map_or_else(|| Expr::none(self.range(expr)), none)
    }

    /// Lowers an element of `vec![…]`, whose brackets hide it from rustc: only the list has a type.
    pub fn lower_element(&mut self, element: &syn::Expr, mac: &syn::Macro) -> Expr {
        let value = match () {
            () if is_none(element) => self.infer_element(mac).map(none),
            () if empty_collection(element).is_some() => self.infer_element(mac).map(empty),
            () => None,
        };
        value.unwrap_or_else(|| self.lower_expr(element))
    }

    /// The empty list or map that `expr` makes without its types; none where the declared type says what it is.
    pub fn lower_empty(&mut self, expr: &syn::Expr) -> Option<Expr> {
        let (names, args) = empty_collection(expr)?;
        if self.expects(names) {
            return None;
        }
        let slot = self.infer(expr)?;
        self.discard(&args);
        Some(empty(slot))
    }

    /// Whether the declared type has one of these names.
    fn expects(&self, names: &[&str]) -> bool {
        self.expected.as_ref().is_some_and(|ty| types::is_named(ty, names))
    }
}

const LIST: &[&str] = &["Vec"];
const MAP: &[&str] = &["HashMap", "BTreeMap"];

fn none(slot: TypeSlot) -> Expr {
    let ty = Expr::slot(Slot::Type(slot.index), slot.range);
    Expr::rust_op(Operator::Annotate, vec![ty, Expr::none(slot.range)], slot.range)
}

fn empty(slot: TypeSlot) -> Expr {
    Expr::slot(Slot::Empty(slot.index), slot.range)
}

/// Whether the value is, or may be, `None` as it is written.
pub fn may_be_none(expr: &syn::Expr) -> bool {
    let of_block = |block: &syn::Block| match block.stmts.last() {
        Some(syn::Stmt::Expr(expr, None)) => may_be_none(expr),
        _ => false,
    };
    match types::ungrouped_expr(expr) {
        syn::Expr::If(expr) => {
            let otherwise = expr.else_branch.as_ref().is_some_and(|it| may_be_none(&it.1));
            otherwise || of_block(&expr.then_branch)
        }
        syn::Expr::Match(expr) => expr.arms.iter().any(|arm| may_be_none(&arm.body)),
        syn::Expr::Block(expr) => of_block(&expr.block),
        expr => is_none(expr),
    }
}

fn is_none(expr: &syn::Expr) -> bool {
    let syn::Expr::Path(path) = types::ungrouped_expr(expr) else { return false };
    let is_plain = path.path.segments.iter().all(|segment| segment.arguments.is_none());
    is_plain && path.qself.is_none() && super::results::names_variant(&path.path, "Option", &["None"])
}

/// For an expression that makes an empty collection without naming its types: the names that the collection may have,
/// and the arguments.
fn empty_collection(expr: &syn::Expr) -> Option<(&'static [&'static str], Vec<&syn::Expr>)> {
    match expr {
        syn::Expr::Macro(it) if it.mac.tokens.is_empty() && it.mac.path.is_ident("vec") => {
            Some((LIST, vec![]))
        }
        syn::Expr::Call(call) => {
            let syn::Expr::Path(path) = &*call.func else { return None };
            let segments = &path.path.segments;
            let is_plain = segments.iter().all(|segment| segment.arguments.is_none());
            let ty = segments.get(segments.len().checked_sub(2)?)?.ident.to_string();
            let names = match ty.as_str() {
                "Vec" => LIST,
                "HashMap" | "BTreeMap" => MAP,
                _ => return None,
            };
            let makes = segments.last().map(|last| last.ident.to_string());
            let n_args = match makes.as_deref() {
                Some("new" | "default") => 0,
                Some("with_capacity") => 1,
                _ => return None,
            };
            let is_empty = is_plain && path.qself.is_none() && call.args.len() == n_args;
            is_empty.then(|| (names, call.args.iter().collect()))
        }
        _ => None,
    }
}
