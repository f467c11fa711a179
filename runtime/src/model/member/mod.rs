//! What a field becomes, which its type decides: a member of the TorchScript module, as a [`MemberValue`].

mod attribute;
mod containers;
mod tensors;

pub use tensors::TensorField;

use std::collections::BTreeMap;

use tch::Tensor;

use crate::ffi::{TensorKind, Type, Value};
use crate::model::node::{ContainerClass, MemberValue, Members};
use crate::types::ScriptType;

/// A type that a field of a module may have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a compiled module",
    label = "neither a module nor a tensor nor plain data",
    note = "help: put `#[compile_mode]` on the type if it is a module, `#[derive(ScriptType)]` if it is plain data, else `#[jit(skip)]` on the field, which hides it from the compiler"
)]
pub trait Member {
    /// The modules in a value of this type, as a type that rustc can check: `Self` for a module, `()` for data.
    type Tree: ?Sized;

    /// The field's value.
    fn member(&self) -> MemberValue<'_>;

    /// The type in TorchScript, if this is plain data, which becomes an attribute.
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

    /// What a `Vec` or an array of this type becomes, where that is no plain data. `map` and `option` are for maps and
    /// options.
    fn list(items: &[Self]) -> MemberValue<'_>
    where
        Self: Sized,
    {
        MemberValue::module_list_of(items.iter().map(Member::member))
    }

    /// What a map of this type becomes, where that is no plain data. Its keys become names of children, so they must be
    /// names in Python.
    fn map<'m>(items: BTreeMap<&String, &'m Self>) -> MemberValue<'m>
    where
        Self: Sized,
    {
        let list = items.into_iter().map(|(key, value)| (key.clone(), value.member())).collect();
        MemberValue::Container { class: ContainerClass::ModuleDict, members: Members::new(list) }
    }

    /// What an option of this type becomes, where that is no plain data.
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

/// A value that becomes an attribute of the module.
pub fn attribute<'m, T: ScriptType>(value: &T) -> MemberValue<'m> {
    MemberValue::Attribute { ty: T::script_type(), value: value.to_value() }
}

/// The member of a field with `#[jit(parameter)]`.
pub fn parameter<'m>(tensor: Option<Tensor>) -> MemberValue<'m> {
    MemberValue::Tensor { kind: TensorKind::Parameter, tensor }
}

/// The member of a field with `#[jit(buffer)]`.
pub fn buffer<'m>(tensor: Option<Tensor>) -> MemberValue<'m> {
    MemberValue::Tensor { kind: TensorKind::Buffer, tensor }
}

/// Stands in for `dyn Trait` where rustc checks trees: what lies behind it is known at run time only.
pub enum Dynamic {}

#[diagnostic::do_not_recommend]
impl Member for Dynamic {
    type Tree = ();

    fn member(&self) -> MemberValue<'_> {
        match *self {}
    }
}
