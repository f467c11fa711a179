//! `match`, `if let` and `let … else`: patterns that may not match.

use syn::{Expr as RustExpr, ExprMatch, Local, LocalInit, Pat, RangeLimits};

use super::{Cx, Dest, Step, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Stmt, StmtKind};

/// What a pattern asks and what it binds.
#[derive(Default)]
pub struct Refutable<'p> {
    /// Holds if the pattern matches; none if it always does.
    pub test: Option<Expr>,
    /// Irrefutable patterns with what they bind.
    pub bindings: Vec<(&'p Pat, Expr)>,
}

impl Cx<'_> {
    /// `match x { a => …, b if g => …, _ => … }` becomes `if x == a: … elif x == b and g: … else: …`.
    ///
    /// Rust has checked that the arms are exhaustive, so the last one needs no test.
    pub fn lower_match(&mut self, expr: &ExprMatch, dest: &Dest) {
        let range = self.range(expr);
        let value = self.lower_scrutinee(&expr.expr);
        self.note_scrutinee(&expr.expr, &value);
        let statements = self.lower_arms(&expr.arms, &value, dest, range);
        self.block.extend(statements);
    }

    fn lower_arms(&mut self, arms: &[syn::Arm], value: &Expr, dest: &Dest, range: Range) -> Vec<Stmt> {
        let Some((arm, rest)) = arms.split_first() else { return vec![] };
        self.in_block(|cx| {
            let (pat, guard) = match &arm.pat {
                Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
                pat => (pat, None),
            };
            let mut matched = cx.lower_refutable(pat, value);
            // Names have to be known to the guard, so they stand for the matched value itself; it
            // is a variable that nothing else assigns.
            cx.alias_bindings(&mut matched);
            let guard = match guard {
                Some(guard) => {
                    let mut test = Expr::error();
                    let before = cx.in_block(|cx| test = cx.lower_condition(guard));
                    if !before.is_empty() {
                        cx.report(
                            guard,
                            "this guard is too complex for a scripted method",
                            "compute it before the `match`, or write `if` inside of the arm",
                        );
                    }
                    Some(test)
                }
                None => None,
            };
            let test = match (matched.test, guard) {
                (Some(test), Some(guard)) => Some(Expr::binary(BinaryOp::And, test, guard, range)),
                (test, guard) => test.or(guard),
            };
            let Some(test) = test.filter(|_| !rest.is_empty()) else {
                cx.bind_all(matched.bindings, range);
                cx.lower_into(&arm.body, dest);
                return;
            };
            let then = cx.in_block(|cx| {
                cx.bind_all(matched.bindings, range);
                cx.lower_into(&arm.body, dest);
            });
            let otherwise = cx.lower_arms(rest, value, dest, range);
            let then = non_empty(then, range);
            cx.push(StmtKind::If { cond: test, then, otherwise }, range);
        })
    }

    /// `let pattern = value else { … };` becomes `if not matches: …`, then the bindings. TorchScript
    /// keeps what the test says about the type, as the block always leaves.
    pub fn lower_let_else(&mut self, pat: &Pat, init: &LocalInit, local: &Local) {
        let range = self.range(local);
        let value = self.lower_scrutinee(&init.expr);
        self.note_scrutinee(&init.expr, &value);
        let matched = self.lower_refutable(pat, &value);
        if let (Some(test), Some((_, otherwise))) = (matched.test, &init.diverge) {
            let cond = negated(test, range);
            let then = self.in_block(|cx| cx.lower_into(otherwise, &Dest::Discard));
            self.push(StmtKind::If { cond, then: non_empty(then, range), otherwise: vec![] }, range);
        }
        self.bind_all(matched.bindings, range);
    }

    /// The value that patterns look at: a variable of its own, or a tuple of such.
    pub fn lower_scrutinee(&mut self, expr: &RustExpr) -> Expr {
        let value = self.lower_expr(expr);
        let range = value.range;
        match value.kind {
            // `match (a, b)` compares the elements; no tuple is made.
            ExprKind::Tuple(elements) => {
                let elements = elements.into_iter().map(|it| self.spill_value(it)).collect();
                Expr::new(ExprKind::Tuple(elements), range)
            }
            kind => self.spill_value(Expr::new(kind, range)),
        }
    }

    /// Patterns find modules in a module.
    pub fn note_scrutinee(&mut self, expr: &RustExpr, value: &Expr) {
        match (expr, &value.kind) {
            (RustExpr::Tuple(exprs), ExprKind::Tuple(values)) => {
                for (expr, value) in exprs.elems.iter().zip(values) {
                    self.note_scrutinee(expr, value);
                }
            }
            (expr, ExprKind::Var(name)) => {
                if let Some(origin) = self.origin_of(expr) {
                    self.scope.set_origin(name, origin);
                }
            }
            _ => {}
        }
    }

    fn spill_value(&mut self, value: Expr) -> Expr {
        if value.is_constant() { value } else { self.spill(value, "matched") }
    }

    /// What `pat` asks of `value`.
    pub fn lower_refutable<'p>(&mut self, pat: &'p Pat, value: &Expr) -> Refutable<'p> {
        let range = self.range(pat);
        let none = || Expr::none(range);
        let test = |test| Refutable { test: Some(test), bindings: vec![] };
        match pat {
            Pat::Paren(pat) => self.lower_refutable(&pat.pat, value),
            Pat::Reference(pat) => self.lower_refutable(&pat.pat, value),
            Pat::Wild(_) => Refutable::default(),
            Pat::Ident(pat) if pat.ident == "None" => {
                test(Expr::binary(BinaryOp::Is, value.clone(), none(), range))
            }
            Pat::Ident(ident) if ident.subpat.is_some() => {
                let (_, inner) = ident.subpat.as_ref().expect("just checked");
                let mut matched = self.lower_refutable(inner, value);
                matched.bindings.push((pat, value.clone()));
                matched
            }
            // Constants and variants start with a capital; everything else is a name to bind.
            Pat::Ident(ident) if is_constant_name(&ident.ident) => {
                let constant = self.constant(syn::parse_quote!(#ident));
                test(Expr::rust_op("matches", vec![value.clone(), constant], range))
            }
            Pat::Ident(_) => Refutable { test: None, bindings: vec![(pat, value.clone())] },
            Pat::Lit(lit) => {
                let literal = self.lower_expr(&RustExpr::Lit(lit.clone()));
                test(Expr::rust_op("eq", vec![value.clone(), literal], range))
            }
            Pat::Path(path) => {
                let constant = self.constant(RustExpr::Path(path.clone()));
                test(Expr::rust_op("matches", vec![value.clone(), constant], range))
            }
            Pat::Range(bounds) => self.lower_range_pattern(bounds, value, range),
            Pat::TupleStruct(pat) if pat.path.is_ident("Some") && pat.elems.len() == 1 => {
                let is_some = Expr::binary(BinaryOp::IsNot, value.clone(), none(), range);
                // What is in an optional module is one step further, under the same name.
                if let (Some(origin), ExprKind::Var(name)) = (self.origin_of_value(value), &value.kind) {
                    self.scope.set_origin(name, origin.then(Step::Elements));
                }
                let inner = self.lower_refutable(&pat.elems[0], value);
                Refutable { test: and(Some(is_some), inner.test, range), bindings: inner.bindings }
            }
            Pat::TupleStruct(pat) if pat.path.is_ident("Ok") && pat.elems.len() == 1 => {
                self.lower_refutable(&pat.elems[0], value)
            }
            Pat::TupleStruct(pat) if pat.path.is_ident("Err") => test(self.poison(
                pat,
                "a failure cannot be matched in scripted methods: it is an exception of TorchScript",
                "use `?`, and let the caller handle it",
            )),
            Pat::TupleStruct(pat) => self.lower_tuple_struct_pattern(pat, value),
            Pat::Struct(pat) => self.lower_struct_pattern(pat, value),
            Pat::Tuple(pat) if !pat.elems.iter().any(|it| matches!(it, Pat::Rest(_))) => {
                let mut all = Refutable::default();
                for (i, elem) in pat.elems.iter().enumerate() {
                    let element = match &value.kind {
                        ExprKind::Tuple(elements) if i < elements.len() => elements[i].clone(),
                        _ => Expr::field(value.clone(), i, range),
                    };
                    let one = self.lower_refutable(elem, &element);
                    all.test = and(all.test, one.test, range);
                    all.bindings.extend(one.bindings);
                }
                all
            }
            Pat::Or(pat) => {
                let mut any: Option<Expr> = None;
                for case in &pat.cases {
                    let one = self.lower_refutable(case, value);
                    if let Some((bound, _)) = one.bindings.first() {
                        self.report(
                            bound,
                            "names in alternatives are not supported in scripted methods",
                            "write one arm for each alternative",
                        );
                    }
                    let Some(test) = one.test else { return Refutable::default() };
                    any = Some(match any {
                        Some(any) => Expr::binary(BinaryOp::Or, any, test, range),
                        None => test,
                    });
                }
                Refutable { test: any, bindings: vec![] }
            }
            other => test(self.poison(
                other,
                "this pattern is not supported in scripted methods",
                "use literals, ranges, `Some(…)`, `None`, tuples, names and `_`",
            )),
        }
    }

    /// `1..=9` becomes `x >= 1 and x <= 9`.
    fn lower_range_pattern<'p>(
        &mut self,
        bounds: &syn::PatRange,
        value: &Expr,
        range: Range,
    ) -> Refutable<'p> {
        let start = bounds.start.as_ref().map(|start| {
            let start = self.lower_expr(start);
            Expr::binary(BinaryOp::Ge, value.clone(), start, range)
        });
        let end = bounds.end.as_ref().map(|end| {
            let end = self.lower_expr(end);
            let op = match bounds.limits {
                RangeLimits::HalfOpen(_) => BinaryOp::Lt,
                RangeLimits::Closed(_) => BinaryOp::Le,
            };
            Expr::binary(op, value.clone(), end, range)
        });
        Refutable { test: and(start, end, range), bindings: vec![] }
    }

    /// Assigns the names of a pattern that matched.
    pub fn bind_all(&mut self, bindings: Vec<(&Pat, Expr)>, range: Range) {
        for (pat, value) in bindings {
            match pat {
                Pat::Ident(pat) => {
                    let name = self.scope.declare(&pat.ident);
                    if let Some(origin) = self.origin_of_value(&value) {
                        self.scope.set_origin(&name, origin);
                    }
                    self.block.push(Stmt::assign(&name, value, range));
                }
                other => self.bind_pattern(other, value, range),
            }
        }
    }

    /// Lets names that are bound to a variable as a whole stand for it.
    fn alias_bindings(&mut self, matched: &mut Refutable<'_>) {
        matched.bindings.retain(|(pat, value)| match (pat, &value.kind) {
            (Pat::Ident(pat), ExprKind::Var(name)) if pat.mutability.is_none() => {
                self.scope.bind(pat.ident.to_string(), name.clone());
                false
            }
            _ => true,
        });
    }
}

pub fn and(a: Option<Expr>, b: Option<Expr>, range: Range) -> Option<Expr> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Expr::binary(BinaryOp::And, a, b, range)),
        (a, b) => a.or(b),
    }
}

/// `not test`; of a comparison with None, its opposite, which TorchScript refines types by.
fn negated(test: Expr, range: Range) -> Expr {
    match test.kind {
        ExprKind::Binary(BinaryOp::IsNot, value, none) => Expr::binary(BinaryOp::Is, *value, *none, range),
        ExprKind::Binary(BinaryOp::Is, value, none) => Expr::binary(BinaryOp::IsNot, *value, *none, range),
        kind => Expr::not(Expr::new(kind, test.range), range),
    }
}

fn is_constant_name(ident: &syn::Ident) -> bool {
    ident.to_string().starts_with(char::is_uppercase)
}
