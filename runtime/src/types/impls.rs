//! The Rust types that are types of TorchScript, and their conversions; see the table above [`ScriptType`].

use std::borrow::Cow;

use tch::{Device, Kind, Reduction, Tensor};

use super::samples::one_by_one;
use super::{ScriptOutput, ScriptType, mismatch};
use crate::error::{Error, Result};
use crate::ffi::{Type, Value};

#[diagnostic::do_not_recommend]
impl ScriptType for Tensor {
    type Erased = Self;
    fn script_type() -> Type {
        Type::tensor()
    }
    fn to_value(&self) -> Value {
        Value::tensor(self)
    }
}

#[diagnostic::do_not_recommend]
impl ScriptOutput for Tensor {
    fn from_value(value: &Value) -> Result<Self> {
        value.as_tensor().ok_or_else(|| mismatch::<Self>(value))
    }
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl ScriptType for $ty {
            type Erased = Self;
            const PRIMITIVE: &'static str = stringify!($ty);
            fn is_exact(&self) -> bool {
                i64::try_from(*self).is_ok()
            }
            fn script_type() -> Type {
                Type::int()
            }
            // TorchScript has one integer type; what does not fit wraps, as `as` does.
            fn to_value(&self) -> Value {
                Value::int(*self as i64)
            }
        }

        #[diagnostic::do_not_recommend]
        impl ScriptOutput for $ty {
            fn from_value(value: &Value) -> Result<Self> {
                let int = value.as_int().ok_or_else(|| mismatch::<Self>(value))?;
                <$ty>::try_from(int).map_err(|_| Error::Type {
                    expected: stringify!($ty).into(),
                    found: format!("int {int}"),
                })
            }
        }
    )*};
}

for_each_integer! { integers }

macro_rules! floats {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl ScriptType for $ty {
            type Erased = Self;
            const PRIMITIVE: &'static str = stringify!($ty);
            fn script_type() -> Type {
                Type::float()
            }
            fn to_value(&self) -> Value {
                Value::float(f64::from(*self))
            }
        }

        #[diagnostic::do_not_recommend]
        impl ScriptOutput for $ty {
            fn from_value(value: &Value) -> Result<Self> {
                value.as_float().map(|float| float as $ty).ok_or_else(|| mismatch::<Self>(value))
            }
        }
    )*};
}

for_each_float! { floats }

#[diagnostic::do_not_recommend]
impl ScriptType for bool {
    type Erased = Self;
    const PRIMITIVE: &'static str = "bool";
    fn script_type() -> Type {
        Type::bool()
    }
    fn to_value(&self) -> Value {
        Value::bool(*self)
    }
}

#[diagnostic::do_not_recommend]
impl ScriptOutput for bool {
    fn from_value(value: &Value) -> Result<Self> {
        value.as_bool().ok_or_else(|| mismatch::<Self>(value))
    }
}

#[diagnostic::do_not_recommend]
impl ScriptType for String {
    type Erased = Self;
    const PRIMITIVE: &'static str = "String";
    fn script_type() -> Type {
        Type::string()
    }
    fn to_value(&self) -> Value {
        Value::string(self)
    }
}

#[diagnostic::do_not_recommend]
impl ScriptType for &str {
    type Erased = String;
    fn script_type() -> Type {
        Type::string()
    }
    fn to_value(&self) -> Value {
        Value::string(self)
    }
}

#[diagnostic::do_not_recommend]
impl ScriptOutput for String {
    fn from_value(value: &Value) -> Result<Self> {
        value.as_text().ok_or_else(|| mismatch::<Self>(value))
    }
}

#[diagnostic::do_not_recommend]
impl ScriptType for Cow<'_, str> {
    type Erased = String;
    fn script_type() -> Type {
        Type::string()
    }
    fn to_value(&self) -> Value {
        Value::string(self)
    }
}

#[diagnostic::do_not_recommend]
impl ScriptOutput for Cow<'_, str> {
    fn from_value(value: &Value) -> Result<Self> {
        String::from_value(value).map(Cow::Owned)
    }
}

#[diagnostic::do_not_recommend]
impl ScriptType for Device {
    type Erased = Self;
    fn script_type() -> Type {
        Type::device()
    }
    fn to_value(&self) -> Value {
        Value::device(*self)
    }
}

#[diagnostic::do_not_recommend]
impl ScriptOutput for Device {
    fn from_value(value: &Value) -> Result<Self> {
        value.as_device().ok_or_else(|| mismatch::<Self>(value))
    }
}

/// TorchScript passes dtypes as integers: `c10::ScalarType`.
#[diagnostic::do_not_recommend]
impl ScriptType for Kind {
    type Erased = Self;
    fn script_type() -> Type {
        Type::int()
    }
    fn to_value(&self) -> Value {
        Value::int(scalar_type(*self))
    }
}

#[diagnostic::do_not_recommend]
impl ScriptOutput for Kind {
    fn from_value(value: &Value) -> Result<Self> {
        let number = value.as_int().ok_or_else(|| mismatch::<Self>(value))?;
        KINDS.iter().copied().find(|kind| scalar_type(*kind) == number).ok_or_else(|| mismatch::<Self>(value))
    }
}

const KINDS: [Kind; 20] = [
    Kind::Uint8,
    Kind::Int8,
    Kind::Int16,
    Kind::Int,
    Kind::Int64,
    Kind::Half,
    Kind::Float,
    Kind::Double,
    Kind::ComplexHalf,
    Kind::ComplexFloat,
    Kind::ComplexDouble,
    Kind::Bool,
    Kind::QInt8,
    Kind::QUInt8,
    Kind::QInt32,
    Kind::BFloat16,
    Kind::Float8e5m2,
    Kind::Float8e4m3fn,
    Kind::Float8e5m2fnuz,
    Kind::Float8e4m3fnuz,
];

/// PyTorch's `_Reduction`.
#[diagnostic::do_not_recommend]
impl ScriptType for Reduction {
    type Erased = Self;
    fn script_type() -> Type {
        Type::int()
    }
    fn to_value(&self) -> Value {
        Value::int(self.to_int())
    }
}

/// The number of `c10::ScalarType`; tch keeps its own conversion private.
pub fn scalar_type(kind: Kind) -> i64 {
    match kind {
        Kind::Uint8 => 0,
        Kind::Int8 => 1,
        Kind::Int16 => 2,
        Kind::Int => 3,
        Kind::Int64 => 4,
        Kind::Half => 5,
        Kind::Float => 6,
        Kind::Double => 7,
        Kind::ComplexHalf => 8,
        Kind::ComplexFloat => 9,
        Kind::ComplexDouble => 10,
        Kind::Bool => 11,
        Kind::QInt8 => 12,
        Kind::QUInt8 => 13,
        Kind::QInt32 => 14,
        Kind::BFloat16 => 15,
        Kind::Float8e5m2 => 23,
        Kind::Float8e4m3fn => 24,
        Kind::Float8e5m2fnuz => 25,
        Kind::Float8e4m3fnuz => 26,
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType> ScriptType for Option<T> {
    type Erased = Option<T::Erased>;
    fn is_exact(&self) -> bool {
        self.as_ref().is_none_or(T::is_exact)
    }
    const IS_OPTION: bool = true;
    fn script_type() -> Type {
        T::script_type().optional()
    }
    fn to_value(&self) -> Value {
        self.as_ref().map_or_else(Value::none, T::to_value)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptOutput> ScriptOutput for Option<T> {
    fn from_value(value: &Value) -> Result<Self> {
        match value.kind() {
            crate::ffi::Kind::None => Ok(None),
            _ => T::from_value(value).map(Some),
        }
    }
}

/// A result is its value: an error becomes an exception of TorchScript.
#[diagnostic::do_not_recommend]
impl<T: ScriptType, E: std::fmt::Display> ScriptType for std::result::Result<T, E> {
    type Erased = T::Erased;
    const PRIMITIVE: &'static str = T::PRIMITIVE;
    fn is_exact(&self) -> bool {
        self.as_ref().map_or(true, T::is_exact)
    }
    fn script_type() -> Type {
        T::script_type()
    }
    /// Panics for an `Err`, so that a body that fails stops there, as the compiled one does.
    fn to_value(&self) -> Value {
        match self {
            Ok(value) => value.to_value(),
            Err(error) => std::panic::panic_any(error.to_string()),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptOutput, E: std::fmt::Display> ScriptOutput for std::result::Result<T, E> {
    fn from_value(value: &Value) -> Result<Self> {
        T::from_value(value).map(Ok)
    }
}

fn list_value<T: ScriptType>(items: &[T]) -> Value {
    let values: Vec<Value> = items.iter().map(T::to_value).collect();
    Value::list(&T::script_type(), &values).expect("the elements are of the list's type")
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType> ScriptType for Vec<T> {
    type Erased = Vec<T::Erased>;
    const PRIMITIVE: &'static str = T::PRIMITIVE;
    fn is_exact(&self) -> bool {
        self.iter().all(T::is_exact)
    }
    fn script_type() -> Type {
        T::script_type().list()
    }
    fn to_value(&self) -> Value {
        list_value(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptOutput> ScriptOutput for Vec<T> {
    fn from_value(value: &Value) -> Result<Self> {
        match value.kind() {
            crate::ffi::Kind::List => value.elements().iter().map(T::from_value).collect(),
            _ => Err(mismatch::<Self>(value)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType, const N: usize> ScriptType for [T; N] {
    type Erased = [T::Erased; N];
    const PRIMITIVE: &'static str = T::PRIMITIVE;
    fn is_exact(&self) -> bool {
        self.iter().all(T::is_exact)
    }
    fn script_type() -> Type {
        Vec::<T>::script_type()
    }
    fn to_value(&self) -> Value {
        list_value(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptOutput, const N: usize> ScriptOutput for [T; N] {
    fn from_value(value: &Value) -> Result<Self> {
        Vec::from_value(value)?.try_into().map_err(|_| mismatch::<Self>(value))
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType> ScriptType for &[T] {
    type Erased = Vec<T::Erased>;
    fn is_exact(&self) -> bool {
        self.iter().all(T::is_exact)
    }
    fn script_type() -> Type {
        Vec::<T>::script_type()
    }
    fn to_value(&self) -> Value {
        list_value(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType> ScriptType for &T {
    type Erased = T::Erased;
    fn is_exact(&self) -> bool {
        T::is_exact(self)
    }
    fn script_type() -> Type {
        T::script_type()
    }
    fn to_value(&self) -> Value {
        T::to_value(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType> ScriptType for &mut T {
    type Erased = T::Erased;
    fn is_exact(&self) -> bool {
        T::is_exact(self)
    }
    fn script_type() -> Type {
        T::script_type()
    }
    fn to_value(&self) -> Value {
        T::to_value(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType> ScriptType for Box<T> {
    type Erased = T::Erased;
    fn is_exact(&self) -> bool {
        T::is_exact(self)
    }
    fn script_type() -> Type {
        T::script_type()
    }
    fn to_value(&self) -> Value {
        T::to_value(self)
    }
}

#[diagnostic::do_not_recommend]
impl ScriptType for () {
    type Erased = Self;
    fn script_type() -> Type {
        Type::none()
    }
    fn to_value(&self) -> Value {
        Value::none()
    }
}

#[diagnostic::do_not_recommend]
impl ScriptOutput for () {
    fn from_value(_: &Value) -> Result<Self> {
        Ok(())
    }
}

macro_rules! tuple {
    ($($name:ident $from:ident $index:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: ScriptType),+> ScriptType for ($($name,)+) {
            type Erased = ($($name::Erased,)+);

            fn samples() -> Vec<Value> {
                let values = one_by_one(vec![$($name::samples()),+]);
                values.iter().map(|it| Value::tuple(it)).collect()
            }
            fn is_exact(&self) -> bool {
                $(self.$index.is_exact())&&+
            }
            fn script_type() -> Type {
                Type::tuple(&[$($name::script_type()),+])
            }
            fn to_value(&self) -> Value {
                Value::tuple(&[$(self.$index.to_value()),+])
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($name: ScriptOutput),+> ScriptOutput for ($($name,)+) {
            fn from_value(value: &Value) -> Result<Self> {
                let elements = value.elements();
                if value.kind() != crate::ffi::Kind::Tuple || elements.len() != [$($index),+].len() {
                    return Err(mismatch::<Self>(value));
                }
                Ok(($($name::from_value(&elements[$index])?,)+))
            }
        }
    };
}

for_each_tuple! { tuple }
