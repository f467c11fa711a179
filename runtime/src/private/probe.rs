//! Questions about types that may not implement a trait, so that a mistake is reported where it
//! was made and nowhere else.
//!
//! An inherent item of [`Probe`] exists only where the trait is implemented, and wins over the item of the same name in
//! [`Otherwise`], which is there for all types. Generated code asks the probe, and checks the trait itself only once,
//! under the user's own tokens. [`If`] turns an answer into a type.

use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::Result;
use crate::ffi::{Type, Value};
use crate::model::definition::{Constant, ScriptFunction};
use crate::model::examples::{Draw, ExampleInput};
use crate::model::fitness::NoBody;
use crate::model::member::Member;
use crate::model::mode;
use crate::model::module::{Forward, Module, WithEntry};
use crate::model::node::{DynModule, MemberValue};
use crate::place::Place;
use crate::types::{Arg, ScriptArgs, ScriptOutput, ScriptType, TraceInput, TraceOutput};

/// Asks about a type.
pub struct Probe<T: ?Sized>(PhantomData<T>);

/// Asks about a value's type.
pub struct ProbeValue<'a, T: ?Sized>(pub &'a T);

impl<T: Member + ?Sized> Probe<T> {
    /// Whether a value of the type can be a field.
    pub const IS_MEMBER: bool = true;
}

impl<T: DynModule + ?Sized> Probe<T> {
    /// Whether a pointer to the type can be a field.
    pub const IS_DYN_MODULE: bool = true;
}

impl<T: ExampleInput> Probe<T> {
    /// Whether a value of the type says what example inputs look like.
    pub const IS_EXAMPLE: bool = true;
}

impl<T: Arg<'static>> Probe<T> {
    /// Whether the type can be an argument.
    pub const IS_ARG: bool = true;
}

impl<T: Module> Probe<T> {
    /// Whether the type is an annotated struct or enum.
    pub const IS_MODULE: bool = true;
}

impl<T: Module + Forward> Probe<T> {
    /// Whether the type has an entry.
    pub const HAS_FORWARD: bool = true;
    /// The entry's place.
    pub const PLACE: Option<Place> = Some(T::PLACE);
    /// The names of the entry's arguments.
    pub const ARG_NAMES: Option<&'static [&'static str]> = Some(T::ARG_NAMES);

    /// The module, as one with an entry.
    pub fn with_entry(module: &T) -> Option<&dyn WithEntry> {
        Some(module)
    }
}

impl<T: ScriptType> Probe<T> {
    /// The type in TorchScript.
    pub fn script_type() -> Option<Type> {
        Some(T::script_type())
    }
}

impl<T: ScriptOutput> Probe<T> {
    /// Whether the type can be a result.
    pub const IS_OUTPUT: bool = true;

    /// Records a call of a method that returns a `T`.
    pub fn record_call<M, const N: usize>(
        module: &M,
        method: &str,
        args: impl FnOnce() -> [Option<Value>; N],
    ) -> Option<T> {
        crate::record::record_call(module, method, || {
            args().into_iter().map(|it| it.expect(REPORTED)).collect()
        })
    }
}

impl<T: ScriptOutput> Probe<T> {
    /// As [`Probe::record_call`], for a method that may be the entry.
    pub fn record_entry<M: Forward, const N: usize>(
        module: &M,
        method: &'static str,
        args: impl FnOnce() -> [Option<Value>; N],
    ) -> Option<T> {
        crate::record::record_entry(module, method, || {
            args().into_iter().map(|it| it.expect(REPORTED)).collect()
        })
    }

    /// The Rust value of a TorchScript value.
    pub fn from_value(value: &Value) -> Result<T> {
        T::from_value(value)
    }

    /// Records a call of a function that returns a `T`.
    pub fn record_function<F: ScriptFunction, const N: usize>(
        args: impl FnOnce() -> [Option<Value>; N],
    ) -> Option<T> {
        // A function that takes a module is a part of the trace.
        let args: Option<Vec<Value>> = args().into_iter().collect();
        args.and_then(|args| crate::record::record_function::<F, T>(|| args))
    }
}

impl<'a, T: Member + ?Sized> ProbeValue<'a, T> {
    /// The value as a field.
    pub fn member(&self) -> MemberValue<'a> {
        self.0.member()
    }
}

impl<T: Constant + ?Sized> ProbeValue<'_, T> {
    /// The value in TorchScript.
    pub fn value(&self) -> Option<Value> {
        Some(self.0.constant())
    }

    /// The value in TorchScript, if TorchScript has it.
    pub fn constant(&self) -> Option<Value> {
        self.0.is_exact().then(|| self.0.constant())
    }
}

impl<T: ExampleInput + ?Sized> ProbeValue<'_, T> {
    /// An example input.
    pub fn example(&self, draw: &Draw) -> Option<Value> {
        Some(self.0.example_input(draw).to_value())
    }
}

/// A module behind a pointer, maybe.
pub struct Pointer<'a, T: ?Sized>(pub &'a T);

macro_rules! pointers {
    ($($pointer:ident)*) => {$(
        impl<'a, T: ?Sized> Pointer<'a, $pointer<T>> {
            /// What it points to.
            pub fn target(self) -> &'a T {
                self.0
            }
        }
    )*};
}

pointers!(Box Rc Arc);

impl<'a, 'b, T: ?Sized> Pointer<'a, &'b T> {
    /// What it points to.
    pub fn target(self) -> &'b T {
        self.0
    }
}

/// The answer for what is no pointer: itself.
pub trait OtherwisePointer<'a, T: ?Sized>: Sized {
    /// The module.
    fn target(self) -> &'a T;
}

impl<'a, T: ?Sized> OtherwisePointer<'a, T> for Pointer<'a, T> {
    fn target(self) -> &'a T {
        self.0
    }
}

/// The answers for types that do not implement the trait.
pub trait Otherwise<T: ?Sized> {
    #![allow(missing_docs)]
    const IS_MEMBER: bool = false;
    const IS_DYN_MODULE: bool = false;
    const IS_ARG: bool = false;
    const IS_OUTPUT: bool = false;
    const IS_EXAMPLE: bool = false;
    const IS_MODULE: bool = false;
    const HAS_FORWARD: bool = false;
    const PLACE: Option<Place> = None;
    const ARG_NAMES: Option<&'static [&'static str]> = None;

    fn with_entry(_: &T) -> Option<&dyn WithEntry> {
        None
    }

    fn script_type() -> Option<Type> {
        None
    }

    fn record_call<M, const N: usize>(_: &M, _: &str, _: impl FnOnce() -> [Option<Value>; N]) -> Option<T>
    where
        T: Sized,
    {
        None
    }

    fn record_entry<M, const N: usize>(
        _: &M,
        _: &'static str,
        _: impl FnOnce() -> [Option<Value>; N],
    ) -> Option<T>
    where
        T: Sized,
    {
        None
    }

    fn from_value(_: &Value) -> Result<T>
    where
        T: Sized,
    {
        unreachable!("{REPORTED}")
    }

    fn record_function<F, const N: usize>(_: impl FnOnce() -> [Option<Value>; N]) -> Option<T>
    where
        T: Sized,
    {
        None
    }
}

impl<T: ?Sized> Otherwise<T> for Probe<T> {}

/// The answers for values whose types do not implement the trait.
pub trait OtherwiseValue {
    #![allow(missing_docs)]
    fn member<'a>(&self) -> MemberValue<'a> {
        unreachable!("{REPORTED}")
    }

    fn value(&self) -> Option<Value> {
        None
    }

    fn constant(&self) -> Option<Value> {
        None
    }

    fn example(&self, _: &Draw) -> Option<Value> {
        None
    }
}

impl<T: ?Sized> OtherwiseValue for ProbeValue<'_, T> {}

const REPORTED: &str = "rustc reported the missing trait, and nothing runs";

/// A probe's answer as a type.
pub enum If<const FOUND: bool> {}

/// The modules in a field; `()` where the field's type is a mistake.
pub trait TreeOf<T: ?Sized> {
    /// See [`Member::Tree`].
    type Tree: ?Sized;
}

impl<T: Member + ?Sized> TreeOf<T> for If<true> {
    type Tree = T::Tree;
}

impl<T: ?Sized> TreeOf<T> for If<false> {
    type Tree = ();
}

/// The data in a parameter that is a reference; `()` where the parameter is a module.
pub trait ParameterOf<T> {
    /// The parameter's type.
    type Data;
}

impl<T> ParameterOf<T> for If<true> {
    type Data = ();
}

impl<T> ParameterOf<T> for If<false> {
    type Data = T;
}

/// The type that stores an argument; `()` where the argument's type is a mistake.
pub trait ArgOf<'a, T> {
    /// See [`Arg::Owned`].
    type Owned: ScriptOutput + 'static;
    /// See [`Arg::from_owned`].
    fn from_owned(owned: &'a Self::Owned) -> T;
}

impl<'a, T: Arg<'a>> ArgOf<'a, T> for If<true> {
    type Owned = T::Owned;
    fn from_owned(owned: &'a T::Owned) -> T {
        T::from_owned(owned)
    }
}

impl<'a, T> ArgOf<'a, T> for If<false> {
    type Owned = ();
    fn from_owned((): &'a ()) -> T {
        unreachable!("{REPORTED}")
    }
}

/// The type that implements [`BodyIn`](crate::model::fitness::BodyIn) for a module's entry.
pub trait BodyOf<M: ?Sized> {
    /// See [`Forward::Body`].
    type Body;
}

impl<M: Forward + ?Sized> BodyOf<M> for If<true> {
    type Body = M::Body;
}

impl<M: ?Sized> BodyOf<M> for If<false> {
    type Body = NoBody;
}

/// The arguments of a module's entry; none where it has no entry.
pub trait ArgsOf<M: ?Sized> {
    /// See [`Forward::Args`].
    type Args: ScriptArgs;
}

impl<M: Forward + ?Sized> ArgsOf<M> for If<true> {
    type Args = M::Args;
}

impl<M: ?Sized> ArgsOf<M> for If<false> {
    type Args = ();
}

/// A module's mode; for a type that is no module, one that allows every argument.
pub trait ModeOf<M: ?Sized> {
    /// See [`Module::Mode`].
    type Mode;
}

impl<M: Module + ?Sized> ModeOf<M> for If<true> {
    type Mode = M::Mode;
}

impl<M: ?Sized> ModeOf<M> for If<false> {
    type Mode = mode::Unsupported;
}

/// A mode in which `forward` may take a `T`.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be an argument of a traced method",
    label = "neither a tensor nor a number",
    note = "help: pass a tensor, make it a field of the module, or mark the module `#[compile_mode(script)]`"
)]
pub trait Takes<T: ?Sized> {
    /// Names the trait in an expression.
    fn check() {}
}

#[diagnostic::do_not_recommend]
impl<T: TraceInput + ?Sized> Takes<T> for mode::Trace {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Takes<T> for mode::Script {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Takes<T> for mode::Inherit {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Takes<T> for mode::Unsupported {}

/// A mode in which `forward` may give a `T`.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be the result of a traced method",
    label = "not a tensor, nor a structure of tensors",
    note = "help: return tensors, as in `Tensor::from(x)`, or mark the module `#[compile_mode(script)]`"
)]
pub trait Gives<T: ?Sized> {
    /// Names the trait in an expression.
    fn check() {}
}

#[diagnostic::do_not_recommend]
impl<T: TraceOutput + ?Sized> Gives<T> for mode::Trace {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Gives<T> for mode::Script {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Gives<T> for mode::Inherit {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Gives<T> for mode::Unsupported {}
