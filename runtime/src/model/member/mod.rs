//! What a field is to the compiler: its type decides.

mod attribute;
mod containers;
mod tensors;

pub use tensors::TensorField;

use std::collections::BTreeMap;

use tch::Tensor;

use crate::ffi::{TensorKind, Type, Value};
use crate::model::node::{ContainerClass, MemberValue, Members};
use crate::types::ScriptType;

/// The type of a field.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a compiled module",
    label = "neither a module nor a tensor nor plain data",
    note = "help: put `#[compile_mode]` on the struct if it is a module, else `#[jit(skip)]` on the field, which hides it from the compiler"
)]
pub trait Member {
    /// The modules in it, as a type: itself for a module, `()` for data.
    type Tree: ?Sized;

    /// The field's value.
    fn member(&self) -> MemberValue<'_>;

    /// The type in TorchScript, if it is plain data: an attribute.
    fn data_type() -> Option<Type>
    where
        Self: Sized,
    {
        None
    }

    /// The value, if the type is plain data.
    fn data(&self) -> Value
    where
        Self: Sized,
    {
        Value::none()
    }

    /// Many of them, in a `Vec` or an array, where they are no plain data; so are `map` and
    /// `option`.
    fn list(items: &[Self]) -> MemberValue<'_>
    where
        Self: Sized,
    {
        MemberValue::module_list_of(items.iter().map(Member::member))
    }

    /// Many of them, under names. The names become those of children, so they are names of Python.
    fn map<'m>(items: BTreeMap<&String, &'m Self>) -> MemberValue<'m>
    where
        Self: Sized,
    {
        let list = items.into_iter().map(|(key, value)| (key.clone(), value.member())).collect();
        MemberValue::Container { class: ContainerClass::ModuleDict, members: Members::new(list) }
    }

    /// One that may be missing.
    fn option(item: &Option<Self>) -> MemberValue<'_>
    where
        Self: Sized,
    {
        match item {
            Some(item) => item.member(),
            None => MemberValue::Absent,
        }
    }
}

/// A value as a field of a module.
pub fn attribute<'m, T: ScriptType>(value: &T) -> MemberValue<'m> {
    MemberValue::Attribute { ty: T::script_type(), value: value.to_value() }
}

/// `#[jit(parameter)]`.
pub fn parameter<'m>(tensor: Option<Tensor>) -> MemberValue<'m> {
    MemberValue::Tensor { kind: TensorKind::Parameter, tensor }
}

/// `#[jit(buffer)]`.
pub fn buffer<'m>(tensor: Option<Tensor>) -> MemberValue<'m> {
    MemberValue::Tensor { kind: TensorKind::Buffer, tensor }
}

/// Stands for `Box<dyn Trait>` where rustc checks trees.
pub enum Dynamic {}

#[diagnostic::do_not_recommend]
impl Member for Dynamic {
    type Tree = ();

    fn member(&self) -> MemberValue<'_> {
        match *self {}
    }
}
