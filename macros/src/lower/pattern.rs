//! Irrefutable patterns: what `let` and `for` bind.

use syn::Pat;

use super::Cx;
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, StmtKind};

impl Cx<'_> {
    /// `let (a, (b, _)) = value` becomes `(a, (b, unused)) = value`.
    pub fn bind_pattern(&mut self, pat: &Pat, value: Expr, range: Range) {
        let target = self.pattern_target(pat);
        self.push(StmtKind::Assign { target, value, ty: None }, range);
    }

    /// Declares the names of `pat` and returns the target that assigns them.
    pub fn pattern_target(&mut self, pat: &Pat) -> Expr {
        let range = self.range(pat);
        match pat {
            Pat::Ident(pat) if pat.subpat.is_none() => Expr::var(self.scope.declare(&pat.ident), range),
            Pat::Wild(_) => Expr::var(self.scope.temp("unused"), range),
            Pat::Paren(pat) => self.pattern_target(&pat.pat),
            Pat::Type(pat) => self.pattern_target(&pat.pat),
            Pat::Reference(pat) => self.pattern_target(&pat.pat),
            Pat::Tuple(pat) if !pat.elems.iter().any(|elem| matches!(elem, Pat::Rest(_))) => {
                let elems = pat.elems.iter().map(|elem| self.pattern_target(elem)).collect();
                Expr::new(ExprKind::Tuple(elems), range)
            }
            other => self.poison(
                other,
                "this pattern is not supported in scripted methods",
                "bind a name or a tuple of names",
            ),
        }
    }
}
