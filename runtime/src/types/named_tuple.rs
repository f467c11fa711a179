//! Structs with `#[derive(ScriptType)]`: tuples with named fields.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::{ScriptOutput, mismatch};
use crate::error::Result;
use crate::ffi::{self, Kind, Value};
use crate::names::qualified_name;

/// What the derive macro calls.
#[derive(Debug)]
pub enum NamedTuple {}

static NAMES: LazyLock<Mutex<HashMap<TypeId, String>>> = LazyLock::new(Mutex::default);

impl NamedTuple {
    /// How TorchScript writes `T`, whose fields these are.
    pub fn type_name<T: 'static>(fields: &[&str], types: impl FnOnce() -> Vec<String>) -> String {
        let known = || NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = known().get(&TypeId::of::<T>()) {
            return name.clone();
        }
        let name = ffi::named_tuple(&qualified_name(type_name::<T>()), fields, &types())
            .expect("the names of types of TorchScript parse");
        known().insert(TypeId::of::<T>(), name.clone());
        name
    }

    /// How TorchScript writes a struct whose fields have no names.
    pub fn unnamed(types: &[String]) -> String {
        format!("Tuple[{}]", types.join(", "))
    }

    /// A field's value. Where rustc found none, it has said so.
    pub fn field(value: Option<Value>) -> Value {
        value.expect("rustc reported the missing trait, and nothing runs")
    }

    /// A value of `T`.
    pub fn value<T: ScriptOutput>(fields: &[Value]) -> Value {
        Value::named_tuple(&T::type_name(), fields).expect("the name was given to the type")
    }

    /// The fields of a value of `T`.
    pub fn fields<T: ScriptOutput, const N: usize>(value: &Value) -> Result<[Value; N]> {
        if value.kind() != Kind::Tuple {
            return Err(mismatch::<T>(value));
        }
        value.elements().try_into().map_err(|_| mismatch::<T>(value))
    }

    /// Which of the variants of an enum `T`, which have these numbers.
    pub fn variant<T: ScriptOutput>(value: &Value, numbers: &[i64]) -> Result<usize> {
        let number = value.as_int();
        numbers.iter().position(|it| Some(*it) == number).ok_or_else(|| mismatch::<T>(value))
    }
}
