//! Methods of data: of structs and enums with `#[derive(ScriptType)]`, and of what other crates define, such as
//! tensors. Each becomes a function of the compilation unit, which takes the receiver as its first argument.
//!
//! A call knows the method's name and the receiver's type. rustc finds the method of a type of the user's crate:
//! [`DataMethod`] is implemented for it, with the name as a number. For `impl Extension for Tensor`, rustc allows no
//! such impl outside of this crate, so that these are found in a registry when something is compiled.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

use tch::Tensor;

use crate::identity::RustType;
use crate::model::definition::{MethodDefs, Refusal};
use crate::place::Place;
use crate::types::Inferred;

/// A method of data, by its name: `NAME` is what the macros make of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no such method that the compiler knows",
    label = "not in a `#[methods]` block of `{Self}`",
    note = "help: put `#[methods]` on the impl block that holds it"
)]
pub trait DataMethod<const NAME: u64> {
    /// Adds the method and what it calls; returns the companion that stands for it in [`MethodDefs::functions`].
    fn define(call: &DataCall, defs: &mut MethodDefs) -> Option<RustType>;
}

/// A call of a method, which may be one of data.
#[derive(Clone, Copy, Debug)]
pub struct DataCall {
    /// The method's Rust name.
    pub name: &'static str,
    /// The answer where there is no such method.
    pub unknown: Refusal,
}

impl DataCall {
    /// A call of a method that is there.
    pub const KNOWN: DataCall = DataCall {
        name: "",
        unknown: Refusal {
            method: "",
            message: "",
            help: "",
            place: Place { file: file!(), line: line!(), column: column!() },
        },
    };
}

/// What adds a method and what it calls, see [`DataMethod::define`].
pub type Define = fn(&DataCall, &mut MethodDefs) -> Option<RustType>;

/// The companion of a method of data.
pub struct MethodOf<T: ?Sized, const NAME: u64>(PhantomData<T>);

/// A method that a `#[methods]` block adds to a type of another crate.
#[derive(Debug)]
pub struct ForeignMethod {
    /// The type.
    pub ty: fn() -> RustType,
    /// The method's Rust name.
    pub name: &'static str,
    /// Adds the method; returns its companion.
    pub define: fn(&mut MethodDefs) -> RustType,
}

inventory::collect!(ForeignMethod);

impl MethodDefs {
    /// Adds the method that a `#[methods]` block adds to `T`, a type of another crate; refuses the call where none does,
    /// or several do.
    pub fn foreign_method<T: ?Sized>(&mut self, call: &DataCall) -> Option<RustType> {
        let ty = RustType::of::<T>();
        let mut found =
            inventory::iter::<ForeignMethod>.into_iter().filter(|it| it.name == call.name && (it.ty)() == ty);
        match (found.next(), found.next()) {
            (Some(method), None) => Some((method.define)(self)),
            (Some(_), Some(_)) => {
                self.refuse(Refusal {
                    message: "several traits give the type a method of this name, and it is not known which is meant",
                    help: "give the methods names of their own",
                    ..call.unknown
                });
                None
            }
            (None, _) => {
                self.refuse_call::<T>(call.unknown);
                None
            }
        }
    }
}

macro_rules! foreign {
    ($([$($generics:tt)*] $ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)* const NAME: u64> DataMethod<NAME> for $ty {
            fn define(call: &DataCall, defs: &mut MethodDefs) -> Option<RustType> {
                defs.foreign_method::<Self>(call)
            }
        }
    )*};
}

#[diagnostic::do_not_recommend]
impl<T: DataMethod<NAME> + ?Sized, const NAME: u64> DataMethod<NAME> for &T {
    fn define(call: &DataCall, defs: &mut MethodDefs) -> Option<RustType> {
        T::define(call, defs)
    }
}

macro_rules! primitives {
    ($($ty:ty)*) => { foreign! { $([] $ty)* } };
}

for_each_primitive! { primitives }
foreign! { [] Tensor [T,] Vec<T> [T,] Option<T> [K, V,] HashMap<K, V> [K, V,] BTreeMap<K, V> }

/// The method of a type that rustc infers, to be added.
pub fn method_of<T: DataMethod<NAME>, const NAME: u64>(_: &Inferred<T>) -> Define {
    T::define
}

/// Asks whether a type has a method of data.
pub struct MethodProbe<T: ?Sized, const NAME: u64>(PhantomData<T>);

impl<T: DataMethod<NAME>, const NAME: u64> MethodProbe<T, NAME> {
    /// Adds the method.
    pub fn define(call: &DataCall, defs: &mut MethodDefs) -> Option<RustType> {
        T::define(call, defs)
    }
}

/// The answer for a type without the method, such as a module.
pub trait OtherwiseMethod {
    /// Adds nothing.
    fn define(_: &DataCall, _: &mut MethodDefs) -> Option<RustType> {
        None
    }
}

impl<T: ?Sized, const NAME: u64> OtherwiseMethod for MethodProbe<T, NAME> {}

/// Asks whether the parts of a module, which an iterator gives, have a method of data.
pub struct PartsProbe<'p, I, const NAME: u64>(pub &'p I);

impl<'a, T: DataMethod<NAME> + 'a, I: Iterator<Item = &'a T>, const NAME: u64> PartsProbe<'_, I, NAME> {
    /// Adds the method, also where there are no parts.
    pub fn define(&self, call: &DataCall, defs: &mut MethodDefs) -> Option<Option<RustType>> {
        Some(T::define(call, defs))
    }
}

/// The answer for parts without the method, such as modules.
pub trait OtherwiseParts {
    /// Adds nothing.
    fn define(&self, _: &DataCall, _: &mut MethodDefs) -> Option<Option<RustType>> {
        None
    }
}

impl<I, const NAME: u64> OtherwiseParts for PartsProbe<'_, I, NAME> {}

/// An item of an iterator over the parts of a module.
pub trait Part {
    /// The part.
    type Part;
    /// The element of a list, or the value of a map.
    fn part(self) -> Self::Part;
}

impl<'a, T: ?Sized> Part for &'a T {
    type Part = &'a T;
    fn part(self) -> &'a T {
        self
    }
}

impl<'a, K, V> Part for (&'a K, &'a V) {
    type Part = &'a V;
    fn part(self) -> &'a V {
        self.1
    }
}

/// An item that is a pair: an element of a list, or the key and the value of a map.
pub trait Pair {
    /// The first of the two.
    type First;
    /// The second.
    type Second;
    /// The first of the two.
    fn first(self) -> Self::First;
    /// The second.
    fn second(self) -> Self::Second;
}

impl<'a, A, B> Pair for &'a (A, B) {
    type First = &'a A;
    type Second = &'a B;
    fn first(self) -> &'a A {
        &self.0
    }
    fn second(self) -> &'a B {
        &self.1
    }
}

impl<'a, K, V> Pair for (&'a K, &'a V) {
    type First = &'a K;
    type Second = &'a V;
    fn first(self) -> &'a K {
        self.0
    }
    fn second(self) -> &'a V {
        self.1
    }
}
