//! What values of every type can come from: variables, branches, blocks, calls, parts of others.

use super::Gen;
use crate::ast::{Block, Expr, ExprKind, Owner, Pat, Var};
use crate::ty::Ty;

impl Gen {
    /// A variable, a constant, a field or a literal.
    pub fn leaf(&mut self, ty: &Ty) -> Expr {
        let vars = self.scope.readable(|it| it == ty && it.is_clone());
        if !vars.is_empty() && self.chance(0.75) {
            let var = self.choose(&vars);
            return Expr::var(&var);
        }
        if self.owner == Owner::Value && self.chance(0.3) {
            let fields: Vec<_> = self.fields.iter().filter(|it| it.ty == *ty).cloned().collect();
            if !fields.is_empty() {
                let field = self.choose(&fields);
                return Expr { ty: ty.clone(), kind: ExprKind::Field(field.name) };
            }
        }
        if matches!(self.owner, Owner::Value | Owner::Type) && self.chance(0.2) {
            let constants: Vec<_> = self.constants.iter().filter(|it| it.ty == *ty).cloned().collect();
            if !constants.is_empty() {
                let constant = self.choose(&constants);
                return Expr::leaf(ty.clone(), format!("Self::{}", constant.name));
            }
        }
        self.literal(ty)
    }

    /// What no type has to itself; none where nothing fits.
    pub fn common(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        let d = depth - 1;
        match self.weighted(&[8, 5, 6, 5, 4, 4, 5]) {
            0 if !self.is_plain => {
                let cond = self.expr(&Ty::Bool, d);
                let then = self.value_block(ty, d);
                let otherwise = self.branch(ty, d);
                Some(Expr::op(ty.clone(), "(if @ @ else @)", vec![cond, then, otherwise]))
            }
            1 if !self.is_plain => Some(self.match_value(ty, d)),
            2 if !self.is_plain => Some(self.value_block(ty, d)),
            3 => self.element_of(ty, d),
            4 if self.chance(0.5) => self.part_of_struct(ty),
            4 => self.part_of_tuple(ty),
            5 => self.content_of_option(ty, d),
            6 => self.call(ty, d),
            _ => None,
        }
    }

    /// A block that ends with a value, and often changes something before.
    pub fn value_block(&mut self, ty: &Ty, depth: usize) -> Expr {
        let mark = self.scope.mark();
        let mut stmts = vec![];
        if self.fuel > 0 && self.chance(0.5) {
            let outer = std::mem::replace(&mut self.in_value, true);
            for _ in 0..=self.below(2) {
                stmts.extend(self.stmt(depth));
            }
            self.in_value = outer;
        }
        let tail = self.expr(ty, depth);
        self.scope.leave(mark);
        Expr::block(ty.clone(), Block { stmts, tail: Some(Box::new(tail)) })
    }

    /// As [`Gen::value_block`], or one that leaves the loop or the method.
    pub fn branch(&mut self, ty: &Ty, depth: usize) -> Expr {
        if self.in_closure || self.is_plain || !self.chance(0.12) {
            return self.value_block(ty, depth);
        }
        let leave = self.leave(depth);
        Expr::block(ty.clone(), Block { stmts: vec![], tail: Some(Box::new(leave)) })
    }

    /// `list[i]`.
    fn element_of(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        let copy = ty.copy_suffix()?;
        if matches!(ty, Ty::Option(_) | Ty::Array(..)) {
            return None;
        }
        let lists = self.scope.readable(|it| it.element() == Some(ty));
        if lists.is_empty() {
            return None;
        }
        let list = self.choose(&lists);
        let index = self.with_lock(&list, |cx| cx.expr(&Ty::Size, depth.min(2)));
        Some(Expr::op(ty.clone(), format!("#[@]{copy}"), vec![Expr::var(&list), index]))
    }

    fn part_of_tuple(&mut self, ty: &Ty) -> Option<Expr> {
        let tuples = self.scope.readable(|it| matches!(it, Ty::Tuple(items) if items.contains(ty)));
        if tuples.is_empty() || !ty.is_clone() {
            return None;
        }
        let copy = ty.copy_suffix()?;
        let tuple = self.choose(&tuples);
        let Ty::Tuple(items) = &tuple.ty else { unreachable!("filtered") };
        let index = items.iter().position(|it| it == ty).expect("filtered");
        Some(Expr::op(ty.clone(), format!("#.{index}{copy}"), vec![Expr::var(&tuple)]))
    }

    /// A call of a helper that returns `ty`.
    fn call(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        let fallible = self.fallible && !self.in_closure;
        let fits = |it: &crate::ast::Method| it.returns == *ty && (!it.fallible || fallible);
        let helpers: Vec<_> = self.callable().into_iter().filter(|it| fits(&it.1)).collect();
        if helpers.is_empty() || self.is_plain {
            return None;
        }
        let (receiver, helper) = self.choose(&helpers);
        Some(self.call_of(&receiver, &helper, depth))
    }

    /// `receiver.name(…)`, with `?` where it may fail.
    pub fn call_of(&mut self, receiver: &str, helper: &crate::ast::Method, depth: usize) -> Expr {
        let mut args: Vec<Expr> = vec![];
        let mut holes: Vec<&str> = vec![];
        let mut locked: Vec<Var> = vec![];
        for param in &helper.params {
            let ty = &param.var.ty;
            let borrowed = self.scope.readable(|it| it == ty);
            if param.var.by_ref && !borrowed.is_empty() {
                let var = self.choose(&borrowed);
                self.scope.lock(&var);
                args.push(Expr::var(&var));
                locked.push(var);
            } else {
                args.push(self.expr(ty, depth));
            }
            holes.push(if param.var.by_ref { "~" } else { "@" });
        }
        locked.iter().for_each(|var| self.scope.unlock(var));
        let question = if helper.fallible { "?" } else { "" };
        let (of, holes) = match helper.owner {
            Owner::Data => (format!("({})", holes[0]), &holes[1..]),
            _ => (receiver.to_owned(), &holes[..]),
        };
        let dot = if helper.owner == Owner::Data { "." } else { "" };
        let template = format!("{of}{dot}{}({}){question}", helper.name, holes.join(", "));
        Expr::op(helper.returns.clone(), template, args)
    }

    pub fn with_lock<R>(&mut self, var: &Var, f: impl FnOnce(&mut Self) -> R) -> R {
        self.scope.lock(var);
        let result = f(self);
        self.scope.unlock(var);
        result
    }

    /// What `make` makes, without changes of or moves from what is outside of it.
    pub fn unchanging(&mut self, make: impl FnOnce(&mut Self) -> Expr) -> Expr {
        let start = self.scope.enter_closure();
        let outer = std::mem::replace(&mut self.in_closure, true);
        let made = make(self);
        self.in_closure = outer;
        self.scope.leave_closure(start);
        made
    }

    pub fn tuple(&mut self, items: &[Ty], depth: usize) -> Expr {
        let values: Vec<_> = items.iter().map(|it| self.expr(it, depth - 1)).collect();
        Expr::op(Ty::Tuple(items.to_vec()), tuple_template(values.len()), values)
    }

    /// A binding with a name of its own, or with one that may shadow another.
    pub fn fresh(&mut self, ty: Ty, by_ref: bool) -> Var {
        let pick = self.below(1000);
        let unique = self.chance(0.6);
        self.scope.fresh(ty, by_ref, pick, unique)
    }

    /// `|pattern| body`; nothing outside changes in it.
    pub fn closure(&mut self, params: Vec<(Pat, Vec<Var>)>, returns: &Ty, depth: usize) -> Expr {
        let mark = self.scope.mark();
        let mut template = vec![];
        let mut vars = vec![];
        let body = self.unchanging(|cx| {
            for (pat, bound) in params {
                template.push(pat.template.into_owned());
                bound.iter().for_each(|var| cx.scope.declare(var, false, cx.loops.len()));
                vars.extend(pat.vars);
            }
            cx.expr(returns, depth)
        });
        self.scope.leave(mark);
        Expr::bind(Pat::new(format!("|{}|", template.join(", ")), vars), " ", None, None, body)
    }
}

pub fn tuple_template(n: usize) -> String {
    format!("({},)", vec!["@"; n].join(", "))
}
