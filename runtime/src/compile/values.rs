//! Asks what is in a value, and whether a trace can follow it.

use tch::Tensor;

use crate::error::{Error, Result};
use crate::ffi::{Kind, Type, Value};

/// Copies of the inputs for one run, which may change them in place. The copies share no memory, even where the
/// originals do: a trace takes each argument for itself.
pub fn copies(inputs: &[Value]) -> Result<Vec<Value>> {
    inputs.iter().map(|value| Ok(value.copy()?)).collect()
}

/// A copy of `value` with other tensors: `f` gives what takes a tensor's place, in order; none leaves its copy there.
pub fn replaced(value: &Value, f: &mut dyn FnMut(&Tensor) -> Option<Tensor>) -> Result<Value> {
    fn replace(value: &Value, f: &mut dyn FnMut(&Tensor) -> Option<Tensor>) -> Result<()> {
        let Some(mut tensor) = value.as_tensor() else {
            return value.elements().iter().try_for_each(|element| replace(element, f));
        };
        match f(&tensor) {
            Some(other) => {
                tensor.f_set_data(&other.detach()).map_err(|error| Error::Torch(error.to_string()))
            }
            None => Ok(()),
        }
    }
    let copy = value.copy()?;
    replace(&copy, f)?;
    Ok(copy)
}

/// Why a trace cannot return `output`.
pub fn untraceable(output: &Value, strict: bool) -> Option<String> {
    if has_tensors(output) { unfollowed(output, strict) } else { Some(not_a_tensor(output)) }
}

pub fn has_tensors(value: &Value) -> bool {
    value.kind() == Kind::Tensor || value.elements().iter().any(has_tensors)
}

fn unfollowed(output: &Value, strict: bool) -> Option<String> {
    match output.kind() {
        // A missing value is allowed: it is missing in every call of the trace.
        Kind::Tensor | Kind::None => None,
        Kind::Tuple => output.elements().iter().find_map(|element| unfollowed(element, strict)),
        Kind::List | Kind::Dict if strict => Some(format!(
            "it returns a `{}`, whose length a trace fixes\n\
             help: return a tuple, mark the module `#[compile_mode(script)]`, or allow it by \
             `Compiler::strict(false)`",
            output.type_name()
        )),
        Kind::List => output.elements().iter().find_map(|element| unfollowed(element, strict)),
        Kind::Dict => {
            output.elements().chunks(2).filter_map(|entry| entry.get(1)).find_map(|it| unfollowed(it, strict))
        }
        _ => Some(not_a_tensor(output)),
    }
}

fn not_a_tensor(value: &Value) -> String {
    format!(
        "it returns a value of type `{}`, which a trace cannot follow\n\
         help: return tensors, or mark the module `#[compile_mode(script)]`",
        value.type_name()
    )
}

/// Whether the value holds more than tensors, numbers, and the structure around them. A truth value by itself does not
/// count: it chooses between traces.
pub fn is_data(value: &Value) -> bool {
    value.kind() != Kind::Bool && holds_data(value)
}

fn holds_data(value: &Value) -> bool {
    match value.kind() {
        Kind::Tensor | Kind::None | Kind::Int | Kind::Float => false,
        Kind::Tuple | Kind::List => value.elements().iter().any(holds_data),
        Kind::Dict => value.elements().chunks(2).filter_map(|entry| entry.get(1)).any(holds_data),
        _ => true,
    }
}

/// The keys of the first map in `a` and in `b`, examples of one argument, that has other keys in one than in the other.
pub fn different_keys(a: &Value, b: &Value) -> Option<(String, String)> {
    let (elements, others) = (a.elements(), b.elements());
    if (a.kind(), b.kind()) == (Kind::Dict, Kind::Dict) {
        let keys = |entries: &[Value]| -> Vec<String> {
            entries.iter().step_by(2).map(|key| format!("`{key}`")).collect()
        };
        let (keys, other_keys) = (keys(&elements), keys(&others));
        if keys != other_keys {
            return Some((keys.join(", "), other_keys.join(", ")));
        }
    }
    elements.iter().zip(&others).find_map(|(a, b)| different_keys(a, b))
}

/// Whether a part of the value is missing.
pub fn lacks_values(value: &Value) -> bool {
    value.kind() == Kind::None || value.elements().iter().any(lacks_values)
}

/// Whether a part of a value of this type may be missing.
pub fn holds_options(ty: &Type) -> bool {
    ty.is_optional() || ty.elements().iter().any(holds_options)
}

/// Whether the value holds numbers, which have to differ between the examples.
pub fn holds_numbers(value: &Value) -> bool {
    match value.kind() {
        Kind::Int | Kind::Float => true,
        _ => value.elements().iter().any(holds_numbers),
    }
}
