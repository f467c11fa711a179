//! Types that rustc infers, for bodies that do not write them.
//!
//! Generated code holds such a body once more, in a closure that is never called, with the expressions in question
//! passed through [`Inferred::of`]. Whatever rustc infers for the expression, from code before and behind it, is then
//! the parameter of the [`Inferred`], outside of the closure.

use std::marker::PhantomData;

use tch::IValue;

use super::{ScriptOutput, ScriptType, samples};
use crate::ffi::{Type, Value};

/// What an expression in a scripted body may be: a type of TorchScript, or what a module gives that was compiled before.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of TorchScript",
    label = "not a type of TorchScript",
    note = "help: tensors, numbers of up to 64 bits, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these are; put `#[derive(ScriptType)]` on a struct or an enum of them"
)]
pub trait Known {
    /// As [`ScriptType::Erased`].
    type Erased;
    /// As [`ScriptType::PRIMITIVE`].
    const PRIMITIVE: &'static str;
    /// As [`ScriptType::IS_OWN`].
    const IS_OWN: bool;
    /// As [`ScriptType::is_plain`].
    fn is_plain(_: Trait) -> Option<bool> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType> Known for T {
    type Erased = T::Erased;
    const PRIMITIVE: &'static str = T::PRIMITIVE;
    const IS_OWN: bool = <T::Erased as ScriptType>::IS_OWN;
    fn is_plain(of: Trait) -> Option<bool> {
        <T::Erased as ScriptType>::is_plain(of)
    }
}

#[diagnostic::do_not_recommend]
impl Known for IValue {
    type Erased = IValue;
    const PRIMITIVE: &'static str = "";
    const IS_OWN: bool = false;
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

/// Tells of a value, which may be anything, what its type is. Generated code asks `(&Operand(&value)).tell(…)`: rustc takes
/// the first of the methods below that fits.
pub struct Operand<'v, U: ?Sized>(pub &'v U);

impl<U: Known> Operand<'_, U> {
    /// Tells it.
    pub fn tell(&self, _: &Inferred<U::Erased>) {}

    /// The same, or the type of what an iterator gives.
    pub fn tell_items(&self, _: &Inferred<U::Erased>) {}
}

/// Gives a value back, and tells what its type is, see [`Operand`].
pub struct Told<U>(pub U);

impl<U: Known> Told<U> {
    /// The value.
    pub fn told(&self, _: &Inferred<U::Erased>) -> U {
        any()
    }

    /// As [`Operand::tell_items`].
    pub fn told_items(&self, _: &Inferred<U::Erased>) -> U {
        any()
    }
}

/// The answers for iterators.
pub trait TellsItems<I: Iterator<Item: Known>> {
    /// Tells what they give.
    fn tell_items(&self, _: &Inferred<<I::Item as Known>::Erased>) {}

    /// The iterator.
    fn told_items(&self, _: &Inferred<<I::Item as Known>::Erased>) -> I {
        any()
    }
}

impl<I: Iterator<Item: Known>> TellsItems<I> for Operand<'_, I> {}
impl<I: Iterator<Item: Known>> TellsItems<I> for Told<I> {}

/// The type of what is none of TorchScript.
pub enum Other {}

#[diagnostic::do_not_recommend]
impl Known for Other {
    type Erased = Other;
    const PRIMITIVE: &'static str = "";
    const IS_OWN: bool = false;
}

/// The answers for all other values.
pub trait TellsNothing<U> {
    #![allow(missing_docs)]
    fn tell(&self, _: &Inferred<Other>) {}

    fn told(&self, _: &Inferred<Other>) -> U {
        any()
    }

    fn tell_items(&self, _: &Inferred<Other>) {}

    fn told_items(&self, _: &Inferred<Other>) -> U {
        any()
    }
}

impl<U: ?Sized> TellsNothing<()> for &Operand<'_, U> {}
impl<U> TellsNothing<U> for &Told<U> {}

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

    /// Whether a trait of the type does something else in TorchScript. Where that is not known, it may.
    pub fn may_differ(&self, is_plain: Option<bool>) -> bool {
        !is_plain.unwrap_or(!T::IS_OWN)
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

/// A trait of a type, whose author may have implemented it by hand. In TorchScript, it does what it does for the data that
/// stand for the value.
#[derive(Clone, Copy, Debug)]
pub enum Trait {
    /// `==`.
    Equality,
    /// `<`.
    Order,
    /// `clone`.
    Clone,
    /// `default`.
    Default,
}

// Each method is there once: the type may be that of a number which rustc knows only at the end of the body.

impl<T: ScriptOutput + PartialEq> Inferred<T> {
    /// Whether `==` compares the data; `None` where there is no such operator, as below.
    pub fn has_plain_equality(&self) -> Option<bool> {
        Some(samples::are_equated::<T>())
    }
}

impl<T: ScriptOutput + PartialOrd> Inferred<T> {
    /// Whether `<` compares them.
    pub fn has_plain_order(&self) -> Option<bool> {
        Some(samples::are_ordered::<T>())
    }
}

impl<T: ScriptOutput + Clone> Inferred<T> {
    /// Whether a clone has the same.
    pub fn has_plain_clone(&self) -> Option<bool> {
        Some(samples::are_cloned::<T>())
    }
}

impl<T: ScriptOutput + Default> Inferred<T> {
    /// Whether the default has their defaults.
    pub fn has_plain_default(&self) -> Option<bool> {
        Some(samples::is_plain(&T::default().to_value()))
    }
}

/// The answers for a type that implements no such trait.
pub trait HasNone {
    #![allow(missing_docs)]
    fn has_plain_equality(&self) -> Option<bool> {
        None
    }

    fn has_plain_order(&self) -> Option<bool> {
        None
    }

    fn has_plain_clone(&self) -> Option<bool> {
        None
    }

    fn has_plain_default(&self) -> Option<bool> {
        None
    }
}

impl<T> HasNone for Inferred<T> {}

/// The answers where rustc knows of no such implementation: the type may be a parameter of what is around it.
pub trait HasUnknown {
    #![allow(missing_docs)]
    fn has_plain_equality(&self) -> Option<bool>;
    fn has_plain_order(&self) -> Option<bool>;
    fn has_plain_clone(&self) -> Option<bool>;
    fn has_plain_default(&self) -> Option<bool>;
}

impl<T: Known> HasUnknown for Inferred<T> {
    fn has_plain_equality(&self) -> Option<bool> {
        T::is_plain(Trait::Equality)
    }

    fn has_plain_order(&self) -> Option<bool> {
        T::is_plain(Trait::Order)
    }

    fn has_plain_clone(&self) -> Option<bool> {
        T::is_plain(Trait::Clone)
    }

    fn has_plain_default(&self) -> Option<bool> {
        T::is_plain(Trait::Default)
    }
}

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
