//! What a field is to the compiler: its type decides.

mod attribute;
mod containers;
mod tensors;

pub use tensors::TensorField;

use std::cell::Cell;
use std::collections::BTreeMap;

use tch::Tensor;

use crate::ffi::{TensorKind, Value};
use crate::module::{DynModule, NodeRef};

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

    /// How TorchScript writes the type, if it is plain data: an attribute.
    fn data_type() -> Option<String>
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

/// What a field holds.
pub enum MemberValue<'m> {
    /// A module, of the user or of tch.
    Module(NodeRef<'m>),
    /// Members under the names "0", "1", … or under keys.
    Container {
        /// PyTorch's name for it.
        class: ContainerClass,
        /// The elements.
        members: Members<'m>,
    },
    /// A tensor of the module.
    Tensor {
        /// Parameter or buffer.
        kind: TensorKind,
        /// The tensor; none where an optional one is missing.
        tensor: Option<Tensor>,
    },
    /// A value that the module holds.
    Attribute {
        /// Its type, as TorchScript writes it.
        ty: String,
        /// The value.
        value: Value,
    },
    /// A value that belongs to the class.
    Constant(Value),
    /// An optional module that is missing.
    Absent,
}

/// PyTorch's containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerClass {
    /// `torch.nn.Module`, with members under names.
    Module,
    /// `torch.nn.ModuleList`.
    ModuleList,
    /// `torch.nn.ModuleDict`.
    ModuleDict,
    /// `torch.nn.ParameterList`.
    ParameterList,
    /// `torch.nn.ParameterDict`.
    ParameterDict,
}

impl ContainerClass {
    /// The class's name.
    pub fn name(self) -> &'static str {
        match self {
            ContainerClass::Module => "Module",
            ContainerClass::ModuleList => "ModuleList",
            ContainerClass::ModuleDict => "ModuleDict",
            ContainerClass::ParameterList => "ParameterList",
            ContainerClass::ParameterDict => "ParameterDict",
        }
    }
}

/// Named members, in order.
#[derive(Default)]
pub struct Members<'m> {
    /// The members.
    pub list: Vec<(String, MemberValue<'m>)>,
    /// Fields with another name than their member's: Rust's, then TorchScript's.
    pub aliases: Vec<(&'static str, &'static str)>,
    /// The field that says whether the module is in training.
    pub training: Option<&'m Cell<bool>>,
}

impl<'m> Members<'m> {
    /// Members under their own names.
    pub fn new(list: Vec<(String, MemberValue<'m>)>) -> Self {
        Members { list, ..Members::default() }
    }

    /// Adds a member.
    pub fn add(&mut self, name: impl Into<String>, value: MemberValue<'m>) {
        self.list.push((name.into(), value));
    }

    /// Notes that the field `field` is the member `name`.
    pub fn rename(&mut self, field: &'static str, name: &'static str) {
        self.aliases.push((field, name));
    }

    /// Members under their numbers.
    pub fn numbered(values: impl IntoIterator<Item = MemberValue<'m>>) -> Self {
        let list = values.into_iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect();
        Members::new(list)
    }
}

impl<'m> MemberValue<'m> {
    /// A list of modules.
    pub fn module_list<M: DynModule>(items: &'m [M]) -> Self {
        Self::module_list_of(items.iter().map(|item| MemberValue::Module(item.node())))
    }

    /// A list of members.
    pub fn module_list_of(items: impl IntoIterator<Item = MemberValue<'m>>) -> Self {
        MemberValue::Container { class: ContainerClass::ModuleList, members: Members::numbered(items) }
    }

    /// A tuple that is no plain data.
    pub fn tuple<const N: usize>(items: [MemberValue<'m>; N]) -> Self {
        let is_tensor = |item: &MemberValue<'_>| matches!(item, MemberValue::Tensor { .. });
        let class = if items.iter().all(is_tensor) {
            ContainerClass::ParameterList
        } else {
            ContainerClass::ModuleList
        };
        MemberValue::Container { class, members: Members::numbered(items) }
    }

    /// A module that may be missing.
    pub fn optional_module<M: DynModule>(item: &'m Option<M>) -> Self {
        item.as_ref().map_or(MemberValue::Absent, |item| MemberValue::Module(item.node()))
    }
}
