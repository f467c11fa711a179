//! The tree of Rust modules as the compiler walks it, without types: nodes, and the members of each.

use std::any::Any;
use std::cell::Cell;

use tch::Tensor;

use crate::ffi::{JitModule, TensorKind, Type, Value};
use crate::identity::Object;
use crate::model::definition::MethodDefs;
use crate::model::layer::{Inside, Layer};
use crate::model::method::RustMethod;
use crate::model::mode::CompileMode;
use crate::place::{ModulePath, Place, Site};

/// The name, the place and the mode of a module's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeInfo {
    /// The struct's name, without generics.
    pub name: &'static str,
    /// The Rust module that it is defined in.
    pub module_path: &'static str,
    /// The declared mode.
    pub mode: CompileMode,
    /// The struct's definition.
    pub place: Place,
}

/// A module behind `Box<dyn Trait>`: write `trait Layer: DynModule { … }`. Every annotated struct
/// implements it, and so does every layer of tch. Whether such a module can be compiled is known
/// at run time only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module that can be compiled",
    label = "neither an annotated module nor a layer of `tch`",
    note = "help: write `trait Layer: tch_jit::DynModule` where it is a trait, put `#[compile_mode]` on the struct where it is one, or hide the field with `#[jit(skip)]`"
)]
pub trait DynModule {
    /// The module, without its type.
    #[doc(hidden)]
    fn node(&self) -> NodeRef<'_>;
}

/// A module without its type.
pub enum NodeRef<'m> {
    /// A user's module that may be compiled.
    Module(&'m dyn Node),
    /// A layer of tch.
    Layer(Layer<'m>),
    /// A user's module that is declared unsupported.
    Unsupported(TypeInfo),
}

/// [`Module`] and [`Forward`], object-safe: what the compiler walks.
pub trait Node {
    /// Name, place and mode of the type.
    fn info(&self) -> TypeInfo;
    /// The object, with its full type.
    fn object(&self) -> Object;
    /// The fields.
    fn members(&self) -> Members<'_>;
    /// Whether the module may hold tensors that are no fields, as a closure does.
    fn holds_hidden_tensors(&self) -> bool {
        false
    }
    /// The small whole numbers in the entry's block, where its text is known.
    fn small_integers(&self) -> &'static [i64] {
        &[]
    }
    /// The entry; none for a module that only holds others, or that is entered by other methods.
    fn entry(&self) -> Option<RustMethod<'_>>;
    /// The entry's place, or where there is none, the type's.
    fn site(&self, path: &ModulePath) -> Site {
        let info = self.info();
        let (method, place) = self.entry().map_or(("", info.place), |entry| (entry.name, entry.place));
        Site { path: path.clone(), ty: info.name, method, place }
    }
    /// The other methods that can be traced.
    fn methods(&self) -> Vec<RustMethod<'_>>;
    /// The entry and all that it calls, for script mode.
    fn define(&self) -> MethodDefs;
    /// Adds the exported methods, which are scripted in every mode.
    fn define_exports(&self, defs: &mut MethodDefs);
}

/// What a field becomes in TorchScript.
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
    /// Plain data, which each instance holds.
    Attribute {
        /// Its type.
        ty: Type,
        /// The value.
        value: Value,
    },
    /// A constant, which belongs to the class.
    Constant(Value),
    /// An optional module that is missing.
    Absent,
    /// A module that was compiled or loaded before.
    Artifact(&'m dyn Artifact),
}

/// A module that was compiled or loaded before, as a field of another one.
pub trait Artifact {
    /// The module, whose handles are shared.
    fn jit(&self) -> &JitModule;
    /// What it is, for those who know the type.
    fn as_any(&self) -> &dyn Any;
}

/// PyTorch's containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    pub aliases: Vec<(&'static str, String)>,
    /// The field that says whether the module is in training.
    pub training: Option<&'m Cell<bool>>,
}

impl<'m> Members<'m> {
    /// Members under the names in `list`.
    pub fn new(list: Vec<(String, MemberValue<'m>)>) -> Self {
        Members { list, ..Members::default() }
    }

    /// Adds a member.
    pub fn add(&mut self, name: impl Into<String>, value: MemberValue<'m>) {
        self.list.push((name.into(), value));
    }

    /// Notes that the field `field` is the member `name`.
    pub fn rename(&mut self, field: &'static str, name: &str) {
        self.aliases.push((field, name.to_owned()));
    }

    /// Adds a function that a body calls, which the body names `marker`: the member `name`, if it is that function, else
    /// a member with a name like it.
    pub fn add_function(&mut self, marker: &'static str, name: &str, function: Layer<'m>) {
        let find = |name: &str| self.list.iter().find(|(known, _)| known == name).map(|(_, member)| member);
        let is_function = |member: &MemberValue<'_>| {
            matches!(member, MemberValue::Module(NodeRef::Layer(Layer { inside: Inside::Function(_), .. })))
        };
        if find(name).is_some_and(is_function) {
            return self.rename(marker, name);
        }
        let mut free = name.to_owned();
        for n in 1.. {
            if find(&free).is_none() {
                break;
            }
            free = format!("{name}_{n}");
        }
        self.rename(marker, &free);
        self.add(free, MemberValue::Module(NodeRef::Layer(function)));
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
