//! Lowers a method as a whole: its parameters, its result, and its body.

use syn::{FnArg, ImplItemFn, Pat, Type};

use super::infer::{Inferred, SlotType, Use};
use super::widths::has_impl_trait;
use super::{Cx, Dest, non_empty};
use crate::names;
use crate::parse::data::RECEIVER;
use crate::parse::methods::{Form, output, takes_shared_self, typed_inputs};
use crate::span::Range;
use crate::syntax::{Def, Expr, ExprKind, Operator, Param, Stmt, StmtKind};
use crate::types::{self, is_option, is_unit};

impl Cx {
    pub fn lower_def(&mut self, method: &ImplItemFn, form: Form) -> Def {
        let sig = &method.sig;
        let range = self.range(sig);
        self.check_signature(method);
        if typed_inputs(method).any(|input| has_impl_trait(&input.ty)) {
            self.check_wide(&method.block, "in a method that takes `impl Trait`", "take `&dyn Trait`");
        }
        let mut params = match form {
            Form::Function | Form::Data => vec![],
            Form::Method | Form::Unused => {
                vec![Param { name: "self".into(), ty: None, defaults_to_none: false, range }]
            }
        };
        if form == Form::Data {
            self.check_receiver(method);
        }
        for (i, input) in typed_inputs(method).enumerate() {
            let param = self.lower_param(input);
            if types::may_be_module(&input.ty) {
                self.modules.insert(param.name.clone(), i);
            }
            if !types::is_tensor(&input.ty) {
                self.untold.insert(param.name.clone());
            }
            params.push(param);
        }
        // Options at the end default to `None`, as in PyTorch's modules. Rust code gives all arguments; Python and C++
        // may leave these out.
        let is_optional = |input: &&FnArg| matches!(input, FnArg::Typed(input) if is_option(&input.ty));
        let n_optional = sig.inputs.iter().rev().take_while(is_optional).count();
        params.iter_mut().rev().take(n_optional).for_each(|param| param.defaults_to_none = true);
        let output = output(method);
        let returns = output.map(|ty| self.type_slot(ty));
        self.returns_unit = output.is_none_or(is_unit);
        self.returns_option = output.is_some_and(is_option);
        self.returns = output.cloned();
        self.expected = self.returns.clone();
        let dest = if self.returns_unit { Dest::Discard } else { Dest::Return };
        let body = match form {
            Form::Unused => vec![self.unused_body(method, range)],
            Form::Method | Form::Function | Form::Data => self.in_block(|cx| {
                cx.copy_mutable_params(&params);
                cx.lower_block_into(&method.block, &dest);
            }),
        };
        let uses = std::mem::take(&mut self.narrow.uses).into_iter();
        let uses = uses.map(|((number, of, by), expr)| Use { value: Inferred { number, of, expr }, by });
        let uses = uses.chain(std::mem::take(&mut self.made.uses));
        let is_part = |it: &syn::Expr| self.sees_self && (is_part_of_self(it) || is_constant(it));
        (self.made.parts, self.made.uses) = uses.partition(|it| is_part(&it.value.expr));
        Def { name: names::of_method(&sig.ident), params, returns, body: non_empty(body, range), range }
    }

    fn unused_body(&self, method: &ImplItemFn, range: Range) -> Stmt {
        let message = format!("`{}` is marked `#[unused]` and was not compiled", method.sig.ident);
        let message = Expr::new(ExprKind::Str(message), range);
        let error = Expr::rust_op(Operator::Panic, vec![message], range);
        Stmt::new(StmtKind::Raise(error), range)
    }

    fn check_signature(&mut self, method: &ImplItemFn) {
        let sig = &method.sig;
        if let Some(asyncness) = &sig.asyncness {
            self.report(asyncness, "`async` methods cannot be scripted", "remove `async`");
        }
        if let syn::Safety::Unsafe(unsafety) = &sig.safety {
            self.report(
                unsafety,
                "`unsafe` methods cannot be scripted",
                "mark the module `#[compile_mode(trace)]`",
            );
        }
        for param in sig.generics.type_params() {
            self.report(
                param,
                "generic methods cannot be scripted",
                "put the type parameter on the struct, or write one method for each type",
            );
        }
        for param in sig.generics.const_params() {
            self.report(
                param,
                "generic methods cannot be scripted",
                "put the constant on the struct, or pass its value as an argument",
            );
        }
        if let Some(FnArg::Receiver(receiver)) = sig.inputs.first()
            && !takes_shared_self(method)
        {
            self.report(
                receiver,
                "a scripted method takes `&self`",
                "write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`",
            );
        }
    }

    /// A method of data is a function, whose arguments are values.
    fn check_receiver(&mut self, method: &ImplItemFn) {
        if let Some(input) = typed_inputs(method).next()
            && let Pat::Ident(pat) = &*input.pat
            && pat.ident == RECEIVER
            && let Type::Reference(reference) = &*input.ty
            && let Some(mutability) = &reference.mutability
        {
            self.report(
                mutability,
                "a method of data cannot change `self`: TorchScript has no references to values",
                "take `mut self`, return it, and assign what the call gives",
            );
        }
    }

    fn lower_param(&mut self, input: &syn::PatType) -> Param {
        let range = self.range(input);
        let ty = match &*input.ty {
            Type::Reference(ty) if types::may_be_module(&input.ty) => {
                let range = self.range(ty);
                self.add_type(SlotType::Parameter(ty.clone()), range)
            }
            ty => self.type_slot(ty),
        };
        let name = match &*input.pat {
            Pat::Ident(pat) if pat.subpat.is_none() => {
                let name = self.scope.declare(&pat.ident);
                self.scope.set_result(&name, false);
                if pat.mutability.is_some() {
                    self.scope.set_mutable(&name);
                    if is_option(&input.ty) {
                        self.scope.set_option(&name, ty.index);
                    }
                }
                name
            }
            Pat::Wild(_) => self.scope.temp("unused"),
            other => {
                self.report(
                    other,
                    "a parameter of a scripted method is a plain name",
                    "take the value under a name and destructure it with `let` in the body",
                );
                self.scope.temp("argument")
            }
        };
        Param { name, ty: Some(ty), defaults_to_none: false, range }
    }

    /// Copies parameters that are declared `mut`: a change of an array must not reach the caller's, see `$copy`.
    fn copy_mutable_params(&mut self, params: &[Param]) {
        for param in params.iter().filter(|param| self.scope.is_mutable(&param.name)) {
            let value = Expr::rust_op(Operator::Copy, vec![Expr::var(&param.name, param.range)], param.range);
            self.block.push(Stmt::assign(&param.name, value, param.range));
        }
    }
}

/// Whether the expression is a field of the module, or a field of such a field.
pub fn is_part_of_self(expr: &syn::Expr) -> bool {
    match types::ungrouped_expr(expr) {
        syn::Expr::Reference(it) => is_part_of_self(&it.expr),
        syn::Expr::Field(it) => match types::ungrouped_expr(&it.base) {
            syn::Expr::Path(path) => path.path.is_ident("self"),
            base => is_part_of_self(base),
        },
        _ => false,
    }
}

/// Whether it is a constant or a variant by its path, such as `Stage::First`.
pub fn is_constant(expr: &syn::Expr) -> bool {
    match types::ungrouped_expr(expr) {
        syn::Expr::Reference(it) => is_constant(&it.expr),
        syn::Expr::Path(it) => it.path.segments.len() > 1,
        _ => false,
    }
}
