//! Lowering: the Rust body of one method, as syn parsed it, becomes a [`Def`].
//!
//! Nothing here infers types. Where one Rust form means several things by type, an operator
//! such as `$div` is written, which the runtime resolves by libtorch's static types. A mistake is
//! reported and leaves [`ExprKind::Error`](crate::syntax::ExprKind::Error) behind; lowering
//! always goes on.

mod arms;
mod block;
mod by_type;
mod call;
mod chain;
mod concurrent;
mod conditions;
mod consumers;
mod control;
mod expr;
mod format;
mod functions;
mod items;
mod iter;
mod labels;
mod list;
mod literal;
mod macros;
mod match_expr;
mod names;
mod numbers;
mod operator;
mod option;
mod origin;
mod pattern;
mod rejected;
mod stages;
mod structs;
mod tensor;
mod text;

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{FnArg, ImplItemFn, Pat, ReceiverKind, ReturnType, Type};

use crate::errors::Errors;
use crate::span::{Range, Source};
use crate::syntax::{Def, Expr, Operator, Param, Slot, Stmt, TypeSlot};
use labels::Loop;
use names::Scope;
pub use names::{is_python_keyword, method_name, variable_name};
pub use origin::{ChildCall, Origin, Step};

/// A lowered method and what Rust must evaluate for it.
#[derive(Debug)]
pub struct Lowered {
    pub def: Def,
    pub source: Source,
    /// `$T0`, `$T1`, …: types whose TorchScript names the runtime asks their `ScriptType` for.
    pub types: Vec<Type>,
    /// `$C0`, `$C1`, …: expressions that Rust evaluates to constants.
    pub constants: Vec<syn::Expr>,
    /// `$F0`, `$F1`, …: functions with `#[script]`.
    pub functions: Vec<syn::Path>,
    /// Methods and associated functions of the same type that are called.
    pub calls: BTreeSet<syn::Ident>,
    /// Methods of children that are called.
    pub child_calls: Vec<ChildCall>,
}

/// How a body is found: it decides what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In an impl block. An associated function becomes a method that does not use `self`.
    Method,
    /// Free, with `#[script]`.
    Function,
    /// A method with `#[unused]`: it may be called, and fails then.
    Unused,
}

/// Lowers `method`; `source` is its text.
pub fn lower_method(method: &ImplItemFn, form: Form, source: Source, errors: &mut Errors) -> Lowered {
    let mut cx = Cx::new(source, errors);
    let def = cx.lower_def(method, form);
    let Cx { source, types, constants, functions, calls, child_calls, .. } = cx;
    Lowered { def, source, types, constants, functions, calls, child_calls }
}

/// Where the value of an expression goes.
#[derive(Clone, Debug)]
enum Dest {
    /// It is the method's result.
    Return,
    /// A variable of TorchScript.
    Var(String),
    /// Nowhere: the expression is a statement.
    Discard,
}

struct Cx<'a> {
    errors: &'a mut Errors,
    source: Source,
    scope: Scope,
    types: Vec<Type>,
    constants: Vec<syn::Expr>,
    /// `use` and `const` of the blocks around what is being lowered.
    items: Vec<syn::Item>,
    functions: Vec<syn::Path>,
    calls: BTreeSet<syn::Ident>,
    child_calls: Vec<ChildCall>,
    /// The block that statements are added to.
    block: Vec<Stmt>,
    loops: Vec<Loop>,
    returns: Option<Type>,
    returns_unit: bool,
    /// What the method returns, if it returns an `Option`: `?` then returns `None`.
    returns_option: bool,
    /// The annotation of the `let` whose value is being lowered.
    expected: Option<Type>,
}

impl<'a> Cx<'a> {
    fn new(source: Source, errors: &'a mut Errors) -> Self {
        Cx {
            errors,
            source,
            scope: Scope::default(),
            types: vec![],
            constants: vec![],
            items: vec![],
            functions: vec![],
            calls: BTreeSet::new(),
            child_calls: vec![],
            block: vec![],
            loops: vec![],
            returns: None,
            returns_unit: false,
            returns_option: false,
            expected: None,
        }
    }

    fn lower_def(&mut self, method: &ImplItemFn, form: Form) -> Def {
        let sig = &method.sig;
        let range = self.range(sig);
        self.check_signature(method);
        let mut params = match form {
            Form::Function => vec![],
            Form::Method | Form::Unused => {
                vec![Param { name: "self".into(), ty: None, defaults_to_none: false, range }]
            }
        };
        for input in &sig.inputs {
            if let FnArg::Typed(input) = input {
                params.push(self.lower_param(input));
            }
        }
        // As PyTorch's modules have it. Calls in Rust code give all arguments; Python and C++ need not give these.
        let is_optional = |input: &&FnArg| matches!(input, FnArg::Typed(input) if is_option(&input.ty));
        let n_optional = sig.inputs.iter().rev().take_while(is_optional).count();
        params.iter_mut().rev().take(n_optional).for_each(|param| param.defaults_to_none = true);
        let returns = match &sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(self.type_slot(ty)),
        };
        self.returns_unit = match &sig.output {
            ReturnType::Default => true,
            ReturnType::Type(_, ty) => matches!(ungrouped(ty), Type::Tuple(tuple) if tuple.elems.is_empty()),
        };
        self.returns_option = match &sig.output {
            ReturnType::Default => false,
            ReturnType::Type(_, ty) => is_option(ty),
        };
        if let ReturnType::Type(_, ty) = &sig.output {
            self.returns = Some((**ty).clone());
            self.expected = self.returns.clone();
        }
        let dest = if self.returns_unit { Dest::Discard } else { Dest::Return };
        let body = match form {
            Form::Unused => vec![self.unused_body(method, range)],
            Form::Method | Form::Function => self.in_block(|cx| {
                cx.copy_mutable_params(&params);
                cx.lower_block_into(&method.block, &dest);
            }),
        };
        Def {
            name: method_name(&sig.ident.to_string()),
            params,
            returns,
            body: non_empty(body, range),
            range,
        }
    }

    fn unused_body(&self, method: &ImplItemFn, range: Range) -> Stmt {
        let message = format!("`{}` is marked `#[unused]` and was not compiled", method.sig.ident);
        let message = Expr::new(crate::syntax::ExprKind::Str(message), range);
        let error = Expr::rust_op(Operator::Panic, vec![message], range);
        Stmt::new(crate::syntax::StmtKind::Raise(error), range)
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
        if let Some(FnArg::Receiver(receiver)) = sig.inputs.first()
            && !matches!(receiver.kind, ReceiverKind::Reference(_, _, None))
        {
            self.report(
                receiver,
                "a scripted method takes `&self`",
                "write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`",
            );
        }
    }

    fn lower_param(&mut self, input: &syn::PatType) -> Param {
        let range = self.range(input);
        let ty = Some(self.type_slot(&input.ty));
        let name = match &*input.pat {
            Pat::Ident(pat) if pat.subpat.is_none() => {
                let name = self.scope.declare(&pat.ident);
                if pat.mutability.is_some() {
                    self.scope.set_mutable(&name);
                    if is_option(&input.ty) {
                        self.scope.set_option(&name, (*input.ty).clone());
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
        Param { name, ty, defaults_to_none: false, range }
    }

    /// A parameter declared `mut` belongs to the method: an array is copied, see `$copy`.
    fn copy_mutable_params(&mut self, params: &[Param]) {
        for param in params.iter().filter(|param| self.scope.is_mutable(&param.name)) {
            let value = Expr::rust_op(Operator::Copy, vec![Expr::var(&param.name, param.range)], param.range);
            self.block.push(Stmt::assign(&param.name, value, param.range));
        }
    }

    fn report(&mut self, tokens: impl ToTokens, message: impl Into<String>, help: impl Into<String>) {
        self.errors.report(tokens, message, help);
    }

    /// Reports and leaves poison.
    fn poison(&mut self, tokens: impl ToTokens, message: impl Into<String>, help: impl Into<String>) -> Expr {
        self.report(tokens, message, help);
        Expr::error()
    }

    fn range(&self, tokens: &impl ToTokens) -> Range {
        self.source.range(tokens)
    }

    fn type_slot(&mut self, ty: &Type) -> TypeSlot {
        self.types.push(ty.clone());
        TypeSlot { index: self.types.len() - 1, range: self.range(ty) }
    }

    /// An expression that Rust evaluates while compiling.
    fn constant(&mut self, expr: syn::Expr) -> Expr {
        let range = self.range(&expr);
        let items = &self.items;
        self.constants.push(if items.is_empty() {
            expr
        } else {
            syn::parse_quote_spanned!(expr.span()=> { #(#[allow(unused_imports, dead_code)] #items)* #expr })
        });
        Expr::slot(Slot::Constant(self.constants.len() - 1), range)
    }

    /// Runs `f` with an empty block and returns what it added.
    fn in_block(&mut self, f: impl FnOnce(&mut Self)) -> Vec<Stmt> {
        let outer = std::mem::take(&mut self.block);
        self.scope.enter();
        f(self);
        self.scope.leave();
        std::mem::replace(&mut self.block, outer)
    }

    /// As [`Cx::in_block`], with the names that `f` declares left in sight.
    fn statements(&mut self, f: impl FnOnce(&mut Self)) -> Vec<Stmt> {
        let outer = std::mem::take(&mut self.block);
        f(self);
        std::mem::replace(&mut self.block, outer)
    }

    fn push(&mut self, kind: crate::syntax::StmtKind, range: Range) {
        self.block.push(Stmt::new(kind, range));
    }
}

/// The type itself where it is in parentheses, or in a `macro_rules!` variable.
pub fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
}

fn is_option(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// TorchScript, as Python, has no empty blocks.
fn non_empty(mut block: Vec<Stmt>, range: Range) -> Vec<Stmt> {
    if block.is_empty() {
        block.push(Stmt::new(crate::syntax::StmtKind::Pass, range));
    }
    block
}
