//! Lowers `match`: its arms become a chain of `if`.

use syn::{ExprMatch, Pat};

use super::match_expr::{Refutable, and, refined};
use super::{Cx, Dest, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Stmt, StmtKind};

/// An arm with one pattern.
struct Case<'e> {
    pat: Pat,
    guard: Option<&'e syn::Expr>,
    body: Body<'e>,
    /// Whether the case before has the same body, whose mistakes are reported already.
    again: bool,
}

#[derive(Clone, Copy)]
enum Body<'e> {
    Value(&'e syn::Expr),
    Block(&'e syn::Block),
    Nothing,
}

impl Cx {
    /// `match x { a => …, b if g => …, _ => … }` becomes `if x == a: … elif x == b and g: … else: …`.
    ///
    /// Rust has checked that the arms are exhaustive, so the last one needs no test.
    pub fn lower_match(&mut self, expr: &ExprMatch, dest: &Dest) {
        let range = self.range(expr);
        let value = self.lower_scrutinee(&expr.expr);
        self.note_scrutinee(&expr.expr, &value);
        let mut cases = vec![];
        for arm in &expr.arms {
            let (pat, guard) = match &arm.pat {
                Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
                pat => (pat, None),
            };
            cases.extend(self.cases(pat, guard, Body::Value(&arm.body)));
        }
        let statements = self.lower_cases(&cases, &value, dest, false, range);
        self.block.extend(statements);
    }

    /// `if let (0, x) | (x, 0) = value { … } else { … }`, as a `match`.
    pub fn lower_if_alternatives(&mut self, expr: &syn::ExprIf, cond: &syn::ExprLet, dest: &Dest) {
        let range = self.range(expr);
        let value = self.lower_scrutinee(&cond.expr);
        self.note_scrutinee(&cond.expr, &value);
        let mut cases = self.cases(&cond.pat, None, Body::Block(&expr.then_branch));
        let otherwise = expr.else_branch.as_ref().map_or(Body::Nothing, |(_, it)| Body::Value(it));
        let wild = Pat::Wild(syn::PatWild { attrs: vec![], underscore_token: Default::default() });
        cases.push(Case { pat: wild, guard: None, body: otherwise, again: false });
        let statements = self.lower_cases(&cases, &value, dest, false, range);
        self.block.extend(statements);
    }

    fn cases<'e>(&self, pat: &Pat, guard: Option<&'e syn::Expr>, body: Body<'e>) -> Vec<Case<'e>> {
        let pats = alternatives(pat).into_iter().enumerate();
        pats.map(|(i, pat)| Case { pat, guard, body, again: i > 0 }).collect()
    }

    /// Lowers the cases to nested `if`s. `is_refined`: an earlier case has excluded None, so TorchScript knows that the
    /// value is there.
    fn lower_cases(
        &mut self,
        cases: &[Case<'_>],
        value: &Expr,
        dest: &Dest,
        is_refined: bool,
        range: Range,
    ) -> Vec<Stmt> {
        let Some((case, rest)) = cases.split_first() else { return vec![] };
        self.in_block(|cx| {
            let mut matched = cx.lower_refutable(&case.pat, value).with_refined_test();
            if is_refined {
                matched = matched.refined();
            }
            let excludes_none = case.guard.is_none() && matched.test.as_ref().is_some_and(asks_for_none);
            let (test, is_flag) = cx.lower_guard(case, &matched, range);
            let Some(cond) = test.filter(|_| !rest.is_empty()) else {
                cx.lower_case_body(case, matched, dest, range);
                return;
            };
            // From a flag, TorchScript learns nothing about the value's type.
            let bound = if is_flag { matched } else { matched.refined() };
            let then = cx.in_block(|cx| cx.lower_case_body(case, bound, dest, range));
            let otherwise = cx.lower_cases(rest, value, dest, is_refined || excludes_none, range);
            cx.push(StmtKind::If { cond, then: non_empty(then, range), otherwise }, range);
        })
    }

    /// The test of pattern and guard, and whether it is a flag. A guard that takes statements runs only if the pattern
    /// matches, so its result is put into a flag before the `if`.
    fn lower_guard(&mut self, case: &Case<'_>, matched: &Refutable, range: Range) -> (Option<Expr>, bool) {
        let Some(guard) = case.guard else { return (matched.test.clone(), false) };
        let mut test = Expr::error();
        // In the guard, names stand for the matched value itself, a variable that nothing else assigns.
        let mut before = self.in_block(|cx| {
            cx.bind_references(&matched.references);
            for (pat, value) in &matched.bindings {
                cx.scope.bind_to(pat.ident.to_string(), refined(value.clone()).kind);
            }
            test = cx.again(case.again, |cx| cx.lower_condition(guard));
        });
        if before.is_empty() {
            return (and(matched.test.clone(), Some(test), range), false);
        }
        let Some(cond) = matched.test.clone().map(refined) else {
            self.block.append(&mut before);
            return (Some(test), true);
        };
        let flag = self.scope.temp("guard");
        before.push(Stmt::assign(&flag, test, range));
        let otherwise = vec![Stmt::assign(&flag, Expr::new(ExprKind::False, range), range)];
        self.push(StmtKind::If { cond, then: before, otherwise }, range);
        (Some(Expr::var(flag, range)), true)
    }

    fn lower_case_body(&mut self, case: &Case<'_>, mut matched: Refutable, dest: &Dest, range: Range) {
        self.again(case.again, |cx| {
            cx.alias_bindings(&mut matched);
            cx.bind_all(matched, range);
            match case.body {
                Body::Value(body) => cx.lower_into(body, dest),
                Body::Block(body) => cx.lower_block_into(body, dest),
                Body::Nothing => {}
            }
        });
    }

    /// Lets names that are bound to a variable as a whole stand for it.
    fn alias_bindings(&mut self, matched: &mut Refutable) {
        matched.bindings.retain(|(pat, value)| match &value.kind {
            name @ (ExprKind::Var(_) | ExprKind::Slot(_)) if pat.mutability.is_none() => {
                self.scope.bind_to(pat.ident.to_string(), name.clone());
                false
            }
            _ => true,
        });
    }
}

/// Whether the test is `value is None` of a variable.
fn asks_for_none(test: &Expr) -> bool {
    matches!(&test.kind, ExprKind::Binary(BinaryOp::Is, value, _) if value.is_name())
}

/// Writes a pattern with names in its alternatives out as several: `(0, x) | (x, 0)` becomes two. Any other pattern
/// stays one.
pub fn alternatives(pat: &Pat) -> Vec<Pat> {
    let rebuild = |inner: &Pat, f: &dyn Fn(Box<Pat>) -> Pat| {
        alternatives(inner).into_iter().map(|it| f(Box::new(it))).collect()
    };
    match pat {
        Pat::Or(or) if or.cases.iter().any(binds) => or.cases.iter().flat_map(alternatives).collect(),
        Pat::Paren(it) => alternatives(&it.pat),
        Pat::Reference(it) => {
            rebuild(&it.pat, &|pat| Pat::Reference(syn::PatReference { pat, ..it.clone() }))
        }
        Pat::Tuple(it) => products(&it.elems, |elems| Pat::Tuple(syn::PatTuple { elems, ..it.clone() })),
        Pat::Slice(it) => products(&it.elems, |elems| Pat::Slice(syn::PatSlice { elems, ..it.clone() })),
        Pat::TupleStruct(it) => {
            products(&it.elems, |elems| Pat::TupleStruct(syn::PatTupleStruct { elems, ..it.clone() }))
        }
        pat => vec![pat.clone()],
    }
}

type Elements = syn::punctuated::Punctuated<Pat, syn::Token![,]>;

fn products(elems: &Elements, f: impl Fn(Elements) -> Pat) -> Vec<Pat> {
    let mut all = vec![elems.clone()];
    for (i, elem) in elems.iter().enumerate() {
        let choices = alternatives(elem);
        all = all
            .into_iter()
            .flat_map(|elems| {
                choices.iter().map(move |choice| {
                    let mut elems = elems.clone();
                    elems[i] = choice.clone();
                    elems
                })
            })
            .collect();
    }
    all.into_iter().map(f).collect()
}

/// Whether a pattern binds a name.
fn binds(pat: &Pat) -> bool {
    struct Names(bool);
    impl<'ast> syn::visit::Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
            self.0 |= pat.subpat.is_some() || !super::match_expr::is_constant_name(&pat.ident);
            syn::visit::visit_pat_ident(self, pat);
        }
    }
    let mut names = Names(false);
    syn::visit::Visit::visit_pat(&mut names, pat);
    names.0
}
