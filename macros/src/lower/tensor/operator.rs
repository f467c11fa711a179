//! Lowers methods and functions of `Tensor` by the tables in `ops/`.

use syn::{ExprCall, ExprMethodCall, Path};

use super::super::chain::is_iterator;
use super::super::{Cx, rejected};
use crate::ops::{self, Adapter, Arg, ByHand, Found, Op, Source};
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, Operator};
use crate::types;

impl Cx {
    /// `Tensor::zeros(…)` becomes `torch.zeros(…)`.
    pub fn lower_tensor_function(&mut self, path: &Path, call: &ExprCall, range: Range) -> Expr {
        let segment = path.segments.last().expect("a path has a segment");
        let ident = &segment.ident;
        let mut args: Vec<&syn::Expr> = call.args.iter().collect();
        match ops::find(&ident.to_string()) {
            Some(Found::ByHand(it)) => {
                // `Tensor::from_slice::<f32>(&[])`
                if let (false, Some(element), [values]) =
                    (it.receiver, types::first_argument(segment), &args[..])
                {
                    return self.lower_tensor_of_kind(values, element, range);
                }
                let receiver = (it.receiver && !args.is_empty()).then(|| args.remove(0));
                self.lower_hand_written(it, ident, receiver, &args, range)
            }
            Some(Found::Op(op)) => {
                // `Tensor::relu(&x)` is `x.relu()`.
                let receiver = (op.receiver && !args.is_empty()).then(|| args.remove(0));
                self.lower_op(op, ident, receiver, &args, range)
            }
            Some(Found::Rejected(rejected)) => self.reject_op(ident, rejected.reason),
            None => self.unknown_method(ident),
        }
    }

    /// Lowers a method that the tables have.
    pub fn lower_table_method(&mut self, call: &ExprMethodCall, range: Range) -> Expr {
        let args: Vec<&syn::Expr> = call.args.iter().collect();
        match ops::find(&call.method.to_string()) {
            Some(Found::ByHand(it)) if it.receiver => {
                self.lower_hand_written(it, &call.method, Some(&call.receiver), &args, range)
            }
            Some(Found::Op(op)) if op.receiver => {
                self.lower_op(op, &call.method, Some(&call.receiver), &args, range)
            }
            found => {
                let reason = rejected::method(&call.method.to_string());
                // A chain of iterators gets one error, not one for each of its methods.
                if is_iterator(&call.receiver) {
                    return self.poison(
                        &call.method,
                        format!("iterator method `{}` is not supported in scripted methods", call.method),
                        reason.map_or("write a `for` loop", |(_, help)| help),
                    );
                }
                if found.is_none()
                    && (reason.is_none() || self.may_be_own(&call.receiver))
                    && let Some(value) = self.lower_data_method(call, range)
                {
                    return value;
                }
                let receiver = self.lower_expr(&call.receiver);
                let is_misspelt = !ops::similar(&call.method.to_string()).is_empty();
                if matches!(receiver.kind, ExprKind::Error) && !is_misspelt {
                    return Expr::error();
                }
                match found {
                    None if reason.is_some() => {
                        let (why, help) = reason.expect("just checked");
                        let name = &call.method;
                        self.poison(
                            name,
                            format!("`{name}` is not supported in scripted methods: {why}"),
                            help,
                        )
                    }
                    Some(Found::Rejected(rejected)) => self.reject_op(&call.method, rejected.reason),
                    _ => self.unknown_method(&call.method),
                }
            }
        }
    }

    fn reject_op(&mut self, ident: &syn::Ident, reason: &str) -> Expr {
        self.poison(
            ident,
            format!("`{ident}` cannot be called in scripted methods: {reason}"),
            "use another operator, or mark the module `#[compile_mode(trace)]`",
        )
    }

    /// Lowers a method or function that tch writes by hand, if the number of arguments is right.
    fn lower_hand_written(
        &mut self,
        it: &ByHand,
        ident: &syn::Ident,
        receiver: Option<&syn::Expr>,
        args: &[&syn::Expr],
        range: Range,
    ) -> Expr {
        if args.len() == usize::from(it.n_params) && receiver.is_some() == it.receiver {
            return self.lower_by_hand(it, ident, receiver, args, range);
        }
        let values = self.lower_all(receiver.into_iter().chain(args.iter().copied()));
        if receiver.is_some() && matches!(values[0].kind, ExprKind::Error) {
            return Expr::error();
        }
        self.wrong_count(ident, args.len(), it.n_params)
    }

    pub fn unknown_method(&mut self, ident: &syn::Ident) -> Expr {
        let similar = ops::similar(&ident.to_string());
        let help = match similar.first() {
            Some(name) => format!("did you mean `{name}`?"),
            None => "call methods of tensors, of the module itself and `forward` of its children".to_owned(),
        };
        self.poison(ident, format!("method `{ident}` is not known to TorchScript"), help)
    }

    /// Reports a wrong number of arguments: either another type's method of that name, or a mistake that rustc
    /// explains.
    fn wrong_count(&mut self, ident: &syn::Ident, n_args: usize, n_params: u8) -> Expr {
        self.poison(
            ident,
            format!("`{ident}` with {} is not known to TorchScript", count(n_args, "argument")),
            format!(
                "`Tensor::{ident}` takes {}; methods of other types cannot be called",
                count(n_params.into(), "argument")
            ),
        )
    }

    /// A call by the table: `torch.aten(args)`, with the arguments in the schema's order.
    pub fn lower_op(
        &mut self,
        op: &Op,
        ident: &syn::Ident,
        receiver: Option<&syn::Expr>,
        args: &[&syn::Expr],
        range: Range,
    ) -> Expr {
        // `(Kind::Float, device)` is two arguments of the operator, evaluated in place.
        let exprs: Vec<&syn::Expr> = receiver.into_iter().chain(args.iter().copied()).collect();
        let mut values = self.lower_all(exprs);
        if args.len() != usize::from(op.n_params) {
            if receiver.is_some() && matches!(values[0].kind, ExprKind::Error) {
                return Expr::error();
            }
            return self.wrong_count(ident, args.len(), op.n_params);
        }
        let receiver = receiver.map(|_| values.remove(0));
        let mut positional = vec![];
        let mut kwargs = vec![];
        for arg in op.args.iter().filter(|arg| matches!(arg.adapter, Adapter::Options)) {
            let Source::Param(index) = arg.source else { continue };
            let value = &mut values[usize::from(index)];
            if !matches!(value.kind, ExprKind::Tuple(_)) {
                *value = self.once(value.clone());
            }
        }
        for arg in op.args {
            let value = match arg.source {
                Source::Receiver => receiver.clone().unwrap_or_else(Expr::error),
                Source::Param(index) => values[usize::from(index)].clone(),
            };
            adapt(arg, value, &mut positional, &mut kwargs);
        }
        let callee = Expr::var("torch", range).select(op.aten, range);
        Expr::new(ExprKind::Apply { callee: Box::new(callee), args: positional, kwargs }, range)
    }
}

/// Adapts an argument to what TorchScript takes, and adds it to the positional or the keyword arguments.
fn adapt(arg: &Arg, value: Expr, positional: &mut Vec<Expr>, kwargs: &mut Vec<(String, Expr)>) {
    // `$optional` is taken off: libtorch converts values to what an operator takes, but not options.
    let value = value.operand_of(Operator::Optional).cloned().unwrap_or(value);
    let range = value.range;
    let value = match arg.adapter {
        Adapter::Options => {
            let (kind, device) = match value.kind {
                ExprKind::Tuple(mut pair) if pair.len() == 2 => {
                    let device = pair.pop().expect("a pair");
                    (pair.pop().expect("a pair"), device)
                }
                kind => {
                    let pair = Expr::new(kind, range);
                    let of = |index| pair.clone().subscript(Expr::int(index, range), range);
                    (of(0), of(1))
                }
            };
            kwargs.push(("dtype".into(), kind));
            kwargs.push(("device".into(), device));
            return;
        }
        // tch takes a bare number for a list of one.
        Adapter::IntList | Adapter::OptionalIntList if !is_list(&value) => {
            Expr::rust_op(Operator::IntList, vec![value], range)
        }
        Adapter::FloatList if !is_list(&value) => Expr::rust_op(Operator::FloatList, vec![value], range),
        _ => value,
    };
    match arg.keyword {
        Some(name) => kwargs.push((name.to_owned(), value)),
        None => positional.push(value),
    }
}

fn is_list(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::List(_) | ExprKind::None)
}

/// A number of things in words: `no arguments`, `1 argument`, `2 arguments`.
fn count(n: usize, noun: &str) -> String {
    match n {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}
