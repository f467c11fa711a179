//! What a `for` runs over.

use syn::{ExprMethodCall, ExprRange, RangeLimits};

use super::Cx;
use crate::syntax::{BinaryOp, Expr};

impl Cx<'_> {
    /// Ranges become `range(…)`, adapters TorchScript's own functions; anything else is a list,
    /// a tuple or a list of modules.
    pub fn lower_iter(&mut self, expr: &syn::Expr) -> Expr {
        match expr {
            syn::Expr::Paren(paren) => self.lower_iter(&paren.expr),
            syn::Expr::Group(group) => self.lower_iter(&group.expr),
            syn::Expr::Reference(reference) => self.lower_iter(&reference.expr),
            syn::Expr::Range(range) => self.lower_range(range, None),
            syn::Expr::MethodCall(call) => self.lower_adapter(call),
            other => self.lower_expr(other),
        }
    }

    fn lower_adapter(&mut self, call: &ExprMethodCall) -> Expr {
        let range = self.range(call);
        let name = call.method.to_string();
        match (name.as_str(), call.args.len()) {
            ("iter" | "into_iter" | "iter_mut", 0) => self.lower_iter(&call.receiver),
            ("enumerate", 0) => {
                let inner = self.lower_iter(&call.receiver);
                Expr::var("enumerate", range).apply(vec![inner], range)
            }
            ("zip", 1) => {
                let both = vec![self.lower_iter(&call.receiver), self.lower_iter(&call.args[0])];
                Expr::var("zip", range).apply(both, range)
            }
            ("step_by", 1) if as_range(&call.receiver).is_some() => {
                let step = self.lower_expr(&call.args[0]);
                let inner = as_range(&call.receiver).expect("just checked");
                self.lower_range(inner, Some(step))
            }
            ("rev", 0) if as_range(&call.receiver).is_some() => {
                let inner = as_range(&call.receiver).expect("just checked");
                self.lower_reversed_range(inner)
            }
            ("map" | "filter" | "rev" | "step_by" | "take" | "skip" | "chain" | "windows" | "chunks", _) => {
                self.poison(
                    &call.method,
                    format!("iterator method `{name}` is not supported here in scripted methods"),
                    "loop over a range and compute in the loop's body",
                )
            }
            _ => self.lower_method_call(call),
        }
    }

    /// `a..b` becomes `range(a, b)`.
    fn lower_range(&mut self, expr: &ExprRange, step: Option<Expr>) -> Expr {
        let range = self.range(expr);
        if let (Some(list), None) = (self.indices_of(expr), &step) {
            let list = self.lower_expr(list);
            return Expr::rust_op("indices", vec![list], range);
        }
        let (start, end) = self.range_bounds(expr);
        let mut args = vec![start, end];
        args.extend(step);
        Expr::var("range", range).apply(args, range)
    }

    /// `0..self.layers.len()`: of a list of modules the loop is unrolled, so that an index names one.
    fn indices_of<'e>(&self, expr: &'e ExprRange) -> Option<&'e syn::Expr> {
        let from_zero = matches!(expr.start.as_deref(), Some(syn::Expr::Lit(lit))
            if matches!(&lit.lit, syn::Lit::Int(int) if int.base10_digits() == "0"));
        match (expr.end.as_deref(), &expr.limits) {
            (Some(syn::Expr::MethodCall(call)), RangeLimits::HalfOpen(_))
                if from_zero && call.method == "len" && call.args.is_empty() =>
            {
                self.origin_of(&call.receiver).map(|_| &*call.receiver)
            }
            _ => None,
        }
    }

    /// `(a..b).rev()` becomes `range(b - 1, a - 1, -1)`.
    fn lower_reversed_range(&mut self, expr: &ExprRange) -> Expr {
        let range = self.range(expr);
        let (start, end) = self.range_bounds(expr);
        let one = || Expr::int(1, range);
        let args = vec![
            Expr::binary(BinaryOp::Sub, end, one(), range),
            Expr::binary(BinaryOp::Sub, start, one(), range),
            Expr::int(-1, range),
        ];
        Expr::var("range", range).apply(args, range)
    }

    fn range_bounds(&mut self, expr: &ExprRange) -> (Expr, Expr) {
        let range = self.range(expr);
        let start = match &expr.start {
            Some(start) => self.lower_expr(start),
            None => Expr::int(0, range),
        };
        let Some(end) = &expr.end else {
            let error = self.poison(
                expr,
                "a loop over a range without an end is not supported in scripted methods",
                "write `loop`, with a counter of your own",
            );
            return (start, error);
        };
        let end = self.lower_expr(end);
        match expr.limits {
            RangeLimits::HalfOpen(_) => (start, end),
            RangeLimits::Closed(_) => (start, Expr::binary(BinaryOp::Add, end, Expr::int(1, range), range)),
        }
    }
}

fn as_range(expr: &syn::Expr) -> Option<&ExprRange> {
    match expr {
        syn::Expr::Paren(paren) => as_range(&paren.expr),
        syn::Expr::Group(group) => as_range(&group.expr),
        syn::Expr::Range(range) => Some(range),
        _ => None,
    }
}
