//! Options and their combinators.

use super::Gen;
use crate::ast::{Expr, Pat, Var};
use crate::ty::Ty;

impl Gen {
    pub fn option(&mut self, of: &Ty, depth: usize) -> Expr {
        let d = depth - 1;
        let ty = Ty::option(of.clone());
        match self.weighted(&[6, 6, 4, 4, 4, 4, 3, 3]) {
            0 => {
                let value = self.expr(of, d);
                Expr::op(ty, "Some(@)", vec![value])
            }
            1 if !self.is_plain => {
                let cond = self.expr(&Ty::Bool, d);
                let value = self.expr(of, d);
                let template =
                    self.choose(&["(if @ { Some(@) } else { None })", "(if @ { None } else { Some(@) })"]);
                Expr::op(ty, template, vec![cond, value])
            }
            2 if !self.is_plain => {
                let from = self.choose_with_tensor(&[Ty::Int, Ty::Float, of.clone()]);
                let receiver = self.expr(&Ty::option(from.clone()), d.min(2));
                let closure = self.value_closure(&from, of, d, false);
                Expr::op(ty, "(@).map(@)", vec![receiver, closure])
            }
            3 if !self.is_plain => {
                let from = self.choose(&[Ty::Int, of.clone()]);
                let receiver = self.expr(&Ty::option(from.clone()), d.min(2));
                let closure = self.value_closure(&from, &ty, d, false);
                Expr::op(ty, "(@).and_then(@)", vec![receiver, closure])
            }
            4 if !self.is_plain => {
                let receiver = self.expr(&ty, d.min(2));
                let closure = self.value_closure(of, &Ty::Bool, d, true);
                Expr::op(ty, "(@).filter(@)", vec![receiver, closure])
            }
            5 if !self.is_plain => {
                let receiver = self.expr(&ty, d.min(2));
                if self.chance(0.5) {
                    let other = self.expr(&ty, d.min(2));
                    return Expr::op(ty, "(@).or(@)", vec![receiver, other]);
                }
                let closure = self.closure(vec![], &ty, d.min(2));
                Expr::op(ty, "(@).or_else(@)", vec![receiver, closure])
            }
            7 if !self.is_plain && (of.is_scalar() || *of == Ty::Tensor) => self.option_of_chain(of, d),
            _ => self.leaf(&ty),
        }
    }

    fn value_closure(&mut self, from: &Ty, to: &Ty, depth: usize, by_ref: bool) -> Expr {
        let var = self.fresh(from.clone(), by_ref);
        self.closure(vec![(Pat::name(var.clone()), vec![var])], to, depth.min(2))
    }

    fn some_option(&mut self, of: &Ty) -> Option<Var> {
        let ty = Ty::option(of.clone());
        let options = self.scope.readable(|it| *it == ty && it.is_clone());
        (!options.is_empty()).then(|| self.choose(&options))
    }

    /// What is in an option, or something else where it is empty.
    pub fn content_of_option(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        if self.is_plain
            || !matches!(ty, Ty::Int | Ty::Float | Ty::Bool | Ty::Text | Ty::Tensor | Ty::List(_))
        {
            return None;
        }
        if let Ty::List(of) = ty
            && **of != Ty::Int
        {
            return None;
        }
        let option = match self.some_option(ty) {
            Some(option) if self.chance(0.6) => Expr::var(&option),
            _ if depth > 0 => self.expr(&Ty::option(ty.clone()), depth.min(2)),
            _ => return None,
        };
        let gives_none = matches!(self.returns, Ty::Option(_)) && !self.fallible && !self.in_closure;
        if gives_none && self.chance(0.4) {
            return Some(Expr::op(ty.clone(), "(@)?", vec![option]));
        }
        Some(match self.below(6) {
            0 => Expr::op(ty.clone(), "(@).unwrap()", vec![option]),
            1 => {
                let default = self.expr(ty, depth);
                Expr::op(ty.clone(), "(@).unwrap_or(@)", vec![option, default])
            }
            2 => {
                let default = self.closure(vec![], ty, depth.min(2));
                Expr::op(ty.clone(), "(@).unwrap_or_else(@)", vec![option, default])
            }
            3 => {
                let default = self.expr(ty, depth);
                let closure = self.value_closure(ty, ty, depth, false);
                Expr::op(ty.clone(), "(@).map_or(@, @)", vec![option, default, closure])
            }
            4 => {
                let default = self.closure(vec![], ty, depth.min(2));
                let closure = self.value_closure(ty, ty, depth, false);
                Expr::op(ty.clone(), "(@).map_or_else(@, @)", vec![option, default, closure])
            }
            _ => Expr::op(ty.clone(), "(@).expect(\"some\")", vec![option]),
        })
    }

    pub fn question_of_option(&mut self, depth: usize) -> Expr {
        let options = self.scope.readable(|it| matches!(it, Ty::Option(of) if of.is_clone()));
        if options.is_empty() {
            return self.leaf(&Ty::Bool);
        }
        let option = self.choose(&options);
        let place = Expr::var(&option);
        let Ty::Option(of) = &option.ty else { unreachable!("filtered") };
        match self.below(3) {
            0 => Expr::op(Ty::Bool, "#.is_some()", vec![place]),
            1 if !self.is_plain => {
                let closure = self.value_closure(of, &Ty::Bool, depth, false);
                Expr::op(Ty::Bool, "(@).is_some_and(@)", vec![place, closure])
            }
            _ => Expr::op(Ty::Bool, "#.is_none()", vec![place]),
        }
    }
}
