//! Lowers what leaves loops: labels, `break`, `continue`, and labelled blocks.
//!
//! TorchScript leaves the innermost loop only. To leave another one, a flag is set and the inner loop
//! left; after each loop on the way, the flag is asked:
//!
//! ```text
//! 'a: for … { for … { break 'a; } rest }    becomes    for …:
//!                                                          leaves = False
//!                                                          for …:
//!                                                              leaves = True
//!                                                              break
//!                                                          if leaves: break
//!                                                          rest
//! ```

use syn::{Expr as RustExpr, ExprBlock, ExprBreak, ExprContinue, Label, Lifetime};

use super::infer::visit_arguments;
use super::{Cx, Dest};
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, Operator, Stmt, StmtKind};

/// A loop, or a labelled block, around what is being lowered.
#[derive(Clone)]
pub struct Loop {
    label: Option<String>,
    /// Whether it is a labelled block, which only a `break` with its label leaves.
    is_block: bool,
    /// Whether it is the body of a closure.
    is_closure: bool,
    /// Whether it is the body of a `with`, where libtorch miscompiles what leaves a loop around it.
    is_with: bool,
    /// Where `break value` goes.
    dest: Dest,
    /// Flags that are set inside the loop, and asked after it.
    exits: Vec<Exit>,
}

/// A way out through several loops.
#[derive(Clone)]
struct Exit {
    /// The loop that is left or continued, or the `with` that is left by `return`, as an index into the loops around.
    target: usize,
    way: Way,
    flag: String,
}

#[derive(Clone, PartialEq)]
enum Way {
    Break,
    Continue,
    /// The method is left, with the value in this variable.
    Return(Option<String>),
}

impl Loop {
    pub fn new(label: Option<&Label>, dest: Dest) -> Loop {
        let label = label.map(|label| label.name.ident.to_string());
        Loop { label, is_block: false, is_closure: false, is_with: false, dest, exits: vec![] }
    }

    /// The body of a closure, which `return` leaves.
    pub fn of_closure(dest: Dest) -> Loop {
        Loop { is_block: true, is_closure: true, ..Loop::new(None, dest) }
    }

    /// The body of a `with`.
    pub fn of_with() -> Loop {
        Loop { is_block: true, is_with: true, ..Loop::plain() }
    }

    /// Whether something inside leaves what is around it.
    pub fn has_exits(&self) -> bool {
        !self.exits.is_empty()
    }

    /// A loop without a label and without a value.
    pub fn plain() -> Loop {
        Loop::new(None, Dest::Discard)
    }
}

impl Cx {
    /// Runs `f` in the loop `it`: the statements of its body, and the loop with the exits that `f` added.
    pub fn in_loop(&mut self, it: Loop, f: impl FnOnce(&mut Self)) -> (Vec<Stmt>, Loop) {
        self.loops.push(it);
        let body = self.in_block(f);
        (body, self.loops.pop().expect("the loop that was entered"))
    }

    /// Adds a loop, with statements that clear its flags before it and ask them after it.
    pub fn push_loop(&mut self, kind: StmtKind, it: Loop, range: Range) {
        let around = self.loops.len();
        let is_direct = |exit: &&Exit| match exit.way {
            Way::Break | Way::Continue => exit.target + 1 == around,
            Way::Return(_) => exit.target == around,
        };
        for exit in it.exits.iter().filter(is_direct) {
            self.block.push(Stmt::assign(&exit.flag, Expr::new(ExprKind::False, range), range));
        }
        self.push(kind, range);
        for exit in &it.exits {
            let then = self.statements(|cx| match &exit.way {
                Way::Continue if is_direct(&exit) => cx.push(StmtKind::Continue, range),
                Way::Return(value) if is_direct(&exit) => {
                    let value = value.as_ref().map_or(Expr::none(range), |name| Expr::var(name, range));
                    cx.push_return(value, range);
                }
                _ => cx.push(StmtKind::Break, range),
            });
            let cond = Expr::var(&exit.flag, range);
            self.push(StmtKind::If { cond, then, otherwise: vec![] }, range);
        }
    }

    /// `'a: { … break 'a value; … }` becomes a loop that runs once.
    pub fn lower_labelled_block(&mut self, expr: &ExprBlock, dest: &Dest) {
        let range = self.range(expr);
        let it = Loop { is_block: true, ..Loop::new(expr.label.as_ref(), dest.clone()) };
        let (mut body, it) = self.in_loop(it, |cx| cx.lower_block_into(&expr.block, dest));
        body.push(Stmt::new(StmtKind::Break, range));
        let cond = Expr::new(ExprKind::True, range);
        self.push_loop(StmtKind::While { cond, body }, it, range);
        self.push_unreachable("the end of a block was reached", dest, range);
    }

    /// Adds a `raise` after a loop that only a `return` leaves, which TorchScript does not see.
    pub fn push_unreachable(&mut self, message: &str, dest: &Dest, range: Range) {
        if let Dest::Return = dest {
            let message = Expr::new(ExprKind::Str(message.into()), range);
            let error = Expr::rust_op(Operator::Panic, vec![message], range);
            self.push(StmtKind::Raise(error), range);
        }
    }

    pub fn lower_break(&mut self, expr: &ExprBreak) {
        let range = self.range(expr);
        let target = self.target(expr.label.as_ref());
        if let Some(value) = &expr.expr {
            let dest = target.map_or(Dest::Discard, |target| self.loops[target].dest.clone());
            self.lower_into(value, &dest);
            if matches!(dest, Dest::Return) {
                return;
            }
        }
        self.leave(target, Way::Break, range);
    }

    /// Lowers a `return` that leaves a closure; false where it leaves the method.
    pub fn lower_return_of_closure(&mut self, expr: &syn::ExprReturn) -> bool {
        let Some(target) = self.loops.iter().rposition(|it| it.is_closure) else { return false };
        if let Some(value) = &expr.expr {
            let dest = self.loops[target].dest.clone();
            self.lower_into(value, &dest);
        }
        self.leave(Some(target), Way::Break, self.range(expr));
        true
    }

    pub fn lower_continue(&mut self, expr: &ExprContinue) {
        let target = self.target(expr.label.as_ref());
        self.leave(target, Way::Continue, self.range(expr));
    }

    /// The loop that a `break` or `continue` leaves, as an index into the loops around; none where rustc reports a
    /// mistake.
    fn target(&self, label: Option<&Lifetime>) -> Option<usize> {
        self.loops.iter().rposition(|it| match label {
            Some(label) => it.label.as_ref().is_some_and(|name| label.ident == name),
            None => !it.is_block,
        })
    }

    fn leave(&mut self, target: Option<usize>, way: Way, range: Range) {
        let innermost = self.loops.len().saturating_sub(1);
        let target = target.unwrap_or(innermost);
        if target == innermost {
            self.push(if way == Way::Continue { StmtKind::Continue } else { StmtKind::Break }, range);
            self.push_never_reached(range);
            return;
        }
        self.leave_by_flag(target, target + 1, way, range);
    }

    /// Sets a flag that the loops from `first` on ask when they are left.
    fn leave_by_flag(&mut self, target: usize, first: usize, way: Way, range: Range) {
        let known = self.loops[first].exits.iter().find(|it| it.target == target && it.way == way);
        let flag = match (known, &way) {
            (Some(exit), _) => exit.flag.clone(),
            (None, Way::Break) => self.scope.temp("leaves"),
            (None, Way::Continue) => self.scope.temp("continues"),
            (None, Way::Return(_)) => self.scope.temp("returns"),
        };
        for it in &mut self.loops[first..] {
            if !it.exits.iter().any(|exit| exit.flag == flag) {
                it.exits.push(Exit { target, way: way.clone(), flag: flag.clone() });
            }
        }
        self.block.push(Stmt::assign(&flag, Expr::new(ExprKind::True, range), range));
        self.push(StmtKind::Break, range);
        self.push_never_reached(range);
    }

    /// Adds a `return`. Inside of a `with`, it is left first.
    pub fn push_return(&mut self, value: Expr, range: Range) {
        let Some(with) = self.loops.iter().rposition(|it| it.is_with) else {
            self.push(StmtKind::Return(value), range);
            return;
        };
        let name = (!self.returns_unit).then(|| self.result_of_with(with));
        if let Some(name) = &name {
            self.block.push(Stmt::assign(name, value, range));
        }
        self.leave_by_flag(with, with, Way::Return(name), range);
    }

    /// The variable for what the method returns inside of a `with`.
    fn result_of_with(&mut self, with: usize) -> String {
        let known = self.loops[with].exits.iter().find_map(|exit| match &exit.way {
            Way::Return(name) => name.clone(),
            Way::Break | Way::Continue => None,
        });
        known.unwrap_or_else(|| self.scope.temp("returned"))
    }

    /// The variable for what the method returns inside of a `with` that was lowered, if something does.
    pub fn returned_in(it: &Loop) -> Option<&str> {
        it.exits.iter().find_map(|exit| match &exit.way {
            Way::Return(name) => name.as_deref(),
            Way::Break | Way::Continue => None,
        })
    }

    /// Adds a `raise` after a `break` or `continue`: without it, TorchScript would ask for the branch's values. It
    /// drops statements after `break` and `continue`, so the `raise` never runs.
    fn push_never_reached(&mut self, range: Range) {
        let message = Expr::new(ExprKind::Str("the loop was left before".into()), range);
        let error = Expr::rust_op(Operator::Panic, vec![message], range);
        self.push(StmtKind::Raise(error), range);
    }
}

/// Whether `expr` is a `loop` that is left with a value, or a labelled block.
pub fn breaks_with_value(expr: &RustExpr) -> bool {
    #[derive(Default)]
    struct Breaks<'a> {
        label: Option<&'a Lifetime>,
        is_inner: bool,
        found: bool,
    }
    impl<'ast> syn::visit::Visit<'ast> for Breaks<'_> {
        fn visit_expr_break(&mut self, expr: &'ast ExprBreak) {
            let is_ours = match &expr.label {
                Some(label) => self.label == Some(label),
                None => !self.is_inner,
            };
            self.found |= is_ours && expr.expr.is_some();
            syn::visit::visit_expr_break(self, expr);
        }
        // A `break` without a label leaves the inner loop.
        fn visit_expr_loop(&mut self, expr: &'ast syn::ExprLoop) {
            let outer = std::mem::replace(&mut self.is_inner, true);
            syn::visit::visit_expr_loop(self, expr);
            self.is_inner = outer;
        }
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            visit_arguments(self, mac);
        }
    }
    let expr = match expr {
        RustExpr::Paren(paren) => return breaks_with_value(&paren.expr),
        RustExpr::Group(group) => return breaks_with_value(&group.expr),
        RustExpr::Block(block) => return block.label.is_some(),
        RustExpr::Loop(expr) => expr,
        _ => return false,
    };
    let mut breaks = Breaks { label: expr.label.as_ref().map(|label| &label.name), ..Breaks::default() };
    syn::visit::Visit::visit_block(&mut breaks, &expr.body);
    breaks.found
}
