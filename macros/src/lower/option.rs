//! Lowers combinators of `Option`, whose closures run in place.

use syn::ExprMethodCall;

use super::{Cx, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, Stmt, StmtKind};

impl Cx {
    /// `None` where `name` is no such combinator.
    ///
    /// `value.map(|v| f(v))` becomes `if value is not None: result = f(value) else: result = None`.
    pub fn lower_option_method(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        let args: Vec<&syn::Expr> = call.args.iter().collect();
        if let ("zip", [other]) = (name, &args[..])
            && !super::chain::is_iterator(&call.receiver)
        {
            return Some(self.lower_option_zip(&call.receiver, other, range));
        }
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

    /// `a.zip(b)` becomes `if a is not None and b is not None: both = (a, b) else: both = None`.
    fn lower_option_zip(&mut self, a: &syn::Expr, b: &syn::Expr, range: Range) -> Expr {
        let mut options = vec![self.lower_option(a)];
        let b = self.lower_after(&mut options, |cx| cx.lower_option(b));
        options.push(b);
        let options: Vec<Expr> = options.into_iter().map(|it| self.spill(it, "matched")).collect();
        let is_some = |it: &Expr| Expr::binary(BinaryOp::IsNot, it.clone(), Expr::none(range), range);
        let cond = Expr::binary(BinaryOp::And, is_some(&options[0]), is_some(&options[1]), range);
        let both = self.scope.temp("both");
        let pair = Expr::new(ExprKind::Tuple(options), range).optional();
        let then = vec![Stmt::assign(&both, pair, range)];
        let otherwise = vec![Stmt::assign(&both, Expr::none(range), range)];
        self.push(StmtKind::If { cond, then, otherwise }, range);
        Expr::var(both, range)
    }
}
