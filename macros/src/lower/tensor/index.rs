//! Lowers `IndexOp::i`, tch's indexing of tensors.

use syn::RangeLimits;

use super::super::Cx;
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator};
use crate::types;

impl Cx {
    /// `x.i((0, 1.., ..3, .., NewAxis, &index))` becomes `$i(x, 0, (1, None), (None, 3), (None, None), None,
    /// index)`. TorchScript's own `x[…]` is something else: tch selects by each tensor in turn, and a range
    /// that is too long or counts from the end is an error.
    pub fn lower_index_op(&mut self, receiver: &syn::Expr, index: &syn::Expr, range: Range) -> Expr {
        let x = self.lower_expr(receiver);
        let indices: Vec<&syn::Expr> = match index {
            syn::Expr::Tuple(tuple) => tuple.elems.iter().collect(),
            one => vec![one],
        };
        let mut args = vec![x];
        args.extend(indices.into_iter().map(|index| self.lower_one_index(index)));
        Expr::rust_op(Operator::IndexOp, args, range)
    }

    fn lower_one_index(&mut self, index: &syn::Expr) -> Expr {
        let range = self.range(index);
        match index {
            syn::Expr::Paren(paren) => self.lower_one_index(&paren.expr),
            syn::Expr::Range(slice) => {
                let bound = |cx: &mut Self, bound: &Option<Box<syn::Expr>>| match bound {
                    Some(bound) => cx.lower_expr(bound),
                    None => Expr::none(range),
                };
                let start = bound(self, &slice.start);
                let mut end = bound(self, &slice.end);
                if let RangeLimits::Closed(_) = slice.limits {
                    end = successor(end, range);
                }
                Expr::new(ExprKind::Tuple(vec![start, end]), range)
            }
            syn::Expr::Path(path) if types::path_is_named(&path.path, &["NewAxis"]) => Expr::none(range),
            index => self.lower_expr(index),
        }
    }
}

fn successor(value: Expr, range: Range) -> Expr {
    match &value.kind {
        ExprKind::Number(digits) if digits.parse::<i64>().is_ok_and(|it| it < i64::MAX) => {
            Expr::int(digits.parse::<i64>().expect("just parsed") + 1, range)
        }
        _ => Expr::binary(BinaryOp::Add, value, Expr::int(1, range), range),
    }
}
