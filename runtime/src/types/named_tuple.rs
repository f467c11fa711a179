//! Structs with `#[derive(ScriptType)]` as TorchScript's types: named tuples, tuples, and numbers for enums.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::{ScriptOutput, mismatch};
use crate::error::Result;
use crate::ffi::{Kind, Type, Value};
use crate::names::qualified_name;

/// The functions that the derive macro calls.
#[derive(Debug)]
pub enum NamedTuple {}

static TYPES: LazyLock<Mutex<HashMap<TypeId, Type>>> = LazyLock::new(Mutex::default);

impl NamedTuple {
    /// The type of the struct `T`, which has these fields.
    pub fn named<T: 'static>(fields: &[&str], types: impl FnOnce() -> Vec<Type>) -> Type {
        let known = || TYPES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ty) = known().get(&TypeId::of::<T>()) {
            return ty.clone();
        }
        let ty = Type::named_tuple(&qualified_name(type_name::<T>()), fields, &types())
            .expect("libtorch takes any types for the fields of a tuple");
        known().insert(TypeId::of::<T>(), ty.clone());
        ty
    }

    /// The type of a struct whose fields have no names.
    pub fn unnamed(types: &[Type]) -> Type {
        Type::tuple(types)
    }

    /// The type of an enum without fields.
    pub fn number() -> Type {
        Type::int()
    }

    /// A field's value. It is missing only where rustc has reported the field's type.
    pub fn field(value: Option<Value>) -> Value {
        value.expect("rustc reported the missing trait, and nothing runs")
    }

    /// A value of `T`.
    pub fn value<T: ScriptOutput>(fields: &[Value]) -> Value {
        Value::named_tuple(&T::script_type(), fields).expect("it is the type of a named tuple")
    }

    /// The fields of a value of `T`.
    pub fn fields<T: ScriptOutput, const N: usize>(value: &Value) -> Result<[Value; N]> {
        if value.kind() != Kind::Tuple {
            return Err(mismatch::<T>(value));
        }
        value.elements().try_into().map_err(|_| mismatch::<T>(value))
    }

    /// The position of the variant of an enum `T` whose number `value` is, among `numbers`.
    pub fn variant<T: ScriptOutput>(value: &Value, numbers: &[i64]) -> Result<usize> {
        let number = value.as_int();
        numbers.iter().position(|it| Some(*it) == number).ok_or_else(|| mismatch::<T>(value))
    }
}

/// The type of a field of a struct with `#[derive(ScriptType)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of TorchScript",
    label = "not a type of TorchScript",
    note = "help: tensors, numbers, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these are; put `#[derive(ScriptType)]` on a struct of them"
)]
pub trait DataField {
    /// The type in TorchScript.
    fn field_type() -> Type;
}

#[diagnostic::do_not_recommend]
impl<T: ScriptOutput> DataField for T {
    fn field_type() -> Type {
        T::script_type()
    }
}

/// A copy of a value that shares its tensors.
pub fn share<T: ScriptOutput>(value: &T) -> T {
    T::from_value(&value.to_value()).expect("a value is of its own type")
}
