//! Lowers calls of methods of data: of structs and enums with `#[derive(ScriptType)]`, and of tensors by extension
//! traits. Each is a function, which takes the receiver first; which one it is, is known to rustc alone.

use syn::{ExprCall, ExprMethodCall, ExprPath, Ident, Type};

use super::infer::{Inferred, Of};
use super::{ChildCall, Cx, Origin};
use crate::names;
use crate::parse::data::RECEIVER;
use crate::span::Range;
use crate::syntax::{Expr, Slot};
use crate::types;

/// A function that a body calls.
#[derive(Clone, Debug)]
pub enum SlotFunction {
    /// One with `#[script]`.
    Path(syn::Path),
    /// The method of the type that rustc infers for the receiver.
    Method(Inferred, Ident),
    /// The method of a parameter's type, if that is data.
    Parameter(Type, Ident),
    /// `Type::name`.
    Associated(Type, Ident),
    /// The method of a part of the module, if that is data: which one, a walk from the module tells.
    Child,
}

/// The methods of a type in one block.
#[derive(Clone, Debug)]
pub struct OwnMethods {
    pub ty: Type,
    pub names: Vec<String>,
}

impl SlotFunction {
    /// What rustc is to infer for it.
    pub fn inferred(&self) -> Option<&Inferred> {
        match self {
            SlotFunction::Method(receiver, _) => Some(receiver),
            _ => None,
        }
    }
}

impl Cx {
    /// Adds a function to the side table.
    pub fn function(&mut self, function: SlotFunction) -> usize {
        self.made.functions.push(function);
        self.made.functions.len() - 1
    }

    /// The same, for a method, whose receiver may be of a type of the user's.
    fn method_function(&mut self, call: &ExprMethodCall, function: SlotFunction) -> usize {
        if let Some(number) = self.numbers.number(&call.receiver) {
            self.narrow
                .uses
                .retain(|(used, of, _), _| *used != number || !matches!(of, Of::Elements | Of::Operated));
        }
        self.function(function)
    }

    /// `State::new(x)` becomes `$F0(x)`.
    pub fn lower_associated(&mut self, func: &ExprPath, call: &ExprCall, range: Range) -> Expr {
        let args = self.lower_all(&call.args);
        let mut path = func.path.clone();
        let name = path.segments.pop().expect("a path has a segment").ident;
        path.segments.pop_punct();
        let ty = Type::Path(syn::TypePath { attrs: vec![], qself: func.qself.clone(), path });
        let function = self.function(SlotFunction::Associated(ty, name));
        Expr::slot(Slot::Function(function), self.range(func)).apply(args, range)
    }

    /// Whether the text leaves open that the receiver is of a type of the user's.
    pub fn may_be_own(&self, receiver: &syn::Expr) -> bool {
        self.numbers.number(receiver).is_some_and(|number| self.narrow.receivers.contains(&number))
    }

    /// `state.norm(x)` becomes `$F0(state, x)`. None where rustc cannot be asked about the receiver.
    pub fn lower_data_method(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        // Not where a function such as `String::len` is lowered as the method that it is.
        self.numbers.number_of_call(call)?;
        let receiver = self.inferred(&call.receiver, Of::Receiver)?;
        let function = self.method_function(call, SlotFunction::Method(receiver, call.method.clone()));
        let args = self.lower_all(std::iter::once(&*call.receiver).chain(&call.args));
        Some(Expr::slot(Slot::Function(function), self.range(&call.method)).apply(args, range))
    }

    /// `state.all(x)` of a variable that was made as a `State`. None where it is none of the user's methods.
    pub fn lower_method_of_own(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        // These are derived, or change nothing in TorchScript.
        const OF_ALL: &[&str] =
            &["as_ref", "borrow", "clone", "into", "to_owned", "to_string", "try_into", "unwrap", "expect"];
        let number = self.numbers.number(&call.receiver)?;
        if !self.narrow.own.contains(&number) || OF_ALL.iter().any(|name| call.method == name) {
            return None;
        }
        self.lower_data_method(call, range)
    }

    /// `self.norm(x)` in a method of data. None where it is none of the type's own.
    pub fn lower_own_method(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        let own = self.own_methods.as_ref()?;
        let syn::Expr::Path(receiver) = types::ungrouped_expr(&call.receiver) else { return None };
        if !receiver.path.is_ident(RECEIVER) || !own.names.iter().any(|name| call.method == name) {
            return None;
        }
        let function = SlotFunction::Associated(own.ty.clone(), call.method.clone());
        let function = self.method_function(call, function);
        let args = self.lower_all(std::iter::once(&*call.receiver).chain(&call.args));
        Some(Expr::slot(Slot::Function(function), self.range(&call.method)).apply(args, range))
    }

    /// A call of a method of a parameter, which may be a module or data.
    pub fn lower_parameter_method(&mut self, parameter: usize, call: &ExprMethodCall, range: Range) -> Expr {
        self.made.parameter_calls.push((parameter, call.method.clone()));
        let ty = self.parameter_types[parameter].clone();
        let function = self.method_function(call, SlotFunction::Parameter(ty, call.method.clone()));
        self.lower_method_or(call, function, range)
    }

    /// A call of a method of parts of the module, which may be modules or data.
    pub fn lower_part_method(&mut self, origins: Vec<Origin>, call: &ExprMethodCall, range: Range) -> Expr {
        let function = self.method_function(call, SlotFunction::Child);
        for origin in origins {
            let call = ChildCall { origin, method: call.method.clone(), function: Some(function) };
            self.made.child_calls.push(call);
        }
        self.lower_method_or(call, function, range)
    }

    fn lower_method_or(&mut self, call: &ExprMethodCall, function: usize, range: Range) -> Expr {
        let mut values = self.lower_all(std::iter::once(&*call.receiver).chain(&call.args));
        let receiver = values.remove(0);
        receiver.method_or(names::of_method(&call.method), function, range).apply(values, range)
    }
}
