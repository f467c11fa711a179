//! Irrefutable patterns: what `let` and `for` bind.

use syn::Pat;

use super::Cx;
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, StmtKind};

impl Cx<'_> {
    /// `let (a, (b, _)) = value` becomes `(a, (b, unused)) = value`.
    pub fn bind_pattern(&mut self, pat: &Pat, value: Expr, range: Range) {
        let before = std::mem::take(&mut self.block);
        let target = self.pattern_target(pat);
        // What takes the fields of a struct in the pattern comes after it.
        let fields = std::mem::replace(&mut self.block, before);
        self.push(StmtKind::Assign { target, value, ty: None }, range);
        self.block.extend(fields);
    }

    /// Declares the names of `pat` and returns the target that assigns them. Fields of a struct are
    /// taken by statements, which are added to the block.
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
            Pat::TupleStruct(pat) if super::structs::is_state(&pat.path) && pat.elems.len() == 1 => {
                self.pattern_target(&pat.elems[0])
            }
            Pat::TupleStruct(pat) if !pat.elems.iter().any(|elem| matches!(elem, Pat::Rest(_))) => {
                let elems = pat.elems.iter().map(|elem| self.pattern_target(elem)).collect();
                Expr::new(ExprKind::Tuple(elems), range)
            }
            Pat::Struct(pat) => {
                let whole = Expr::var(self.scope.temp("fields"), range);
                for field in &pat.fields {
                    let name = super::structs::field_name(&field.member);
                    let value = whole.clone().select(name, range);
                    self.bind_pattern(&field.pat, value, range);
                }
                whole
            }
            other => self.poison(
                other,
                "this pattern is not supported in scripted methods",
                "bind a name or a tuple of names",
            ),
        }
    }
}
