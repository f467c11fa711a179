//! Lowers patterns that may not match, and `let … else`.

use quote::ToTokens;
use syn::{Expr as RustExpr, Local, LocalInit, Pat, PatIdent, RangeLimits};

use super::place::gives_reference;
use super::results::names_variant;
use super::{Cx, Dest, Step, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, Stmt, StmtKind};

/// A lowered pattern: its test and its bindings.
///
/// The value in `Some(…)` is `$unwrap(value)`. Where an `if` has compared the variable with None, it is the variable
/// itself, see [`refined`].
#[derive(Default)]
pub struct Refutable {
    /// Holds if the pattern matches; none if it always does.
    pub test: Option<Expr>,
    /// The names, with the values that they are bound to.
    pub bindings: Vec<(PatIdent, Expr)>,
    /// The names of references that something is assigned through, with the places that they stand for.
    pub references: Vec<(PatIdent, Expr)>,
}

impl Refutable {
    /// The pattern where TorchScript knows that the test holds.
    pub fn refined(self) -> Refutable {
        let bindings = self.bindings.into_iter().map(|(pat, value)| (pat, refined(value))).collect();
        Refutable { test: self.test.map(refined), bindings, references: self.references }
    }

    /// The pattern with a test in which TorchScript knows what the parts before it have tested.
    pub fn with_refined_test(self) -> Refutable {
        Refutable { test: self.test.map(refined), ..self }
    }

    /// A pattern that binds nothing.
    pub fn of(test: Expr) -> Refutable {
        Refutable { test: Some(test), ..Refutable::default() }
    }

    /// Adds a part of the pattern.
    pub fn add(&mut self, part: Refutable, range: Range) {
        self.test = and(self.test.take(), part.test, range);
        self.bindings.extend(part.bindings);
        self.references.extend(part.references);
    }
}

impl Cx {
    /// `let pattern = value else { … };` becomes `if not matches: …`, then the bindings. TorchScript
    /// keeps what the test says about the type, as the block always leaves.
    pub fn lower_let_else(&mut self, pat: &Pat, init: &LocalInit, local: &Local) {
        let range = self.range(local);
        let value = self.lower_scrutinee(&init.expr);
        self.note_scrutinee(&init.expr, &value);
        let mut matched = self.lower_refutable(pat, &value).refined();
        if let (Some(test), Some((_, otherwise))) = (matched.test.take(), &init.diverge) {
            let cond = negated(test, range);
            let then = self.in_block(|cx| cx.lower_into(otherwise, &Dest::Discard));
            self.push(StmtKind::If { cond, then: non_empty(then, range), otherwise: vec![] }, range);
        }
        self.bind_all(matched, range);
    }

    /// The value that patterns test: a new variable, or a tuple of new variables.
    pub fn lower_scrutinee(&mut self, expr: &RustExpr) -> Expr {
        if gives_reference(expr)
            && let Some(place) = self.place(expr)
        {
            return place;
        }
        let value = self.lower_expr(expr);
        self.scrutinee(value)
    }

    /// The value in a new variable, or a tuple of new variables.
    pub fn scrutinee(&mut self, value: Expr) -> Expr {
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

    /// Notes which module the value is, if it is one, so that patterns find modules in it.
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

    /// Lowers a pattern: its test of `value`, and its bindings.
    pub fn lower_refutable(&mut self, pat: &Pat, value: &Expr) -> Refutable {
        let range = self.range(pat);
        let none = || Expr::none(range);
        match pat {
            Pat::Paren(pat) => self.lower_refutable(&pat.pat, value),
            Pat::Reference(pat) => self.lower_refutable(&pat.pat, value),
            Pat::Type(pat) => self.lower_refutable(&pat.pat, value),
            Pat::Wild(_) | Pat::Rest(_) => Refutable::default(),
            Pat::Ident(pat) if pat.ident == "None" => self.lower_none(pat, value, range),
            Pat::Ident(pat) if pat.subpat.is_some() => {
                let (_, inner) = pat.subpat.as_ref().expect("just checked");
                let mut matched = self.lower_refutable(inner, value);
                matched.add(self.bound(pat, value), range);
                matched
            }
            // Constants and variants begin with a capital; everything else is a name to bind.
            Pat::Ident(ident) if is_constant_name(&ident.ident) => {
                let constant = self.constant(syn::parse_quote!(#ident));
                Refutable::of(Expr::rust_op(Operator::Matches, vec![value.clone(), constant], range))
            }
            Pat::Ident(pat) => self.bound(pat, value),
            Pat::Lit(lit) => {
                let literal = self.lower_expr(&RustExpr::Lit(lit.clone()));
                Refutable::of(Expr::rust_op(Operator::Eq, vec![value.clone(), literal], range))
            }
            Pat::Path(path) if names_variant(&path.path, "Option", &["None"]) => {
                self.lower_none(path, value, range)
            }
            Pat::Path(path) => {
                let constant = self.constant(RustExpr::Path(path.clone()));
                Refutable::of(Expr::rust_op(Operator::Matches, vec![value.clone(), constant], range))
            }
            Pat::Range(bounds) => self.lower_range_pattern(bounds, value, range),
            Pat::TupleStruct(some)
                if names_variant(&some.path, "Option", &["Some"]) && some.elems.len() == 1 =>
            {
                self.note_option(value);
                if is_payload(value) {
                    return self.nested_option(&some.path);
                }
                let is_some = Expr::binary(BinaryOp::IsNot, value.clone(), none(), range);
                // The module in an option is one step further from `self`; its variable keeps the name.
                if let (Some(origin), ExprKind::Var(name)) = (self.origin_of_value(value), &value.kind) {
                    self.scope.set_origin(name, origin.then(Step::Elements));
                }
                let payload = Expr::rust_op(Operator::Unwrap, vec![value.clone()], range);
                let mut matched = Refutable::of(is_some);
                matched.add(self.lower_refutable(&some.elems[0], &payload), range);
                matched
            }
            Pat::TupleStruct(pat) if names_variant(&pat.path, "Result", &["Ok", "Err"]) => {
                Refutable::of(self.poison(
                    &pat.path,
                    "a result cannot be looked into in scripted methods, where an error is an exception",
                    "write `?` or `unwrap()` in place of the pattern, or check before what can fail",
                ))
            }
            Pat::TupleStruct(pat) => self.lower_tuple_struct_pattern(pat, value),
            Pat::Struct(pat) => self.lower_struct_pattern(pat, value),
            Pat::Tuple(pat) => self.lower_tuple_pattern(&pat.elems, value, range),
            Pat::Slice(pat) => self.lower_slice_pattern(&pat.elems, value, range),
            Pat::Or(pat) => self.lower_alternatives(pat, value, range),
            other => Refutable::of(self.poison(
                other,
                "this pattern is not supported in scripted methods",
                "use literals, ranges, `Some(…)`, `None`, tuples, slices, names and `_`",
            )),
        }
    }

    /// `None` becomes `value is None`.
    fn lower_none(&mut self, pat: impl ToTokens, value: &Expr, range: Range) -> Refutable {
        if is_payload(value) {
            return self.nested_option(pat);
        }
        self.note_option(value);
        let test = Expr::binary(BinaryOp::Is, value.clone(), Expr::none(range), range);
        Refutable::of(test)
    }

    /// Notes that a variable is an option. Where it is compared with None, TorchScript takes it for what is in it.
    fn note_option(&mut self, value: &Expr) {
        if let ExprKind::Var(name) = &value.kind {
            self.scope.set_result(name, false);
        }
    }

    fn nested_option(&mut self, culprit: impl ToTokens) -> Refutable {
        let test = self.poison(
            culprit,
            "an option in an option has no TorchScript counterpart",
            "use one option, or an option of a tuple",
        );
        Refutable::of(test)
    }

    /// `1..=9` becomes `x >= 1 and x <= 9`.
    fn lower_range_pattern(&mut self, bounds: &syn::PatRange, value: &Expr, range: Range) -> Refutable {
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
        Refutable { test: and(start, end, range), ..Refutable::default() }
    }

    /// `1 | 2` becomes `x == 1 or x == 2`. Alternatives that bind names are arms of their own, see
    /// `arms.rs`.
    fn lower_alternatives(&mut self, pat: &syn::PatOr, value: &Expr, range: Range) -> Refutable {
        let mut any: Option<Expr> = None;
        for case in &pat.cases {
            let one = self.lower_refutable(case, value).refined();
            if let Some((bound, _)) = one.bindings.iter().chain(&one.references).next() {
                self.report(
                    bound,
                    "names in alternatives are supported only in `match` and `if let` in scripted methods",
                    "write a `match` with these alternatives",
                );
                return Refutable::of(Expr::error());
            }
            let Some(test) = one.test else { return Refutable::default() };
            any = Some(match any {
                Some(any) => Expr::binary(BinaryOp::Or, any, test, range),
                None => test,
            });
        }
        Refutable { test: any, ..Refutable::default() }
    }

    /// A name as a pattern: bound to the value, or a reference to the place that it is.
    fn bound(&self, pat: &PatIdent, value: &Expr) -> Refutable {
        let bound = vec![(pat.clone(), value.clone())];
        match self.is_written(&pat.ident) && pat.mutability.is_none() && self.is_owned(&value.kind) {
            true => Refutable { references: bound, ..Refutable::default() },
            false => Refutable { bindings: bound, ..Refutable::default() },
        }
    }

    /// Lets the names of references stand for their places.
    pub fn bind_references(&mut self, references: &[(PatIdent, Expr)]) {
        for (pat, place) in references {
            self.scope.bind_reference(&pat.ident, place.kind.clone());
        }
    }

    /// Assigns the names of a pattern that matched.
    pub fn bind_all(&mut self, matched: Refutable, range: Range) {
        self.bind_references(&matched.references);
        for (pat, value) in matched.bindings {
            let name = self.scope.declare(&pat.ident);
            if let Some(origin) = self.origin_of_value(&value) {
                self.scope.set_origin(&name, origin);
            }
            // A reference stands for the value itself, even where it is changed.
            let is_reference = pat.by_ref.is_some();
            if pat.mutability.is_some() && !is_reference {
                self.scope.set_mutable(&name);
            }
            let value = if is_reference { value } else { self.copied(value, &name) };
            self.block.push(Stmt::assign(&name, value, range));
        }
    }
}

/// Whether the value is what `Some(…)` holds.
fn is_payload(value: &Expr) -> bool {
    value.operand_of(Operator::Unwrap).is_some()
}

/// `value` where TorchScript knows that no variable in it is None: `$unwrap(x)` is `x`.
pub fn refined(value: Expr) -> Expr {
    let Expr { kind, range } = value;
    let all = |exprs: Vec<Expr>| exprs.into_iter().map(refined).collect();
    let boxed = |expr: Box<Expr>| Box::new(refined(*expr));
    let kind = match kind {
        ExprKind::Apply { callee, mut args, kwargs } => match &callee.kind {
            ExprKind::Operator(Operator::Unwrap) if args[0].is_name() => args.remove(0).kind,
            _ => ExprKind::Apply { callee, args: all(args), kwargs },
        },
        ExprKind::Binary(op, lhs, rhs) => ExprKind::Binary(op, boxed(lhs), boxed(rhs)),
        ExprKind::Unary(op, operand) => ExprKind::Unary(op, boxed(operand)),
        ExprKind::Ternary { cond, then, otherwise } => {
            ExprKind::Ternary { cond: boxed(cond), then: boxed(then), otherwise: boxed(otherwise) }
        }
        ExprKind::Subscript(value, index) => ExprKind::Subscript(boxed(value), index),
        ExprKind::Select(value, field) => ExprKind::Select(boxed(value), field),
        ExprKind::Method(value, name, function) => ExprKind::Method(boxed(value), name, function),
        kind => kind,
    };
    Expr::new(kind, range)
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

pub fn is_constant_name(ident: &syn::Ident) -> bool {
    ident.to_string().starts_with(char::is_uppercase)
}
