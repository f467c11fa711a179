//! Changes in place of what something else holds.

use super::Gen;
use super::flow::statement;
use crate::ast::{Expr, Pat, Stmt, StmtKind, Var};
use crate::ty::Ty;

impl Gen {
    /// A tensor goes into a tuple or a list, and is changed; or a list that a tuple or a struct holds is changed.
    pub fn contained(&mut self, depth: usize) -> Vec<Stmt> {
        let holders = self.scope.writable(|it| list_in(it).is_some());
        if !holders.is_empty() && self.chance(0.5) {
            let holder = self.choose(&holders);
            let list = list_in(&holder.ty).expect("filtered");
            return vec![self.push_to(&holder, &list, depth)];
        }
        let tensors = self.scope.writable(|it| *it == Ty::Tensor);
        if tensors.is_empty() {
            return vec![];
        }
        let tensor = self.choose(&tensors);
        let (ty, template) = match self.below(3) {
            0 => (Ty::list(Ty::Tensor), "vec![@]"),
            1 => (Ty::option(Ty::Tensor), "Some(@)"),
            _ => (Ty::Tuple(vec![Ty::Tensor, Ty::Bool]), "(@, true)"),
        };
        let value = Expr::op(ty.clone(), template, vec![Expr::var(&tensor)]);
        let holder = self.distinct(ty.clone());
        self.scope.declare(&holder, false, self.loops.len());
        let kind = StmtKind::Let { pat: Pat::name(holder), ty: Some(ty), value, otherwise: None };
        let change = self.choose(&["# += 0.5;", "# *= 3.0;", "# -= 1.0;"]);
        let change = Expr::op(Ty::Unit, change, vec![Expr::var(&tensor)]);
        vec![Stmt { kind, pinned: false }, statement(change)]
    }

    fn push_to(&mut self, holder: &Var, list: &str, depth: usize) -> Stmt {
        // The value must not read what is changed.
        self.scope.set_hidden(holder, true);
        let value = self.expr(&Ty::Int, depth.min(2));
        self.scope.set_hidden(holder, false);
        let push = Expr::op(Ty::Unit, format!("#.{list}.push(@);"), vec![Expr::var(holder), value]);
        statement(push)
    }
}

/// The part of a tuple or a struct that is a list of integers.
fn list_in(ty: &Ty) -> Option<String> {
    let is_list = |ty: &Ty| *ty == Ty::list(Ty::Int);
    match ty {
        Ty::Tuple(items) => items.iter().position(is_list).map(|i| i.to_string()),
        Ty::Struct(it) => it.fields.iter().find(|it| is_list(&it.1)).map(|it| it.0.clone()),
        _ => None,
    }
}
