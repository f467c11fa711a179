//! Lowers methods of lists that take an iterator or a closure.

use syn::ExprMethodCall;

use super::Cx;
use super::chain::is_iterator;
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, Operator, StmtKind};
use crate::types::ungrouped_expr;

impl Cx {
    /// `None` where `name` is no such method.
    pub fn lower_list_method(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        match (name, call.args.len()) {
            ("extend", 1) => {
                let list = self.lower_expr(&call.receiver);
                let list = self.once(list);
                let items = match is_iterator(&call.args[0]) {
                    true => self.lower_items(&call.args[0], None, &call.method),
                    false => self.lower_expr(&call.args[0]),
                };
                Some(Expr::rust_op(Operator::Extend, vec![list, items], range))
            }
            ("retain", 1) => self.lower_retain(call, range),
            ("resize_with", 2) => Some(self.lower_resize_with(call, range)),
            ("drain", 1) => self.lower_drain(call, range),
            _ => None,
        }
    }

    /// `v.resize_with(n, || f())` becomes a loop that adds elements, after the list was made as short.
    fn lower_resize_with(&mut self, call: &ExprMethodCall, range: Range) -> Expr {
        let list = self.container(&call.receiver);
        let n = self.lower_expr(&call.args[0]);
        let n = self.once(n);
        let truncate = Expr::rust_op(Operator::Truncate, vec![list.clone(), n.clone()], range);
        self.push(StmtKind::Expr(truncate), range);
        let len = Expr::var("len", range).apply(vec![list.clone()], range);
        let iter = Expr::var("range", range).apply(vec![len, n], range);
        let target = Expr::var(self.scope.temp("unused"), range);
        let body = self.in_block(|cx| {
            let value = cx.call_closure(&call.args[1], vec![]);
            let value = cx.stored(value);
            cx.push(StmtKind::Expr(list.select("append", range).apply(vec![value], range)), range);
        });
        self.push(StmtKind::For { target, iter, body }, range);
        Expr::none(range)
    }

    /// `v.drain(a..b)` becomes `$drain(v, a, b)`: the elements, which are taken out of the list.
    fn lower_drain(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        let syn::Expr::Range(bounds) = ungrouped_expr(&call.args[0]) else { return None };
        let list = self.container(&call.receiver);
        let mut operands = vec![list.clone()];
        let ExprKind::Slice(start, end) = self.lower_slice(bounds).kind else { return None };
        operands.push(start.map_or_else(|| Expr::int(0, range), |it| *it));
        operands.push(end.map_or_else(|| Expr::var("len", range).apply(vec![list], range), |it| *it));
        let drained = Expr::rust_op(Operator::Drain, operands, range);
        Some(self.spill(drained, "drained"))
    }

    /// `v.retain(|x| p(x))` becomes `$assign_list(v, $keep(v, [p(x) for x in v]))`.
    fn lower_retain(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        let list = self.lower_expr(&call.receiver);
        let list = self.once(list);
        let mut flags = None;
        let before = self.statements(|cx| flags = cx.lower_comprehension(&call.args[0], list.clone(), None));
        let Some(flags) = flags.filter(|_| before.is_empty()) else {
            return Some(self.poison(
                &call.method,
                "the closure of `retain` is too complex for a scripted method",
                "write a `for` loop that pushes what is kept to a new list",
            ));
        };
        let kept = Expr::rust_op(Operator::Keep, vec![list.clone(), flags], range);
        let assign = Expr::rust_op(Operator::AssignList, vec![list, kept], range);
        self.push(StmtKind::Expr(assign), range);
        Some(Expr::none(range))
    }
}
