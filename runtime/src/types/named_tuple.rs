//! Structs with `#[derive(ScriptType)]` as TorchScript's types: named tuples, tuples, and numbers for enums.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::samples::one_by_one;
use super::{ScriptOutput, mismatch};
use crate::error::{Error, Result};
use crate::ffi::{Failure, Kind, Type, Value};
use crate::names::qualified_name;

/// The functions that the derive macro calls.
#[derive(Debug)]
pub enum NamedTuple {}

/// The first field of an enum whose variants have fields.
const VARIANT: &str = "variant";

static TYPES: LazyLock<Mutex<HashMap<TypeId, Type>>> = LazyLock::new(Mutex::default);

/// The type of `T`, which is made when it is asked for first.
fn once<T: 'static>(make: impl FnOnce(&str) -> std::result::Result<Type, Failure>) -> Type {
    let known = || TYPES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(ty) = known().get(&TypeId::of::<T>()) {
        return ty.clone();
    }
    let ty =
        make(&qualified_name(type_name::<T>())).expect("libtorch takes any types for the fields of a tuple");
    known().insert(TypeId::of::<T>(), ty.clone());
    ty
}

impl NamedTuple {
    /// The type of the struct `T`, which has these fields.
    pub fn named<T: 'static>(fields: &[&str], types: impl FnOnce() -> Vec<Type>) -> Type {
        once::<T>(|name| Type::named_tuple(name, fields, &types()))
    }

    /// The type of the enum `T`, some of whose variants have fields: the variant's name, and for each variant with
    /// fields an option of these.
    pub fn variants<T: 'static>(with_fields: &[&str], payloads: impl FnOnce() -> Vec<Type>) -> Type {
        let names: Vec<&str> = std::iter::once(VARIANT).chain(with_fields.iter().copied()).collect();
        once::<T>(|name| {
            let payloads = payloads().into_iter().map(|it| it.optional());
            let types: Vec<Type> = std::iter::once(Type::string()).chain(payloads).collect();
            Type::variants(name, &names, &types)
        })
    }

    /// The type of the fields of a variant of `T`, which have names.
    pub fn named_payload<T>(variant: &str, fields: &[&str], types: &[Type]) -> Type {
        Type::named_tuple(&qualified_name(&format!("{}{variant}", type_name::<T>())), fields, types)
            .expect("libtorch takes any types for the fields of a tuple")
    }

    /// The fields of a variant as a value of the type `ty`.
    pub fn payload(ty: &Type, fields: &[Value]) -> Value {
        Value::named_tuple(ty, fields).unwrap_or_else(|_| Value::tuple(fields))
    }

    /// A value of the enum `T`: the variant `name`, with its fields, and which of the `n` variants with fields it is.
    pub fn variant_value<T: ScriptOutput>(name: &str, n: usize, payload: Option<(usize, Value)>) -> Value {
        let mut values = vec![Value::none(); n + 1];
        values[0] = Value::string(name);
        if let Some((index, payload)) = payload {
            values[index + 1] = payload;
        }
        Value::named_tuple(&T::script_type(), &values).expect("it is the type of a named tuple")
    }

    /// The name of the variant that a value of the enum `T` is, and its fields.
    pub fn variant_of<T: ScriptOutput>(value: &Value) -> Result<(String, Value)> {
        let elements = if value.kind() == Kind::Tuple { value.elements() } else { vec![] };
        let name = elements.first().and_then(Value::as_text).ok_or_else(|| mismatch::<T>(value))?;
        let payload = elements[1..].iter().find(|it| it.kind() != Kind::None);
        Ok((name, payload.cloned().unwrap_or_else(Value::none)))
    }

    /// The fields of a variant of the enum `T`.
    pub fn payload_fields<T: ScriptOutput, const N: usize>(payload: &Value) -> Result<[Value; N]> {
        let elements = if payload.kind() == Kind::Tuple { payload.elements() } else { vec![] };
        elements.try_into().map_err(|_| mismatch::<T>(payload))
    }

    /// The error for a variant that the enum `T` does not have.
    pub fn no_variant<T: ScriptOutput>(value: &Value) -> Error {
        mismatch::<T>(value)
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

    /// Different values of the struct or enum `T`, of those of its fields.
    pub fn samples(fields: Vec<Vec<Value>>, make: impl Fn(&[Value]) -> Value) -> Vec<Value> {
        one_by_one(fields).iter().map(|it| make(it)).collect()
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
    note = "help: tensors, numbers of up to 64 bits, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these are; put `#[derive(ScriptType)]` on a struct or an enum of them"
)]
pub trait DataField {
    /// The type in TorchScript.
    fn field_type() -> Type;
    /// As [`super::ScriptType::samples`].
    fn samples() -> Vec<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: ScriptOutput> DataField for T {
    fn field_type() -> Type {
        T::script_type()
    }

    fn samples() -> Vec<Value> {
        T::samples()
    }
}

/// A copy of a value that shares its tensors.
pub fn share<T: ScriptOutput>(value: &T) -> T {
    T::from_value(&value.to_value()).expect("a value is of its own type")
}
