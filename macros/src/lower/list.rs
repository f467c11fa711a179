//! Lowers methods of lists that take an iterator or a closure.

use syn::ExprMethodCall;

use super::Cx;
use super::chain::is_iterator;
use crate::span::Range;
use crate::syntax::{Expr, Operator, StmtKind};

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
            _ => None,
        }
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
