//! Lowers methods that take a comparison or a key: `sort_by`, `max_by_key` and their like. TorchScript has no
//! `Ordering`, so a comparison becomes a test whether one value is less than another.

use syn::{ExprClosure, ExprMethodCall, Pat};

use super::chain::is_iterator;
use super::{Cx, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, Stmt, StmtKind};
use crate::types::ungrouped_expr;

/// What a closure says about two values.
struct Comparison<'e> {
    closure: &'e ExprClosure,
    less: &'e syn::Expr,
    /// The other side; none for a key, which is computed of both values.
    than: Option<&'e syn::Expr>,
    is_reversed: bool,
    /// Whether two floats that cannot be compared are an error.
    fails_on_nan: bool,
}

impl Cx {
    /// `None` where `name` is no such method.
    pub fn lower_ordering(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        let [closure] = &call.args.iter().collect::<Vec<_>>()[..] else { return None };
        let is_sort = matches!(
            name,
            "sort_by" | "sort_unstable_by" | "sort_by_key" | "sort_unstable_by_key" | "sort_by_cached_key"
        );
        let is_choice =
            matches!(name, "max_by" | "min_by" | "max_by_key" | "min_by_key") && is_iterator(&call.receiver);
        if !is_sort && !is_choice {
            return None;
        }
        let Some(comparison) = comparison(closure, name.ends_with("key")) else {
            return Some(self.poison(
                closure,
                format!("this closure of `{name}` is not supported in scripted methods"),
                "write a closure that ends with `x.cmp(&y)` or `x.partial_cmp(&y).unwrap()`, maybe with `.reverse()`",
            ));
        };
        Some(match is_sort {
            true => self.lower_sort(call, &comparison, range),
            false => self.lower_choice(call, &comparison, name.starts_with("max"), range),
        })
    }

    /// Sorts in place by insertion: equal elements keep their order.
    fn lower_sort(&mut self, call: &ExprMethodCall, comparison: &Comparison<'_>, range: Range) -> Expr {
        let list = self.container(&call.receiver);
        let (i, j) = (self.scope.temp("i"), self.scope.temp("j"));
        let (from, at) = (Expr::var(&i, range), Expr::var(&j, range));
        let element = |index: &Expr| list.clone().subscript(index.clone(), range);
        let leave = || vec![Stmt::new(StmtKind::Break, range)];
        let body = self.in_block(|cx| {
            cx.block.push(Stmt::assign(&j, from.clone(), range));
            let body = cx.in_block(|cx| {
                let is_first = Expr::binary(BinaryOp::Le, at.clone(), Expr::int(0, range), range);
                cx.push(StmtKind::If { cond: is_first, then: leave(), otherwise: vec![] }, range);
                let before = Expr::binary(BinaryOp::Sub, at.clone(), Expr::int(1, range), range);
                let (this, that) = (cx.spill(element(&at), "this"), cx.spill(element(&before), "that"));
                let is_less = cx.is_less(comparison, &this, &that, range);
                let cond = Expr::not(is_less, range);
                cx.push(StmtKind::If { cond, then: leave(), otherwise: vec![] }, range);
                for (index, value) in [(&at, that), (&before, this)] {
                    cx.push(StmtKind::Assign { target: element(index), value, ty: None }, range);
                }
                cx.push(
                    StmtKind::AugAssign { target: at.clone(), op: BinaryOp::Sub, value: Expr::int(1, range) },
                    range,
                );
            });
            let cond = Expr::new(ExprKind::True, range);
            cx.push(StmtKind::While { cond, body }, range);
        });
        let len = Expr::var("len", range).apply(vec![list.clone()], range);
        let iter = Expr::var("range", range).apply(vec![Expr::int(1, range), len], range);
        self.push(StmtKind::For { target: Expr::var(i, range), iter, body }, range);
        Expr::none(range)
    }

    /// The largest item, of several equal ones the last, or the smallest, of several the first.
    fn lower_choice(
        &mut self,
        call: &ExprMethodCall,
        comparison: &Comparison<'_>,
        largest: bool,
        range: Range,
    ) -> Expr {
        let items = self.lower_items(&call.receiver, None, &call.method);
        let items = self.once(items);
        let best = self.scope.temp("best");
        self.block.push(Stmt::assign(&best, Expr::int(-1, range), range));
        let (i, item) = (Expr::var(self.scope.temp("i"), range), Expr::var(self.scope.temp("item"), range));
        let chosen = Expr::var(&best, range);
        let choose = || vec![Stmt::assign(&best, i.clone(), range)];
        let body = self.in_block(|cx| {
            let otherwise = cx.in_block(|cx| {
                let known = cx.spill(items.clone().subscript(chosen.clone(), range), "known");
                let is_less = cx.is_less(comparison, &item, &known, range);
                let cond = if largest { Expr::not(is_less, range) } else { is_less };
                cx.push(StmtKind::If { cond, then: choose(), otherwise: vec![] }, range);
            });
            let cond = Expr::binary(BinaryOp::Lt, chosen.clone(), Expr::int(0, range), range);
            cx.push(StmtKind::If { cond, then: choose(), otherwise }, range);
        });
        let iter = Expr::var("enumerate", range).apply(vec![items.clone()], range);
        let target = Expr::new(ExprKind::Tuple(vec![i, item]), range);
        self.push(StmtKind::For { target, iter, body: non_empty(body, range) }, range);
        Expr::rust_op(Operator::Get, vec![items, chosen], range)
    }

    /// Whether `a` is less than `b`.
    fn is_less(&mut self, comparison: &Comparison<'_>, a: &Expr, b: &Expr, range: Range) -> Expr {
        let (left, right) = match comparison.than {
            Some(than) => self.with_parameters(comparison.closure, vec![a.clone(), b.clone()], |cx, _| {
                let mut values = cx.lower_all([comparison.less, than]);
                let right = values.pop().expect("two operands");
                (values.remove(0), right)
            }),
            None => {
                let key = |cx: &mut Self, of: &Expr| {
                    let value = cx.with_parameters(comparison.closure, vec![of.clone()], Cx::closure_body);
                    cx.once(value)
                };
                (key(self, a), key(self, b))
            }
        };
        let (left, right) = if comparison.is_reversed { (right, left) } else { (left, right) };
        match comparison.fails_on_nan {
            true => Expr::rust_op(Operator::Less, vec![left, right], range),
            false => Expr::binary(BinaryOp::Lt, left, right, range),
        }
    }
}

/// Reads a closure such as `|a, b| b.len().cmp(&a.len())`, or a key.
fn comparison(closure: &syn::Expr, is_key: bool) -> Option<Comparison<'_>> {
    let syn::Expr::Closure(closure) = ungrouped_expr(closure) else { return None };
    let is_plain = |pat: &Pat| !matches!(pat, Pat::Const(_));
    if is_key {
        let is_one = closure.inputs.len() == 1 && closure.inputs.iter().all(is_plain);
        let less = &*closure.body;
        return is_one.then_some(Comparison {
            closure,
            less,
            than: None,
            is_reversed: false,
            fails_on_nan: false,
        });
    }
    if closure.inputs.len() != 2 {
        return None;
    }
    let mut is_reversed = false;
    let mut fails_on_nan = false;
    let mut body = match ungrouped_expr(&closure.body) {
        syn::Expr::Block(block) => match &block.block.stmts[..] {
            [syn::Stmt::Expr(only, None)] => only,
            _ => return None,
        },
        body => body,
    };
    loop {
        let syn::Expr::MethodCall(call) = ungrouped_expr(body) else { return None };
        match (&*call.method.to_string(), call.args.first()) {
            ("reverse", None) => is_reversed = !is_reversed,
            ("unwrap", None) | ("expect", Some(_)) => fails_on_nan = true,
            ("unwrap_or", Some(_)) => {}
            ("cmp" | "partial_cmp", Some(than)) => {
                let less = &*call.receiver;
                return Some(Comparison { closure, less, than: Some(than), is_reversed, fails_on_nan });
            }
            _ => return None,
        }
        body = &call.receiver;
    }
}
