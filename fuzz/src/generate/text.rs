//! Texts.

use super::Gen;
use crate::ast::Expr;
use crate::ty::Ty;

impl Gen {
    pub fn text(&mut self, depth: usize) -> Expr {
        if self.chance(0.5) {
            let lhs = self.expr(&Ty::Text, depth - 1);
            let rhs = self.expr(&Ty::Text, depth - 1);
            return Expr::op(Ty::Text, "(@ + &@)", vec![lhs, rhs]);
        }
        self.leaf(&Ty::Text)
    }
}
