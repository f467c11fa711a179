//! Lowers what handles an error. A `Result` is its own value in TorchScript, and an error an exception: `?`, `unwrap`
//! and whatever passes an error on are kept, and a body that does anything else with one is refused.
//!
//! What a `Result` is, is told by the syntax: by names, signatures in the block, and declared types. Where these do not
//! tell, the runtime looks at the value's type in TorchScript, see `Operator::Option` and `Operator::Result`.

use std::collections::HashMap;

use quote::ToTokens;
use syn::{Expr as RustExpr, ExprMethodCall, Pat, Path, Stmt, Type};

use super::Cx;
use super::chain::is_iterator;
use super::consumers::turbofish;
use super::infer::visit_arguments;
use crate::ops;
use crate::syntax::{Expr, ExprKind, Operator};
use crate::types;

/// The results of the block's methods: whether each is a `Result`, where its type tells.
pub type Outputs = HashMap<String, Option<bool>>;

/// Methods of options that, of a `Result`, would do something with an error.
const OF_BOTH: &[(&str, usize)] = &[
    ("unwrap_or", 1),
    ("unwrap_or_else", 1),
    ("unwrap_or_default", 0),
    ("or", 1),
    ("or_else", 1),
    ("map_or", 2),
    ("map_or_else", 2),
];

/// Methods that only a `Result` has, and that would do something with an error.
const OF_RESULTS: &[(&str, usize)] = &[
    ("ok", 0),
    ("err", 0),
    ("is_ok", 0),
    ("is_err", 0),
    ("is_ok_and", 1),
    ("is_err_and", 1),
    ("unwrap_err", 0),
    ("expect_err", 1),
    ("inspect_err", 1),
];

/// Methods whose receiver is a `Result` exactly if their result is one.
const SAME: &[&str] = &[
    "map", "and_then", "or", "or_else", "as_ref", "as_mut", "as_deref", "clone", "copied", "cloned",
    "inspect",
];

const HELP: &str = "check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`";

impl Cx {
    /// Reports a method that handles an error. `None` where the call does not, as far as the syntax tells.
    pub fn lower_handled(&mut self, call: &ExprMethodCall, name: &str) -> Option<Expr> {
        let is_listed = |list: &[(&str, usize)]| list.contains(&(name, call.args.len()));
        let is_refused = if is_listed(OF_BOTH) {
            takes_error(call, name) || self.is_result(&call.receiver) == Some(true)
        } else if is_listed(OF_RESULTS) {
            self.origin_of(&call.receiver).is_none()
        } else {
            matches!(name, "iter" | "into_iter" | "iter_mut") && self.is_result(&call.receiver) == Some(true)
        };
        if !is_refused {
            return None;
        }
        // The arm of the error: the closure or the value in its place.
        let culprit = match call.args.first() {
            Some(arm) if name != "expect_err" => arm.to_token_stream(),
            _ => call.method.to_token_stream(),
        };
        Some(self.poison(
            culprit,
            format!("`{name}` handles an error, which is an exception in scripted methods"),
            HELP,
        ))
    }

    /// Lowers the receiver of a method that options and results have. Of an option it is meant.
    pub fn lower_option(&mut self, receiver: &RustExpr) -> Expr {
        let value = self.lower_expr(receiver);
        match self.is_result(receiver) {
            Some(_) => value,
            None => {
                let range = value.range;
                Expr::rust_op(Operator::Option, vec![value], range)
            }
        }
    }

    /// The operand of a `?` that is a `Result`: an error passes through closures as an exception does. `?` of an option
    /// would leave the closure that it stands in.
    pub fn lower_tried(&mut self, expr: &syn::ExprTry) -> Expr {
        let range = self.range(expr);
        if self.closures == 0 {
            return self.lower_expr(&expr.expr);
        }
        match self.is_result(&expr.expr) {
            Some(true) => self.lower_expr(&expr.expr),
            Some(false) => self.poison(
                expr.question_token,
                "`?` of an option inside of a closure is not supported in scripted methods",
                "write `and_then`, `map` or a `match`",
            ),
            None => {
                let value = self.lower_expr(&expr.expr);
                Expr::rust_op(Operator::Result, vec![value], range)
            }
        }
    }

    /// Whether a method or a function of the user's gives the value. Of a `Result`, it gives what is in it, which may be an
    /// option; other calls give an option for a `Result`, as `ok_or` does.
    pub fn is_called(&self, expr: &RustExpr) -> bool {
        match types::ungrouped_expr(expr) {
            RustExpr::MethodCall(call) => {
                let name = call.method.to_string();
                let is_self = matches!(&*call.receiver, RustExpr::Path(it) if it.path.is_ident("self"));
                is_self || self.origin_of(&call.receiver).is_some() && is_method_of_modules(&name)
            }
            RustExpr::Call(call) => match types::ungrouped_expr(&call.func) {
                RustExpr::Path(func) => func.path.get_ident().is_some_and(|name| {
                    !matches!(&*name.to_string(), "Some" | "Ok" | "Err" | "None")
                        && self.scope.closure(name).is_none()
                }),
                _ => false,
            },
            _ => false,
        }
    }

    /// Reports a `Result` whose value is not used, so that its error is ignored.
    pub fn check_not_ignored(&mut self, expr: &RustExpr) {
        if self.is_result(expr) == Some(true) {
            self.report(
                expr,
                "an error is ignored here, and is an exception in scripted methods",
                "use `?` or `unwrap()`",
            );
        }
    }

    /// Reports a `Result` that is iterated over, and returns whether it is one.
    pub fn check_not_skipped(&mut self, expr: &RustExpr) -> bool {
        let is_result = self.is_result(expr) == Some(true);
        if is_result {
            self.report(
                expr,
                "an iteration over a `Result` skips an error, which is an exception in scripted methods",
                "use `?` or `unwrap()`",
            );
        }
        is_result
    }

    /// Reports an expression that is not evaluated, such as the text of an error, if it does more than to give a value.
    pub fn check_pure(&mut self, expr: &RustExpr, of: &str) {
        let mut effects = Effects::default();
        syn::visit::Visit::visit_expr(&mut effects, expr);
        if let Some(culprit) = effects.0 {
            self.report(
                culprit,
                format!("`{of}` gives an error, which is not computed in scripted methods"),
                "let it give a text or a value, and do nothing else",
            );
        }
    }

    /// Whether the expression is a `Result`; `None` where the syntax does not tell.
    pub fn is_result(&self, expr: &RustExpr) -> Option<bool> {
        match expr {
            _ if self.origin_of(expr).is_some() => Some(false),
            RustExpr::Paren(it) => self.is_result(&it.expr),
            RustExpr::Group(it) => self.is_result(&it.expr),
            RustExpr::Reference(it) => self.is_result(&it.expr),
            RustExpr::Path(path) => match path.path.get_ident().and_then(|ident| self.scope.lookup(ident)) {
                Some(ExprKind::Var(name)) => self.scope.result(name),
                Some(_) => None,
                None => Some(false),
            },
            RustExpr::Call(call) => self.is_result_of_call(call),
            RustExpr::MethodCall(call) => self.is_result_of_method(call),
            RustExpr::If(it) => {
                let otherwise = it.else_branch.as_ref().map(|(_, it)| self.is_result(it));
                either([self.is_result_of_block(&it.then_branch)].into_iter().chain(otherwise))
            }
            RustExpr::Match(it) => either(it.arms.iter().map(|arm| self.is_result(&arm.body))),
            RustExpr::Block(it) => self.is_result_of_block(&it.block),
            RustExpr::Loop(_) => None,
            // Literals, operators and places: no field is a `Result`, and `?` gives what is in one.
            _ => Some(false),
        }
    }

    fn is_result_of_block(&self, block: &syn::Block) -> Option<bool> {
        match block.stmts.last() {
            Some(Stmt::Expr(expr, None)) => self.is_result(expr),
            _ => Some(false),
        }
    }

    fn is_result_of_call(&self, call: &syn::ExprCall) -> Option<bool> {
        let RustExpr::Path(func) = &*call.func else { return None };
        let segments: Vec<String> = func.path.segments.iter().map(|it| it.ident.to_string()).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments[..] {
            _ if names_variant(&func.path, "Result", &["Ok", "Err"]) => Some(true),
            _ if names_variant(&func.path, "Option", &["Some"]) => Some(false),
            ["Self", method] => self.outputs.get(method).copied().flatten(),
            [.., "try_from"] => Some(true),
            [.., "Tensor", function] => Some(is_fallible(function)),
            [.., ty, _] if ty.starts_with(char::is_uppercase) => Some(false),
            ["std" | "core", ..] => Some(false),
            // A function with `#[script]`.
            _ => None,
        }
    }

    fn is_result_of_method(&self, call: &ExprMethodCall) -> Option<bool> {
        let name = call.method.to_string();
        if matches!(&*call.receiver, RustExpr::Path(it) if it.path.is_ident("self")) {
            return self.outputs.get(&name).copied().flatten();
        }
        if SAME.contains(&name.as_str()) && !is_iterator(&call.receiver) {
            return self.is_result(&call.receiver);
        }
        let is_iter_of_numbers = name == "iter" && call.turbofish.is_some();
        match (name.as_str(), call.args.len()) {
            ("map_err" | "context" | "with_context" | "ok_or" | "ok_or_else", 1)
            | ("parse" | "try_into", 0) => Some(true),
            ("collect" | "sum" | "product", 0) => {
                let ty = turbofish(call).or(self.expected.as_ref());
                Some(ty.is_some_and(|ty| types::is_named(ty, &["Result"])))
            }
            _ if is_fallible(&name) || is_iter_of_numbers => Some(true),
            ("forward" | "forward_t", _) => None,
            // What the tables know is no `Result`; a method of a child may be.
            _ if self.origin_of(&call.receiver).is_some() && ops::find(&name).is_none() => None,
            _ => Some(false),
        }
    }

    /// Notes for the names that a `let` declares whether they are `Result`s.
    pub fn note_result(&mut self, name: &str, ty: Option<&Type>, value: &RustExpr) {
        let declared = ty.and_then(is_result_type);
        if let Some(is_result) = declared.or_else(|| self.is_result(value)) {
            self.scope.set_result(name, is_result);
        }
    }
}

/// Whether modules may have a method of this name, and options and results have not.
fn is_method_of_modules(name: &str) -> bool {
    const OF_OPTIONS: &[&str] = &[
        "ok_or",
        "ok_or_else",
        "context",
        "with_context",
        "map_err",
        "take",
        "replace",
        "get",
        "first",
        "last",
    ];
    matches!(name, "forward" | "forward_t")
        || !SAME.contains(&name) && !OF_OPTIONS.contains(&name) && ops::find(name).is_none()
}

/// Whether a type is `Result`; `None` for names that may be its alias.
pub fn is_result_type(ty: &Type) -> Option<bool> {
    match types::ungrouped(ty) {
        Type::Infer(_) | Type::Macro(_) => None,
        Type::Path(path) => {
            let name = &path.path.segments.last()?.ident;
            if name == "Result" {
                return Some(true);
            }
            const OTHERS: &[&str] = &[
                "Tensor", "Option", "Vec", "HashMap", "BTreeMap", "String", "bool", "i64", "f64", "i32",
                "f32", "usize", "Device", "Kind",
            ];
            OTHERS.iter().any(|other| name == other).then_some(false)
        }
        _ => Some(false),
    }
}

/// Whether the path is one of the variants of `Option` or `Result`, alone or as `Option::Some`.
pub fn names_variant(path: &Path, of: &str, variants: &[&str]) -> bool {
    let is_variant = types::path_is_named(path, variants);
    let before = path.segments.len().checked_sub(2).map(|i| &path.segments[i].ident);
    is_variant && before.is_none_or(|ty| ty == of)
}

/// Whether the name is that of a method of tensors that gives a `Result`.
fn is_fallible(name: &str) -> bool {
    name.starts_with("f_") && ops::find(name).is_some()
}

/// Whether the closure takes an argument, which can only be an error.
fn takes_error(call: &ExprMethodCall, name: &str) -> bool {
    matches!(name, "unwrap_or_else" | "or_else" | "map_or_else")
        && matches!(call.args.first(), Some(RustExpr::Closure(closure)) if !closure.inputs.is_empty())
}

/// What branches agree on: one that is a `Result` decides, as Rust gives all of them one type.
fn either(branches: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(false);
    for branch in branches {
        match branch {
            Some(true) => return Some(true),
            None => all = None,
            Some(false) => {}
        }
    }
    all
}

/// Whether a pattern binds nothing.
pub fn is_wild(pat: &Pat) -> bool {
    match pat {
        Pat::Wild(_) => true,
        Pat::Paren(pat) => is_wild(&pat.pat),
        Pat::Type(pat) => is_wild(&pat.pat),
        _ => false,
    }
}

/// Whether evaluating the expression does more than to give a value.
pub fn has_effects(expr: &RustExpr) -> bool {
    let mut effects = Effects::default();
    syn::visit::Visit::visit_expr(&mut effects, expr);
    effects.0.is_some()
}

/// The first part of an expression that does more than to give a value.
#[derive(Default)]
struct Effects(Option<proc_macro2::TokenStream>);

impl Effects {
    fn note(&mut self, culprit: &impl ToTokens) {
        self.0.get_or_insert(culprit.to_token_stream());
    }
}

impl<'ast> syn::visit::Visit<'ast> for Effects {
    fn visit_expr_assign(&mut self, expr: &'ast syn::ExprAssign) {
        self.note(expr);
    }
    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        match super::operator::is_assignment(&expr.op) {
            true => self.note(expr),
            false => syn::visit::visit_expr_binary(self, expr),
        }
    }
    fn visit_expr_reference(&mut self, expr: &'ast syn::ExprReference) {
        match expr.mutability {
            Some(_) => self.note(expr),
            None => syn::visit::visit_expr_reference(self, expr),
        }
    }
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if !types::path_is_named(
            &mac.path,
            &["format", "anyhow", "concat", "stringify", "format_args", "vec"],
        ) {
            self.note(&mac.path);
        }
        visit_arguments(self, mac);
    }
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        const CHANGES: &[&str] =
            &["push", "pop", "insert", "remove", "clear", "extend", "truncate", "set", "print"];
        let name = call.method.to_string();
        if name.ends_with('_') || CHANGES.contains(&name.as_str()) {
            self.note(&call.method);
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}
