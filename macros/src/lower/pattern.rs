//! Lowers irrefutable patterns, which `let` and `for` bind, and the parts of tuple and slice patterns.

use syn::Pat;
use syn::punctuated::Punctuated;

use super::Cx;
use super::match_expr::Refutable;
use super::structs::is_state;
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, StmtKind};

type Elements = Punctuated<Pat, syn::Token![,]>;

impl Cx {
    /// `let (a, (b, _)) = value` becomes `(a, (b, unused)) = value`.
    pub fn bind_pattern(&mut self, pat: &Pat, value: Expr, range: Range) {
        if self.is_plain(pat) {
            let target = self.pattern_target(pat);
            self.push(StmtKind::Assign { target, value, ty: None }, range);
            return;
        }
        let value = self.once(value);
        let matched = self.lower_refutable(pat, &value);
        self.bind_all(matched, range);
    }

    /// Declares the names of `pat` and returns the target that assigns them. For patterns that cannot be a target in
    /// Python, a variable is the target, and statements in the block take it apart.
    pub fn pattern_target(&mut self, pat: &Pat) -> Expr {
        let range = self.range(pat);
        if let Some(target) = self.element_target(pat) {
            return target;
        }
        match pat {
            Pat::Ident(pat) if pat.subpat.is_none() => {
                let name = self.scope.declare(&pat.ident);
                if pat.mutability.is_some() && pat.by_ref.is_none() {
                    self.scope.set_mutable(&name);
                }
                Expr::var(name, range)
            }
            Pat::Wild(_) => Expr::var(self.scope.temp("unused"), range),
            Pat::Paren(pat) => self.pattern_target(&pat.pat),
            Pat::Type(pat) => self.pattern_target(&pat.pat),
            Pat::Reference(pat) => self.pattern_target(&pat.pat),
            Pat::Tuple(syn::PatTuple { elems, .. }) | Pat::Slice(syn::PatSlice { elems, .. })
                if self.is_plain(pat) =>
            {
                let elems = elems.iter().map(|elem| self.pattern_target(elem)).collect();
                Expr::new(ExprKind::Tuple(elems), range)
            }
            Pat::TupleStruct(state)
                if self.is_plain(pat) && is_state(&state.path) && state.elems.len() == 1 =>
            {
                self.pattern_target(&state.elems[0])
            }
            Pat::TupleStruct(it) if self.is_plain(pat) => {
                let elems = it.elems.iter().map(|elem| self.pattern_target(elem)).collect();
                Expr::new(ExprKind::Tuple(elems), range)
            }
            other => {
                let target = Expr::var(self.scope.temp("item"), range);
                let matched = self.lower_refutable(other, &target);
                self.bind_all(matched, range);
                target
            }
        }
    }

    /// Whether Python can assign to the pattern as it is.
    fn is_plain(&self, pat: &Pat) -> bool {
        let all = |elems: &Elements| elems.iter().all(|it| self.is_plain(it));
        match pat {
            _ if self.takes_elements(pat) => true,
            Pat::Ident(pat) => pat.subpat.is_none(),
            Pat::Wild(_) => true,
            Pat::Paren(pat) => self.is_plain(&pat.pat),
            Pat::Type(pat) => self.is_plain(&pat.pat),
            Pat::Reference(pat) => self.is_plain(&pat.pat),
            Pat::Tuple(pat) => all(&pat.elems),
            Pat::Slice(pat) => all(&pat.elems),
            Pat::TupleStruct(pat) => all(&pat.elems),
            _ => false,
        }
    }

    /// `(a, .., b)` for a tuple becomes `$field(value, 0)` and `value[-1]`.
    pub fn lower_tuple_pattern(&mut self, elems: &Elements, value: &Expr, range: Range) -> Refutable {
        let mut all = Refutable::default();
        let rest = elems.iter().position(|elem| matches!(elem, Pat::Rest(_)));
        for (i, elem) in elems.iter().enumerate() {
            let index = index_of(i, elems.len(), rest);
            let element = match &value.kind {
                ExprKind::Tuple(parts) => part(parts, index).cloned().unwrap_or_else(Expr::error),
                _ if index < 0 => value.clone().subscript(Expr::int(index, range), range),
                _ => Expr::field(value.clone(), i, range),
            };
            all.add(self.lower_refutable(elem, &element), range);
        }
        all
    }

    /// `[a, rest @ .., b]` for a list becomes `len(value) >= 2`, `value[0]`, `value[1:-1]` and `value[-1]`.
    pub fn lower_slice_pattern(&mut self, elems: &Elements, value: &Expr, range: Range) -> Refutable {
        let is_rest = |elem: &Pat| match elem {
            Pat::Rest(_) => true,
            Pat::Ident(pat) => matches!(&pat.subpat, Some((_, inner)) if matches!(**inner, Pat::Rest(_))),
            _ => false,
        };
        let rest = elems.iter().position(is_rest);
        let n = Expr::int((elems.len() - usize::from(rest.is_some())) as i64, range);
        let len = Expr::var("len", range).apply(vec![value.clone()], range);
        let test = match rest {
            Some(_) if elems.len() == 1 => None,
            Some(_) => Some(Expr::binary(BinaryOp::Ge, len, n, range)),
            None => Some(Expr::rust_op(Operator::Eq, vec![len, n], range)),
        };
        let mut all = Refutable { test, ..Refutable::default() };
        for (i, elem) in elems.iter().enumerate() {
            if Some(i) == rest {
                let Pat::Ident(pat) = elem else { continue };
                let behind = elems.len() - 1 - i;
                let bound = |n: i64| Box::new(Expr::int(n, range));
                let slice =
                    ExprKind::Slice(Some(bound(i as i64)), (behind > 0).then(|| bound(-(behind as i64))));
                let value = value.clone().subscript(Expr::new(slice, range), range);
                all.bindings.push((pat.clone(), value));
                continue;
            }
            let index = Expr::int(index_of(i, elems.len(), rest), range);
            let element = value.clone().subscript(index, range);
            all.add(self.lower_refutable(elem, &element), range);
        }
        all
    }
}

/// The index of part `i`: after a `..`, parts are counted from the end, by negative numbers.
fn index_of(i: usize, n: usize, rest: Option<usize>) -> i64 {
    match rest {
        Some(rest) if i > rest => i as i64 - n as i64,
        _ => i as i64,
    }
}

fn part(parts: &[Expr], index: i64) -> Option<&Expr> {
    let index = if index < 0 { index + parts.len() as i64 } else { index };
    parts.get(usize::try_from(index).ok()?)
}
