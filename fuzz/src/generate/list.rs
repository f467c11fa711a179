//! Lists and arrays.

use super::Gen;
use crate::ast::{Block, Expr, Pat, Stmt, StmtKind, Var};
use crate::ty::Ty;

impl Gen {
    pub fn list(&mut self, of: &Ty, depth: usize) -> Expr {
        let d = depth - 1;
        let ty = Ty::list(of.clone());
        match self.weighted(&[10, 4, 5, 8, 3, 3]) {
            0 => {
                let n = self.below(3) + 1;
                let values = (0..n).map(|_| self.expr(of, d)).collect();
                Expr::op(ty, format!("vec![{}]", vec!["@"; n].join(", ")), values)
            }
            1 if !of.has_tensor() => {
                let value = self.expr(of, d);
                let n = self.below(4);
                Expr::op(ty, format!("vec![@; {n}]"), vec![value])
            }
            2 if !of.has_tensor() => self.slice(&ty, d).unwrap_or_else(|| self.leaf(&ty)),
            3 if *of == Ty::Text && !self.is_plain && self.chance(0.5) => self.split_text(d),
            3 => self.collect(of, d),
            4 if !self.is_plain => self.grown(&ty, of, d),
            _ => self.leaf(&ty),
        }
    }

    pub fn array(&mut self, of: &Ty, n: usize, depth: usize) -> Expr {
        let ty = Ty::Array(Box::new(of.clone()), n);
        if self.chance(0.3) {
            let value = self.expr(of, depth - 1);
            return Expr::op(ty, format!("[@; {n}]"), vec![value]);
        }
        let values = (0..n).map(|_| self.expr(of, depth - 1)).collect();
        Expr::op(ty, format!("[{}]", vec!["@"; n].join(", ")), values)
    }

    /// `list[a..b].to_vec()`, within the list: beyond its end TorchScript does not fail.
    fn slice(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        let lists = self.scope.readable(|it| it == ty);
        if lists.is_empty() {
            return None;
        }
        let list = self.choose(&lists);
        let place = || Expr::var(&list);
        self.scope.lock(&list);
        let (template, args) = match self.below(5) {
            0 => ("#[..].to_vec()", vec![place()]),
            1 => {
                let start = self.expr(&Ty::Size, depth.min(2));
                ("#[(@).min(#.len())..].to_vec()", vec![place(), start, place()])
            }
            2 => {
                let end = self.expr(&Ty::Size, depth.min(2));
                ("#[..(@).min(#.len())].to_vec()", vec![place(), end, place()])
            }
            3 => {
                let end = self.expr(&Ty::Size, depth.min(2));
                (
                    "#[1.min(#.len())..(@).min(#.len()).max(1.min(#.len()))].to_vec()",
                    vec![place(), place(), end, place(), place()],
                )
            }
            _ => ("#[0..#.len() / 2].to_vec()", vec![place(), place()]),
        };
        self.scope.unlock(&list);
        Some(Expr::op(ty.clone(), template, args))
    }

    /// A block that makes a list by pushing.
    fn grown(&mut self, ty: &Ty, of: &Ty, depth: usize) -> Expr {
        let mark = self.scope.mark();
        let start = self.expr(ty, depth.min(1));
        let var = self.fresh(ty.clone(), false);
        self.scope.declare(&var, true, self.loops.len());
        let item = self.with_lock(&var, |cx| cx.expr(of, depth));
        self.scope.leave(mark);
        let stmts = vec![
            self.binding("mut @", &var, start),
            Stmt {
                kind: StmtKind::Expr(Expr::op(Ty::Unit, "#.push(@)", vec![Expr::var(&var), item])),
                pinned: false,
            },
        ];
        let tail = Expr::op(ty.clone(), "$", vec![Expr::var(&var)]);
        Expr::block(ty.clone(), Block { stmts, tail: Some(Box::new(tail)) })
    }

    /// `let pattern: T = value;`
    pub fn binding(&self, pattern: &'static str, var: &Var, value: Expr) -> Stmt {
        let pat = Pat::new(pattern, vec![var.clone()]);
        let kind = StmtKind::Let { pat, ty: Some(var.ty.clone()), value, otherwise: None };
        Stmt { kind, pinned: false }
    }

    pub fn question_of_list(&mut self, depth: usize) -> Expr {
        let lists = self.scope.readable(|it| it.element().is_some());
        if lists.is_empty() {
            return self.expr(&Ty::Bool, depth.min(1));
        }
        let list = self.choose(&lists);
        let template = self.choose(&["#.is_empty()", "!#.is_empty()", "(#.len() > 2)"]);
        Expr::op(Ty::Bool, template, vec![Expr::var(&list)])
    }

    /// A list in sight whose elements are of type `of`.
    pub fn some_list(&mut self, accept: impl Fn(&Ty) -> bool) -> Option<Var> {
        let lists = self.scope.readable(|it| matches!(it, Ty::List(of) if accept(of)));
        (!lists.is_empty()).then(|| self.choose(&lists))
    }
}
