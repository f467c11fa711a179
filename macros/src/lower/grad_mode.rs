//! Lowers `tch::no_grad` and `with_grad`, and the guards of the same names: `with torch.no_grad(): …`, which restores the
//! mode on every way out.

use syn::{ExprCall, Ident, Local};

use super::labels::Loop;
use super::{Cx, Dest, non_empty};
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, Operator, Slot, Stmt, StmtKind};
use crate::types::ungrouped_expr;

/// The mode that a function of tch sets while a closure runs.
fn mode_of(path: &syn::Path, suffix: &str) -> Option<Operator> {
    let segments: Vec<String> = path.segments.iter().map(|it| it.ident.to_string()).collect();
    let name = match &segments[..] {
        [name] => name,
        [krate, name] if krate == "tch" => name,
        _ => return None,
    };
    match name.strip_suffix(suffix)? {
        "no_grad" => Some(Operator::NoGrad),
        "with_grad" => Some(Operator::EnableGrad),
        _ => None,
    }
}

/// The name of a guard that lives to the end of its block, and its mode.
pub fn guard(local: &Local) -> Option<(&Ident, Operator)> {
    let (syn::Pat::Ident(pat), Some(init)) = (&local.pat, &local.init) else { return None };
    let syn::Expr::Call(call) = ungrouped_expr(&init.expr) else { return None };
    let syn::Expr::Path(func) = &*call.func else { return None };
    let mode = mode_of(&func.path, "_guard").filter(|_| call.args.is_empty())?;
    Some((&pat.ident, mode))
}

fn grad_mode(call: &ExprCall) -> Option<(Operator, &syn::Expr)> {
    let syn::Expr::Path(func) = ungrouped_expr(&call.func) else { return None };
    let mode = mode_of(&func.path, "").filter(|_| call.args.len() == 1)?;
    Some((mode, &call.args[0]))
}

fn with(mode: Operator, body: Vec<Stmt>, range: Range) -> StmtKind {
    let manager = Expr::rust_op(mode, vec![], range);
    StmtKind::With { manager, body: non_empty(body, range) }
}

impl Cx {
    /// `tch::no_grad(|| value)` becomes `with $no_grad(): value = …`.
    pub fn lower_grad_mode(&mut self, call: &ExprCall) -> Option<Expr> {
        let (mode, closure) = grad_mode(call)?;
        let range = self.range(call);
        let name = self.scope.temp("value");
        let body = self.in_block(|cx| {
            let value = cx.call_closure(closure, vec![]);
            cx.deliver(value, &Dest::Var(name.clone()));
        });
        self.push(with(mode, body, range), range);
        Some(Expr::var(name, range))
    }

    /// As [`Cx::lower_grad_mode`], where the value is not used.
    pub fn run_in_grad_mode(&mut self, call: &ExprCall) -> bool {
        let Some((mode, closure)) = grad_mode(call) else { return false };
        let range = self.range(call);
        let body = self.in_block(|cx| cx.run_closure(closure, vec![]));
        self.push(with(mode, body, range), range);
        true
    }

    /// Lowers what follows a guard to the end of its block.
    pub fn lower_guarded(
        &mut self,
        guard: &Local,
        mode: Operator,
        dest: &Dest,
        rest: impl FnOnce(&mut Self, &Dest),
    ) {
        let range = self.range(guard);
        let result = matches!(dest, Dest::Return).then(|| self.scope.temp("result"));
        let inner = result.as_ref().map_or(dest.clone(), |name| Dest::Var(name.clone()));
        let (mut body, it) = self.in_loop(Loop::of_with(), |cx| rest(cx, &inner));
        if it.has_exits() {
            if let (Dest::Var(_), None) = (dest, &result) {
                self.report(
                    guard,
                    "a block with a value, a guard and an early way out is not supported in scripted methods",
                    "write `let value = tch::no_grad(|| …);`",
                );
            }
            // What a loop assigns has to exist before it.
            for name in result.as_deref().into_iter().chain(Cx::returned_in(&it)) {
                self.declare_result(name, range);
            }
            body.push(Stmt::new(StmtKind::Break, range));
            let cond = Expr::new(ExprKind::True, range);
            body = vec![Stmt::new(StmtKind::While { cond, body }, range)];
        }
        self.push_loop(with(mode, body, range), it, range);
        if let Some(name) = result {
            self.push_return(Expr::var(name, range), range);
        }
    }

    fn declare_result(&mut self, name: &str, range: Range) {
        if let Some(ty) = self.returns.clone() {
            let slot = self.type_slot(&ty);
            let value = Expr::slot(Slot::Uninitialized(slot.index), range);
            self.block.push(Stmt::assign(name, value, range));
        }
    }
}
