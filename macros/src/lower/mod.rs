//! The second stage: the Rust body of one method, as it was parsed, becomes a [`Def`].
//!
//! Nothing here infers types; where one is needed that nobody wrote, rustc is asked (`infer.rs`). Where one Rust form
//! means several things by type, an operator such as `$div` is written, which the runtime resolves by libtorch's static
//! types. A mistake is reported and leaves [`ExprKind::Error`](crate::syntax::ExprKind::Error) behind; lowering always
//! goes on.

mod arms;
mod block;
mod builtin;
mod by_type;
mod call;
mod chain;
mod chain_loop;
mod closure;
mod concurrent;
mod conditions;
mod consumers;
mod control;
mod cx;
mod data;
mod expr;
mod format;
mod function_value;
mod functions;
mod grad_mode;
mod infer;
mod items;
mod iter;
mod known;
mod labels;
mod list;
mod literal;
mod macros;
mod match_expr;
mod numbers;
mod operator;
mod option;
mod ordering;
mod origin;
mod pattern;
mod place;
mod rejected;
mod results;
mod scope;
mod signature;
mod stages;
mod structs;
mod tensor;
mod text;
mod traits;
mod widths;

pub use data::SlotFunction;
pub use function_value::FunctionValue;
pub use infer::{By, Inferred, Of, SlotConstant, SlotType, Use, arguments, value_and_rest, visit_arguments};
pub use operator::is_assignment;
pub use origin::{ChildCall, Origin, Step};
pub use rejected::method as rejected_method;
pub use widths::narrow_word;

use crate::errors::Errors;
use crate::parse::methods::{Block, Form, Method, output};
use crate::span::{Range, Source};
use crate::syntax::{Def, Stmt, StmtKind};
use crate::types;
use cx::{Cx, Dest, Made};
use data::OwnMethods;
use results::Outputs;

/// A lowered method, and what Rust must evaluate for it.
#[derive(Debug)]
pub struct Lowered {
    pub def: Def,
    pub source: Source,
    pub made: Made,
}

impl Lowered {
    /// What rustc is to infer.
    pub fn inferred(&self) -> impl Iterator<Item = &Inferred> {
        let numbers = self.made.constants.iter().filter_map(|it| match it {
            SlotConstant::Number(it) => Some(it),
            _ => None,
        });
        self.needed().chain(numbers).chain(self.made.uses.iter().map(|it| &it.value))
    }

    /// Of these, what TorchScript cannot do without: not what only tells the width of numbers.
    pub fn needed(&self) -> impl Iterator<Item = &Inferred> {
        let types = self.made.types.iter().filter_map(|it| match it {
            SlotType::Inferred(it) => Some(it),
            SlotType::Written(_) | SlotType::Parameter(_) => None,
        });
        let constants = self.made.constants.iter().filter_map(|it| match it {
            SlotConstant::Low(it) | SlotConstant::High(it) | SlotConstant::Primitive(it) => Some(it),
            SlotConstant::Number(_) | SlotConstant::Written(_) => None,
        });
        let receivers = self.made.functions.iter().filter_map(SlotFunction::inferred);
        types.chain(constants).chain(receivers)
    }
}

/// Lowers all methods of a block, each with errors for what TorchScript cannot express.
pub fn block(block: &Block) -> Vec<(Lowered, Errors)> {
    let is_result = |it: &Method| match output(&it.func) {
        Some(ty) => results::is_result_type(ty),
        None => Some(false),
    };
    let outputs = block.methods.iter().map(|it| (it.ident().to_string(), is_result(it))).collect();
    let own = types::last_name(&block.item.self_ty);
    block.methods.iter().map(|it| lower(it, &outputs, own.clone())).collect()
}

/// Lowers the methods of data of the type `own`, if that is of the user's crate: then `self.len()` is its own.
pub fn data(methods: &[Method], own: Option<&syn::Type>) -> Vec<(Lowered, Errors)> {
    let names: Vec<String> = methods.iter().map(|it| it.ident().to_string()).collect();
    let own = own.map(|ty| OwnMethods { ty: ty.clone(), names });
    let lower = |method: &Method| {
        let mut cx = Cx::new(method.source.clone(), Outputs::new(), &method.func);
        cx.own_methods.clone_from(&own);
        finish(cx, method)
    };
    methods.iter().map(lower).collect()
}

/// Lowers a free function.
pub fn function(function: &Method) -> (Lowered, Errors) {
    lower(function, &Outputs::new(), None)
}

/// `own`: the name of the type that the method belongs to.
fn lower(method: &Method, outputs: &Outputs, own: Option<String>) -> (Lowered, Errors) {
    let mut cx = Cx::new(method.source.clone(), outputs.clone(), &method.func);
    cx.own = own;
    finish(cx, method)
}

fn finish(mut cx: Cx, method: &Method) -> (Lowered, Errors) {
    cx.sees_self = matches!(method.form, Form::Method | Form::Unused);
    let def = cx.lower_def(&method.func, method.form);
    let Cx { source, errors, made, .. } = cx;
    (Lowered { def, source, made }, errors)
}

/// TorchScript, as Python, has no empty blocks.
fn non_empty(mut block: Vec<Stmt>, range: Range) -> Vec<Stmt> {
    if block.is_empty() {
        block.push(Stmt::new(StmtKind::Pass, range));
    }
    block
}
