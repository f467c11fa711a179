//! Control flow: `if`, loops, `return`, `break`, `continue`.

use syn::{ExprBreak, ExprContinue, ExprForLoop, ExprIf, ExprLoop, ExprReturn, ExprWhile, Lifetime};

use super::{Cx, Dest, Loop, non_empty};
use crate::syntax::{Expr, ExprKind, Stmt, StmtKind};

impl Cx<'_> {
    /// `if c { a } else { b }` becomes an `if` statement whose branches deliver to `dest`;
    /// `if let Some(x) = value` becomes `if value is not None: x = value`, which TorchScript refines
    /// the type of `value` by.
    pub fn lower_if(&mut self, expr: &ExprIf, dest: &Dest) {
        let range = self.range(expr);
        let (cond, bound) = match &*expr.cond {
            syn::Expr::Let(cond) => {
                let value = self.lower_scrutinee(&cond.expr);
                self.note_scrutinee(&cond.expr, &value);
                let matched = self.lower_refutable(&cond.pat, &value);
                (matched.test.unwrap_or(Expr::new(ExprKind::True, range)), matched.bindings)
            }
            cond => (self.lower_condition(cond), vec![]),
        };
        let then = self.in_block(|cx| {
            cx.bind_all(bound, range);
            cx.lower_block_into(&expr.then_branch, dest);
        });
        let otherwise = match &expr.else_branch {
            Some((_, otherwise)) => self.in_block(|cx| cx.lower_into(otherwise, dest)),
            None => vec![],
        };
        self.push(StmtKind::If { cond, then: non_empty(then, range), otherwise }, range);
    }

    /// A condition; `let` inside it has no image.
    pub fn lower_condition(&mut self, cond: &syn::Expr) -> Expr {
        if let syn::Expr::Let(cond) = cond {
            return self.poison(
                cond,
                "`let` is not supported in this condition of a scripted method",
                "use a nested `if let`",
            );
        }
        self.lower_expr(cond)
    }

    /// `while c { … }` becomes `while c: …`, or, where the condition takes statements,
    /// `while True: statements; if not c: break; …`.
    pub fn lower_while(&mut self, expr: &ExprWhile) {
        let range = self.range(expr);
        self.reject_label(expr.label.as_ref().map(|label| &label.name));
        let mut test = Expr::error();
        let mut before = self.in_block(|cx| test = cx.lower_condition(&expr.cond));
        let body = self.in_loop(Dest::Discard, |cx| cx.lower_block_into(&expr.body, &Dest::Discard));
        if before.is_empty() {
            self.push(StmtKind::While { cond: test, body: non_empty(body, range) }, range);
            return;
        }
        let leave = vec![Stmt::new(StmtKind::Break, range)];
        let cond = Expr::not(test, range);
        before.push(Stmt::new(StmtKind::If { cond, then: leave, otherwise: vec![] }, range));
        before.extend(body);
        let forever = Expr::new(ExprKind::True, range);
        self.push(StmtKind::While { cond: forever, body: before }, range);
    }

    /// `loop { … }` becomes `while True: …`; `break value` delivers to `dest`.
    pub fn lower_loop(&mut self, expr: &ExprLoop, dest: &Dest) {
        let range = self.range(expr);
        self.reject_label(expr.label.as_ref().map(|label| &label.name));
        let returns = matches!(dest, Dest::Return);
        let body = self.in_loop(dest.clone(), |cx| cx.lower_block_into(&expr.body, &Dest::Discard));
        let cond = Expr::new(ExprKind::True, range);
        self.push(StmtKind::While { cond, body: non_empty(body, range) }, range);
        if returns {
            // TorchScript does not see that the loop is left by `return` only.
            let message = Expr::new(ExprKind::Str("the end of a `loop` was reached".into()), range);
            let error = Expr::var("$panic", range).apply(vec![message], range);
            self.push(StmtKind::Raise(error), range);
        }
    }

    /// `for pattern in iter { … }` becomes `for pattern in iter: …`; over a list of modules
    /// TorchScript unrolls it.
    pub fn lower_for(&mut self, expr: &ExprForLoop) {
        let range = self.range(expr);
        self.reject_label(expr.label.as_ref().map(|label| &label.name));
        let iter = self.lower_iter(&expr.expr);
        let mut target = Expr::error();
        let body = self.in_loop(Dest::Discard, |cx| {
            target = cx.pattern_target(&expr.pat);
            if let Some(items) = cx.items_of(&expr.expr) {
                cx.note_origins(&expr.pat, &items);
            }
            cx.lower_block_into(&expr.body, &Dest::Discard);
        });
        self.push(StmtKind::For { target, iter, body: non_empty(body, range) }, range);
    }

    pub fn lower_return(&mut self, expr: &ExprReturn) {
        let range = self.range(expr);
        match &expr.expr {
            Some(value) if !self.returns_unit => self.lower_into(value, &Dest::Return),
            Some(value) => {
                self.lower_into(value, &Dest::Discard);
                self.push(StmtKind::Return(Expr::none(range)), range);
            }
            None => self.push(StmtKind::Return(Expr::none(range)), range),
        }
    }

    pub fn lower_break(&mut self, expr: &ExprBreak) {
        let range = self.range(expr);
        if let Some(value) = &expr.expr {
            let dest = self.loops.last().map_or(Dest::Discard, |it| it.dest.clone());
            self.lower_into(value, &dest);
            if matches!(dest, Dest::Return) {
                return;
            }
        }
        self.push(StmtKind::Break, range);
    }

    pub fn lower_continue(&mut self, expr: &ExprContinue) {
        let range = self.range(expr);
        self.push(StmtKind::Continue, range);
    }

    fn in_loop(&mut self, dest: Dest, f: impl FnOnce(&mut Self)) -> Vec<Stmt> {
        self.loops.push(Loop { dest });
        let body = self.in_block(f);
        self.loops.pop();
        body
    }

    fn reject_label(&mut self, label: Option<&Lifetime>) {
        if let Some(label) = label {
            self.report(
                label,
                "loop labels are not supported in scripted methods",
                "move the inner loop into a method of its own and `return` from it",
            );
        }
    }
}
