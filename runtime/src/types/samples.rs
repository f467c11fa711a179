//! Values to try a type's traits with, which may be implemented by hand: whether they do what they do for data.

use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tch::Tensor;

use super::ScriptOutput;
use crate::ffi::{Kind, Type, Value};

/// Different values of a type.
pub fn of(ty: &Type) -> Vec<Value> {
    let elements = ty.elements();
    match (ty.kind(), &elements[..]) {
        (Kind::Bool, _) => [false, true].map(Value::bool).into(),
        (Kind::Int, _) => [0, 1, -1].map(Value::int).into(),
        // Two are close: many a hand-written `==` of floats takes these for equal.
        (Kind::Float, _) => [0.0, 1.0, -1.0, 1e-9].map(Value::float).into(),
        (Kind::String, _) => ["", "a", "A"].map(Value::string).into(),
        (Kind::Tensor, _) => [0.0, 1.0].map(|it| Value::tensor(&Tensor::from(it))).into(),
        (Kind::List, [element]) => {
            let lists = of(element).into_iter().map(|it| vec![it]);
            let lists = std::iter::once(vec![]).chain(lists);
            lists.filter_map(|it| Value::list(element, &it).ok()).collect()
        }
        (Kind::Dict, [key, value]) => Value::dict(key, value, &[], &[]).into_iter().collect(),
        (Kind::Tuple, _) => {
            one_by_one(elements.iter().map(of).collect()).iter().map(|it| Value::tuple(it)).collect()
        }
        (_, [some]) if ty.is_optional() => std::iter::once(Value::none()).chain(of(some)).collect(),
        _ => vec![],
    }
}

/// The fields of a structure: the first value of each, and then one of them is another one.
pub fn one_by_one(fields: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let Some(first) = fields.iter().map(|it| it.first().cloned()).collect::<Option<Vec<Value>>>() else {
        return vec![];
    };
    let others = fields.iter().enumerate().flat_map(|(i, values)| {
        let first = &first;
        values[1..].iter().map(move |value| {
            let mut fields = first.clone();
            fields[i] = value.clone();
            fields
        })
    });
    std::iter::once(first.clone()).chain(others).collect()
}

/// Whether `==` of a type tells its samples apart. One that panics, as a comparison that asserts something may, does not.
pub fn are_equated<T: ScriptOutput + PartialEq>() -> bool {
    let samples = rust_samples::<T>();
    let told = |i: usize, j: usize| catch_unwind(AssertUnwindSafe(|| samples[i].1 == samples[j].1)).ok();
    pairs(samples.len()).all(|(i, j)| told(i, j) == Some(i == j))
}

/// Whether `<` of a type orders its samples as the data that stand for them.
pub fn are_ordered<T: ScriptOutput + PartialOrd>() -> bool {
    let samples = rust_samples::<T>();
    let order =
        |i: usize, j: usize| catch_unwind(AssertUnwindSafe(|| samples[i].1.partial_cmp(&samples[j].1))).ok();
    pairs(samples.len()).all(|(i, j)| match order_of(&samples[i].0, &samples[j].0) {
        Some(expected) => order(i, j) == Some(Some(expected)),
        None => true,
    })
}

/// Whether the clones of a type's samples have their data.
pub fn are_cloned<T: ScriptOutput + Clone>() -> bool {
    let clone = |it: &T| catch_unwind(AssertUnwindSafe(|| it.clone().to_value())).ok();
    rust_samples::<T>().iter().all(|(_, it)| clone(it).is_some_and(|clone| is_same(&clone, &it.to_value())))
}

/// Whether the value is the default that is derived, of whatever types; that of an enum is its first variant.
pub fn is_plain(default: &Value) -> bool {
    match default.kind() {
        Kind::Bool => default.as_bool() == Some(false),
        Kind::Int => default.as_int() == Some(0),
        Kind::Float => default.as_float().is_some_and(|it| it.to_bits() == 0),
        Kind::String => default.as_text().is_some_and(|it| it.is_empty()),
        Kind::List | Kind::Dict => default.elements().is_empty(),
        Kind::Tuple => default.elements().iter().all(is_plain),
        _ => true,
    }
}

/// How the data are ordered, as derived orders are: element by element. Of tensors, nothing is known.
fn order_of(a: &Value, b: &Value) -> Option<Ordering> {
    match (a.kind(), b.kind()) {
        (Kind::None, Kind::None) => Some(Ordering::Equal),
        (Kind::None, _) => Some(Ordering::Less),
        (_, Kind::None) => Some(Ordering::Greater),
        (Kind::Bool, _) => Some(a.as_bool()?.cmp(&b.as_bool()?)),
        (Kind::Int, _) => Some(a.as_int()?.cmp(&b.as_int()?)),
        (Kind::Float, _) => a.as_float()?.partial_cmp(&b.as_float()?),
        (Kind::String, _) => Some(a.as_text()?.cmp(&b.as_text()?)),
        (Kind::List | Kind::Tuple, _) => {
            let (a, b) = (a.elements(), b.elements());
            for (a, b) in a.iter().zip(&b) {
                match order_of(a, b)? {
                    Ordering::Equal => {}
                    order => return Some(order),
                }
            }
            Some(a.len().cmp(&b.len()))
        }
        _ => None,
    }
}

/// Whether the values are equal, and share their tensors.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::Tensor, Kind::Tensor) => {
            a.as_tensor().zip(b.as_tensor()).is_some_and(|(a, b)| a.data_ptr() == b.data_ptr())
        }
        (Kind::List | Kind::Tuple, Kind::List | Kind::Tuple) => {
            let (a, b) = (a.elements(), b.elements());
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| is_same(a, b))
        }
        (Kind::Dict, Kind::Dict) => a.elements().len() == b.elements().len(),
        _ => a.kind() == b.kind() && order_of(a, b) == Some(Ordering::Equal),
    }
}

/// The samples that are values of the Rust type, beside what stands for them.
fn rust_samples<T: ScriptOutput>() -> Vec<(Value, T)> {
    // What holds neither fields nor the number of a variant is compared as rustc's own types are.
    if !may_be_own(&T::script_type()) {
        return vec![];
    }
    T::samples().into_iter().filter_map(|it| T::from_value(&it).ok().map(|rust| (it, rust))).collect()
}

fn may_be_own(ty: &Type) -> bool {
    matches!(ty.kind(), Kind::Tuple | Kind::Int) || ty.elements().iter().any(may_be_own)
}

fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |i| (0..n).map(move |j| (i, j)))
}
