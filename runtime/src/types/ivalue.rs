//! Converts between `tch::IValue`, which people use, and the runtime's own [`Value`].

use tch::{IValue, Tensor};

use crate::error::{Error, Result};
use crate::ffi::{Kind, Type, Value};
use crate::types::ScriptType;

/// # Errors
///
/// [`Error::Type`] for objects, which tch does not let go of, and for lists and maps without a
/// common type.
pub fn from_ivalue(value: &IValue) -> Result<Value> {
    Ok(match value {
        IValue::None => Value::none(),
        IValue::Tensor(tensor) => Value::tensor(tensor),
        IValue::Double(float) => Value::float(*float),
        IValue::Int(int) => Value::int(*int),
        IValue::Bool(flag) => Value::bool(*flag),
        IValue::String(text) => Value::string(text),
        IValue::Device(device) => Value::device(*device),
        IValue::Tuple(elements) => Value::tuple(&values(elements)?),
        IValue::IntList(list) => list.to_value(),
        IValue::DoubleList(list) => list.to_value(),
        IValue::BoolList(list) => list.to_value(),
        IValue::StringList(list) => list.to_value(),
        IValue::TensorList(list) => list.to_value(),
        IValue::GenericList(elements) => {
            let elements = values(elements)?;
            Value::list(&common_type(&elements)?, &elements)?
        }
        IValue::GenericDict(entries) => {
            let keys = entries.iter().map(|(key, _)| from_ivalue(key)).collect::<Result<Vec<_>>>()?;
            let values = entries.iter().map(|(_, value)| from_ivalue(value)).collect::<Result<Vec<_>>>()?;
            Value::dict(&common_type(&keys)?, &common_type(&values)?, &keys, &values)?
        }
        other => {
            return Err(Error::Type {
                expected: "a value without objects".into(),
                found: format!("{other:?}"),
            });
        }
    })
}

fn values(elements: &[IValue]) -> Result<Vec<Value>> {
    elements.iter().map(from_ivalue).collect()
}

/// The type of a list's elements, which have to have one type. An empty list counts as one of tensors, as in
/// TorchScript itself.
fn common_type(elements: &[Value]) -> Result<Type> {
    let Some(first) = elements.first().map(Value::script_type) else {
        return Ok(Type::tensor());
    };
    match elements.iter().map(Value::script_type).find(|other| *other != first) {
        None => Ok(first),
        Some(found) => Err(Error::Type { expected: first.to_string(), found: found.to_string() }),
    }
}

/// # Errors
///
/// [`Error::Type`] for objects and futures.
pub fn to_ivalue(value: &Value) -> Result<IValue> {
    let unexpected = || Error::Type { expected: "a value without objects".into(), found: value.type_name() };
    let elements = || value.elements().iter().map(to_ivalue).collect::<Result<Vec<_>>>();
    let known = match value.kind() {
        Kind::None => Some(IValue::None),
        Kind::Tensor => value.as_tensor().map(IValue::Tensor),
        Kind::Float => value.as_float().map(IValue::Double),
        Kind::Int => value.as_int().map(IValue::Int),
        Kind::Bool => value.as_bool().map(IValue::Bool),
        Kind::String => value.as_text().map(IValue::String),
        Kind::Device => value.as_device().map(IValue::Device),
        Kind::Tuple => Some(IValue::Tuple(elements()?)),
        Kind::List => Some(list(element_kind(&value.script_type()), elements()?)),
        Kind::Dict => {
            let mut entries = vec![];
            let mut flat = elements()?.into_iter();
            while let (Some(key), Some(value)) = (flat.next(), flat.next()) {
                entries.push((key, value));
            }
            Some(IValue::GenericDict(entries))
        }
        Kind::Other => None,
    };
    known.ok_or_else(unexpected)
}

fn element_kind(list: &Type) -> Kind {
    list.elements().first().map_or(Kind::Other, Type::kind)
}

/// The list as the variant that tch has for elements of that kind.
fn list(of: Kind, elements: Vec<IValue>) -> IValue {
    macro_rules! of {
        ($from:ident, $to:ident) => {
            IValue::$to(
                elements
                    .into_iter()
                    .filter_map(|element| match element {
                        IValue::$from(element) => Some(element),
                        _ => None,
                    })
                    .collect(),
            )
        };
    }
    match of {
        Kind::Tensor => of!(Tensor, TensorList),
        Kind::Int => of!(Int, IntList),
        Kind::Float => of!(Double, DoubleList),
        Kind::Bool => of!(Bool, BoolList),
        Kind::String => of!(String, StringList),
        _ => IValue::GenericList(elements),
    }
}

/// The arguments of a call whose types only the module knows: a tensor, a number or a text, a tuple of the arguments, or
/// a slice of [`IValue`]s. `Form` is inferred; it keeps the implementations apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the arguments of a call",
    label = "neither a tensor, nor a tuple, nor a slice of `IValue`s",
    note = "help: write `&x`, `(&x, 3)` or `&[IValue::Tensor(x)]`"
)]
pub trait CallArgs<Form> {
    /// One value for each argument.
    #[doc(hidden)]
    fn values(self) -> Result<Vec<Value>>;
}

/// The form of one argument.
pub enum One {}

/// The form of a tuple of arguments.
pub enum Tuple {}

/// The form of a slice of values.
pub enum Slice {}

impl CallArgs<Slice> for &[IValue] {
    fn values(self) -> Result<Vec<Value>> {
        self.iter().map(from_ivalue).collect()
    }
}

impl<const N: usize> CallArgs<Slice> for &[IValue; N] {
    fn values(self) -> Result<Vec<Value>> {
        self[..].values()
    }
}

impl CallArgs<Slice> for &Vec<IValue> {
    fn values(self) -> Result<Vec<Value>> {
        self[..].values()
    }
}

macro_rules! one {
    ($($ty:ty)*) => {$(
        impl CallArgs<One> for $ty {
            fn values(self) -> Result<Vec<Value>> {
                Ok(vec![exact(&self)?])
            }
        }
    )*};
}

one! { &Tensor Tensor &str String bool i64 f64 }

impl CallArgs<Tuple> for () {
    fn values(self) -> Result<Vec<Value>> {
        Ok(vec![])
    }
}

macro_rules! tuple {
    ($($name:ident $from:ident $index:tt),+) => {
        impl<$($name: ScriptType),+> CallArgs<Tuple> for ($($name,)+) {
            fn values(self) -> Result<Vec<Value>> {
                Ok(vec![$(exact(&self.$index)?),+])
            }
        }
    };
}

for_each_tuple! { tuple }

fn exact<T: ScriptType>(value: &T) -> Result<Value> {
    if !value.is_exact() {
        return Err(Error::Type { expected: T::type_name(), found: "an integer above 2^63 - 1".into() });
    }
    Ok(value.to_value())
}
