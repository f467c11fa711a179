//! Types of generated programs.

use std::fmt::{self, Display, Formatter};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    Unit,
    Int,
    /// `usize`: what indexes. Never negative, as TorchScript counts negative indices from the end.
    Size,
    Float,
    /// A number of less than 64 bits, as Rust writes its type: `i32`, `u8`, `u32`, `i16` or `f32`.
    Narrow(&'static str),
    Bool,
    Text,
    Tensor,
    List(Box<Ty>),
    Array(Box<Ty>, usize),
    Option(Box<Ty>),
    Tuple(Vec<Ty>),
    /// From `i64` to `i64`.
    Map,
    /// `HashMap<String, i64>`. Nothing asks for its order.
    Table,
    Struct(Box<Struct>),
    /// The enum `Mode`, without fields.
    Enum,
    /// The enum `Cache`, whose variants have fields.
    Data,
    /// A module, or several: as Rust writes the type.
    Module(&'static str),
    /// What `return` and its like have.
    Never,
}

/// A struct with `#[derive(ScriptType)]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Struct {
    pub name: String,
    pub fields: Vec<(String, Ty)>,
}

impl Struct {
    /// A template of its literal, with a hole for each field. It may stand where a block follows.
    pub fn template(&self) -> String {
        let fields: Vec<String> = self.fields.iter().map(|(name, _)| format!("{name}: @")).collect();
        format!("({} {{ {} }})", self.name, fields.join(", "))
    }
}

impl Ty {
    pub fn list(of: Ty) -> Ty {
        Ty::List(Box::new(of))
    }

    pub fn option(of: Ty) -> Ty {
        Ty::Option(Box::new(of))
    }

    pub fn is_copy(&self) -> bool {
        match self {
            Ty::Unit | Ty::Int | Ty::Size | Ty::Float | Ty::Narrow(_) | Ty::Bool | Ty::Enum | Ty::Never => {
                true
            }
            Ty::Text
            | Ty::Data
            | Ty::Tensor
            | Ty::List(_)
            | Ty::Map
            | Ty::Table
            | Ty::Struct(_)
            | Ty::Module(_) => false,
            Ty::Array(of, _) | Ty::Option(of) => of.is_copy(),
            Ty::Tuple(items) => items.iter().all(Ty::is_copy),
        }
    }

    /// Whether there are tensors in it, which tch cannot clone.
    pub fn has_tensor(&self) -> bool {
        match self {
            Ty::Tensor => true,
            Ty::List(of) | Ty::Array(of, _) | Ty::Option(of) => of.has_tensor(),
            Ty::Tuple(items) => items.iter().any(Ty::has_tensor),
            Ty::Struct(it) => it.fields.iter().any(|(_, ty)| ty.has_tensor()),
            _ => false,
        }
    }

    /// The method that copies a value; none where it takes more than a method.
    pub fn copy_suffix(&self) -> Option<&'static str> {
        match self {
            ty if ty.is_copy() => Some(""),
            Ty::Tensor => Some(".shallow_clone()"),
            ty if ty.has_tensor() => None,
            _ => Some(".clone()"),
        }
    }

    /// Whether a value can be copied, in Rust and in TorchScript.
    pub fn is_clone(&self) -> bool {
        match self {
            Ty::List(of) if of.has_tensor() => **of == Ty::Tensor,
            // A clone of lists of lists is refused.
            Ty::List(of) | Ty::Array(of, _) => of.element().is_none() && of.is_clone(),
            Ty::Option(of) => of.is_clone(),
            Ty::Tuple(items) => items.iter().all(Ty::is_clone),
            Ty::Struct(it) => it.fields.iter().all(|(_, ty)| ty.is_clone()),
            Ty::Module(_) => false,
            _ => true,
        }
    }

    pub fn is_scalar(&self) -> bool {
        matches!(self, Ty::Int | Ty::Size | Ty::Float | Ty::Narrow(_) | Ty::Bool)
    }

    /// The elements of a list or an array.
    pub fn element(&self) -> Option<&Ty> {
        match self {
            Ty::List(of) | Ty::Array(of, _) => Some(of),
            _ => None,
        }
    }
}

impl Display for Ty {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Unit => write!(f, "()"),
            Ty::Int => write!(f, "i64"),
            Ty::Size => write!(f, "usize"),
            Ty::Float => write!(f, "f64"),
            Ty::Bool => write!(f, "bool"),
            Ty::Text => write!(f, "String"),
            Ty::Tensor => write!(f, "Tensor"),
            Ty::List(of) => write!(f, "Vec<{of}>"),
            Ty::Array(of, n) => write!(f, "[{of}; {n}]"),
            Ty::Option(of) => write!(f, "Option<{of}>"),
            Ty::Tuple(items) => {
                write!(f, "(")?;
                for item in items {
                    write!(f, "{item}, ")?;
                }
                write!(f, ")")
            }
            Ty::Map => write!(f, "BTreeMap<i64, i64>"),
            Ty::Table => write!(f, "HashMap<String, i64>"),
            Ty::Struct(it) => write!(f, "{}", it.name),
            Ty::Enum => write!(f, "Mode"),
            Ty::Data => write!(f, "Cache"),
            Ty::Narrow(name) | Ty::Module(name) => write!(f, "{name}"),
            Ty::Never => write!(f, "!"),
        }
    }
}
