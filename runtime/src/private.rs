//! What generated code calls. Nothing here is meant for people, and anything may change.

mod probe;

use std::collections::HashSet;

pub use inventory;
use tch::Tensor;

pub use self::probe::{
    ArgOf, BodyOf, If, ModeOf, Otherwise, OtherwiseValue, Probe, ProbeValue, Takes, TreeOf,
};
use crate::ffi::TensorKind;
pub use crate::ffi::{Value, operator_schemas};
pub use crate::fitness::{BodyIn, CompilableIn, CompileRoot, Fits, ScriptRoot, Supports};
pub use crate::member::{Member, MemberValue, Members, TensorField};
pub use crate::module::NodeRef;
use crate::place::Place;
pub use crate::recording::is_tracing;
pub use crate::types::Arg;
use crate::types::{IntoArgs, ScriptType};

/// A method as the macro emitted it, with what Rust evaluated for it.
#[derive(Debug)]
pub struct MethodDef {
    /// The Rust name.
    pub name: &'static str,
    /// The encoded syntax tree.
    pub tree: &'static [u8],
    /// The Rust text that the tree's ranges point into.
    pub source: &'static str,
    /// Its file.
    pub file: &'static str,
    /// Its first line, from 1.
    pub line: u32,
    /// `$T0`, `$T1`, …
    pub types: Vec<String>,
    /// `$C0`, `$C1`, …
    pub constants: Vec<Value>,
}

/// A method that TorchScript cannot express.
#[derive(Debug)]
pub struct Refusal {
    /// The Rust name.
    pub method: &'static str,
    /// What cannot be expressed.
    pub message: &'static str,
    /// The way out.
    pub help: &'static str,
    /// The offending expression's file.
    pub file: &'static str,
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1.
    pub column: u32,
}

/// The methods that an entry needs.
#[derive(Debug, Default)]
pub struct MethodDefs {
    entered: HashSet<&'static str>,
    /// The methods, callees first.
    pub list: Vec<MethodDef>,
    /// Why the entry cannot be scripted: the first reason.
    pub refusal: Option<(&'static str, Box<str>, Box<str>, Place)>,
}

impl MethodDefs {
    /// False where `name` was entered before: the end of a recursion.
    pub fn enter(&mut self, name: &'static str) -> bool {
        self.entered.insert(name)
    }

    /// Adds a method.
    pub fn add(&mut self, def: MethodDef) {
        self.list.push(def);
    }

    /// Notes why there is no method.
    pub fn refuse(&mut self, refusal: Refusal) {
        let Refusal { method, message, help, file, line, column } = refusal;
        let place = Place { file, line, column };
        self.refusal.get_or_insert((method, message.into(), help.into(), place));
    }

    /// A helper in another block calls a method that the compiler does not know.
    pub fn refuse_call(
        &mut self,
        method: &'static str,
        callee: &str,
        file: &'static str,
        line: u32,
        column: u32,
    ) {
        let place = Place { file, line, column };
        let message = format!("method `{callee}` is not known to the compiler");
        let help = "put `#[methods]` on the impl block that holds it";
        self.refusal.get_or_insert((method, message.into(), help.into(), place));
    }

    /// A helper in another block has a type that TorchScript lacks.
    pub fn refuse_type(&mut self, method: &'static str, ty: &str, file: &'static str, line: u32) {
        let place = Place { file, line, column: 1 };
        let message = format!("`{ty}` is not a type of TorchScript");
        let help =
            "use tensors, numbers, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these";
        self.refusal.get_or_insert((method, message.into(), help.into(), place));
    }
}

/// The value of a constant.
pub fn value(value: &dyn ScriptType) -> Value {
    value.to_value()
}

/// The answer of modules that declare no example inputs; an inherent method wins over it.
#[allow(non_snake_case)]
pub trait NoTracingInputs {
    /// None.
    fn __jit_inputs_FORWARD<A>(&self, _: usize) -> Option<Vec<A>> {
        None
    }
}

impl<T: ?Sized> NoTracingInputs for T {}

/// What a `#[tracing_inputs]` function may return, for a method that takes `Args`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the tracing inputs of a method that takes `{Args}`",
    label = "not a list of the method's arguments",
    note = "help: return a `Vec` of tuples, one element for each argument; where there is only one argument, no tuple is needed"
)]
pub trait TracingInputs<Args, Form> {
    /// The sets of arguments.
    fn into_sets(self) -> Vec<Args>;
}

#[diagnostic::do_not_recommend]
impl<X: IntoArgs<Args, Form>, Args, Form> TracingInputs<Args, Form> for Vec<X> {
    fn into_sets(self) -> Vec<Args> {
        self.into_iter().map(IntoArgs::into_args).collect()
    }
}

/// `#[jit(parameter)]`.
pub fn parameter<'m>(tensor: Option<Tensor>) -> MemberValue<'m> {
    MemberValue::Tensor { kind: TensorKind::Parameter, tensor }
}

/// `#[jit(buffer)]`.
pub fn buffer<'m>(tensor: Option<Tensor>) -> MemberValue<'m> {
    MemberValue::Tensor { kind: TensorKind::Buffer, tensor }
}

/// Stands for `Box<dyn Trait>` where rustc checks trees.
pub enum Dynamic {}

#[diagnostic::do_not_recommend]
impl Member for Dynamic {
    type Tree = ();

    fn member(&self) -> MemberValue<'_> {
        match *self {}
    }
}
