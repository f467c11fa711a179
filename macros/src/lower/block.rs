//! Lowers blocks and statements, and delivers values to their destinations.

use syn::{Block, Local, Pat, Stmt as RustStmt};

use super::grad_mode::guard;
use super::infer::may_be_none;
use super::labels::breaks_with_value;
use super::place::{binds_written, gives_reference};
use super::results::{is_wild, names_variant};
use super::{Cx, Dest};
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, Operator, Slot, Stmt, StmtKind};
use crate::types::{self, complete, is_named};

impl Cx {
    /// Lowers a block whose last expression goes to `dest`. The caller opens the scope.
    pub fn lower_block_into(&mut self, block: &Block, dest: &Dest) {
        let (tail, stmts) = match block.stmts.split_last() {
            Some((RustStmt::Expr(expr, None), rest)) => (Some(expr), rest),
            _ => (None, &block.stmts[..]),
        };
        let n_outer = self.items.len();
        self.items.extend(block.stmts.iter().filter_map(|stmt| match stmt {
            RustStmt::Item(item @ (syn::Item::Use(_) | syn::Item::Const(_))) => Some(item.clone()),
            _ => None,
        }));
        self.name_functions(block.stmts.iter().filter_map(|stmt| match stmt {
            RustStmt::Item(syn::Item::Fn(it)) if it.sig.asyncness.is_none() => Some(it),
            _ => None,
        }));
        // The expected type is that of the block's last expression only.
        let expected = self.expected.take();
        self.lower_rest(stmts, tail, expected, dest);
        self.items.truncate(n_outer);
    }

    /// Lowers the statements and the last expression of a block. What follows a guard of tch goes into its `with`.
    fn lower_rest(
        &mut self,
        stmts: &[RustStmt],
        tail: Option<&syn::Expr>,
        expected: Option<syn::Type>,
        dest: &Dest,
    ) {
        for (i, stmt) in stmts.iter().enumerate() {
            if let RustStmt::Local(local) = stmt
                && let Some((ident, mode)) = guard(local)
            {
                self.scope.bind_to(ident.to_string(), ExprKind::None);
                self.lower_guarded(local, mode, dest, |cx, dest| {
                    cx.lower_rest(&stmts[i + 1..], tail, expected, dest);
                });
                return;
            }
            self.lower_stmt(stmt);
        }
        self.expected = expected;
        if let Some(tail) = tail {
            self.lower_into(tail, dest);
        }
    }

    fn lower_stmt(&mut self, stmt: &RustStmt) {
        match stmt {
            RustStmt::Local(local) => self.lower_let(local),
            // A `;` alone. rustc leaves it of a statement that `cfg` removes.
            RustStmt::Expr(syn::Expr::Verbatim(empty), Some(_)) if empty.is_empty() => {}
            RustStmt::Expr(expr, _) => {
                self.check_not_ignored(expr);
                self.lower_into(expr, &Dest::Discard);
            }
            RustStmt::Macro(stmt) => self.lower_macro_into(&stmt.mac, &Dest::Discard),
            // Not lowered: rustc sees these items beside the constants that need them, see `Cx::constant`.
            RustStmt::Item(syn::Item::Const(_) | syn::Item::Use(_)) => {}
            RustStmt::Item(syn::Item::Fn(it)) if it.sig.asyncness.is_none() => {}
            RustStmt::Item(item) => self.report(
                item,
                "items inside a scripted method cannot be scripted",
                "move the item out of the method",
            ),
        }
    }

    /// `let pattern: T = value;` becomes `pattern: T = value` under a new name.
    fn lower_let(&mut self, local: &Local) {
        let (pat, declared) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pat => (pat, None),
        };
        let ty = declared.and_then(complete);
        let Some(init) = &local.init else {
            self.declare_later(pat);
            return;
        };
        if init.diverge.is_some() {
            self.lower_let_else(pat, init, local);
            return;
        }
        if is_wild(pat) {
            self.check_not_ignored(&init.expr);
        }
        let range = self.range(local);
        if let Pat::Ident(pat) = pat
            && pat.subpat.is_none()
        {
            if let syn::Expr::Closure(closure) = types::ungrouped_expr(&init.expr)
                && closure.asyncness.is_none()
            {
                self.name_closure(&pat.ident, closure);
                return;
            }
            // The value is lowered first: it may use what the name shadows.
            if pat.mutability.is_none()
                && gives_reference(&init.expr)
                && self.is_written(&pat.ident)
                && let Some(place) = self.place(&init.expr)
            {
                self.scope.bind_reference(&pat.ident, place.kind);
                return;
            }
            let name = self.scope.temp(&pat.ident.to_string());
            self.note_result(&name, declared, &init.expr);
            // Of a reference, the variable is a copy, which must not be changed in its place.
            if pat.mutability.is_some() && !gives_reference(&init.expr) {
                self.scope.set_mutable(&name);
            }
            match ty {
                _ if breaks_with_value(&init.expr) => self.lower_broken(&init.expr, ty, &name, range),
                None if pat.mutability.is_some() && may_be_none(&init.expr) => {
                    let value = self.lower_expr(&init.expr);
                    let ty = self.infer(&init.expr);
                    if let Some(ty) = &ty {
                        self.scope.set_option(&name, ty.index);
                    }
                    let target = Expr::var(&name, range);
                    self.push(StmtKind::Assign { target, value, ty }, range);
                }
                None => match &*init.expr {
                    place @ (syn::Expr::Path(_) | syn::Expr::Index(_) | syn::Expr::Field(_)) => {
                        let value = self.lower_expr(place);
                        let value = self.copied(value, &name);
                        self.deliver(value, &Dest::Var(name.clone()));
                    }
                    expr => self.lower_into(expr, &Dest::Var(name.clone())),
                },
                Some(ty) => {
                    let outer = self.expected.replace(ty.clone());
                    let value = self.lower_expr(&init.expr);
                    self.expected = outer;
                    let value = self.copied(value, &name);
                    let slot = self.type_slot(ty);
                    if pat.mutability.is_some() && types::is_option(ty) {
                        self.scope.set_option(&name, slot.index);
                    }
                    let target = Expr::var(&name, range);
                    self.push(StmtKind::Assign { target, value, ty: Some(slot) }, range);
                }
            }
            if let Some(origin) = self.origin_of(&init.expr) {
                self.scope.set_origin(&name, origin);
            } else {
                let choices = self.choices_of(&init.expr);
                self.scope.set_choices(&name, choices);
            }
            self.scope.bind(pat.ident.to_string(), name);
            return;
        }
        let place = match gives_reference(&init.expr) && binds_written(pat, &self.written) {
            true => self.place(&init.expr),
            false => None,
        };
        if let Some(place) = place {
            let matched = self.lower_refutable(pat, &place);
            self.bind_all(matched, range);
            return;
        }
        let outer = std::mem::replace(&mut self.expected, ty.cloned());
        let value = self.lower_expr(&init.expr);
        self.expected = outer;
        self.bind_pattern(pat, value, range);
    }

    /// Lowers a `loop` or a labelled block whose value goes to the variable `name`, of the type `ty` if it is written.
    pub fn lower_broken(&mut self, expr: &syn::Expr, ty: Option<&syn::Type>, name: &str, range: Range) {
        let slot = match ty {
            Some(ty) => Some(self.type_slot(ty)),
            None => self.infer(expr),
        };
        match slot {
            // A variable that a loop assigns has to exist before the loop in TorchScript.
            Some(slot) => {
                let value = Expr::slot(Slot::Uninitialized(slot.index), slot.range);
                self.block.push(Stmt::assign(name, value, range));
            }
            None => self.report(
                expr,
                "the type of a value that comes out of a `loop` or a labelled block must be written",
                "write `let value: T = …` with its type",
            ),
        }
        let outer = std::mem::replace(&mut self.expected, ty.cloned());
        self.lower_into(expr, &Dest::Var(name.to_owned()));
        self.expected = outer;
    }

    /// An array is copied where TorchScript would give its list a second name: `let b = a` becomes
    /// `b = $copy(a)` if one of the two can change.
    pub fn copied(&self, value: Expr, name: &str) -> Expr {
        let range = value.range;
        let is_alias = match &value.kind {
            ExprKind::Var(from) => self.scope.is_mutable(from) || self.scope.is_mutable(name),
            ExprKind::Slot(_) | ExprKind::Subscript(..) | ExprKind::Select(..) => self.scope.is_mutable(name),
            _ => false,
        };
        if is_alias { Expr::rust_op(Operator::Copy, vec![value], range) } else { value }
    }

    /// Declares the name of `let x;`, whose first assignment comes later.
    fn declare_later(&mut self, pat: &Pat) {
        match pat {
            Pat::Ident(pat) if pat.subpat.is_none() => {
                self.scope.declare(&pat.ident);
            }
            other => self.report(
                other,
                "a `let` without a value declares a plain name",
                "write one `let` for each name",
            ),
        }
    }

    /// Lowers `expr`, with all statements that it takes, and delivers its value to `dest`.
    pub fn lower_into(&mut self, expr: &syn::Expr, dest: &Dest) {
        if let Some(value) = self.lower_inferred(expr) {
            self.deliver(value, dest);
            return;
        }
        match expr {
            syn::Expr::Paren(paren) => self.lower_into(&paren.expr, dest),
            syn::Expr::Group(group) => self.lower_into(&group.expr, dest),
            syn::Expr::Block(block) if block.label.is_some() => self.lower_labelled_block(block, dest),
            syn::Expr::Block(block) => {
                // TorchScript has no blocks, and needs none: names are unique.
                self.scope.enter();
                self.lower_block_into(&block.block, dest);
                self.scope.leave();
            }
            syn::Expr::If(expr) => self.lower_if(expr, dest),
            syn::Expr::Match(expr) => self.lower_match(expr, dest),
            syn::Expr::ForLoop(expr) => self.lower_for(expr),
            syn::Expr::While(expr) => self.lower_while(expr),
            syn::Expr::Loop(expr) => self.lower_loop(expr, dest),
            syn::Expr::Return(expr) => self.lower_return(expr),
            syn::Expr::Break(expr) => self.lower_break(expr),
            syn::Expr::Continue(expr) => self.lower_continue(expr),
            syn::Expr::Assign(expr) => self.lower_assign(expr),
            syn::Expr::Binary(expr) if super::operator::is_assignment(&expr.op) => {
                self.lower_compound_assign(expr);
            }
            syn::Expr::Call(call) if is_err(call) => self.lower_err(call),
            syn::Expr::Call(call) if matches!(dest, Dest::Discard) && self.run_in_grad_mode(call) => {}
            syn::Expr::Macro(expr) => self.lower_macro_into(&expr.mac, dest),
            _ => {
                let value = match dest {
                    Dest::Var(_) => self.lower_stored(expr),
                    Dest::Return | Dest::Discard => self.lower_expr(expr),
                };
                self.deliver(value, dest);
            }
        }
    }

    /// Emits what `dest` does with a value.
    pub fn deliver(&mut self, value: Expr, dest: &Dest) {
        let range = value.range;
        if let (ExprKind::Error, Dest::Var(name)) = (&value.kind, dest) {
            self.scope.poison(name);
        }
        // What the map held before is not asked for.
        if let (Dest::Discard, Some(operands)) = (dest, value.operands_of(Operator::Insert)) {
            let put = Expr::rust_op(Operator::Put, operands.to_vec(), range);
            return self.push(StmtKind::Expr(put), range);
        }
        match dest {
            Dest::Return => self.push_return(value, range),
            // An empty list gets its type here: else the branches of an `if` would not agree on it.
            Dest::Var(name) if is_empty_list(&value) && self.expects_list() => {
                let ty = self.expected.clone().expect("just checked");
                let value = self.empty_of(&ty, range);
                self.block.push(Stmt::assign(name, value, range));
            }
            Dest::Var(name) => self.block.push(Stmt::assign(name, value, range)),
            Dest::Discard => self.push(StmtKind::Expr(value), range),
        }
    }

    fn expects_list(&self) -> bool {
        self.expected.as_ref().and_then(complete).is_some_and(|ty| is_named(ty, &["Vec"]))
    }

    /// `value`, or a variable that holds it, so that it can be used twice and is evaluated once.
    pub fn once(&mut self, value: Expr) -> Expr {
        if value.is_constant() || matches!(value.kind, ExprKind::Var(_)) {
            return value;
        }
        self.spill(value, "value")
    }

    /// A new variable that holds `value`.
    pub fn spill(&mut self, value: Expr, base: &str) -> Expr {
        let name = self.scope.temp(base);
        let range = value.range;
        self.block.push(Stmt::assign(&name, value, range));
        Expr::var(name, range)
    }
}

fn is_empty_list(value: &Expr) -> bool {
    matches!(&value.kind, ExprKind::List(items) if items.is_empty())
}

/// Whether the call is `Err(…)`.
pub fn is_err(call: &syn::ExprCall) -> bool {
    matches!(&*call.func, syn::Expr::Path(path) if names_variant(&path.path, "Result", &["Err"]))
        && call.args.len() == 1
}
