//! Lowers combinators of `Option`, whose closures run in place.

use std::borrow::Cow;

use syn::spanned::Spanned;
use syn::{ExprClosure, ExprMethodCall};

use super::{Cx, Dest, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, Stmt, StmtKind};

impl Cx {
    /// `None` where `name` is no such combinator.
    ///
    /// `value.map(|v| f(v))` becomes `if value is not None: result = f(value) else: result = None`.
    pub fn lower_option_method(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        let args: Vec<&syn::Expr> = call.args.iter().collect();
        let known = matches!(
            (name, args.len()),
            (
                "unwrap_or"
                    | "unwrap_or_else"
                    | "and_then"
                    | "is_some_and"
                    | "or"
                    | "or_else"
                    | "ok_or"
                    | "ok_or_else"
                    | "context"
                    | "with_context"
                    | "map_err",
                1
            ) | ("map_or" | "map_or_else", 2)
                | ("unwrap_or_default", 0)
        ) || (matches!(name, "map" | "filter")
            && matches!(args[..], [syn::Expr::Closure(_)] | [syn::Expr::Path(_)])
            && !super::chain::is_iterator(&call.receiver));
        if !known {
            return None;
        }
        // A `Result` is its own value, so these are the value itself; a missing value raises an error where it is
        // unwrapped.
        if matches!(name, "ok_or" | "ok_or_else" | "context" | "with_context" | "map_err") {
            self.check_pure(args[0], name);
            return Some(self.lower_expr(&call.receiver));
        }
        // Of a `Result`, these pass an error on.
        let value = match name {
            "map" | "and_then" => self.lower_expr(&call.receiver),
            _ => self.lower_option(&call.receiver),
        };
        if name == "unwrap_or_default" {
            return Some(Expr::rust_op(Operator::UnwrapOrDefault, vec![value], range));
        }
        let value = self.scrutinee(value);
        let result = self.scope.temp("result");
        let none = || Expr::none(range);
        let literal = |flag| Expr::new(if flag { ExprKind::True } else { ExprKind::False }, range);
        // A default that is no closure is evaluated first, as in Rust.
        let default = match (name, args[..].first()) {
            ("unwrap_or" | "or" | "map_or", Some(default)) => {
                let default = self.lower_expr(default);
                self.once(default)
            }
            _ => none(),
        };
        let present = self.in_block(|cx| {
            let inner = match name {
                "map" | "and_then" | "is_some_and" => cx.call_closure(args[0], vec![value.clone()]),
                "map_or" | "map_or_else" => cx.call_closure(args[1], vec![value.clone()]),
                "filter" => {
                    let test = cx.call_closure(args[0], vec![value.clone()]);
                    let keep = vec![Stmt::assign(&result, value.clone(), range)];
                    let nothing = cx.none_of(&call.receiver);
                    let drop = vec![Stmt::assign(&result, nothing, range)];
                    cx.push(StmtKind::If { cond: test, then: keep, otherwise: drop }, range);
                    return;
                }
                _ => value.clone(),
            };
            cx.block.push(Stmt::assign(&result, inner, range));
        });
        let missing = self.in_block(|cx| {
            let otherwise = match name {
                "unwrap_or" | "or" | "map_or" => default,
                "unwrap_or_else" | "or_else" | "map_or_else" => cx.call_closure(args[0], vec![]),
                "is_some_and" => literal(false),
                _ => none(),
            };
            cx.block.push(Stmt::assign(&result, otherwise, range));
        });
        let cond = Expr::binary(BinaryOp::IsNot, value, none(), range);
        self.push(StmtKind::If { cond, then: non_empty(present, range), otherwise: missing }, range);
        Some(Expr::var(result, range))
    }

    /// Runs a closure in place, with its parameters bound to `args`.
    pub fn call_closure(&mut self, closure: &syn::Expr, args: Vec<Expr>) -> Expr {
        self.in_closure(closure, args, Cx::closure_body).unwrap_or_else(Expr::error)
    }

    /// As [`Cx::call_closure`], for a closure that returns nothing, such as `|x| sum += x`.
    pub fn run_closure(&mut self, closure: &syn::Expr, args: Vec<Expr>) {
        self.in_closure(closure, args, |cx, closure| {
            if cx.check_no_return(closure) {
                cx.closures += 1;
                cx.lower_into(&closure.body, &Dest::Discard);
                cx.closures -= 1;
            }
        });
    }

    fn in_closure<R>(
        &mut self,
        closure: &syn::Expr,
        args: Vec<Expr>,
        f: impl FnOnce(&mut Self, &ExprClosure) -> R,
    ) -> Option<R> {
        let closure = &*self.as_closure(closure, args.len())?;
        self.scope.enter();
        for (pat, arg) in closure.inputs.iter().zip(args) {
            let range = self.range(pat);
            match (plain_name(pat), &arg.kind) {
                (Some(ident), name @ (ExprKind::Var(_) | ExprKind::Slot(_))) => {
                    self.scope.bind_to(ident.to_string(), name.clone());
                }
                _ => self.bind_pattern(pat, arg, range),
            }
        }
        let result = f(self, closure);
        self.scope.leave();
        Some(result)
    }

    /// The closure; a function, such as `f64::max` or `Some`, becomes a closure that calls it.
    pub fn as_closure<'e>(&mut self, expr: &'e syn::Expr, n_args: usize) -> Option<Cow<'e, ExprClosure>> {
        match expr {
            syn::Expr::Closure(closure) => Some(Cow::Borrowed(closure)),
            syn::Expr::Path(path)
                if path.path.get_ident().is_none_or(|it| self.scope.lookup(it).is_none()) =>
            {
                let span = path.span();
                let args: Vec<_> =
                    (0..n_args).map(|i| syn::Ident::new(&format!("argument_{i}"), span)).collect();
                Some(Cow::Owned(syn::parse_quote_spanned!(span=> |#(#args),*| #path(#(#args),*))))
            }
            other => {
                self.report(
                    other,
                    "only a closure can be passed here in scripted methods",
                    "write `|value| …`",
                );
                None
            }
        }
    }

    /// Lowers the body of a closure whose parameters are bound.
    pub fn closure_body(&mut self, closure: &ExprClosure) -> Expr {
        if !self.check_no_return(closure) {
            return Expr::error();
        }
        let expected = self.expected.take();
        self.closures += 1;
        let value = self.lower_expr(&closure.body);
        self.closures -= 1;
        self.expected = expected;
        value
    }

    /// Reports a `return` in a closure: the closure runs in place, so it would leave the method.
    fn check_no_return(&mut self, closure: &ExprClosure) -> bool {
        struct Returns<'a>(Option<&'a syn::ExprReturn>);
        impl<'ast> syn::visit::Visit<'ast> for Returns<'ast> {
            fn visit_expr_return(&mut self, expr: &'ast syn::ExprReturn) {
                self.0.get_or_insert(expr);
            }
            fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
        }
        let mut returns = Returns(None);
        syn::visit::Visit::visit_expr(&mut returns, &closure.body);
        if let Some(expr) = returns.0 {
            self.report(
                expr,
                "`return` inside of a closure is not supported in scripted methods",
                "let the closure end with its value",
            );
        }
        returns.0.is_none()
    }
}

/// The name of a parameter that is just a name.
fn plain_name(pat: &syn::Pat) -> Option<&syn::Ident> {
    match pat {
        syn::Pat::Ident(pat) if pat.subpat.is_none() && pat.mutability.is_none() => Some(&pat.ident),
        syn::Pat::Reference(pat) => plain_name(&pat.pat),
        syn::Pat::Type(pat) => plain_name(&pat.pat),
        syn::Pat::Paren(pat) => plain_name(&pat.pat),
        _ => None,
    }
}
