//! Rust types as types of TorchScript: what arguments, results, attributes and constants can be.

mod args;
mod future;
mod impls;
mod inferred;
mod ivalue;
mod maps;
mod named_tuple;
mod samples;
mod state;

pub use args::{Arg, IntoArgs, IntoValue, ScriptArgs};
pub use future::{Future, fork, wait};
pub use impls::scalar_type;
pub use inferred::{
    HasNone, HasUnknown, Inferred, Integer, Known, Operand, TellsItems, TellsNothing, Told, Trait, any, high,
    low,
};
pub use ivalue::{CallArgs, from_ivalue, to_ivalue};
pub use named_tuple::{DataField, NamedTuple, share};

use std::collections::{BTreeMap, HashMap};

use crate::error::{Error, Result};
use crate::ffi::{Type, Value};

/// A type that TorchScript has.
///
/// | Rust | TorchScript |
/// |---|---|
/// | `Tensor` | `Tensor` |
/// | integers | `int` (64 bits, signed) |
/// | `f32`, `f64` | `float` (64 bits) |
/// | `bool`; `String`, `&str`, `Cow<str>` | `bool`; `str` |
/// | `Device`; `Kind` and `Reduction` | `Device`; `int` |
/// | `Vec<T>`, `[T; N]`, `&[T]` | `List[T]` |
/// | `Option<T>` | `Optional[T]` |
/// | tuples | `Tuple[…]` |
/// | `HashMap<K, V>`, `BTreeMap<K, V>` | `Dict[K, V]` |
/// | `Result<T, E>` | `T` |
/// | `nn::LSTMState`, `nn::GRUState` | `Tuple[Tensor, Tensor]`, `Tensor` |
/// | [`Future<T>`](crate::Future), within a method | `Future[T]` |
/// | a struct with `#[derive(ScriptType)]` | `NamedTuple`; without named fields, `Tuple[…]` |
/// | an enum without fields, with `#[derive(ScriptType)]` | `int`: the number of the variant, as by `as i64` |
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of TorchScript",
    label = "not a type of TorchScript",
    note = "help: tensors, numbers of up to 64 bits, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these are; put `#[derive(ScriptType)]` on a struct or an enum of them"
)]
pub trait ScriptType {
    /// The type without references and lifetimes, which stands for it outside of a body that it borrows from.
    #[doc(hidden)]
    type Erased: ScriptType;

    /// The type in TorchScript.
    #[doc(hidden)]
    fn script_type() -> Type
    where
        Self: Sized;

    /// How TorchScript writes the type, such as `Optional[Tensor]`.
    fn type_name() -> String
    where
        Self: Sized,
    {
        Self::script_type().to_string()
    }

    /// The value.
    #[doc(hidden)]
    fn to_value(&self) -> Value;

    /// Whether TorchScript has the value: it has no integers above 2^63 - 1.
    #[doc(hidden)]
    fn is_exact(&self) -> bool {
        true
    }

    /// Whether the type is an option, so that a value may be missing.
    #[doc(hidden)]
    const IS_OPTION: bool = false;

    /// Whether the type is one of the user's, whose operators and methods may mean anything.
    #[doc(hidden)]
    const IS_OWN: bool = false;

    /// Whether the type's implementation of a trait does what it does for the data; `None` where that is not known.
    #[doc(hidden)]
    fn is_plain(_: Trait) -> Option<bool> {
        None
    }

    /// Values of the type that are all different, so that comparing them shows what `==` means. Not all of them need be
    /// values of the Rust type: an `u8` is not -1. Empty where none is known.
    #[doc(hidden)]
    fn samples() -> Vec<Value>
    where
        Self: Sized,
    {
        samples::of(&Self::script_type())
    }

    /// The name of the type, if it is that of a number, a truth value or a text; or that of what a list holds. Empty for
    /// other types.
    #[doc(hidden)]
    const PRIMITIVE: &'static str = "";
}

/// A type that a TorchScript value can be turned into.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a compiled module",
    label = "not a type of TorchScript",
    note = "help: tensors, numbers of up to 64 bits, `bool`, `String`, and `Vec`, `Option`, tuples and maps of these can; put `#[derive(ScriptType)]` on a struct or an enum of them; the error of a `Result` implements `Display`"
)]
pub trait ScriptOutput: ScriptType + Sized {
    /// The Rust value of a TorchScript value.
    #[doc(hidden)]
    fn from_value(value: &Value) -> Result<Self>;
}

/// An argument of a traced method: tensors, numbers, and tuples, lists, options, maps with text as keys and
/// structs with `#[derive(ScriptType)]` of them; and `bool`. Numbers have to differ between the examples, and both
/// truth values need one, so that the trace can follow them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a traced method",
    label = "neither a tensor nor a number, nor a structure of these",
    note = "help: pass a tensor, make it a field of the module, or mark the module `#[compile_mode(script)]`"
)]
pub trait TraceInput {}

#[diagnostic::do_not_recommend]
impl TraceInput for tch::Tensor {}
macro_rules! numbers {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl TraceInput for $ty {}
    )*};
}

for_each_number! { numbers }
numbers! { bool }

#[diagnostic::do_not_recommend]
impl<T: TraceInput + ?Sized> TraceInput for &T {}
#[diagnostic::do_not_recommend]
impl<T: TraceInput> TraceInput for [T] {}
#[diagnostic::do_not_recommend]
impl<T: TraceInput> TraceInput for Vec<T> {}
#[diagnostic::do_not_recommend]
impl<T: TraceInput, const N: usize> TraceInput for [T; N] {}
#[diagnostic::do_not_recommend]
impl<T: TraceInput> TraceInput for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T: TraceInput> TraceInput for HashMap<String, T> {}
#[diagnostic::do_not_recommend]
impl<T: TraceInput> TraceInput for BTreeMap<String, T> {}
#[diagnostic::do_not_recommend]
impl TraceInput for tch::nn::LSTMState {}
#[diagnostic::do_not_recommend]
impl TraceInput for tch::nn::GRUState {}

macro_rules! tuple {
    ($($name:ident $from:ident $index:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: TraceInput),+> TraceInput for ($($name,)+) {}
    };
}

for_each_tuple! { tuple }

/// A result of a traced method: tensors, and tuples, lists, options, maps and structs with `#[derive(ScriptType)]` of
/// them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a traced method",
    label = "not a tensor, nor a structure of tensors",
    note = "help: return tensors, as in `Tensor::from(x)`, or mark the module `#[compile_mode(script)]`"
)]
pub trait TraceOutput {}

macro_rules! outputs {
    ($([$($generics:tt)*] $ty:ty,)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> TraceOutput for $ty {}
    )*};
}

outputs! {
    [] tch::Tensor,
    [] tch::nn::LSTMState,
    [] tch::nn::GRUState,
    [T: TraceOutput] Vec<T>,
    [T: TraceOutput, const N: usize] [T; N],
    [T: TraceOutput] Option<T>,
    [T: TraceOutput, E] std::result::Result<T, E>,
    [K, T: TraceOutput] HashMap<K, T>,
    [K, T: TraceOutput] BTreeMap<K, T>,
}

macro_rules! tuple {
    ($($name:ident $from:ident $index:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: TraceOutput),+> TraceOutput for ($($name,)+) {}
    };
}

for_each_tuple! { tuple }

fn mismatch<T: ScriptType>(value: &Value) -> Error {
    Error::Type { expected: T::type_name(), found: value.type_name() }
}
