//! Values to compare: whether a type's `==`, which may be written by hand, means what it means for data.

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

/// Whether `equal` tells the samples of a type apart. It gives `None` where the type cannot be compared, and one that
/// panics, as a comparison that asserts something may, does not tell.
pub fn tells_apart<T: ScriptOutput>(equal: impl Fn(&T, &T) -> Option<bool>) -> bool {
    let samples: Vec<T> = T::samples().iter().filter_map(|it| T::from_value(it).ok()).collect();
    let mut pairs = samples.iter().enumerate().flat_map(|a| samples.iter().enumerate().map(move |b| (a, b)));
    pairs.all(|((i, a), (j, b))| {
        let told = catch_unwind(AssertUnwindSafe(|| equal(a, b)));
        told.is_ok_and(|told| told.is_none_or(|it| it == (i == j)))
    })
}
