//! Types that rustc infers, for bodies that do not write them.
//!
//! Generated code holds such a body once more, in a closure that is never called, with the expressions in question
//! passed through [`Inferred::of`]. Whatever rustc infers for the expression, from code before and behind it, is then
//! the parameter of the [`Inferred`], outside of the closure.

use std::cmp::Ordering;
use std::marker::PhantomData;

use tch::IValue;

use super::ScriptType;
use crate::ffi::{Type, Value};

/// What an expression in a scripted body may be: a type of TorchScript, or what a module gives that was compiled before.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of TorchScript",
    label = "not a type of TorchScript",
    note = "help: tensors, numbers, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these are; put `#[derive(ScriptType)]` on a struct of them"
)]
pub trait Known {
    /// As [`ScriptType::Erased`].
    type Erased;
    /// As [`ScriptType::PRIMITIVE`].
    const PRIMITIVE: &'static str;
    /// As [`ScriptType::IS_OWN`].
    const IS_OWN: bool;
    /// As [`ScriptType::compares`].
    fn compares() -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType> Known for T {
    type Erased = T::Erased;
    const PRIMITIVE: &'static str = T::PRIMITIVE;
    const IS_OWN: bool = <T::Erased as ScriptType>::IS_OWN;
    fn compares() -> bool {
        <T::Erased as ScriptType>::compares()
    }
}

#[diagnostic::do_not_recommend]
impl Known for IValue {
    type Erased = IValue;
    const PRIMITIVE: &'static str = "";
    const IS_OWN: bool = false;
    fn compares() -> bool {
        true
    }
}

/// The type of an expression.
pub struct Inferred<T>(PhantomData<fn() -> T>);

// Closures of the body may take it along.
impl<T> Clone for Inferred<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Inferred<T> {}

impl<T> Inferred<T> {
    /// Not known yet.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Inferred(PhantomData)
    }

    /// The value itself. Its type has a parameter of its own, as it may borrow from the body.
    pub fn of<U: Known<Erased = T>>(&self, value: U) -> U {
        value
    }

    /// A value that is not moved.
    pub fn place<'v, U: Known<Erased = T>>(&self, value: &'v U) -> &'v U {
        value
    }

    /// The iterator itself; the type is that of its items.
    pub fn items<I: Iterator<Item: ScriptType<Erased = T>>>(&self, items: I) -> I {
        items
    }
}

/// Tells of a value, which may be anything, what its type is.
pub struct Operand<'v, U: ?Sized>(pub &'v U);

impl<U: Known> Operand<'_, U> {
    /// Tells it.
    pub fn tell(&self, _: &Inferred<U::Erased>) {}

    /// Whether the type is one of the user's, see [`ScriptType::IS_OWN`].
    pub fn is_own(&self) -> bool {
        U::IS_OWN
    }

    /// Whether values of the type are compared otherwise than in TorchScript, see [`ScriptType::compares`].
    pub fn differs(&self) -> bool {
        !U::compares()
    }
}

/// The type of what is none of TorchScript, such as an iterator.
pub enum Other {}

impl Known for Other {
    type Erased = Other;
    const PRIMITIVE: &'static str = "";
    const IS_OWN: bool = false;
    fn compares() -> bool {
        true
    }
}

/// Gives a value back, and tells what its type is.
pub struct Told<U>(pub U);

impl<U: Known> Told<U> {
    /// The value.
    pub fn told(self, _: &Inferred<U::Erased>) -> U {
        self.0
    }
}

/// The same for what is no value of TorchScript.
pub trait OtherwiseTold<U>: Sized {
    /// The value.
    fn told(self, _: &Inferred<Other>) -> U;
}

impl<U> OtherwiseTold<U> for Told<U> {
    fn told(self, _: &Inferred<Other>) -> U {
        self.0
    }
}

/// The answer for what is no value of TorchScript.
pub trait OtherwiseOperand {
    /// Tells that.
    fn tell(&self, _: &Inferred<Other>) {}

    /// No.
    fn is_own(&self) -> bool {
        false
    }

    /// No.
    fn differs(&self) -> bool {
        false
    }
}

impl<U: ?Sized> OtherwiseOperand for Operand<'_, U> {}

impl<T> Inferred<T> {
    /// Only tells what the type is, of a receiver that a method may change or consume.
    pub fn receiver<U: Known<Erased = T>>(&self, _: &U) {}
}

impl<T: ScriptType> Inferred<T> {
    /// The type in TorchScript.
    pub fn script_type(&self) -> Type {
        T::script_type()
    }

    /// The type of a list of such values in TorchScript.
    pub fn list_type(&self) -> Type {
        Vec::<T>::script_type()
    }
}

impl<T: Known> Inferred<T> {
    /// The name of the type, see [`ScriptType::PRIMITIVE`].
    pub fn primitive(&self) -> Value {
        Value::string(T::PRIMITIVE)
    }

    /// Whether the type is one of the user's, see [`ScriptType::IS_OWN`].
    pub fn is_own(&self) -> bool {
        T::IS_OWN
    }

    /// Whether values of the type are compared otherwise than in TorchScript, see [`ScriptType::compares`].
    pub fn differs(&self) -> bool {
        !T::compares()
    }
}

/// The smallest integer of the type.
pub fn low<T: Integer>(_: &Inferred<T>) -> Value {
    Value::int(T::LOW)
}

/// The largest integer of the type that TorchScript has.
pub fn high<T: Integer>(_: &Inferred<T>) -> Value {
    Value::int(T::HIGH)
}

/// Compares two values of a type that may have no comparison.
pub struct Compared<'v, T>(pub &'v T, pub &'v T);

impl<T: PartialEq> Compared<'_, T> {
    /// Whether they are equal.
    pub fn equal(&self) -> Option<bool> {
        Some(self.0 == self.1)
    }
}

impl<T: PartialOrd> Compared<'_, T> {
    /// Their order.
    pub fn order(&self) -> Option<Option<Ordering>> {
        Some(self.0.partial_cmp(self.1))
    }
}

/// The answers for types without comparisons.
pub trait OtherwiseCompared {
    /// Not known.
    fn equal(&self) -> Option<bool> {
        None
    }

    /// Not known.
    fn order(&self) -> Option<Option<Ordering>> {
        None
    }
}

impl<T> OtherwiseCompared for Compared<'_, T> {}

/// An integer of Rust, within the 64 bits and the sign of TorchScript's.
#[diagnostic::on_unimplemented(
    message = "a method of `{Self}` has the name of one of integers, and is not compiled",
    label = "a method of `{Self}`",
    note = "help: write a method of another name in a `#[methods]` block of the type, and call it"
)]
pub trait Integer {
    /// The smallest.
    const LOW: i64;
    /// The largest.
    const HIGH: i64;
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl Integer for $ty {
            const LOW: i64 = <$ty>::MIN as i64;
            const HIGH: i64 = if <$ty>::MAX as u64 > i64::MAX as u64 { i64::MAX } else { <$ty>::MAX as i64 };
        }
    )*};
}

for_each_integer! { integers }

/// An argument of a body that is never run.
pub fn any<T>() -> T {
    unreachable!("the body of a closure that has its types only")
}
