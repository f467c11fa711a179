//! Loops, and what leaves loops and methods.

use super::Gen;
use crate::ast::{Block, Expr, Pat, Stmt, StmtKind, Var};
use crate::ty::Ty;

impl Gen {
    /// `return`, `break`, `continue` or a panic.
    pub fn leave(&mut self, depth: usize) -> Expr {
        let depth = depth.min(2);
        let in_loop = !self.loops.is_empty();
        let may_continue = in_loop && self.loops.len() != self.leaving;
        match self.weighted(&[5, if in_loop { 5 } else { 0 }, if may_continue { 4 } else { 0 }, 2]) {
            0 => self.returned(depth),
            1 => match self.loops.last().cloned().flatten() {
                Some(ty) => {
                    let value = self.expr(&ty, depth);
                    Expr::op(Ty::Never, "break @", vec![value])
                }
                None => Expr::leaf(Ty::Never, "break"),
            },
            2 => Expr::leaf(Ty::Never, "continue"),
            _ => Expr::leaf(Ty::Never, "panic!(\"reached\")"),
        }
    }

    fn returned(&mut self, depth: usize) -> Expr {
        if self.fallible && self.chance(0.4) {
            return Expr::leaf(Ty::Never, "return Err(tch::TchError::Torch(\"failed\".to_owned()))");
        }
        let ty = self.returns.clone();
        let value = self.expr(&ty, depth);
        let template = if self.fallible { "return Ok(@)" } else { "return @" };
        Expr::op(Ty::Never, template, vec![value])
    }

    fn body(&mut self, breaks: Option<Ty>, bound: &[Var], depth: usize) -> Block {
        let mark = self.scope.mark();
        self.loops.push(breaks);
        let n_loops = self.loops.len();
        bound.iter().for_each(|var| self.scope.declare(var, false, n_loops));
        let body = self.stmts(depth, 3);
        self.loops.pop();
        self.scope.leave(mark);
        body
    }

    /// A `for` statement.
    pub fn for_loop(&mut self, depth: usize) -> Option<Expr> {
        let maps = self.scope.readable(|it| *it == Ty::Map);
        if !maps.is_empty() && self.chance(0.3) {
            let map = self.choose(&maps);
            let (mut key, mut value) = (self.distinct(Ty::Int), self.distinct(Ty::Int));
            (key.by_ref, value.by_ref) = (true, true);
            let head = Expr::op(Ty::Unit, "~", vec![Expr::var(&map)]);
            return Some(self.for_each_of(&[map], Pat::new("(@, @)", vec![key, value]), head, depth));
        }
        let list = self.some_list(Ty::is_clone);
        if let Some(list) = &list
            && list.ty.element().is_some_and(Ty::is_scalar)
            && self.chance(0.15)
        {
            let mut part = self.distinct(list.ty.clone());
            part.by_ref = true;
            let template = self.choose(&["#.windows(2)", "#.chunks(2)", "#.chunks_exact(3)", "#.windows(1)"]);
            let head = Expr::op(Ty::Unit, template, vec![Expr::var(list)]);
            return Some(self.for_each_of(std::slice::from_ref(list), Pat::name(part), head, depth));
        }
        match (self.below(7), list) {
            (0..=2, _) | (_, None) => Some(self.for_range(depth)),
            (3, Some(list)) => {
                let (index, item) = (self.distinct(Ty::Size), self.item(&list));
                let head = Expr::op(Ty::Unit, "#.iter().enumerate()", vec![Expr::var(&list)]);
                Some(self.for_each_of(&[list], Pat::new("(@, @)", vec![index, item]), head, depth))
            }
            (4, Some(list)) => {
                let other = self.some_list(Ty::is_clone)?;
                let (a, b) = (self.item(&list), self.item(&other));
                let head =
                    Expr::op(Ty::Unit, "#.iter().zip(#.iter())", vec![Expr::var(&list), Expr::var(&other)]);
                Some(self.for_each_of(&[list, other], Pat::new("(@, @)", vec![a, b]), head, depth))
            }
            (5, Some(list)) => {
                let mut item = self.item(&list);
                item.by_ref = false;
                let template = self.choose(&["@", "@.into_iter()"]);
                let head = Expr::op(Ty::Unit, template, vec![Expr::var(&list)]);
                Some(self.for_each_of(&[], Pat::name(item), head, depth))
            }
            (_, Some(list)) => {
                let mut item = self.item(&list);
                let mut template = "@";
                if item.ty.is_copy() && self.chance(0.5) {
                    item.by_ref = false;
                    template = "&@";
                }
                let head = Expr::op(
                    Ty::Unit,
                    if self.chance(0.5) { "~" } else { "#.iter()" },
                    vec![Expr::var(&list)],
                );
                Some(self.for_each_of(&[list], Pat::new(template, vec![item]), head, depth))
            }
        }
    }

    fn item(&mut self, list: &Var) -> Var {
        let ty = list.ty.element().expect("a list").clone();
        let mut var = self.distinct(ty);
        var.by_ref = true;
        var
    }

    fn for_each_of(&mut self, locked: &[Var], pat: Pat, head: Expr, depth: usize) -> Expr {
        locked.iter().for_each(|var| self.scope.lock(var));
        let body = self.body(None, &pat.vars.clone(), depth);
        locked.iter().for_each(|var| self.scope.unlock(var));
        let bind = Expr::bind(pat, " in ", Some(head), None, Expr::block(Ty::Unit, body));
        Expr::op(Ty::Unit, "for @", vec![bind])
    }

    fn for_range(&mut self, depth: usize) -> Expr {
        let (template, n) = self.choose(&[
            ("0..(@ & 3)", 1),
            ("(@ & 3)..(@ & 7)", 2),
            ("1..=(@ & 3)", 1),
            ("(0..(@ & 3)).rev()", 1),
            ("((@ & 3)..=(@ & 7)).rev()", 2),
            ("(0..(@ & 7)).step_by((@ & 1) as usize + 1)", 2),
            ("((@ & 3)..=(@ & 15)).step_by(3)", 2),
            ("(i64::MAX - 2)..(i64::MAX)", 0),
            ("i64::MIN..(i64::MIN + 2)", 0),
            ("(i64::MAX - 2)..=(i64::MAX - 1)", 0),
            ("((i64::MIN + 1)..=(i64::MIN + 2)).rev()", 0),
        ]);
        let args = (0..n).map(|_| self.expr(&Ty::Int, depth.min(2))).collect();
        let head = Expr::op(Ty::Unit, template, args);
        let pat =
            if self.chance(0.15) { Pat::new("_", vec![]) } else { Pat::name(self.fresh(Ty::Int, false)) };
        self.for_each_of(&[], pat, head, depth)
    }

    /// A counter's binding and the loop that it ends.
    pub fn while_loop(&mut self, depth: usize) -> Vec<Stmt> {
        let counter = self.distinct(Ty::Int);
        let mark = self.scope.mark();
        self.scope.declare(&counter, false, self.loops.len());
        let limit = self.below(4) + 1;
        let cond = self.loop_condition(depth.min(2));
        let template = self.choose(&[
            "while (# < LIMIT) && @ @",
            "while { (@) && # < LIMIT } @",
            "while @ && (# < LIMIT) @",
        ]);
        let template = template.replace("LIMIT", &limit.to_string());
        let count = Expr::op(Ty::Unit, "# += 1;", vec![Expr::var(&counter)]);
        let mut body = self.body(None, &[], depth);
        body.stmts.insert(0, Stmt { kind: StmtKind::Expr(count), pinned: true });
        self.scope.leave(mark);
        let body = Expr::block(Ty::Unit, body);
        let args = match template.find('#') < template.find('@') {
            true => vec![Expr::var(&counter), cond, body],
            false => vec![cond, Expr::var(&counter), body],
        };
        vec![self.counter(&counter), statement(Expr::op(Ty::Unit, template, args))]
    }

    /// `while let Some(x) = list.pop() { … }`, of a list of its own.
    pub fn while_let(&mut self, depth: usize) -> Vec<Stmt> {
        let of = self.choose_with_tensor(&[Ty::Int, Ty::Int, Ty::Text]);
        let ty = Ty::list(of.clone());
        let start = self.expr(&ty, depth.min(2));
        let list = self.distinct(ty.clone());
        let pat = Pat::new("mut @", vec![list.clone()]);
        let kind = StmtKind::Let { pat, ty: Some(ty), value: start, otherwise: None };
        self.scope.declare(&list, false, self.loops.len());
        let item = self.distinct(of);
        let mut head = Expr::op(Ty::Unit, "#.pop()", vec![Expr::var(&list)]);
        if self.chance(0.3) {
            let cond = self.loop_condition(depth.min(1));
            head = Expr::op(Ty::Unit, "#.pop() && @", vec![Expr::var(&list), cond]);
        }
        let body = self.body(None, std::slice::from_ref(&item), depth);
        let bind =
            Expr::bind(Pat::new("Some(@)", vec![item]), " = ", Some(head), None, Expr::block(Ty::Unit, body));
        vec![Stmt { kind, pinned: true }, statement(Expr::op(Ty::Unit, "while let @", vec![bind]))]
    }

    /// Two loops, the inner of which leaves or continues the outer.
    pub fn labelled(&mut self, depth: usize) -> Expr {
        let outer = self.distinct(Ty::Int);
        let inner = self.distinct(Ty::Int);
        let mark = self.scope.mark();
        let label = format!("'l{}", outer.id);
        self.loops.push(None);
        self.scope.declare(&outer, false, self.loops.len());
        let mut body = self.stmts(depth, 2);
        let inner_mark = self.scope.mark();
        self.loops.push(None);
        self.scope.declare(&inner, false, self.loops.len());
        let mut inner_body = self.stmts(depth, 2);
        let cond = self.expr(&Ty::Bool, depth.clamp(1, 2));
        let way = self.choose(&["break", "continue"]);
        let leave = Expr::op(Ty::Unit, format!("if @ {{ {way} {label}; }}"), vec![cond]);
        let at = self.below(inner_body.stmts.len() + 1);
        inner_body.stmts.insert(at, statement(leave));
        self.loops.pop();
        self.scope.leave(inner_mark);
        let range = |var: &Var, body| {
            let head = Expr::leaf(Ty::Unit, "0..3i64");
            Expr::bind(Pat::name(var.clone()), " in ", Some(head), None, Expr::block(Ty::Unit, body))
        };
        let inner_loop = Expr::op(Ty::Unit, "for @", vec![range(&inner, inner_body)]);
        body.stmts.push(statement(inner_loop));
        body.stmts.extend(self.assignment(depth.max(1)));
        self.loops.pop();
        self.scope.leave(mark);
        Expr::op(Ty::Unit, format!("{label}: for @"), vec![range(&outer, body)])
    }

    /// A condition of `while`, which leaves nothing: rustc asks for a label there. It runs again, so
    /// that nothing from outside is moved.
    fn loop_condition(&mut self, depth: usize) -> Expr {
        let outer = std::mem::replace(&mut self.in_closure, true);
        self.loops.push(None);
        let cond = self.expr(&Ty::Bool, depth);
        self.loops.pop();
        self.in_closure = outer;
        cond
    }

    fn counter(&mut self, counter: &Var) -> Stmt {
        let kind = StmtKind::Let {
            pat: Pat::new("mut @", vec![counter.clone()]),
            ty: Some(Ty::Int),
            value: Expr::leaf(Ty::Int, "0"),
            otherwise: None,
        };
        Stmt { kind, pinned: true }
    }

    /// `loop { … }`, for its value or without one. The loop ends by its counter.
    pub fn endless_loop(&mut self, value: Option<&Ty>, depth: usize) -> (Stmt, Expr) {
        let counter = self.distinct(Ty::Int);
        let mark = self.scope.mark();
        self.scope.declare(&counter, false, self.loops.len());
        let mut body = self.body(value.cloned(), &[], depth);
        let limit = self.below(3) + 1;
        self.loops.push(value.cloned());
        let exit = match value {
            Some(ty) => {
                let outer = std::mem::replace(&mut self.leaving, self.loops.len());
                let value = self.expr(ty, depth.min(2));
                self.leaving = outer;
                Expr::op(Ty::Unit, format!("if # > {limit} {{ break @; }}"), vec![Expr::var(&counter), value])
            }
            None => Expr::op(Ty::Unit, format!("if # > {limit} {{ break; }}"), vec![Expr::var(&counter)]),
        };
        self.loops.pop();
        let count = Expr::op(Ty::Unit, "# += 1;", vec![Expr::var(&counter)]);
        let pinned = |expr| Stmt { kind: StmtKind::Expr(expr), pinned: true };
        body.stmts.insert(0, pinned(count));
        body.stmts.insert(1, pinned(exit));
        self.scope.leave(mark);
        let body = Expr::block(Ty::Unit, body);
        let ty = value.cloned().unwrap_or(Ty::Unit);
        (self.counter(&counter), Expr::op(ty, "loop @", vec![body]))
    }
}

pub fn statement(expr: Expr) -> Stmt {
    Stmt { kind: StmtKind::Expr(expr), pinned: false }
}
