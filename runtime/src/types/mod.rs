//! Rust types as types of TorchScript: what arguments, results, attributes and constants can be.

mod args;
mod impls;
mod ivalue;
mod named_tuple;
mod state;

pub use args::{Arg, IntoArgs, IntoValue, ScriptArgs};
pub use impls::scalar_type;
pub use ivalue::{from_ivalue, to_ivalue};
pub use named_tuple::NamedTuple;

use std::collections::{BTreeMap, HashMap};

use crate::error::{Error, Result};
use crate::ffi::Value;

/// A type that TorchScript has.
///
/// | Rust | TorchScript |
/// |---|---|
/// | `Tensor` | `Tensor` |
/// | integers | `int` (64 bits, signed) |
/// | `f32`, `f64` | `float` (64 bits) |
/// | `bool`, `String`, `&str` | `bool`, `str` |
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
    note = "help: tensors, numbers, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these are; put `#[derive(ScriptType)]` on a struct of them"
)]
pub trait ScriptType {
    /// How TorchScript writes the type.
    fn type_name() -> String
    where
        Self: Sized;

    /// The value.
    #[doc(hidden)]
    fn to_value(&self) -> Value;

    /// Whether a value of the type may be missing.
    #[doc(hidden)]
    const IS_OPTION: bool = false;
}

/// A type that a TorchScript value can be turned into.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a compiled module",
    label = "not a type of TorchScript",
    note = "help: tensors, numbers, `bool`, `String`, and `Vec`, `Option`, tuples and maps of these can"
)]
pub trait ScriptOutput: ScriptType + Sized {
    /// The value as Rust's.
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

numbers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64 bool);

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

macro_rules! tuples {
    ($($($name:ident),+;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: TraceInput),+> TraceInput for ($($name,)+) {}
    )*};
}

tuples! {
    A;
    A, B;
    A, B, C;
    A, B, C, D;
    A, B, C, D, E;
    A, B, C, D, E, F;
    A, B, C, D, E, F, G;
    A, B, C, D, E, F, G, H;
    A, B, C, D, E, F, G, H, I;
    A, B, C, D, E, F, G, H, I, J;
    A, B, C, D, E, F, G, H, I, J, K;
    A, B, C, D, E, F, G, H, I, J, K, L;
}

fn mismatch<T: ScriptType>(value: &Value) -> Error {
    Error::Type { expected: T::type_name(), found: value.type_name() }
}
