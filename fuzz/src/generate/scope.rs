//! The variables in sight, and what may be done with each.

use crate::ast::Var;
use crate::ty::Ty;

#[derive(Default)]
pub struct Scope {
    vars: Vec<Known>,
    next_id: u32,
    /// Variables before this one are outside of the closure.
    closure_start: usize,
}

struct Known {
    var: Var,
    mutable: bool,
    /// Borrowed by an expression that is not finished.
    n_locks: usize,
    moved: bool,
    /// How many loops were around its binding.
    n_loops: usize,
}

/// Names, some of which mean something to TorchScript or resemble its temporaries.
const NAMES: &[&str] = &[
    "a", "b", "c", "d", "n", "x", "y", "i", "total", "list", "int", "value", "operand", "len", "range",
    "matched", "result", "lambda", "def", "is", "float", "max", "x_1", "both", "not", "pass", "count",
    "item", "torch", "sum", "any",
];

impl Scope {
    /// Where a block begins; see [`Scope::leave`].
    pub fn mark(&self) -> usize {
        self.vars.len()
    }

    pub fn leave(&mut self, mark: usize) {
        self.vars.truncate(mark);
    }

    pub fn enter_closure(&mut self) -> usize {
        std::mem::replace(&mut self.closure_start, self.vars.len())
    }

    pub fn leave_closure(&mut self, before: usize) {
        self.closure_start = before;
    }

    /// A variable that nothing sees yet. `pick` chooses its name; some names are kept for shadowing.
    pub fn fresh(&mut self, ty: Ty, by_ref: bool, pick: usize, unique: bool) -> Var {
        self.next_id += 1;
        let name = NAMES[pick % NAMES.len()];
        // `i8` would be a type as well, which another name for it must not reach.
        let apart = if name == "i" { "_" } else { "" };
        let name = if unique { format!("{name}{apart}{}", self.next_id) } else { name.to_owned() };
        Var { id: self.next_id, name, ty, by_ref }
    }

    pub fn declare(&mut self, var: &Var, mutable: bool, n_loops: usize) {
        self.vars.push(Known { var: var.clone(), mutable, n_locks: 0, moved: false, n_loops });
    }

    /// What can be read: neither shadowed nor moved.
    pub fn readable(&self, accept: impl Fn(&Ty) -> bool) -> Vec<Var> {
        self.filtered(|it| !it.moved && accept(&it.var.ty))
    }

    /// What can be assigned or changed here.
    pub fn writable(&self, accept: impl Fn(&Ty) -> bool) -> Vec<Var> {
        let start = self.closure_start;
        let outside = |var: &Var| self.vars[..start].iter().any(|it| it.var.id == var.id);
        let writable = |it: &Known| it.mutable && !it.moved && it.n_locks == 0 && !it.var.by_ref;
        self.filtered(|it| writable(it) && accept(&it.var.ty) && !outside(&it.var))
    }

    /// What can be moved: it was bound in the innermost loop, and nothing borrows it.
    pub fn movable(&self, n_loops: usize, accept: impl Fn(&Ty) -> bool) -> Vec<Var> {
        let start = self.closure_start;
        let outside = |var: &Var| self.vars[..start].iter().any(|it| it.var.id == var.id);
        self.filtered(|it| {
            !it.moved
                && it.n_locks == 0
                && !it.var.by_ref
                && it.n_loops == n_loops
                && accept(&it.var.ty)
                && !outside(&it.var)
        })
    }

    fn filtered(&self, accept: impl Fn(&Known) -> bool) -> Vec<Var> {
        let shadowed = |i: usize| self.vars[i + 1..].iter().any(|it| it.var.name == self.vars[i].var.name);
        let seen = self.vars.iter().enumerate().filter(|(i, it)| !shadowed(*i) && accept(it));
        seen.map(|(_, it)| it.var.clone()).collect()
    }

    pub fn set_moved(&mut self, var: &Var) {
        for it in self.vars.iter_mut().filter(|it| it.var.id == var.id) {
            it.moved = true;
        }
    }

    /// Takes a variable out of sight, or puts it back.
    pub fn set_hidden(&mut self, var: &Var, hidden: bool) {
        for it in self.vars.iter_mut().filter(|it| it.var.id == var.id) {
            it.moved = hidden;
        }
    }

    pub fn lock(&mut self, var: &Var) {
        for it in self.vars.iter_mut().filter(|it| it.var.id == var.id) {
            it.n_locks += 1;
        }
    }

    pub fn unlock(&mut self, var: &Var) {
        for it in self.vars.iter_mut().filter(|it| it.var.id == var.id) {
            it.n_locks -= 1;
        }
    }
}
