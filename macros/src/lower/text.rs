//! Lowers methods that change a string, which become assignments, as well as conversions: `into`, `try_into` and `parse`.

use syn::{ExprMethodCall, Lit, Type};

use super::consumers::turbofish;
use super::{Cx, numbers};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator};
use crate::types;

impl Cx {
    /// `None` where `name` is no such method.
    pub fn lower_text_method(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        match (name, call.args.len()) {
            ("push_str", 1) => self.lower_push_str(call, range),
            ("push", 1) if is_char(&call.args[0]) => self.lower_push_str(call, range),
            ("parse", 0) => Some(self.lower_parse(call, range)),
            ("into", 0) => Some(self.lower_into_type(call, range)),
            ("try_into", 0) => self.lower_try_into(call, range),
            _ => None,
        }
    }

    /// `s.push_str(t)` becomes `s += t`.
    fn lower_push_str(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        let value = self.lower_expr(&super::by_type::text_of_char(&call.args[0]));
        let mut value = [value];
        let place = self.lower_after(&mut value, |cx| cx.place(&call.receiver));
        let ([value], Some(place)) = (value, place) else {
            return Some(self.poison(
                &call.receiver,
                "a string that is reached through a reference cannot be changed in a scripted method",
                "change the variable itself, or return the new string",
            ));
        };
        self.assign_by(place, BinaryOp::Add, value, range);
        Some(Expr::none(range))
    }

    /// `"text".into()` is the text. For a number, a declared type has to say what it becomes.
    fn lower_into_type(&mut self, call: &ExprMethodCall, range: Range) -> Expr {
        let value = self.lower_expr(&call.receiver);
        let is_text = matches!(value.kind, ExprKind::Str(_) | ExprKind::Error);
        match self.expected.as_ref().and_then(name_of).unwrap_or_default().as_str() {
            _ if is_text => value,
            "f64" => Expr::rust_op(Operator::ToFloat, vec![value], range),
            "f32" => Expr::rust_op(Operator::ToF32, vec![value], range),
            "i64" | "i32" | "usize" => Expr::rust_op(Operator::ToInt, vec![value], range),
            "Tensor" => Expr::rust_op(Operator::Tensor, vec![value], range),
            "String" => value,
            _ => match self.primitive_of(call) {
                Some(ty) => Expr::rust_op(Operator::Into, vec![value, ty], range),
                None => self.poison(
                    &call.method,
                    "the type that `into` gives must be written",
                    "write `f64::from(value)`, `Tensor::from(value)` and their like",
                ),
            },
        }
    }

    /// `v.try_into()?` checks the number of elements, or whether a number fits.
    fn lower_try_into(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        if let Some(Type::Array(array)) = self.expected.as_ref().map(types::ungrouped).cloned() {
            return Some(self.lower_sized(&call.receiver, &array, range));
        }
        let ty = self.primitive_of(call)?;
        let value = self.lower_expr(&call.receiver);
        Some(Expr::rust_op(Operator::TryInto, vec![value, ty], range))
    }

    /// A list as an array: the same list, if it has as many elements.
    pub fn lower_sized(&mut self, list: &syn::Expr, array: &syn::TypeArray, range: Range) -> Expr {
        let mut operands = vec![self.lower_expr(list)];
        let len = self.lower_after(&mut operands, |cx| cx.lower_expr(&array.len));
        operands.push(len);
        Expr::rust_op(Operator::Sized, operands, range)
    }

    /// `s.parse::<i64>()` becomes `$parse_int(s)`, which fails where Rust's does.
    fn lower_parse(&mut self, call: &ExprMethodCall, range: Range) -> Expr {
        let ty = turbofish(call).cloned().or_else(|| self.expected.clone());
        let value = self.lower_expr(&call.receiver);
        let parsed = |op: Operator| Expr::rust_op(op, vec![value.clone()], range);
        let name = ty.as_ref().and_then(name_of).unwrap_or_default();
        if let Some(checked) = numbers::checked(&name) {
            return Expr::rust_op(checked, vec![parsed(Operator::ParseInt)], range);
        }
        match name.as_str() {
            "i64" | "isize" => parsed(Operator::ParseInt),
            "f64" => parsed(Operator::ParseFloat),
            "f32" => Expr::rust_op(Operator::ToF32, vec![parsed(Operator::ParseFloat)], range),
            "bool" => parsed(Operator::ParseBool),
            "String" => value,
            _ if turbofish(call).is_none_or(|it| matches!(it, Type::Infer(_))) => {
                match self.primitive_of(call) {
                    Some(ty) => Expr::rust_op(Operator::Parse, vec![value, ty], range),
                    None => self.poison(
                        &call.method,
                        "the type of a parsed value must be written",
                        "write `parse::<i64>()`, `parse::<f64>()` or `parse::<bool>()`",
                    ),
                }
            }
            _ => self.poison(
                &call.method,
                "only numbers, `bool` and `String` are parsed in scripted methods",
                "write `parse::<i64>()`, `parse::<f64>()` or `parse::<bool>()`",
            ),
        }
    }
}

fn is_char(expr: &syn::Expr) -> bool {
    matches!(expr, syn::Expr::Lit(syn::ExprLit { lit: Lit::Char(_), .. }))
}

/// The name of a type; that of `T` for `Result<T, _>`.
fn name_of(ty: &Type) -> Option<String> {
    match types::argument_of(ty, "Result") {
        Some(ty) => name_of(ty),
        None => types::last_name(ty),
    }
}
