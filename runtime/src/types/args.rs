//! Arguments of methods, between Rust and TorchScript: what a method may take, and what may be passed for it.

use tch::Tensor;

use super::ScriptOutput;
use crate::error::{Error, Result};
use crate::ffi::{Type, Value};

/// The type of a method's parameter, with what is stored for it: `Tensor` for `&Tensor`,
/// `Vec<T>` for `&[T]`, `String` for `&str`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a compiled module",
    label = "not a type of TorchScript",
    note = "help: tensors, numbers of up to 64 bits, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these can; put `#[derive(ScriptType)]` on a struct or an enum of them"
)]
pub trait Arg<'a>: Sized {
    /// What owns the argument.
    type Owned: ScriptOutput + 'static;
    /// The parameter, borrowed from its owner.
    fn from_owned(owned: &'a Self::Owned) -> Self;

    /// Names the trait in an expression.
    #[doc(hidden)]
    fn check() {}
}

#[diagnostic::do_not_recommend]
impl<'a, T: ScriptOutput + 'static> Arg<'a> for &'a T {
    type Owned = T;
    fn from_owned(owned: &'a T) -> Self {
        owned
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: ScriptOutput + 'static> Arg<'a> for &'a [T] {
    type Owned = Vec<T>;
    fn from_owned(owned: &'a Vec<T>) -> Self {
        owned
    }
}

#[diagnostic::do_not_recommend]
impl<'a> Arg<'a> for &'a str {
    type Owned = String;
    fn from_owned(owned: &'a String) -> Self {
        owned
    }
}

#[diagnostic::do_not_recommend]
impl<'a> Arg<'a> for Tensor {
    type Owned = Tensor;
    fn from_owned(owned: &'a Tensor) -> Self {
        owned.shallow_clone()
    }
}

macro_rules! cloned {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'a> Arg<'a> for $ty {
            type Owned = $ty;
            fn from_owned(owned: &'a $ty) -> Self {
                owned.clone()
            }
        }
    )*};
}

for_each_primitive! { cloned }

#[diagnostic::do_not_recommend]
impl<'a, T: Arg<'a>> Arg<'a> for Option<T> {
    type Owned = Option<T::Owned>;
    fn from_owned(owned: &'a Self::Owned) -> Self {
        owned.as_ref().map(T::from_owned)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: Arg<'a>> Arg<'a> for Vec<T> {
    type Owned = Vec<T::Owned>;
    fn from_owned(owned: &'a Self::Owned) -> Self {
        owned.iter().map(T::from_owned).collect()
    }
}

/// The arguments of a method, as a tuple.
pub trait ScriptArgs: Sized {
    /// One value for each argument.
    #[doc(hidden)]
    fn to_values(&self) -> Vec<Value>;
    /// As [`ScriptArgs::to_values`]; an error where TorchScript does not have a value.
    #[doc(hidden)]
    fn to_exact_values(&self) -> Result<Vec<Value>>;
    /// The arguments from one value each.
    #[doc(hidden)]
    fn from_values(values: &[Value]) -> Result<Self>;
    /// The types in TorchScript.
    #[doc(hidden)]
    fn script_types() -> Vec<Type>;
    /// Which of the arguments may be missing.
    #[doc(hidden)]
    const IS_OPTION: &'static [bool];
}

/// A value that can be passed where `T` is wanted: `T` itself, or a borrow of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed where the module takes `{T}`",
    label = "another type than the module's argument"
)]
pub trait IntoValue<T> {
    /// The value.
    #[doc(hidden)]
    fn into_owned(self) -> T;
}

#[diagnostic::do_not_recommend]
impl IntoValue<Tensor> for &Tensor {
    fn into_owned(self) -> Tensor {
        self.shallow_clone()
    }
}

/// For elements of a list of borrowed tensors.
#[diagnostic::do_not_recommend]
impl IntoValue<Tensor> for &&Tensor {
    fn into_owned(self) -> Tensor {
        self.shallow_clone()
    }
}

#[diagnostic::do_not_recommend]
impl IntoValue<Tensor> for Tensor {
    fn into_owned(self) -> Tensor {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoValue<String> for &str {
    fn into_owned(self) -> String {
        self.to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl IntoValue<String> for &&str {
    fn into_owned(self) -> String {
        (*self).to_owned()
    }
}

macro_rules! themselves {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoValue<$ty> for $ty {
            fn into_owned(self) -> $ty {
                self
            }
        }

        #[diagnostic::do_not_recommend]
        impl IntoValue<$ty> for &$ty {
            fn into_owned(self) -> $ty {
                self.clone()
            }
        }
    )*};
}

for_each_primitive! { themselves }

#[diagnostic::do_not_recommend]
impl<T, U: IntoValue<T>> IntoValue<Option<T>> for Option<U> {
    fn into_owned(self) -> Option<T> {
        self.map(U::into_owned)
    }
}

#[diagnostic::do_not_recommend]
impl<T, U: IntoValue<T>> IntoValue<Vec<T>> for Vec<U> {
    fn into_owned(self) -> Vec<T> {
        self.into_iter().map(U::into_owned).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T, U> IntoValue<Vec<T>> for &'a [U]
where
    &'a U: IntoValue<T>,
{
    fn into_owned(self) -> Vec<T> {
        self.iter().map(IntoValue::into_owned).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T, U> IntoValue<Vec<T>> for &'a Vec<U>
where
    &'a U: IntoValue<T>,
{
    fn into_owned(self) -> Vec<T> {
        self.as_slice().into_owned()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T, U, const N: usize> IntoValue<Vec<T>> for &'a [U; N]
where
    &'a U: IntoValue<T>,
{
    fn into_owned(self) -> Vec<T> {
        self.as_slice().into_owned()
    }
}

/// The arguments of a call: the tuple of them, owned or borrowed, or the one argument itself. Up to three at the end
/// that are options may be left out: they are `None`.
///
/// `Form` is inferred; it keeps the implementations apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed to a module that takes `{Args}`",
    label = "other arguments than the module's",
    note = "help: pass the tuple of the arguments, such as `(&x, &h)`; one argument may stand alone, and options at the end may be left out"
)]
pub trait IntoArgs<Args, Form> {
    /// The arguments.
    #[doc(hidden)]
    fn into_args(self) -> Args;
}

/// One argument, without a tuple around it.
#[derive(Debug)]
pub enum Bare {}

/// A tuple of arguments.
#[derive(Debug)]
pub enum Tupled {}

/// A tuple of arguments, without the last `N`, which are options.
#[derive(Debug)]
pub enum Without<const N: usize> {}

/// One argument, without a tuple around it and the `N` options after it.
#[derive(Debug)]
pub enum BareWithout<const N: usize> {}

#[diagnostic::do_not_recommend]
impl<A, X: IntoValue<A>> IntoArgs<(A,), Bare> for X {
    fn into_args(self) -> (A,) {
        (self.into_owned(),)
    }
}

impl ScriptArgs for () {
    const IS_OPTION: &'static [bool] = &[];
    fn to_values(&self) -> Vec<Value> {
        vec![]
    }
    fn to_exact_values(&self) -> Result<Vec<Value>> {
        Ok(vec![])
    }
    fn from_values(_: &[Value]) -> Result<Self> {
        Ok(())
    }
    fn script_types() -> Vec<Type> {
        vec![]
    }
}

#[diagnostic::do_not_recommend]
impl IntoArgs<(), Tupled> for () {
    fn into_args(self) {}
}

macro_rules! arguments {
    ($($name:ident $from:ident $index:tt),+) => {
        impl<$($name: ScriptOutput),+> ScriptArgs for ($($name,)+) {
            const IS_OPTION: &'static [bool] = &[$($name::IS_OPTION),+];
            fn to_values(&self) -> Vec<Value> {
                vec![$(self.$index.to_value()),+]
            }
            fn to_exact_values(&self) -> Result<Vec<Value>> {
                if $(self.$index.is_exact())&&+ {
                    return Ok(self.to_values());
                }
                Err(Error::Type { expected: "int".into(), found: "an integer above 2^63 - 1".into() })
            }
            fn from_values(values: &[Value]) -> Result<Self> {
                let given = values.len();
                let wanted = [$($index),+].len();
                if given != wanted {
                    return Err(Error::Type {
                        expected: format!("{wanted} arguments"),
                        found: format!("{given}"),
                    });
                }
                Ok(($($name::from_value(&values[$index])?,)+))
            }
            fn script_types() -> Vec<Type> {
                vec![$($name::script_type()),+]
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($name,)+ $($from: IntoValue<$name>),+> IntoArgs<($($name,)+), Tupled> for ($($from,)+) {
            fn into_args(self) -> ($($name,)+) {
                ($(self.$index.into_owned(),)+)
            }
        }
    };
}

for_each_tuple! { arguments }

macro_rules! without_options {
    ($($n:literal: $($name:ident $from:ident $index:tt),+; $($option:ident),+;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name,)+ $($option,)+ $($from: IntoValue<$name>),+>
            IntoArgs<($($name,)+ $(Option<$option>,)+), Without<$n>> for ($($from,)+)
        {
            fn into_args(self) -> ($($name,)+ $(Option<$option>,)+) {
                ($(self.$index.into_owned(),)+ $(None::<$option>,)+)
            }
        }
    )*};
}

without_options! {
    1: A FromA 0; X;
    1: A FromA 0, B FromB 1; X;
    1: A FromA 0, B FromB 1, C FromC 2; X;
    1: A FromA 0, B FromB 1, C FromC 2, D FromD 3; X;
    1: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4; X;
    1: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5; X;
    1: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6; X;
    1: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7; X;
    1: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7, I FromI 8; X;
    1: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7, I FromI 8, J FromJ 9; X;
    1: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7, I FromI 8, J FromJ 9, K FromK 10; X;
    2: A FromA 0; X, Y;
    2: A FromA 0, B FromB 1; X, Y;
    2: A FromA 0, B FromB 1, C FromC 2; X, Y;
    2: A FromA 0, B FromB 1, C FromC 2, D FromD 3; X, Y;
    2: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4; X, Y;
    2: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5; X, Y;
    2: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6; X, Y;
    2: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7; X, Y;
    2: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7, I FromI 8; X, Y;
    2: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7, I FromI 8, J FromJ 9; X, Y;
    3: A FromA 0; X, Y, Z;
    3: A FromA 0, B FromB 1; X, Y, Z;
    3: A FromA 0, B FromB 1, C FromC 2; X, Y, Z;
    3: A FromA 0, B FromB 1, C FromC 2, D FromD 3; X, Y, Z;
    3: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4; X, Y, Z;
    3: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5; X, Y, Z;
    3: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6; X, Y, Z;
    3: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7; X, Y, Z;
    3: A FromA 0, B FromB 1, C FromC 2, D FromD 3, E FromE 4, F FromF 5, G FromG 6, H FromH 7, I FromI 8; X, Y, Z;
}

macro_rules! bare_without_options {
    ($($n:literal: $($option:ident),+;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<A, $($option,)+ It: IntoValue<A>> IntoArgs<(A, $(Option<$option>,)+), BareWithout<$n>> for It {
            fn into_args(self) -> (A, $(Option<$option>,)+) {
                (self.into_owned(), $(None::<$option>,)+)
            }
        }
    )*};
}

bare_without_options! {
    1: X;
    2: X, Y;
    3: X, Y, Z;
}

macro_rules! tuple_argument {
    ($($name:ident $from:ident $index:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<'a, $($name: Arg<'a>),+> Arg<'a> for ($($name,)+) {
            type Owned = ($($name::Owned,)+);
            fn from_owned(owned: &'a Self::Owned) -> Self {
                ($($name::from_owned(&owned.$index),)+)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($name,)+ $($from: IntoValue<$name>),+> IntoValue<($($name,)+)> for ($($from,)+) {
            fn into_owned(self) -> ($($name,)+) {
                ($(self.$index.into_owned(),)+)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<'a, $($name,)+ $($from),+> IntoValue<($($name,)+)> for &'a ($($from,)+)
        where
            $(&'a $from: IntoValue<$name>),+
        {
            fn into_owned(self) -> ($($name,)+) {
                ($(self.$index.into_owned(),)+)
            }
        }
    };
}

for_each_tuple! { tuple_argument }
