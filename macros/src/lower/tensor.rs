//! Lowers methods and associated functions of `Tensor` that tch writes by hand, by the table in `ops/by_hand.rs`.

mod convert;
mod index;
mod operator;

use syn::{ExprMethodCall, Ident};

use super::Cx;
use crate::ops::{ByHand, Image};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator};

impl Cx {
    /// Lowers a call of `it`, which is written `ident`, with the right number of `args`; `receiver` is `None` where the
    /// function has no `self`.
    pub fn lower_by_hand(
        &mut self,
        it: &ByHand,
        ident: &Ident,
        receiver: Option<&syn::Expr>,
        args: &[&syn::Expr],
        range: Range,
    ) -> Expr {
        match (it.name, receiver) {
            ("i", Some(receiver)) => return self.lower_index_op(receiver, args[0], range),
            ("from" | "from_slice" | "from_slice2" | "try_from", None) => {
                return self.lower_tensor_of(args[0], range);
            }
            _ => {}
        }
        let mut values = self.lower_all(receiver.into_iter().chain(args.iter().copied()));
        match it.image {
            Image::Rejected(reason) => self.poison(
                ident,
                format!("`{ident}` cannot be called in scripted methods: {}", reason.why),
                reason.help,
            ),
            Image::Aten(name) => Expr::torch(name, values, range),
            Image::Attribute(name) => values.remove(0).select(name, range),
            Image::Function(op) => Expr::rust_op(op, values, range),
            Image::Own(_) => {
                self.lower_own(it.name, values, range).unwrap_or_else(|| self.unknown_method(ident))
            }
        }
    }

    /// Lowers the methods with forms of their own, see `Image::Own`. `values` are the receiver and the arguments.
    fn lower_own(&mut self, name: &str, mut values: Vec<Expr>, range: Range) -> Option<Expr> {
        let x = values.remove(0);
        Some(match (name, values.pop()) {
            ("shallow_clone" | "as_ref", None) => x,
            ("print", None) => Expr::var("print", range).apply(vec![x], range),
            ("add", Some(y)) => Expr::binary(BinaryOp::Add, x, y, range),
            ("sub", Some(y)) => Expr::binary(BinaryOp::Sub, x, y, range),
            ("mul", Some(y)) => Expr::binary(BinaryOp::Mul, x, y, range),
            ("div", Some(y)) => Expr::rust_op(Operator::Div, vec![x, y], range),
            ("get", Some(index)) => Expr::torch("select", vec![x, Expr::int(0, range), index], range),
            ("to_kind" | "to_device", Some(to)) => x.select("to", range).apply(vec![to], range),
            ("view", Some(size)) => Expr::torch("view", vec![x, shape(size, range)], range),
            ("double_value" | "int64_value", Some(indices)) => element(name, x, indices, range),
            _ => return None,
        })
    }

    /// Lowers `x.iter::<f64>()?`, the elements of a tensor with one dimension, to a list.
    pub fn lower_tensor_iter(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        let turbofish = call.turbofish.as_ref().filter(|_| call.method == "iter")?;
        let syn::GenericArgument::Type(element) = turbofish.args.first()? else { return None };
        let x = self.lower_expr(&call.receiver);
        Some(self.lower_to_list(x, element, range))
    }
}

/// `x.double_value(&[i, j])` becomes `float(x[i, j])`; without indices, `float(x)`.
fn element(name: &str, x: Expr, indices: Expr, range: Range) -> Expr {
    let element = match indices.kind {
        ExprKind::List(indices) if indices.is_empty() => x,
        ExprKind::List(indices) => Expr::new(ExprKind::Subscript(Box::new(x), indices), range),
        // A list that is not written out is indexed by an operator: TorchScript's `x[list]` means something else.
        kind => Expr::rust_op(Operator::Element, vec![x, Expr::new(kind, range)], range),
    };
    let ty = if name == "double_value" { "float" } else { "int" };
    Expr::var(ty, range).apply(vec![element], range)
}

/// The shape that `view` is given, a list, a tuple, `()` or an integer, as a list.
fn shape(value: Expr, range: Range) -> Expr {
    match value.kind {
        ExprKind::Tuple(items) => Expr::new(ExprKind::List(items), range),
        ExprKind::None => Expr::new(ExprKind::List(vec![]), range),
        ExprKind::List(_) => value,
        _ => Expr::rust_op(Operator::IntList, vec![value], range),
    }
}
