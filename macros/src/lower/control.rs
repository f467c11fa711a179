//! Lowers control flow: `if`, loops, `return`.

use syn::{ExprForLoop, ExprIf, ExprLoop, ExprReturn, ExprWhile};

use super::arms::alternatives;
use super::chain::parse_chain;
use super::conditions::has_let;
use super::labels::Loop;
use super::{Cx, Dest, non_empty};
use crate::syntax::{Expr, ExprKind, Stmt, StmtKind};

impl Cx {
    /// `if c { a } else { b }` becomes an `if` statement whose branches deliver to `dest`;
    /// `if let Some(x) = value` becomes `if value is not None: x = value`, which TorchScript refines
    /// the type of `value` by.
    pub fn lower_if(&mut self, expr: &ExprIf, dest: &Dest) {
        let range = self.range(expr);
        if let syn::Expr::Let(cond) = &*expr.cond
            && alternatives(&cond.pat).len() > 1
        {
            self.lower_if_alternatives(expr, cond, dest);
            return;
        }
        if has_let(&expr.cond) {
            self.scope.enter();
            let levels = self.lower_conditions(&expr.cond, range);
            let then = self.in_block(|cx| cx.lower_block_into(&expr.then_branch, dest));
            self.scope.leave();
            let otherwise = self.lower_else(expr, dest);
            self.push_levels(levels, then, &otherwise, range);
            return;
        }
        let cond = self.lower_condition(&expr.cond);
        let then = self.in_block(|cx| cx.lower_block_into(&expr.then_branch, dest));
        let otherwise = self.lower_else(expr, dest);
        self.push(StmtKind::If { cond, then: non_empty(then, range), otherwise }, range);
    }

    fn lower_else(&mut self, expr: &ExprIf, dest: &Dest) -> Vec<Stmt> {
        match &expr.else_branch {
            Some((_, otherwise)) => self.in_block(|cx| cx.lower_into(otherwise, dest)),
            None => vec![],
        }
    }

    /// Lowers a condition. A `let` is a mistake here: TorchScript has it only as `if let`, `while let` and in their
    /// chains of `&&`, which are lowered elsewhere.
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
        if has_let(&expr.cond) {
            self.lower_while_let(expr);
            return;
        }
        let mut test = Expr::error();
        let mut before = self.in_block(|cx| test = cx.lower_condition(&expr.cond));
        let it = Loop::new(expr.label.as_ref(), Dest::Discard);
        let (body, it) = self.in_loop(it, |cx| cx.lower_block_into(&expr.body, &Dest::Discard));
        if before.is_empty() {
            self.push_loop(StmtKind::While { cond: test, body: non_empty(body, range) }, it, range);
            return;
        }
        let leave = vec![Stmt::new(StmtKind::Break, range)];
        let cond = Expr::not(test, range);
        before.push(Stmt::new(StmtKind::If { cond, then: leave, otherwise: vec![] }, range));
        before.extend(body);
        let forever = Expr::new(ExprKind::True, range);
        self.push_loop(StmtKind::While { cond: forever, body: before }, it, range);
    }

    /// `while let Some(x) = stack.pop() { … }` becomes
    /// `while True: x = …; if x is not None: … else: break`.
    fn lower_while_let(&mut self, expr: &ExprWhile) {
        let range = self.range(expr);
        let it = Loop::new(expr.label.as_ref(), Dest::Discard);
        let (body, it) = self.in_loop(it, |cx| {
            let levels = cx.lower_conditions(&expr.cond, range);
            let then = cx.in_block(|cx| cx.lower_block_into(&expr.body, &Dest::Discard));
            cx.push_levels(levels, then, &[Stmt::new(StmtKind::Break, range)], range);
        });
        let cond = Expr::new(ExprKind::True, range);
        self.push_loop(StmtKind::While { cond, body: non_empty(body, range) }, it, range);
    }

    /// `loop { … }` becomes `while True: …`; `break value` delivers to `dest`.
    pub fn lower_loop(&mut self, expr: &ExprLoop, dest: &Dest) {
        let range = self.range(expr);
        let it = Loop::new(expr.label.as_ref(), dest.clone());
        let (body, it) = self.in_loop(it, |cx| cx.lower_block_into(&expr.body, &Dest::Discard));
        let cond = Expr::new(ExprKind::True, range);
        self.push_loop(StmtKind::While { cond, body: non_empty(body, range) }, it, range);
        self.push_unreachable("the end of a `loop` was reached", dest, range);
    }

    /// `for pattern in iter { … }` becomes `for pattern in iter: …`; over a list of modules
    /// TorchScript unrolls it.
    pub fn lower_for(&mut self, expr: &ExprForLoop) {
        let range = self.range(expr);
        let chain = parse_chain(&expr.expr);
        let it = Loop::new(expr.label.as_ref(), Dest::Discard);
        if !chain.stages.is_empty() {
            self.lower_chain_as(&chain, it, range, |cx, item| {
                cx.bind_pattern(&expr.pat, item, range);
                cx.lower_block_into(&expr.body, &Dest::Discard);
            });
            return;
        }
        let iter = self.lower_iter(&expr.expr, Some(&expr.pat)).expr;
        let mut target = Expr::error();
        let (body, it) = self.in_loop(it, |cx| {
            target = cx.pattern_target(&expr.pat);
            if let Some(items) = cx.items_of(&expr.expr) {
                cx.note_origins(&expr.pat, &items);
            }
            cx.lower_block_into(&expr.body, &Dest::Discard);
        });
        self.push_loop(StmtKind::For { target, iter, body: non_empty(body, range) }, it, range);
    }

    pub fn lower_return(&mut self, expr: &ExprReturn) {
        let range = self.range(expr);
        if self.lower_return_of_closure(expr) {
            return;
        }
        match &expr.expr {
            Some(value) if !self.returns_unit => {
                let outer = std::mem::replace(&mut self.expected, self.returns.clone());
                self.lower_into(value, &Dest::Return);
                self.expected = outer;
            }
            Some(value) => {
                self.lower_into(value, &Dest::Discard);
                self.push_return(Expr::none(range), range);
            }
            None => self.push_return(Expr::none(range), range),
        }
    }
}
