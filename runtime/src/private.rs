//! What generated code calls. Nothing here is meant for people, and anything may change.

mod probe;

use std::any::{Any, type_name};
use std::collections::HashSet;

pub use inventory;
use tch::Tensor;
pub use tch::nn::{GRU, LSTM, VarStore};

pub use self::probe::{
    ArgOf, ArgsOf, BodyOf, If, ModeOf, Otherwise, OtherwiseValue, Probe, ProbeValue, Takes, TreeOf,
};
pub use tch::Kind;

pub use crate::examples::{Declared, Dimension, Draw, ExampleOf, NotGiven, Nth, Request, Signature, fits};
use crate::ffi::TensorKind;
pub use crate::ffi::{Value, operator_schemas, rust_operators};
pub use crate::fitness::{BodyIn, CompilableIn, CompileRoot, Fits, ScriptRoot, Supports};
pub use crate::member::{Member, MemberValue, Members, TensorField};
pub use crate::method::Method;
pub use crate::module::NodeRef;
use crate::place::Place;
pub use crate::recording::is_tracing;
pub use crate::registry::{Block, BlockMethod, Registered};
pub use crate::testing::Instance;
pub use crate::types::{Arg, NamedTuple};
use crate::types::{IntoArgs, ScriptOutput, ScriptType};

/// A method, or a function, as the macro emitted it, with what Rust evaluated for it.
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
    /// `$F0`, `$F1`, …: paths of functions.
    pub functions: Vec<&'static str>,
}

/// A method that TorchScript cannot express.
#[derive(Clone, Copy, Debug)]
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

/// The methods and functions that an entry needs. They depend on types alone, not on values.
#[derive(Debug, Default)]
pub struct MethodDefs {
    entered: HashSet<(&'static str, &'static str)>,
    /// What has been entered and not yet added.
    active: Vec<(&'static str, &'static str)>,
    /// The methods of the entry's type and of its children's, by type, callees first.
    pub methods: Vec<(&'static str, MethodDef)>,
    /// The functions, by their paths, callees first.
    pub functions: Vec<(&'static str, MethodDef)>,
    /// Why the entry cannot be scripted: the first reason.
    pub refusal: Option<(&'static str, Box<str>, Box<str>, Place)>,
}

impl MethodDefs {
    /// False where `T`'s method `name` was entered before. TorchScript has no recursion.
    pub fn enter<T: ?Sized>(
        &mut self,
        name: &'static str,
        file: &'static str,
        line: u32,
        column: u32,
    ) -> bool {
        let key = (type_name::<T>(), name);
        if self.entered.insert(key) {
            self.active.push(key);
            return true;
        }
        if self.active.contains(&key) {
            self.refuse(Refusal {
                method: name,
                message: "it calls itself, and TorchScript has no recursion",
                help: "write a loop",
                file,
                line,
                column,
            });
        }
        false
    }

    /// Adds a method of `T`.
    pub fn add<T: ?Sized>(&mut self, def: MethodDef) {
        self.active.pop();
        self.methods.push((type_name::<T>(), def));
    }

    /// Adds the function whose companion is `F`, and returns its path.
    pub fn add_function<F>(&mut self, def: MethodDef) {
        self.active.pop();
        self.functions.push((type_name::<F>(), def));
    }

    /// Notes why there is no method.
    pub fn refuse(&mut self, refusal: Refusal) {
        let Refusal { method, message, help, file, line, column } = refusal;
        let place = Place { file, line, column };
        self.refusal.get_or_insert((method, message.into(), help.into(), place));
    }

    /// `T`'s method `callee` is called, which the compiler does not know; those of tch's recurrent layers
    /// it does.
    pub fn refuse_call<T: ?Sized>(
        &mut self,
        method: &'static str,
        callee: &str,
        file: &'static str,
        line: u32,
        column: u32,
    ) {
        if [type_name::<LSTM>(), type_name::<GRU>()].contains(&type_name::<T>()) {
            return;
        }
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

/// The companion of a `#[script]` function, which has its name and holds its definition.
pub trait ScriptFunction {
    /// Adds the function and what it calls; returns its path, which names it in
    /// [`MethodDef::functions`].
    fn define(defs: &mut MethodDefs) -> &'static str;
}

/// What a block without the entry adds to a module: nothing, if the module is of another type.
#[derive(Debug)]
pub struct Elsewhere {
    /// Adds the exported methods.
    pub define: fn(&dyn Any, &mut MethodDefs),
    /// The methods that can be traced.
    pub methods: for<'m> fn(&'m dyn Any) -> Vec<Method<'m>>,
}

inventory::collect!(Elsewhere);

/// What a scripted body can name: a value, or a variant of an enum of modules.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of TorchScript",
    label = "not a type of TorchScript",
    note = "help: tensors, numbers, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these are; put `#[derive(ScriptType)]` on a struct of them, or on an enum without fields"
)]
pub trait Constant {
    /// The value; of a variant, its name.
    fn constant(&self) -> Value;
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType> Constant for T {
    fn constant(&self) -> Value {
        self.to_value()
    }
}

/// The type of a field of a struct with `#[derive(ScriptType)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of TorchScript",
    label = "not a type of TorchScript",
    note = "help: tensors, numbers, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these are; put `#[derive(ScriptType)]` on a struct of them"
)]
pub trait DataField {
    /// How TorchScript writes the type.
    fn name() -> String;
}

#[diagnostic::do_not_recommend]
impl<T: ScriptOutput> DataField for T {
    fn name() -> String {
        T::type_name()
    }
}

/// The value of a constant, or of an example.
pub fn value(value: &dyn Constant) -> Value {
    value.constant()
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

/// Another handle of the same tensors.
pub fn share<T: ScriptOutput>(value: &T) -> T {
    T::from_value(&value.to_value()).expect("a value is of its own type")
}

/// A value as a field of a module.
pub fn attribute<'m, T: ScriptType>(value: &T) -> MemberValue<'m> {
    MemberValue::Attribute { ty: T::type_name(), value: value.to_value() }
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
