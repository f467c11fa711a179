//! Lowers calls of functions that are values: `(self.activation)(&x)`, `(self.activation.get_fn())(&x)`.
//!
//! Rust evaluates the function when the module is compiled; it becomes a child module, which is traced by itself.

use quote::ToTokens;
use syn::visit::Visit;
use syn::{ExprCall, Ident};

use super::Cx;
use crate::names;
use crate::span::Range;
use crate::syntax::Expr;
use crate::types::ungrouped_expr;

/// A function that a body calls as a value.
#[derive(Clone, Debug)]
pub struct FunctionValue {
    /// The function, as an expression of `self`.
    pub expr: syn::Expr,
    pub n_args: usize,
}

impl FunctionValue {
    /// How the tree names it: no field can have this name.
    pub fn marker(&self) -> String {
        format!("${}$", self.expr.to_token_stream().to_string().replace(' ', ""))
    }

    /// The name of the child, as far as it is free.
    pub fn name(&self) -> String {
        struct Parts(Vec<String>);
        impl<'ast> Visit<'ast> for Parts {
            fn visit_ident(&mut self, ident: &'ast Ident) {
                if ident != "self" {
                    self.0.push(names::of_rust(ident));
                }
            }
            fn visit_member(&mut self, member: &'ast syn::Member) {
                self.0.push(names::of_member(member));
            }
        }
        let mut parts = Parts(vec![]);
        parts.visit_expr(&self.expr);
        let name = parts.0.join("_");
        if name.is_empty() { "function".to_owned() } else { names::of_variable(&name) }
    }
}

impl Cx {
    /// Lowers a call whose callee is no path.
    pub fn lower_value_call(&mut self, call: &ExprCall, range: Range) -> Expr {
        let callee = ungrouped_expr(&call.func);
        match callee {
            syn::Expr::Closure(closure) if closure.asyncness.is_none() => {
                return self.lower_closure_at_once(closure, call);
            }
            // Reported as what it is.
            syn::Expr::Closure(_) => return self.lower_expr(callee),
            _ => {}
        }
        if !self.sees_self {
            return self.poison(
                callee,
                "only functions and methods with a name can be called in scripted functions",
                "make it a method of a module",
            );
        }
        if let Some(ident) = self.local_in(callee) {
            return self.poison(
                callee,
                format!("a function that is called must be known when the module is compiled, and `{ident}` is not"),
                "call a function that is, or is in, a field of the module",
            );
        }
        let value = FunctionValue { expr: callee.clone(), n_args: call.args.len() };
        let marker = value.marker();
        if !self.made.function_values.iter().any(|known| known.marker() == marker) {
            self.made.function_values.push(value);
        }
        let args = self.lower_all(&call.args);
        Expr::var("self", range).select(marker, range).method("forward", range).apply(args, range)
    }

    /// A local variable in the expression.
    fn local_in(&self, expr: &syn::Expr) -> Option<Ident> {
        struct Locals<'a>(&'a Cx, Option<Ident>);
        impl<'ast> Visit<'ast> for Locals<'_> {
            fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
                let local = path
                    .path
                    .get_ident()
                    .filter(|it| self.0.scope.lookup(it).is_some() || self.0.scope.closure(it).is_some());
                self.1 = self.1.take().or_else(|| local.cloned());
            }
        }
        let mut locals = Locals(self, None);
        locals.visit_expr(expr);
        locals.1
    }
}
