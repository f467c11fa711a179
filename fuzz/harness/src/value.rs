//! Results of both sides, and how they are compared.

use std::fmt::{self, Display, Formatter};

use serde_json::json;
use tch::{Kind, Tensor};

/// What a program returns, without Rust's distinctions that TorchScript lacks.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Value {
    None,
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(String),
    Tensor(Tensor),
    Sequence(Vec<Value>),
}

impl Value {
    /// Exact but for tensors, where libtorch may fuse operations; NaN equals NaN.
    pub fn agrees(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::None, Value::None) => true,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Tensor(a), Value::Tensor(b)) => tensors_agree(a, b),
            (Value::Sequence(a), Value::Sequence(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.agrees(b))
            }
            _ => false,
        }
    }

    /// For Python, which knows the types. Floats are texts, since JSON has no NaN.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Value::None => json!(null),
            Value::Int(it) => json!(it),
            Value::Float(it) => json!(format!("{it:?}")),
            Value::Bool(it) => json!(it),
            Value::Text(it) => json!(it),
            Value::Tensor(it) => {
                let values: Vec<f64> =
                    Vec::try_from(&it.to_kind(Kind::Double).flatten(0, -1)).expect("a list of numbers");
                let values: Vec<String> = values.iter().map(|it| format!("{it:?}")).collect();
                json!({ "kind": format!("{:?}", it.kind()), "size": it.size(), "values": values })
            }
            Value::Sequence(values) => values.iter().map(Value::json).collect(),
        }
    }

    /// Collects all tensors in it.
    pub fn tensors<'a>(&'a self, found: &mut Vec<&'a Tensor>) {
        match self {
            Value::Tensor(tensor) => found.push(tensor),
            Value::Sequence(values) => values.iter().for_each(|it| it.tensors(found)),
            _ => {}
        }
    }
}

fn tensors_agree(a: &Tensor, b: &Tensor) -> bool {
    if a.size() != b.size() || a.kind() != b.kind() {
        return false;
    }
    let (a, b) = (a.to_kind(Kind::Double), b.to_kind(Kind::Double));
    a.allclose(&b, 1e-5, 1e-6, true)
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => write!(f, "None"),
            Value::Int(it) => write!(f, "{it}"),
            Value::Float(it) => write!(f, "{it:?}"),
            Value::Bool(it) => write!(f, "{it}"),
            Value::Text(it) => write!(f, "{it:?}"),
            Value::Tensor(it) => {
                let flat = it.to_kind(Kind::Double).flatten(0, -1);
                let values: Vec<f64> = Vec::try_from(&flat).unwrap_or_default();
                write!(f, "Tensor {:?} {:?} {values:?}", it.kind(), it.size())
            }
            Value::Sequence(values) => {
                write!(f, "[")?;
                for (i, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if i == 0 { "" } else { ", " })?;
                }
                write!(f, "]")
            }
        }
    }
}
