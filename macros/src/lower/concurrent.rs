//! Lowers `tch_jit::fork` and `Tensor::run_backward`, which are forms of their own in TorchScript.

use syn::ExprCall;

use super::Cx;
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, Operator};

impl Cx {
    /// `fork(|| self.encoder.forward(&x))` becomes `fork(self.encoder.forward, x)`.
    pub fn lower_fork(&mut self, call: &ExprCall, range: Range) -> Expr {
        let syn::Expr::Closure(closure) = &call.args[0] else {
            return self.poison(
                &call.args[0],
                "`fork` takes a closure in scripted methods",
                "write `fork(|| self.child.forward(&x))`",
            );
        };
        let body = self.closure_body(closure);
        match body.kind {
            ExprKind::Apply { mut callee, mut args, kwargs } => {
                // What is forked is a method of a module.
                if let ExprKind::Method(_, _, function) = &mut callee.kind {
                    *function = None;
                }
                args.insert(0, *callee);
                let callee = Box::new(Expr::new(ExprKind::Operator(Operator::Fork), range));
                Expr::new(ExprKind::Apply { callee, args, kwargs }, range)
            }
            ExprKind::Error => Expr::error(),
            _ => self.poison(
                &closure.body,
                "what is forked is one call in scripted methods",
                "move the body to a method of the module, and write `fork(|| self.method(&x))`",
            ),
        }
    }

    /// `Tensor::run_backward(&[energy], &[&positions], keep, create)` becomes `torch.autograd.grad` of the
    /// tensors by the inputs.
    pub fn lower_run_backward(&mut self, call: &ExprCall, range: Range) -> Expr {
        let args = self.lower_all(&call.args);
        Expr::rust_op(Operator::RunBackward, args, range)
    }
}
