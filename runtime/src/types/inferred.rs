//! Types that rustc infers, for bodies that do not write them.
//!
//! Generated code holds such a body once more, in a closure that is never called, with the expressions in question
//! passed through [`Inferred::of`]. Whatever rustc infers for the expression, from code before and behind it, is then
//! the parameter of the [`Inferred`], outside of the closure.

use std::marker::PhantomData;

use super::ScriptType;
use crate::ffi::{Type, Value};

/// The type of an expression.
pub struct Inferred<T>(PhantomData<fn() -> T>);

impl<T> Inferred<T> {
    /// Not known yet.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Inferred(PhantomData)
    }

    /// The value itself. Its type has a parameter of its own, as it may borrow from the body.
    pub fn of<U: ScriptType<Erased = T>>(&self, value: U) -> U {
        value
    }

    /// The iterator itself; the type is that of its items.
    pub fn items<I: Iterator<Item: ScriptType<Erased = T>>>(&self, items: I) -> I {
        items
    }
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

impl<T: Integer> Inferred<T> {
    /// The smallest integer of the type.
    pub fn low(&self) -> Value {
        Value::int(T::LOW)
    }

    /// The largest integer of the type that TorchScript has.
    pub fn high(&self) -> Value {
        Value::int(T::HIGH)
    }
}

/// An integer of Rust, within the 64 bits and the sign of TorchScript's.
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
