//! Lowers conditions that hold patterns: `if let`, `while let`, and chains of these with `&&`.

use syn::{BinOp, Expr as RustExpr};

use super::match_expr::{Refutable, and, refined};
use super::{Cx, non_empty};
use crate::span::Range;
use crate::syntax::{Expr, Stmt, StmtKind};

/// One of the nested `if`s that a condition becomes.
#[derive(Default)]
pub struct Level {
    /// The statements that the test needs.
    before: Vec<Stmt>,
    /// The test; none where the patterns always match.
    test: Option<Expr>,
    /// The statements that bind the patterns' names.
    bind: Vec<Stmt>,
}

/// Whether a condition binds names.
pub fn has_let(cond: &RustExpr) -> bool {
    match cond {
        RustExpr::Let(_) => true,
        RustExpr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
            has_let(&binary.left) || has_let(&binary.right)
        }
        RustExpr::Group(group) => has_let(&group.expr),
        _ => false,
    }
}

fn conjuncts<'e>(cond: &'e RustExpr, parts: &mut Vec<&'e RustExpr>) {
    match cond {
        RustExpr::Binary(binary) if matches!(binary.op, BinOp::And(_)) && has_let(cond) => {
            conjuncts(&binary.left, parts);
            conjuncts(&binary.right, parts);
        }
        RustExpr::Group(group) => conjuncts(&group.expr, parts),
        part => parts.push(part),
    }
}

impl Cx {
    /// `let Some(x) = a && x > 0` becomes `a is not None and a > 0`, which TorchScript refines the type of `a` by. A
    /// part that takes statements begins a level of its own: they run only if the parts before it hold. The names stay
    /// in scope.
    pub fn lower_conditions(&mut self, cond: &RustExpr, range: Range) -> Vec<Level> {
        let mut parts = vec![];
        conjuncts(cond, &mut parts);
        let mut levels = vec![Level::default()];
        let mut bindings = Refutable::default();
        for part in parts {
            let mut matched = Refutable::default();
            let before = self.statements(|cx| matched = cx.lower_conjunct(part));
            let level = levels.last_mut().expect("there is one");
            if !before.is_empty() && level.test.is_some() {
                let bound = std::mem::take(&mut bindings);
                level.bind = self.statements(|cx| cx.bind_all(bound, range));
                levels.push(Level::default());
            }
            let level = levels.last_mut().expect("there is one");
            level.before.extend(before);
            level.test = and(level.test.take(), matched.test, range);
            self.bind_references(&matched.references);
            for (pat, value) in matched.bindings {
                let value = refined(value);
                self.scope.bind_to(pat.ident.to_string(), value.kind.clone());
                bindings.bindings.push((pat, value));
            }
        }
        let level = levels.last_mut().expect("there is one");
        level.bind = self.statements(|cx| cx.bind_all(bindings, range));
        levels
    }

    fn lower_conjunct(&mut self, part: &RustExpr) -> Refutable {
        match part {
            RustExpr::Let(part) => {
                if let Some(matched) = self.lower_element_pattern(part) {
                    return matched;
                }
                let value = self.lower_scrutinee(&part.expr);
                self.note_scrutinee(&part.expr, &value);
                // What the user unwraps in another part stays as it is.
                self.lower_refutable(&part.pat, &value).with_refined_test()
            }
            part => Refutable::of(self.lower_condition(part)),
        }
    }

    /// Adds the `if`s of `levels` around `then`; `otherwise` runs where one of them fails.
    pub fn push_levels(&mut self, levels: Vec<Level>, then: Vec<Stmt>, otherwise: &[Stmt], range: Range) {
        let mut inner = then;
        for level in levels.into_iter().rev() {
            let mut then = level.bind;
            then.append(&mut inner);
            inner = level.before;
            match level.test {
                Some(cond) => {
                    let then = non_empty(then, range);
                    inner.push(Stmt::new(StmtKind::If { cond, then, otherwise: otherwise.to_vec() }, range));
                }
                None => inner.append(&mut then),
            }
        }
        self.block.append(&mut inner);
    }
}
