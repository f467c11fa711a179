//! Statements.

use super::Gen;
use super::flow::statement;
use crate::ast::{Expr, Pat, Stmt, StmtKind};
use crate::ty::Ty;

impl Gen {
    /// One statement; sometimes more that belong together, or none.
    pub fn stmt(&mut self, depth: usize) -> Vec<Stmt> {
        if self.fuel == 0 {
            return vec![];
        }
        self.fuel -= 1;
        if depth == 0 || self.in_closure {
            return if self.chance(0.5) {
                self.assignment(depth.max(1))
            } else {
                vec![self.let_stmt(depth.max(1))]
            };
        }
        let d = depth - 1;
        let over_children = if self.child.is_some() { 14 } else { 0 };
        let configured = if self.in_value { 0 } else { 4 };
        let renamed = if self.with_tensors { 3 } else { 0 };
        match self.weighted(&[
            26,
            24,
            8,
            4,
            5,
            7,
            4,
            5,
            4,
            2,
            3,
            3,
            3,
            3,
            over_children,
            3,
            configured,
            renamed,
            2,
            6,
            6,
        ]) {
            0 => vec![self.let_stmt(depth)],
            1 => self.assignment(depth),
            2 => {
                let cond = self.expr(&Ty::Bool, d.max(1));
                let then = self.unit_block(d, 3);
                if self.chance(0.5) {
                    let otherwise = self.unit_block(d, 3);
                    return vec![statement(Expr::op(Ty::Unit, "if @ @ else @", vec![cond, then, otherwise]))];
                }
                vec![statement(Expr::op(Ty::Unit, "if @ @", vec![cond, then]))]
            }
            3 => vec![statement(self.if_let(d))],
            4 => vec![statement(self.matched(&Ty::Unit, d, "match @ {\n"))],
            5 => self.for_loop(d).map(statement).into_iter().collect(),
            6 => self.while_loop(d),
            7 => {
                let cond = self.expr(&Ty::Bool, d.max(1));
                let leave = self.leave(d);
                vec![statement(Expr::op(Ty::Unit, "if @ { @; }", vec![cond, leave]))]
            }
            8 => {
                let (counter, expr) = self.endless_loop(None, d);
                vec![counter, statement(expr)]
            }
            9 => {
                let cond = self.expr(&Ty::Bool, d.max(1));
                let text = self.choose(&["assert!(@ || true, \"held\")", "assert!(@, \"does not hold\")"]);
                vec![statement(Expr::op(Ty::Unit, format!("{text};"), vec![cond]))]
            }
            10 => {
                let ty = self.ty(0);
                let value = self.expr(&ty, d.max(1));
                vec![statement(Expr::op(Ty::Unit, "let _ = @;", vec![value]))]
            }
            11 => self.loop_value(d),
            12 => self.while_let(d),
            15 => vec![self.labelled_block(d)],
            14 => self.over_children(d),
            16 => vec![self.configured(d)],
            17 => vec![self.renamed_tensors(d)],
            18 => vec![self.renamed_values(d)],
            19 => self.untyped(d),
            20 if self.chance(0.5) => self.contained(d),
            20 => self.referred(d),
            _ => vec![statement(self.labelled(d))],
        }
    }

    /// A statement under `#[cfg]`, which rustc removes or keeps: a `let` that would shadow a name, or a block.
    fn configured(&mut self, depth: usize) -> Stmt {
        let vars = self.scope.readable(|_| true);
        if !vars.is_empty() && self.chance(0.5) {
            let var = vars[self.below(vars.len())].clone();
            let value = self.expr(&var.ty, depth.max(1));
            let text = format!("#[cfg(any())] let {}: {} = @;", var.name, var.ty);
            return statement(Expr::op(Ty::Unit, text, vec![value]));
        }
        let body = self.unit_block(depth, 3);
        if self.chance(0.5) {
            return statement(Expr::op(Ty::Unit, "#[cfg(any())] @", vec![body]));
        }
        let cond = self.expr(&Ty::Bool, depth.max(1));
        statement(Expr::op(Ty::Unit, "#[cfg(all())] if @ @", vec![cond, body]))
    }

    fn loop_value(&mut self, depth: usize) -> Vec<Stmt> {
        let ty = self.ty(0);
        let (counter, value) = self.endless_loop(Some(&ty), depth);
        let var = self.fresh(ty.clone(), false);
        self.scope.declare(&var, false, self.loops.len());
        let ty = (!ty.is_scalar() || self.chance(0.4)).then_some(ty);
        vec![
            counter,
            Stmt { kind: StmtKind::Let { pat: Pat::name(var), ty, value, otherwise: None }, pinned: false },
        ]
    }

    /// A variable whose type only its later uses tell.
    fn untyped(&mut self, depth: usize) -> Vec<Stmt> {
        let of = self.choose_with_tensor(&[Ty::Int, Ty::Float, Ty::Text, Ty::Bool]);
        let (ty, values, fill): (_, &[&str], _) = match self.below(5) {
            0 | 1 => (Ty::option(of.clone()), &["None", "(if 0 < 1 { None } else { None })"], "# = Some(@);"),
            2 => (Ty::Map, &["BTreeMap::new()"], "#.insert(@, 7i64);"),
            _ => {
                let values: &[&str] = &["vec![]", "Vec::new()", "Vec::with_capacity(2)"];
                (Ty::list(of.clone()), values, "#.push(@);")
            }
        };
        let value = Expr::leaf(ty.clone(), self.choose(values));
        let cond = self.expr(&Ty::Bool, depth.min(2));
        let item = self.expr(if ty == Ty::Map { &Ty::Int } else { &of }, depth.min(2));
        let var = self.distinct(ty);
        let fill = Expr::op(Ty::Unit, format!("if @ {{ {fill} }}"), vec![cond, Expr::var(&var), item]);
        self.scope.declare(&var, true, self.loops.len());
        let pat = Pat::new("mut @", vec![var]);
        let kind = StmtKind::Let { pat, ty: None, value, otherwise: None };
        vec![Stmt { kind, pinned: true }, statement(fill)]
    }

    fn let_stmt(&mut self, depth: usize) -> Stmt {
        if depth > 0 && !self.in_closure && self.chance(0.1) {
            return self.let_else(depth - 1);
        }
        let ty = self.ty(1);
        let n_loops = self.loops.len();
        if let Ty::Tuple(items) = &ty
            && self.chance(0.5)
        {
            let value = self.expr(&ty, depth);
            let vars: Vec<_> = items.iter().map(|it| self.distinct(it.clone())).collect();
            let mut pattern = vec![];
            for var in &vars {
                let mutable = self.chance(0.4);
                self.scope.declare(var, mutable, n_loops);
                pattern.push(if mutable { "mut @" } else { "@" });
            }
            let pat = Pat::new(format!("({})", pattern.join(", ")), vars);
            return Stmt { kind: StmtKind::Let { pat, ty: None, value, otherwise: None }, pinned: false };
        }
        if let Ty::Struct(it) = &ty
            && self.chance(0.5)
        {
            let value = self.expr(&ty, depth);
            let (pat, vars) = self.struct_pattern(it);
            vars.iter().for_each(|(var, mutable)| self.scope.declare(var, *mutable, n_loops));
            return Stmt { kind: StmtKind::Let { pat, ty: None, value, otherwise: None }, pinned: false };
        }
        let value = self.moved(&ty).unwrap_or_else(|| self.expr(&ty, depth));
        let mutable = self.chance(0.6);
        let var = self.fresh(ty.clone(), false);
        self.scope.declare(&var, mutable, n_loops);
        // TorchScript knows the type of neither `None` nor `[]`.
        let annotated = !ty.is_scalar() || self.chance(0.4);
        let pat = Pat::new(if mutable { "mut @" } else { "@" }, vec![var]);
        Stmt {
            kind: StmtKind::Let { pat, ty: annotated.then_some(ty), value, otherwise: None },
            pinned: false,
        }
    }

    /// A variable that is moved out of.
    fn moved(&mut self, ty: &Ty) -> Option<Expr> {
        if ty.is_copy() || self.is_plain || !self.chance(0.3) {
            return None;
        }
        let vars = self.scope.movable(self.loops.len(), |it| it == ty);
        if vars.is_empty() {
            return None;
        }
        let var = self.choose(&vars);
        self.scope.set_moved(&var);
        Some(Expr::op(ty.clone(), "$", vec![Expr::var(&var)]))
    }

    fn let_else(&mut self, depth: usize) -> Stmt {
        let of = self.choose_with_tensor(&[Ty::Int, Ty::Float, Ty::Text, Ty::list(Ty::Int)]);
        let value = self.expr(&Ty::option(of.clone()), depth.min(2));
        let leave = self.leave(depth);
        let var = self.fresh(of, false);
        let mutable = self.chance(0.3);
        self.scope.declare(&var, mutable, self.loops.len());
        let otherwise = crate::ast::Block { stmts: vec![], tail: Some(Box::new(leave)) };
        let pat = Pat::new(if mutable { "Some(mut @)" } else { "Some(@)" }, vec![var]);
        Stmt { kind: StmtKind::Let { pat, ty: None, value, otherwise: Some(otherwise) }, pinned: false }
    }

    /// A change of a variable in sight; a binding where there is none.
    pub fn assignment(&mut self, depth: usize) -> Vec<Stmt> {
        let vars = self.scope.writable(|_| true);
        if vars.is_empty() {
            return vec![self.let_stmt(depth)];
        }
        let var = self.choose(&vars);
        let ty = var.ty.clone();
        let d = depth.min(3);
        let target = Expr::var(&var);
        let expr = match &ty {
            Ty::Int if self.chance(0.6) => {
                let template = self.choose(&[
                    "# += @;",
                    "# -= @;",
                    "# += @;",
                    "# *= @ & 7;",
                    "# /= @;",
                    "# %= @;",
                    "# &= @;",
                    "# |= @;",
                    "# ^= @;",
                    "# <<= @ & 31;",
                    "# >>= @ & 63;",
                ]);
                let value = self.expr(&Ty::Int, d);
                Expr::op(Ty::Unit, template, vec![target, value])
            }
            Ty::Narrow(name) if self.chance(0.6) => {
                let template = match *name {
                    "f32" => self.choose(&[
                        "# += @;",
                        "# -= @;",
                        "# *= @;",
                        "# /= @;",
                        "# += @ * 0.1;",
                        "# *= 0.7; # -= @;",
                    ]),
                    _ => self.choose(&[
                        "# += @;",
                        "# -= @;",
                        "# *= @;",
                        "# /= @;",
                        "# %= @;",
                        "# ^= @;",
                        "# <<= @ & 7;",
                        "# >>= @ & 7;",
                        "# *= 31; # += @;",
                    ]),
                };
                let value = self.expr(&ty, d);
                let targets = vec![target; template.matches('#').count()];
                Expr::op(Ty::Unit, template, targets.into_iter().chain([value]).collect())
            }
            Ty::Float if self.chance(0.6) => {
                let template = self.choose(&["# += @;", "# -= @;", "# *= @;", "# /= @;", "# %= @;"]);
                let value = self.expr(&Ty::Float, d);
                Expr::op(Ty::Unit, template, vec![target, value])
            }
            Ty::Bool if self.chance(0.5) => {
                let template = self.choose(&["# &= @;", "# |= @;", "# ^= @;"]);
                let value = self.expr(&Ty::Bool, d);
                Expr::op(Ty::Unit, template, vec![target, value])
            }
            Ty::Tensor if self.chance(0.6) => self.in_place(&var, d),
            Ty::Map | Ty::Table if self.chance(0.8) => self.map_change(&var, d),
            Ty::List(of) | Ty::Array(of, _) if self.chance(0.8) => {
                return vec![statement(self.element_change(&var, of, d))];
            }
            // A text that doubles in loops fills the memory.
            Ty::Text if !self.loops.is_empty() => {
                let other = self.literal(&ty);
                Expr::op(Ty::Unit, "# = @ + &@;", vec![target.clone(), target, other])
            }
            Ty::Text if self.chance(0.4) => {
                let other = self.with_lock(&var, |cx| cx.expr(&Ty::Text, d.min(1)));
                Expr::op(Ty::Unit, "# = @ + &@;", vec![target.clone(), target, other])
            }
            _ if self.chance(0.12) => {
                let others: Vec<_> =
                    self.scope.writable(|it| *it == ty).into_iter().filter(|it| it.id != var.id).collect();
                if others.is_empty() || !ty.is_copy() {
                    let value = self.expr(&ty, d);
                    return vec![statement(Expr::op(Ty::Unit, "# = @;", vec![target, value]))];
                }
                let other = Expr::var(&self.choose(&others));
                let args = vec![target.clone(), other.clone(), other, target];
                Expr::op(Ty::Unit, "(#, #) = (@, @);", args)
            }
            _ => {
                let value = self.expr(&ty, d);
                Expr::op(Ty::Unit, "# = @;", vec![target, value])
            }
        };
        vec![statement(expr)]
    }

    /// `list[i] = value`, `list[i] += value` or `list.push(value)`.
    fn element_change(&mut self, list: &crate::ast::Var, of: &Ty, depth: usize) -> Expr {
        let place = || Expr::var(list);
        if matches!(list.ty, Ty::List(_)) && of.is_clone() && self.chance(0.3) {
            return self.list_method(list, of, depth);
        }
        self.scope.lock(list);
        let expr = if matches!(list.ty, Ty::List(_)) && self.chance(0.5) {
            let value = self.expr(of, depth);
            Expr::op(Ty::Unit, "#.push(@);", vec![place(), value])
        } else {
            // rustc rejects most indices that read the list that is changed.
            self.scope.set_hidden(list, true);
            let index = self.expr(&Ty::Size, depth.min(2));
            self.scope.set_hidden(list, false);
            let value = self.expr(of, depth);
            let templates: &[&str] = match of {
                Ty::Int => {
                    &["#[@] = @;", "#[@] += @;", "#[@] -= @;", "#[@] /= @;", "#[@] %= @;", "#[@] ^= @;"]
                }
                Ty::Float | Ty::Narrow(_) => &["#[@] = @;", "#[@] += @;", "#[@] *= @;", "#[@] /= @;"],
                _ => &["#[@] = @;"],
            };
            let template = self.choose(templates);
            Expr::op(Ty::Unit, template, vec![place(), index, value])
        };
        self.scope.unlock(list);
        expr
    }
}
