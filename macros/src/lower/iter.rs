//! Lowers the values that loops run over: ranges, lists, and adapters that TorchScript has, itself or as an operator.

use syn::{ExprMethodCall, ExprRange, Pat, RangeLimits};

use super::Cx;
use super::chain::{has_stages, is_iterator};
use super::place::binds_written;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator};

/// A value that `for` can run over.
pub struct Iterable {
    pub expr: Expr,
    /// Whether it is a list, or a list of modules; else it is a `range`, an `enumerate` or a `zip`.
    is_list: bool,
}

impl Iterable {
    pub fn list(expr: Expr) -> Iterable {
        Iterable { expr, is_list: true }
    }
}

impl Cx {
    /// Ranges become `range(…)`, adapters become functions of TorchScript or operators on lists. `pat` is the pattern
    /// that takes the items: Python's loop over a map gives the keys, Rust's gives pairs.
    pub fn lower_iter(&mut self, expr: &syn::Expr, pat: Option<&Pat>) -> Iterable {
        if self.check_not_skipped(expr) {
            return list(Expr::error());
        }
        match expr {
            syn::Expr::Paren(paren) => self.lower_iter(&paren.expr, pat),
            syn::Expr::Group(group) => self.lower_iter(&group.expr, pat),
            syn::Expr::Reference(reference) if reference.mutability.is_some() => {
                self.lower_changed(&reference.expr, pat, Operator::Indices)
            }
            syn::Expr::Reference(reference) => self.lower_iter(&reference.expr, pat),
            syn::Expr::Range(range) => direct(self.lower_range(range, None)),
            syn::Expr::MethodCall(call) => self.lower_adapter(expr, call, pat),
            other => self.lower_collection(other, pat),
        }
    }

    fn lower_adapter(&mut self, expr: &syn::Expr, call: &ExprMethodCall, pat: Option<&Pat>) -> Iterable {
        let range = self.range(call);
        let name = call.method.to_string();
        let part = |i| pat.and_then(|pat| part(pat, i));
        let on_range = as_range(&call.receiver);
        let written = pat.filter(|pat| binds_written(pat, &self.written));
        match (name.as_str(), call.args.len()) {
            ("iter" | "into_iter", 0) => self.lower_iter(&call.receiver, pat),
            ("iter_mut", 0) => self.lower_changed(&call.receiver, pat, Operator::Indices),
            ("values_mut", 0) => self.lower_changed(&call.receiver, pat, Operator::Keys),
            _ if !is_iterator(&call.receiver) => list(self.lower_method_call(call)),
            _ if has_stages(call) => list(self.lower_items(expr, None, &call.method)),
            ("enumerate", 0) => {
                let inner = self.lower_iter(&call.receiver, part(1)).expr;
                direct(Expr::var("enumerate", range).apply(vec![inner], range))
            }
            ("zip", 1) => {
                let left = self.lower_iter(&call.receiver, part(0)).expr;
                let both = self.lower_second(left, |cx| cx.lower_iter(&call.args[0], part(1)).expr);
                direct(Expr::var("zip", range).apply(both, range))
            }
            ("step_by", 1) if on_range.is_some() => {
                let inner = on_range.expect("just checked");
                direct(self.lower_range(inner, Some(&call.args[0])))
            }
            ("rev", 0) if on_range.is_some() => {
                direct(self.lower_reversed_range(on_range.expect("just checked")))
            }
            ("rev", 0) => {
                list(Expr::rust_op(Operator::Rev, vec![self.lower_list(&call.receiver, written)], range))
            }
            ("take" | "skip" | "step_by", 1) => {
                let items = self.lower_list(&call.receiver, written);
                let values = self.lower_second(items, |cx| cx.lower_expr(&call.args[0]));
                list(Expr::rust_op(counting(&name).expect("one of the three"), values, range))
            }
            ("chain", 1) => {
                let items = self.lower_list(&call.receiver, None);
                let both = self.lower_second(items, |cx| cx.lower_list(&call.args[0], None));
                list(Expr::rust_op(Operator::Chain, both, range))
            }
            ("copied" | "cloned", 0) => {
                let inner = self.lower_iter(&call.receiver, pat);
                match inner.is_list {
                    true => list(Expr::rust_op(Operator::Cloned, vec![inner.expr], range)),
                    false => inner,
                }
            }
            _ => list(self.lower_method_call(call)),
        }
    }

    /// Lowers a collection whose elements a loop may change. Where it assigns through the names in `pat`, it runs over the
    /// elements' indices or keys.
    fn lower_changed(&mut self, expr: &syn::Expr, pat: Option<&Pat>, places: Operator) -> Iterable {
        let Some(pat) = pat.filter(|pat| binds_written(pat, &self.written)) else {
            return match places {
                Operator::Keys => {
                    let map = self.lower_expr(expr);
                    let range = map.range;
                    list(Expr::rust_op(Operator::Values, vec![map], range))
                }
                _ => self.lower_iter(expr, pat),
            };
        };
        let container = self.container(expr);
        let range = container.range;
        self.note_elements(pat, container.clone());
        Iterable {
            expr: Expr::rust_op(places, vec![container], range),
            is_list: matches!(places, Operator::Keys),
        }
    }

    /// Lowers a collection that a loop runs over. A field that goes to a plain name is left as it is: it may be a list
    /// of different modules, which no operator takes.
    fn lower_collection(&mut self, expr: &syn::Expr, pat: Option<&Pat>) -> Iterable {
        let value = self.lower_expr(expr);
        let is_field = matches!(expr, syn::Expr::Field(_));
        let is_literal = matches!(value.kind, ExprKind::List(_) | ExprKind::Error);
        if is_literal || is_field && pat.is_some_and(is_name) {
            return list(value);
        }
        let range = value.range;
        list(Expr::rust_op(Operator::Iter, vec![value], range))
    }

    /// The items as a list.
    fn lower_list(&mut self, expr: &syn::Expr, pat: Option<&Pat>) -> Expr {
        let inner = self.lower_iter(expr, pat);
        self.as_list(inner)
    }

    pub fn as_list(&mut self, items: Iterable) -> Expr {
        if items.is_list { items.expr } else { self.copied_items(items.expr) }
    }

    /// A new list of the items: `[item for item in items]`.
    pub fn copied_items(&mut self, iter: Expr) -> Expr {
        let range = iter.range;
        let item = Expr::var(self.scope.temp("item"), range);
        let (element, target) = (Box::new(item.clone()), Box::new(item));
        Expr::new(ExprKind::ListComp { element, target, iter: Box::new(iter) }, range)
    }

    /// `a..b` becomes `range(a, b)`, and `0..n` becomes `range(n)`.
    fn lower_range(&mut self, expr: &ExprRange, step: Option<&syn::Expr>) -> Expr {
        let range = self.range(expr);
        if let (Some((list, before_end)), None) = (self.indices_of(expr), &step) {
            let mut operands = vec![self.lower_expr(list)];
            if before_end.is_some() || !starts_at_zero(expr) {
                let zero = || Expr::int(0, range);
                operands.push(expr.start.as_ref().map_or_else(zero, |start| self.lower_expr(start)));
                operands.push(before_end.map_or_else(zero, |n| self.lower_expr(n)));
            }
            return Expr::rust_op(Operator::Indices, operands, range);
        }
        let (start, end) = self.range_bounds(expr);
        if starts_at_zero(expr) && step.is_none() {
            return Expr::var("range", range).apply(vec![end], range);
        }
        let mut args = vec![start, end];
        if let Some(step) = step {
            let step = self.lower_after(&mut args, |cx| cx.lower_expr(step));
            args.push(step);
        }
        Expr::var("range", range).apply(args, range)
    }

    /// The list in `0..list.len()`, such as `self.layers`, and `n` in `1..list.len() - n`: a loop over indices of modules
    /// is unrolled, so that each index names one.
    fn indices_of<'e>(&self, expr: &'e ExprRange) -> Option<(&'e syn::Expr, Option<&'e syn::Expr>)> {
        let starts = matches!(expr.start.as_deref(), Some(syn::Expr::Lit(_)));
        let (end, RangeLimits::HalfOpen(_), true) = (expr.end.as_deref()?, &expr.limits, starts) else {
            return None;
        };
        let (end, before_end) = match end {
            syn::Expr::Binary(it) if matches!(it.op, syn::BinOp::Sub(_)) && is_literal(&it.right) => {
                (&*it.left, Some(&*it.right))
            }
            end => (end, None),
        };
        let syn::Expr::MethodCall(call) = end else { return None };
        let is_len = call.method == "len" && call.args.is_empty();
        let list = is_len.then_some(&*call.receiver)?;
        self.origin_of(list).map(|_| (list, before_end))
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
        let mut start = [start];
        let end = self.lower_after(&mut start, |cx| cx.lower_expr(end));
        let [start] = start;
        match expr.limits {
            RangeLimits::HalfOpen(_) => (start, end),
            RangeLimits::Closed(_) => (start, Expr::binary(BinaryOp::Add, end, Expr::int(1, range), range)),
        }
    }
}

fn list(expr: Expr) -> Iterable {
    Iterable::list(expr)
}

fn is_literal(expr: &syn::Expr) -> bool {
    matches!(expr, syn::Expr::Lit(_))
}

fn starts_at_zero(expr: &ExprRange) -> bool {
    matches!(expr.start.as_deref(), Some(syn::Expr::Lit(lit))
        if matches!(&lit.lit, syn::Lit::Int(int) if int.base10_digits() == "0"))
}

fn direct(expr: Expr) -> Iterable {
    Iterable { expr, is_list: false }
}

/// The pattern of one half of a pair; none where it is not written as a pair.
fn part(pat: &Pat, i: usize) -> Option<&Pat> {
    match pat {
        Pat::Tuple(pat) if pat.elems.len() == 2 => pat.elems.get(i),
        Pat::Reference(pat) => part(&pat.pat, i),
        Pat::Paren(pat) => part(&pat.pat, i),
        _ => None,
    }
}

fn is_name(pat: &Pat) -> bool {
    matches!(pat, Pat::Ident(pat) if pat.subpat.is_none()) || matches!(pat, Pat::Wild(_))
}

fn as_range(expr: &syn::Expr) -> Option<&ExprRange> {
    match expr {
        syn::Expr::Paren(paren) => as_range(&paren.expr),
        syn::Expr::Group(group) => as_range(&group.expr),
        syn::Expr::Range(range) => Some(range),
        _ => None,
    }
}

/// Adapters that take a number of items.
pub fn counting(name: &str) -> Option<Operator> {
    Some(match name {
        "take" => Operator::Take,
        "skip" => Operator::Skip,
        "step_by" => Operator::StepBy,
        _ => return None,
    })
}
