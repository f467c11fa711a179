//! Lowers methods of the standard library: tries the files for strings, options, lists and numbers in turn.

use syn::ExprMethodCall;

use super::Cx;
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator};

impl Cx {
    /// Lowers a method of the standard library. `None` where it is none that is known here.
    pub fn lower_builtin_method(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        let arity = call.args.len();
        if let Some(value) = self.lower_handled(call, name) {
            return Some(value);
        }
        if let Some(value) = self.lower_text_method(call, name, range) {
            return Some(value);
        }
        if let Some(value) = self.lower_list_method(call, name, range) {
            return Some(value);
        }
        if let Some(value) = self.lower_ordering(call, name, range) {
            return Some(value);
        }
        if let Some(value) = self.lower_consumer(call, name, range) {
            return Some(value);
        }
        if let Some(value) = self.lower_option_method(call, name, range) {
            return Some(value);
        }
        if let Some(value) = self.lower_tensor_iter(call, range) {
            return Some(value);
        }
        if let (
            "iter" | "into_iter" | "iter_mut" | "as_ref" | "as_mut" | "borrow" | "as_slice" | "as_str"
            | "as_deref" | "as_mut_slice" | "as_deref_mut" | "borrow_mut" | "shallow_clone",
            0,
        ) = (name, arity)
        {
            return Some(self.lower_expr(&call.receiver));
        }
        if let Some(value) = self.lower_bounded(call, name, None, range) {
            return Some(value);
        }
        if let Some(value) = self.lower_method_by_type(call, name, range) {
            return Some(value);
        }
        let by_type = match (name, arity) {
            ("clone" | "to_vec" | "to_owned" | "copied" | "cloned", 0) => Some(Operator::Clone),
            ("unwrap", 0) | ("expect", 1) => Some(Operator::Unwrap),
            ("abs", 0) => Some(Operator::Abs),
            ("floor", 0) => Some(Operator::Floor),
            ("ceil", 0) => Some(Operator::Ceil),
            ("round", 0) => Some(Operator::Round),
            ("trunc", 0) => Some(Operator::Trunc),
            ("pow", 1) => Some(Operator::Pow),
            _ => None,
        };
        if let Some(by_type) = by_type {
            // The message of `expect` is dropped: TorchScript has a message of its own.
            if let ("expect", Some(message)) = (name, call.args.first()) {
                self.check_pure(message, name);
            }
            let args = call.args.iter().filter(|_| name != "expect");
            let values = self.lower_all(std::iter::once(&*call.receiver).chain(args));
            return Some(Expr::rust_op(by_type, values, range));
        }
        let simple = matches!(
            (name, arity),
            ("is_some" | "is_none" | "len" | "is_empty", 0) | ("powi" | "powf" | "push", 1)
        );
        if !simple {
            return None;
        }
        let mut values = self.lower_all(std::iter::once(&*call.receiver).chain(&call.args));
        let receiver = values.remove(0);
        if let (ExprKind::Var(variable), "is_some" | "is_none") = (&receiver.kind, name) {
            self.scope.set_result(variable, false);
        }
        let len = |list: Expr| Expr::var("len", range).apply(vec![list], range);
        Some(match name {
            // After TorchScript's own test, the variable would no longer be an option, and could not be assigned one.
            "is_some" if self.can_be_assigned(&receiver) => {
                Expr::rust_op(Operator::IsSome, vec![receiver], range)
            }
            "is_none" if self.can_be_assigned(&receiver) => {
                Expr::rust_op(Operator::IsNone, vec![receiver], range)
            }
            "is_some" => Expr::binary(BinaryOp::IsNot, receiver, Expr::none(range), range),
            "is_none" => Expr::binary(BinaryOp::Is, receiver, Expr::none(range), range),
            "len" => len(receiver),
            "is_empty" => Expr::rust_op(Operator::Eq, vec![len(receiver), Expr::int(0, range)], range),
            "powi" | "powf" => Expr::binary(BinaryOp::Pow, receiver, values.remove(0), range),
            _ => {
                let value = self.stored(values.remove(0));
                receiver.select("append", range).apply(vec![value], range)
            }
        })
    }

    fn can_be_assigned(&self, value: &Expr) -> bool {
        matches!(&value.kind, ExprKind::Var(name) if self.scope.is_mutable(name))
    }
}
