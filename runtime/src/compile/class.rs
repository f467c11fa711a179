//! The TorchScript classes of one compilation unit. Instances of one Rust type whose members have equal types and whose
//! constants are equal share one class, compiled once.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use tch::Tensor;

use super::function::Functions;
use crate::error::{Error, Result};
use crate::ffi::{self, TensorKind, Type, Value};
use crate::identity::RustType;
use crate::model::definition::MethodDef;
use crate::model::node::ContainerClass;

/// The members of a module, in order.
#[derive(Default)]
pub struct Shape {
    pub slots: Vec<(String, Slot)>,
    /// Fields with another name than their member's: Rust's, then TorchScript's.
    pub aliases: Vec<(&'static str, String)>,
    /// Whether the instance is in training, for a module with a field `training`.
    pub training: Option<bool>,
}

/// One member of a module; a child is already compiled.
pub enum Slot {
    Tensor { kind: TensorKind, tensor: Option<Tensor> },
    Attribute { ty: Type, value: Value },
    Constant(Value),
    Child { module: ffi::JitModule, class: Rc<Class> },
    Absent,
}

/// A TorchScript class, with a number that names it in the keys of its parents' classes.
#[derive(Debug)]
pub struct Class {
    id: usize,
    class: ffi::Class,
    names: RefCell<Names>,
}

/// The names in a class. In Rust, fields and methods are two namespaces, and in TorchScript one. A field keeps its name,
/// which the state dict shows; a method with a field's name gets a number at its end.
#[derive(Clone, Debug, Default)]
struct Names {
    /// The names that are taken, of members and of methods.
    taken: HashSet<String>,
    /// Methods that the compiler adds, by the names that it asked for.
    added: HashMap<String, String>,
    /// The methods, by the names that the macros gave them.
    methods: HashMap<&'static str, Method>,
}

#[derive(Clone, Debug)]
struct Method {
    rust_name: &'static str,
    /// The name in the class.
    name: String,
    /// Whether the class has it, or knows its definition.
    is_declared: bool,
}

/// What a class is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A user's type, scripted.
    Script(RustType),
    /// A user's type, traced.
    Trace(RustType),
    /// A layer of tch.
    Layer(RustType),
    /// A container.
    Container(ContainerClass),
}

/// The classes of one compilation unit.
pub struct Classes {
    unit: Rc<ffi::Unit>,
    /// The unit's functions.
    pub functions: Rc<Functions>,
    /// Classes by everything that tells them apart except their traced graphs: what they are made from, and their
    /// members.
    by_key: HashMap<(Origin, String), Vec<SharedClass>>,
    /// Classes of other units, each with a module that has it.
    foreign: Vec<(ffi::JitModule, Rc<Class>)>,
    n: usize,
}

/// A class with the identities of its traced graphs; classes of one key differ in these only.
struct SharedClass {
    graphs: Vec<u8>,
    class: Rc<Class>,
}

impl Classes {
    /// No classes yet, in a new compilation unit.
    pub fn new(is_eval_only: bool) -> Result<Classes> {
        let unit = Rc::new(ffi::Unit::new(is_eval_only)?);
        let functions = Rc::new(Functions::new(unit.clone()));
        Ok(Classes { unit, functions, by_key: HashMap::new(), foreign: vec![], n: 0 })
    }

    /// The class for `origin` and `shape`; where it is new, `define` adds its methods.
    pub fn get_or_create(
        &mut self,
        origin: Origin,
        name: &str,
        shape: &Shape,
        define: impl FnOnce(&Class) -> Result<()>,
    ) -> Result<Rc<Class>> {
        if let Some(known) = self.known(origin, shape) {
            return Ok(known);
        }
        let class = self.create(name, shape)?;
        define(&class)?;
        self.by_key.insert((origin, shape.key()), vec![SharedClass { graphs: vec![], class: class.clone() }]);
        Ok(class)
    }

    /// The first class that was made for `origin` and `shape`.
    pub fn known(&self, origin: Origin, shape: &Shape) -> Option<Rc<Class>> {
        self.by_key
            .get(&(origin, shape.key()))
            .and_then(|known| known.first())
            .map(|known| known.class.clone())
    }

    /// A class for the instance that a trace is recorded with: one that is known, or a new one without
    /// methods.
    pub fn candidate(&mut self, origin: Origin, name: &str, shape: &Shape) -> Result<Rc<Class>> {
        self.known(origin, shape).map_or_else(|| self.create(name, shape), Ok)
    }

    /// The class for `origin`, `shape` and these graphs; where it is new, `define` adds its scripted methods.
    pub fn traced(
        &mut self,
        origin: Origin,
        name: &str,
        shape: &Shape,
        candidate: &Rc<Class>,
        graphs: &[(String, ffi::Graph)],
        define: impl FnOnce(&Class) -> Result<()>,
    ) -> Result<Rc<Class>> {
        let key = (origin, shape.key());
        let identity: Vec<u8> =
            graphs.iter().flat_map(|(name, graph)| [name.as_bytes(), &graph.identity()].concat()).collect();
        let known = self.by_key.entry(key.clone()).or_default();
        if let Some(known) = known.iter().find(|known| known.graphs == identity) {
            return Ok(known.class.clone());
        }
        // The first graph of a key goes into the class that it was recorded with.
        let class = if known.is_empty() {
            candidate.clone()
        } else {
            let class = self.create(name, shape)?;
            class.take_names(candidate);
            class
        };
        for (name, graph) in graphs {
            class.class.add_traced(name, graph)?;
        }
        define(&class)?;
        self.by_key.entry(key).or_default().push(SharedClass { graphs: identity, class: class.clone() });
        Ok(class)
    }

    /// The class of a module that was compiled or loaded before.
    pub fn foreign(&mut self, module: &ffi::JitModule) -> Result<Rc<Class>> {
        if let Some((_, known)) = self.foreign.iter().find(|(known, _)| known.same_class(module)) {
            return Ok(known.clone());
        }
        let class = self.unit.class_of(module)?;
        self.n += 1;
        let class = Rc::new(Class { id: self.n, class, names: RefCell::new(Names::of(&Shape::default())) });
        self.foreign.push((module.clone(), class.clone()));
        Ok(class)
    }

    /// A new class without methods, which is not shared.
    pub fn create(&mut self, name: &str, shape: &Shape) -> Result<Rc<Class>> {
        let class = self.unit.class(name)?;
        for (name, slot) in &shape.slots {
            match slot {
                Slot::Tensor { kind, tensor } => class.add_tensor(name, *kind, tensor.is_some())?,
                Slot::Attribute { ty, value } => {
                    class.add_attribute(name, ty)?;
                    positive_parts(name, value).iter().for_each(|part| class.note_positive(part));
                }
                Slot::Constant(value) => class.add_constant(name, value)?,
                Slot::Child { class: child, .. } => class.add_child(name, &child.class)?,
                Slot::Absent => class.add_attribute(name, &Type::none())?,
            }
        }
        for (field, name) in &shape.aliases {
            class.add_alias(field, name);
        }
        self.n += 1;
        Ok(Rc::new(Class { id: self.n, class, names: RefCell::new(Names::of(shape)) }))
    }
}

impl Class {
    /// Declares those of the methods that the class does not have yet. Each is compiled when it is first called, or by
    /// [`Class::compile`].
    pub fn declare(&self, methods: &[&MethodDef], functions: &Functions) -> Result<()> {
        for &def in methods {
            let name = self.name_of(def.name, def.rust_name)?;
            if self.set_declared(def.name) {
                let definition = ffi::Definition { def, name: &name, functions: functions.names_of(def) };
                self.class.declare(&[definition])?;
            }
        }
        Ok(())
    }

    /// Compiles a declared method, and what it calls.
    pub fn compile(&self, def: &MethodDef) -> Result<()> {
        Ok(self.class.compile(&self.name_of(def.name, def.rust_name)?)?)
    }

    /// The name in the class of the method that the macros named `script_name`.
    pub fn name_of(&self, script_name: &'static str, rust_name: &'static str) -> Result<String> {
        let names = &mut *self.names.borrow_mut();
        if let Some(known) = names.methods.get(script_name) {
            let is_same = known.rust_name == rust_name || is_entry(script_name);
            return if is_same {
                Ok(known.name.clone())
            } else {
                Err(same_name(known, script_name, rust_name))
            };
        }
        // Callers know an entry by its name; no field can have it.
        let name = if is_entry(script_name) { script_name.to_owned() } else { names.free(script_name) };
        if name != script_name {
            self.class.name_method(script_name, &name);
        }
        let method = Method { rust_name, name: name.clone(), is_declared: false };
        names.methods.insert(script_name, method);
        Ok(name)
    }

    /// The name of an entry, or of a method that [`Class::name_of`] was asked for.
    pub fn known_name(&self, script_name: &str) -> Option<String> {
        if is_entry(script_name) {
            return Some(script_name.to_owned());
        }
        self.names.borrow().methods.get(script_name).map(|method| method.name.clone())
    }

    /// The name of a method that the compiler adds, like `wanted`: nothing else in the class has it.
    pub fn added_name(&self, wanted: &str) -> String {
        let names = &mut *self.names.borrow_mut();
        if let Some(known) = names.added.get(wanted) {
            return known.clone();
        }
        let name = names.free(wanted);
        names.added.insert(wanted.to_owned(), name.clone());
        name
    }

    /// Gives methods the names that they have in `other`, a class with the same members.
    fn take_names(&self, other: &Class) {
        let mut names = other.names.borrow().clone();
        for (script_name, method) in &mut names.methods {
            method.is_declared = false;
            if method.name != *script_name {
                self.class.name_method(script_name, &method.name);
            }
        }
        self.names.replace(names);
    }

    /// The methods with another name in Rust than in the class: from Rust's names to the class's.
    pub fn renamed(&self) -> BTreeMap<String, String> {
        let names = self.names.borrow();
        let renamed = names.methods.values().filter(|it| it.rust_name != it.name);
        renamed.map(|it| (it.rust_name.to_owned(), it.name.clone())).collect()
    }

    /// Notes that the class has a traced method of this name: a script that calls it needs no compiled one.
    pub fn note_traced(&self, script_name: &'static str, rust_name: &'static str) -> Result<()> {
        self.name_of(script_name, rust_name)?;
        self.set_declared(script_name);
        Ok(())
    }

    /// Notes that the class has the method, or its definition; whether that is new.
    fn set_declared(&self, script_name: &'static str) -> bool {
        let mut names = self.names.borrow_mut();
        let method = names.methods.get_mut(script_name);
        method.is_some_and(|method| !std::mem::replace(&mut method.is_declared, true))
    }

    /// Adds a traced method.
    pub fn add_traced(&self, name: &str, graph: &ffi::Graph) -> Result<()> {
        Ok(self.class.add_traced(name, graph)?)
    }

    /// Removes a method that [`Class::add_traced`] added.
    pub fn remove_traced(&self, name: &str) {
        self.class.remove_method(name);
    }

    /// Compiles methods written as TorchScript text.
    pub fn define_source(&self, source: &str) -> Result<()> {
        Ok(self.class.define_source(source)?)
    }

    /// An instance that holds the values of `shape`.
    pub fn instance(&self, shape: &Shape) -> Result<ffi::JitModule> {
        let module = ffi::JitModule::new(&self.class)?;
        for (name, slot) in &shape.slots {
            match slot {
                Slot::Tensor { tensor: Some(tensor), .. } => module.set(name, &Value::tensor(tensor))?,
                Slot::Tensor { tensor: None, .. } | Slot::Absent => module.set(name, &Value::none())?,
                Slot::Attribute { value, .. } => module.set(name, value)?,
                Slot::Child { module: child, .. } => module.set_child(name, child)?,
                Slot::Constant(_) => {}
            }
        }
        if let Some(on) = shape.training {
            module.set("training", &Value::bool(on))?;
        }
        Ok(module)
    }
}

/// The error for two methods with one name in TorchScript: one would be called in place of the other.
fn same_name(Method { rust_name: other, .. }: &Method, name: &str, rust_name: &str) -> Error {
    Error::Torch(format!(
        "the methods `{other}` and `{rust_name}` are both named `{name}` in TorchScript\nhelp: give one of them another name"
    ))
}

fn is_entry(script_name: &str) -> bool {
    matches!(script_name, "forward" | "forward_t")
}

impl Names {
    fn of(shape: &Shape) -> Names {
        let members = shape.slots.iter().map(|(name, _)| name.as_str());
        // A body may call the member by its field's name.
        let fields = shape.aliases.iter().map(|(field, _)| *field);
        let taken = members.chain(fields).chain(["training"]).map(str::to_owned).collect();
        Names { taken, ..Names::default() }
    }

    /// Takes `wanted`, or `wanted_1` and so on where that is taken.
    fn free(&mut self, wanted: &str) -> String {
        let numbered = (1..).map(|n| format!("{wanted}_{n}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        names.find(|name| self.taken.insert(name.clone())).expect("there are more numbers than names")
    }
}

impl Shape {
    /// A text that is equal for shapes that can share a class.
    fn key(&self) -> String {
        let mut key = String::new();
        for (name, slot) in &self.slots {
            let slot = match slot {
                Slot::Tensor { kind, tensor } => format!("{kind:?} {}", tensor.is_some()),
                Slot::Attribute { ty, value } => format!("{ty} {}", positive_parts(name, value).join(" ")),
                Slot::Constant(value) => constant_key(value),
                Slot::Child { class, .. } => format!("#{}", class.id),
                Slot::Absent => "None".into(),
            };
            key.push_str(&format!("\n{name}: {slot}"));
        }
        key
    }
}

/// The positive integers in the attribute `name`, which bodies divide by otherwise than by others: the attribute itself,
/// or parts of a tuple, as `name.0`.
fn positive_parts(name: &str, value: &Value) -> Vec<String> {
    match value.kind() {
        ffi::Kind::Int if value.as_int().is_some_and(|it| it > 0) => vec![name.to_owned()],
        ffi::Kind::Tuple => {
            let parts = value.elements();
            parts.iter().enumerate().flat_map(|(i, it)| positive_parts(&format!("{name}.{i}"), it)).collect()
        }
        _ => vec![],
    }
}

/// A text that is equal for equal constants. Tensors count as equal if they are views of the same memory: their data
/// may be large, and may be on another device. Those without plain memory, such as sparse ones, equal themselves only.
fn constant_key(value: &Value) -> String {
    let keys = || value.elements().iter().map(constant_key).collect::<Vec<_>>();
    match value.kind() {
        ffi::Kind::Tensor => value.as_tensor().as_ref().map_or_else(String::new, ffi::view_text),
        ffi::Kind::Float => format!("{:?}", value.as_float().map(f64::to_bits)),
        ffi::Kind::Int => format!("{:?}", value.as_int()),
        ffi::Kind::Bool => format!("{:?}", value.as_bool()),
        ffi::Kind::String => format!("{:?}", value.as_text()),
        ffi::Kind::Device => format!("{:?}", value.as_device()),
        ffi::Kind::Tuple | ffi::Kind::List => format!("{} {:?}", value.type_name(), keys()),
        // The entries are sorted, as the order of a map does not count.
        ffi::Kind::Dict => {
            let keys = keys();
            let mut entries: Vec<_> = keys.chunks(2).collect();
            entries.sort_unstable();
            format!("{} {entries:?}", value.type_name())
        }
        ffi::Kind::None | ffi::Kind::Other => value.type_name(),
    }
}
