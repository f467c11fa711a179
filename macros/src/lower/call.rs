//! Lowers calls: of functions, of the module's own methods, and of children.

use quote::ToTokens;
use syn::{ExprCall, ExprMethodCall, Path};

use super::data::SlotFunction;
use super::signature::is_part_of_self;
use super::{Cx, Origin};
use crate::names;
use crate::ops::{self, Found};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, Slot, Stmt, StmtKind};
use crate::types;

impl Cx {
    /// Lowers `f(args)`.
    pub fn lower_call(&mut self, call: &ExprCall) -> Expr {
        let range = self.range(call);
        let syn::Expr::Path(func) = types::ungrouped_expr(&call.func) else {
            return self.lower_value_call(call, range);
        };
        if let Some(local) = func.path.get_ident().and_then(|ident| self.scope.closure(ident)).cloned() {
            return self.lower_closure_call(&local, call);
        }
        if let Some(value) = self.lower_grad_mode(call) {
            return value;
        }
        if let Some(value) = self.lower_conversion(call, range) {
            return value;
        }
        if let Some(value) = self.lower_std_function(func, call, range) {
            return value;
        }
        let segments: Vec<String> = func.path.segments.iter().map(|it| it.ident.to_string()).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments[..] {
            // A `Result` is its own value in TorchScript.
            // A value is itself in TorchScript, whatever its type.
            [.., "IValue", _] if call.args.len() == 1 => self.lower_expr(&call.args[0]),
            ["Ok"] | [.., "Result", "Ok"] if call.args.len() == 1 => self.lower_expr(&call.args[0]),
            ["Some"] | [.., "Option", "Some"] if call.args.len() == 1 => {
                self.lower_expr(&call.args[0]).optional()
            }
            [ty, method] if ty == "Self" || self.is_own(ty, method) => {
                self.made.calls.insert(func.path.segments[1].ident.clone());
                // The receiver of a method that is called by its path.
                let args = call.args.iter().skip_while(|arg| is_self(arg));
                self.note_passed(&func.path.segments[1].ident, args.clone());
                let args = self.lower_all(args);
                Expr::var("self", range)
                    .method(names::of_method(&func.path.segments[1].ident), range)
                    .apply(args, range)
            }
            [.., "Tensor", "run_backward" | "f_run_backward"] if call.args.len() == 4 => {
                self.lower_run_backward(call, range)
            }
            ["fork"] | ["tch_jit", "fork"] if call.args.len() == 1 => self.lower_fork(call, range),
            ["wait"] | ["tch_jit", "wait"] if call.args.len() == 1 => {
                let args = self.lower_all(&call.args);
                Expr::torch("wait", args, range)
            }
            // As it is where the module is compiled.
            [.., "Device", "cuda_if_available"] if call.args.is_empty() => {
                self.constant(syn::Expr::Call(call.clone()))
            }
            [.., "Tensor", _] => self.lower_tensor_function(&func.path, call, range),
            // A function that a pattern found in the module.
            [_] if self.is_local(&func.path) && self.origin_of(&call.func).is_some() => {
                let mut values = self.lower_all(std::iter::once(&*call.func).chain(&call.args));
                let function = values.remove(0);
                function.method("forward", range).apply(values, range)
            }
            [local] if self.is_local(&func.path) => {
                // A mistake in the callee was reported, and the call is not reported as well.
                if let ExprKind::Error = self.lower_expr(&call.func).kind {
                    return Expr::error();
                }
                self.poison(
                    func,
                    format!("`{local}` is a local value and cannot be called in scripted methods"),
                    "write a method of the module in place of the closure, and call it as `self.method(…)`",
                )
            }
            // A tuple struct, by its own name; `Layer::Conv(…)` would make a module.
            [.., name] if starts_upper(name) && !is_associated(&segments) => {
                let args = self.lower_all(&call.args);
                self.lower_tuple_struct(&func.path, args, range)
            }
            [.., ty, name]
                if starts_upper(name)
                    && starts_upper(ty)
                    && super::structs::enum_of(&func.path).is_some() =>
            {
                let args = self.lower_all(&call.args);
                self.lower_enum_value(&func.path, args, vec![], range).unwrap_or_else(Expr::error)
            }
            // TorchScript has no `drop`: the value just has no name any more.
            ["drop"] if call.args.len() == 1 => {
                self.check_not_ignored(&call.args[0]);
                self.discard(&[&call.args[0]]);
                Expr::none(range)
            }
            ["tch", name] | [name] if ops::find_function(name).is_some() => {
                let reason = ops::find_function(name).expect("just found");
                let message = format!("`{name}` cannot be called in scripted methods: {}", reason.why);
                self.poison(func, message, reason.help)
            }
            [.., _, _]
                if is_of_data(&segments)
                    && func.path.segments.last().is_some_and(|it| it.arguments.is_none()) =>
            {
                self.lower_associated(func, call, range)
            }
            _ if has_generics(&func.path) => self.poison(
                func,
                format!("the generic function `{}` cannot be called in scripted methods", display(&func.path)),
                "write a function for the types at hand, with `#[script]`, and call that",
            ),
            _ if is_foreign(&segments) => self.poison(
                func,
                format!("function `{}` cannot be called in scripted methods", display(&func.path)),
                "write what it computes with tensors, numbers and lists, in a function with `#[script]`, or compute \
                 it outside of the module and pass the result",
            ),
            _ => self.lower_function_call(func, call, range),
        }
    }

    /// `gate(x)` becomes `$F0(x)`. rustc reports a function without `#[script]`.
    fn lower_function_call(&mut self, func: &syn::ExprPath, call: &ExprCall, range: Range) -> Expr {
        let args = self.lower_all(&call.args);
        let function = self.function(SlotFunction::Path(func.path.clone()));
        Expr::slot(Slot::Function(function), self.range(func)).apply(args, range)
    }

    /// Whether `ty::method` is a method of the block's own type, by its name.
    fn is_own(&self, ty: &str, method: &str) -> bool {
        self.own.as_deref() == Some(ty) && self.outputs.contains_key(method)
    }

    fn is_local(&self, path: &Path) -> bool {
        path.get_ident().is_some_and(|ident| self.scope.lookup(ident).is_some())
    }

    /// `Err(…)` becomes `raise RuntimeError(…)`, with the error's text if it is written as one, else with its source.
    pub fn lower_err(&mut self, call: &ExprCall) {
        let range = self.range(call);
        let text = self.source.text.get(range.start..range.end).unwrap_or("Err").to_owned();
        let message = match error_text(&call.args[0]) {
            Some(text) => self.lower_expr(text),
            None => {
                self.check_pure(&call.args[0], "Err");
                Expr::new(ExprKind::Str(text), range)
            }
        };
        let error = Expr::rust_op(Operator::Panic, vec![message], range);
        self.push(StmtKind::Raise(error), range);
    }

    /// Lowers `receiver.method(args)`.
    pub fn lower_method_call(&mut self, call: &ExprMethodCall) -> Expr {
        let range = self.range(call);
        let ident = &call.method;
        let name = ident.to_string();
        if is_self(&call.receiver) {
            self.made.calls.insert(ident.clone());
            self.note_passed(ident, call.args.iter());
            let args = self.lower_all(&call.args);
            return Expr::var("self", range).method(names::of_method(ident), range).apply(args, range);
        }
        if let Some(value) = self.lower_own_method(call, range) {
            return value;
        }
        if let Some(value) = self.lower_method_of_own(call, range) {
            return value;
        }
        if let Some(place) = self.lower_reference(call, range) {
            return place;
        }
        match (name.as_str(), call.args.len()) {
            // An entry of a child, which the shim finds by the receiver's type.
            ("forward" | "forward_t", _) => {
                let mut values = self.lower_all(std::iter::once(&*call.receiver).chain(&call.args));
                let child = values.remove(0);
                child.method(name, range).apply(values, range)
            }
            // Of a module that was compiled before.
            ("call", 2) if text(&call.args[0]).is_some() => {
                let name = text(&call.args[0]).expect("just asked for");
                let mut values = self.lower_all([&*call.receiver, &call.args[1]]);
                let child = values.remove(0);
                child.method(name, range).apply(values, range)
            }
            // That of tensors takes a module.
            ("apply", 1) if self.may_be_data(&call.receiver) && self.is_value(&call.args[0]) => {
                let value = self.lower_part_or_parameter_method(call, range);
                let value = value.or_else(|| self.lower_data_method(call, range));
                value.unwrap_or_else(|| self.unknown_method(&call.method))
            }
            ("apply", 1) => self.lower_apply(call, "forward", range),
            ("apply_opt", 1) => self.lower_apply_opt(call, "forward", range),
            ("apply_opt_t", 2) => self.lower_apply_opt(call, "forward_t", range),
            ("apply_t", 2) => self.lower_apply(call, "forward_t", range),
            ("wait", 0) => {
                let future = self.lower_expr(&call.receiver);
                Expr::torch("wait", vec![future], range)
            }
            ("get", 0) if is_training(&call.receiver) => self.lower_expr(&call.receiver),
            // The tensors in tch's states `LSTMState` and `GRUState`.
            ("h" | "value", 0) => Expr::field(self.lower_expr(&call.receiver), 0, range),
            ("c", 0) => Expr::field(self.lower_expr(&call.receiver), 1, range),
            _ => match self.lower_builtin_method(call, &name, range) {
                Some(value) => value,
                None => self.lower_child_method(call, range),
            },
        }
    }

    /// `x.apply(&self.linear)` becomes `self.linear.forward(x)`.
    fn lower_apply(&mut self, call: &ExprMethodCall, method: &str, range: Range) -> Expr {
        let mut values = self.lower_all(std::iter::once(&*call.receiver).chain(&call.args));
        let child = values.remove(1);
        child.method(method, range).apply(values, range)
    }

    /// `x.apply_opt(&self.norm)` becomes `if self.norm is not None: y = self.norm.forward(x) else:
    /// y = x`; which branch it is, is known while compiling.
    fn lower_apply_opt(&mut self, call: &ExprMethodCall, method: &str, range: Range) -> Expr {
        let mut values = self.lower_all(std::iter::once(&*call.receiver).chain(&call.args));
        let child = values.remove(1);
        values[0] = self.once(values[0].clone());
        let result = self.scope.temp("applied");
        let cond = Expr::binary(BinaryOp::IsNot, child.clone(), Expr::none(range), range);
        let otherwise = vec![Stmt::assign(&result, values[0].clone(), range)];
        let applied = child.method(method, range).apply(values, range);
        let then = vec![Stmt::assign(&result, applied, range)];
        self.push(StmtKind::If { cond, then, otherwise }, range);
        Expr::var(result, range)
    }

    /// The modules of which a variable holds one.
    fn chosen(&self, expr: &syn::Expr) -> Vec<Origin> {
        let syn::Expr::Path(path) = types::ungrouped_expr(expr) else { return vec![] };
        match path.path.get_ident().and_then(|ident| self.scope.lookup(ident)) {
            Some(ExprKind::Var(name)) => self.scope.choices(name).to_vec(),
            _ => vec![],
        }
    }

    /// Notes which modules are passed to a method of the same type.
    fn note_passed<'e>(&mut self, method: &syn::Ident, args: impl Iterator<Item = &'e syn::Expr>) {
        let modules: Vec<_> = args.map(|arg| self.origin_of(arg).filter(|it| !it.is_self())).collect();
        if modules.iter().any(Option::is_some) {
            self.made.passed.push((method.clone(), modules));
        }
    }

    /// Whether the expression is a field, or a parameter that is no tensor.
    fn may_be_data(&self, expr: &syn::Expr) -> bool {
        let syn::Expr::Path(path) = types::ungrouped_expr(expr) else { return is_part_of_self(expr) };
        let name = path.path.get_ident().and_then(|ident| self.scope.lookup(ident));
        matches!(name, Some(ExprKind::Var(name)) if self.untold.contains(name))
    }

    /// Whether the expression is a variable that holds neither a module nor a function.
    fn is_value(&self, expr: &syn::Expr) -> bool {
        let expr = match types::ungrouped_expr(expr) {
            syn::Expr::Reference(it) => &*it.expr,
            expr => expr,
        };
        let syn::Expr::Path(path) = types::ungrouped_expr(expr) else { return false };
        let Some(ident) = path.path.get_ident() else { return false };
        let Some(ExprKind::Var(name)) = self.scope.lookup(ident) else { return false };
        let is_module = self.origin_of(expr).is_some() || !self.chosen(expr).is_empty();
        !is_module && self.scope.closure(ident).is_none() && !self.untold.contains(name)
    }

    /// The index of the parameter that `expr` names, if it may be a module.
    fn parameter(&self, expr: &syn::Expr) -> Option<usize> {
        let syn::Expr::Path(path) = types::ungrouped_expr(expr) else { return None };
        let ExprKind::Var(name) = self.scope.lookup(path.path.get_ident()?)? else { return None };
        self.modules.get(name).copied()
    }

    /// Lowers a method that tensors do not have, of a receiver that may be a child: `self.encoder.encode(x)`.
    fn lower_child_method(&mut self, call: &ExprMethodCall, range: Range) -> Expr {
        let name = call.method.to_string();
        let is_operator = match ops::find(&name) {
            Some(Found::Op(op)) => op.receiver && call.args.len() == usize::from(op.n_params),
            Some(Found::ByHand(it)) => it.receiver && call.args.len() == usize::from(it.n_params),
            Some(Found::Rejected(_)) => true,
            None => false,
        };
        let value = if is_operator { None } else { self.lower_part_or_parameter_method(call, range) };
        value.unwrap_or_else(|| self.lower_table_method(call, range))
    }

    /// Lowers a method of what may be a module; none where the receiver is certainly no module.
    fn lower_part_or_parameter_method(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        if let Some(parameter) = self.parameter(&call.receiver) {
            return Some(self.lower_parameter_method(parameter, call, range));
        }
        let origins = match self.origin_of(&call.receiver) {
            Some(origin) => vec![origin],
            None => self.chosen(&call.receiver),
        };
        if origins.is_empty() || origins.iter().any(Origin::is_self) {
            return None;
        }
        Some(self.lower_part_method(origins, call, range))
    }
}

fn text(expr: &syn::Expr) -> Option<String> {
    match expr {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

fn starts_upper(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// Whether the path cannot be that of a function with `#[script]`.
fn is_foreign(segments: &[&str]) -> bool {
    is_associated(segments)
        || segments.len() >= 2 && matches!(segments[0], "std" | "core" | "alloc" | "tch" | "nn")
}

/// Whether the path may be that of an associated function of data.
fn is_of_data(segments: &[&str]) -> bool {
    is_associated(segments)
        && !matches!(segments[0], "std" | "core" | "alloc" | "tch" | "nn" | "Self")
        && !types::FOREIGN.contains(&segments[segments.len() - 2])
}

/// Whether the path is that of an associated function, `Type::function`.
fn is_associated(segments: &[&str]) -> bool {
    segments.len() >= 2 && starts_upper(segments[segments.len() - 2])
}

fn has_generics(path: &Path) -> bool {
    path.segments.iter().any(|segment| !segment.arguments.is_none())
}

/// The text of an error: the literal or the formatted text in `Error::msg("…")`, `"…".into()` and the like.
fn error_text(error: &syn::Expr) -> Option<&syn::Expr> {
    match error {
        syn::Expr::Lit(_) => Some(error),
        syn::Expr::Macro(it) => {
            let is_text = it
                .mac
                .path
                .segments
                .last()
                .is_some_and(|name| matches!(name.ident.to_string().as_str(), "anyhow" | "format"));
            is_text.then_some(error)
        }
        syn::Expr::MethodCall(call) if call.args.is_empty() => error_text(&call.receiver),
        syn::Expr::Call(call) if call.args.len() == 1 => error_text(&call.args[0]),
        _ => None,
    }
}

fn is_self(expr: &syn::Expr) -> bool {
    matches!(expr, syn::Expr::Path(path) if path.path.is_ident("self"))
}

fn display(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

/// Whether the expression is a module's field `training`.
fn is_training(expr: &syn::Expr) -> bool {
    matches!(expr, syn::Expr::Field(field) if matches!(&field.member, syn::Member::Named(name) if name == "training"))
}
