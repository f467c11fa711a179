//! What generated code calls. Nothing here is meant for people, and anything may change.

use std::collections::HashSet;
use std::marker::PhantomData;

pub use inventory;

pub use crate::ffi::{Value, operator_schemas};
pub use crate::fitness::{Body, CompilableIn, RootIn};
pub use crate::member::{Member, MemberValue, Members};
pub use crate::module::NodeRef;
use crate::ffi::TensorKind;
use crate::member::TensorField;
use crate::module::Forward;
use crate::place::Place;
pub use crate::recording::{is_tracing, record_call};
use crate::types::{IntoArgs, ScriptType};
pub use crate::types::Arg;

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

    /// A helper in another block has a type that TorchScript lacks.
    pub fn refuse_type(&mut self, method: &'static str, ty: &str, file: &'static str, line: u32) {
        let place = Place { file, line, column: 1 };
        let message = format!("`{ty}` is not a type of TorchScript");
        let help = "use tensors, numbers, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these";
        self.refusal.get_or_insert((method, message.into(), help.into(), place));
    }
}

/// How TorchScript writes `T`.
pub fn type_name<T: ScriptType>() -> String {
    T::type_name()
}

/// `value` in TorchScript.
pub fn value<T: ScriptType>(value: &T) -> Value {
    value.to_value()
}

/// Asks for a type's name where it may have none.
pub struct Probe<T>(PhantomData<T>);

impl<T> Probe<T> {
    /// A probe.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Probe(PhantomData)
    }
}

impl<T: ScriptType> Probe<T> {
    /// The name; inherent methods win over those of [`NoScriptType`].
    pub fn type_name(&self) -> Option<String> {
        Some(T::type_name())
    }
}

/// The answer for types that TorchScript lacks.
pub trait NoScriptType {
    /// None.
    fn type_name(&self) -> Option<String> {
        None
    }
}

impl<T> NoScriptType for Probe<T> {}

/// Asks for a value where its type may not be TorchScript's.
pub struct ProbeValue<'a, T: ?Sized>(pub &'a T);

impl<T: ScriptType> ProbeValue<'_, T> {
    /// The value; inherent methods win over those of [`NoScriptValue`].
    pub fn value(&self) -> Option<Value> {
        Some(self.0.to_value())
    }
}

/// The answer for values that TorchScript lacks.
pub trait NoScriptValue {
    /// None.
    fn value(&self) -> Option<Value> {
        None
    }
}

impl<T: ?Sized> NoScriptValue for ProbeValue<'_, T> {}

/// The answer of modules that declare no example inputs; an inherent method wins over it.
pub trait NoTracingInputs {
    /// None.
    fn __jit_inputs_forward<A>(&self, _: usize) -> Option<Vec<A>> {
        None
    }
}

impl<T: ?Sized> NoTracingInputs for T {}

/// Example inputs as argument tuples.
pub fn tracing_inputs<M: Forward, X: IntoArgs<M::Args, Form>, Form>(inputs: Vec<X>) -> Vec<M::Args> {
    inputs.into_iter().map(IntoArgs::into_args).collect()
}

/// `#[jit(parameter)]`.
pub fn parameter<T: TensorField>(field: &T) -> MemberValue<'_> {
    MemberValue::Tensor { kind: TensorKind::Parameter, tensor: field.tensor() }
}

/// `#[jit(buffer)]`.
pub fn buffer<T: TensorField>(field: &T) -> MemberValue<'_> {
    MemberValue::Tensor { kind: TensorKind::Buffer, tensor: field.tensor() }
}

/// `#[jit(constant)]`.
pub fn constant_member<T: ScriptType>(field: &T) -> MemberValue<'_> {
    MemberValue::Constant(field.to_value())
}

/// Stands for `Box<dyn Trait>` where rustc checks trees.
pub enum Dynamic {}

impl Member for Dynamic {
    type Tree = ();

    fn member(&self) -> MemberValue<'_> {
        match *self {}
    }
}
