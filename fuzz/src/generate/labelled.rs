//! Blocks that are left by their label.

use super::Gen;
use super::flow::statement;
use crate::ast::{Block, Expr, Pat, Stmt, StmtKind};
use crate::ty::Ty;

impl Gen {
    /// `let x: T = 'l: { … if c { break 'l value; } … value };`
    pub fn labelled_block(&mut self, depth: usize) -> Stmt {
        let ty = self.ty(0);
        let var = self.distinct(ty.clone());
        let label = format!("'l{}", var.id);
        let mark = self.scope.mark();
        // rustc asks for labels on what leaves loops from within.
        let outer = std::mem::replace(&mut self.in_closure, true);
        let mut stmts = vec![];
        for _ in 0..=self.below(2) {
            stmts.extend(self.stmt(depth));
            let cond = self.expr(&Ty::Bool, depth.clamp(1, 2));
            let value = self.expr(&ty, depth.min(2));
            let leave = format!("if @ {{ break {label} @; }}");
            stmts.push(statement(Expr::op(Ty::Unit, leave, vec![cond, value])));
        }
        let tail = self.expr(&ty, depth);
        self.in_closure = outer;
        self.scope.leave(mark);
        let block = Expr::block(ty.clone(), Block { stmts, tail: Some(Box::new(tail)) });
        let value = Expr::op(ty, format!("{label}: @"), vec![block]);
        let mutable = self.chance(0.4);
        self.scope.declare(&var, mutable, self.loops.len());
        let pat = Pat::new(if mutable { "mut @" } else { "@" }, vec![var]);
        let ty = (!value.ty.is_scalar() || self.chance(0.4)).then(|| value.ty.clone());
        Stmt { kind: StmtKind::Let { pat, ty, value, otherwise: None }, pinned: false }
    }
}
