//! The walk over a tree of Rust modules: each becomes an instance of a TorchScript class, children
//! first, in the mode that its type declares.

mod class;
mod explain;
mod function;
mod generalize;
mod hidden;
mod inherited;
mod layer;
mod plan;
mod script;
mod trace;
mod wanted;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use tch::Tensor;

use crate::error::{Error, Result};
use crate::ffi;
use crate::inputs::MethodInputs;
use crate::leaks::{Site, Warning};
use crate::member::{ContainerClass, MemberValue, Members};
use crate::mode::CompileMode;
use crate::module::{Node, NodeRef};
use crate::names::{python_name, unfit_name};
use crate::options::Options;
use crate::place::{ModulePath, relative};
use crate::recording::Callee;
use crate::report::Report;
use crate::script_module::{ModuleMeta, ScriptModule};
use crate::snapshot::Snapshot;
use crate::training::Flags;
use class::{Classes, Shape, Slot};
pub use function::Functions;
pub use inherited::Inherited;
pub use wanted::Known;

/// What the caller decides about the root.
pub enum Root {
    /// By its annotation. A root that would inherit is scripted if TorchScript can express it,
    /// else traced.
    ByAnnotation,
    /// Scripted, whatever it declares.
    Script,
    /// These methods are traced on these inputs, whatever it declares.
    Trace(MethodInputs),
}

/// Compiles `root` and everything below it, in one compilation unit.
pub fn compile(root: &dyn Node, how: Root, options: &Options) -> Result<ScriptModule> {
    if ffi::is_tracing() {
        return Err(Error::Nested);
    }
    let mut session = Session {
        options,
        classes: Classes::new()?,
        instances: HashMap::new(),
        metas: BTreeMap::new(),
        hidden: vec![],
        by_type: HashMap::new(),
        warnings: vec![],
        report: Report::default(),
    };
    let path = ModulePath::default();
    let (mode, inputs) = match how {
        Root::Script => (CompileMode::Script, None),
        Root::Trace(inputs) => (CompileMode::Trace, Some(inputs)),
        Root::ByAnnotation => (root_mode(root), None),
    };
    // Functions that give example inputs draw random numbers, too.
    let before = Snapshot::take(&[])?;
    let compiled = session.module(root, mode, inputs, &path);
    before.restore()?;
    let compiled = compiled?;
    let module = placed(compiled.module, options)?;
    Ok(ScriptModule::new(module, session.metas, session.warnings, session.report))
}

/// The module where the caller wants it; with tensors of its own if these are to be others than the Rust module's.
fn placed(module: ffi::Module, options: &Options) -> Result<ffi::Module> {
    let is_at = |device| {
        let tensors = || module.parameters(true).into_iter().chain(module.buffers(true));
        tensors().all(|(_, tensor)| tensor.device() == device)
    };
    let elsewhere = options.device.filter(|device| !is_at(*device));
    if !options.deep_copy && elsewhere.is_none() {
        return Ok(module);
    }
    let copy = module.deep_copy()?;
    if let Some(device) = elsewhere {
        copy.to(device, None)?;
    }
    Ok(copy)
}

fn root_mode(root: &dyn Node) -> CompileMode {
    match root.info().mode {
        CompileMode::Inherit if can_be_scripted(root) => CompileMode::Script,
        CompileMode::Inherit => CompileMode::Trace,
        declared => declared,
    }
}

/// Whether TorchScript can express the module's methods, and those of what inherits its mode.
fn can_be_scripted(node: &dyn Node) -> bool {
    fn all(members: &Members<'_>) -> bool {
        members.list.iter().all(|(_, member)| match member {
            MemberValue::Module(NodeRef::Module(child)) => {
                child.info().mode != CompileMode::Inherit || can_be_scripted(*child)
            }
            MemberValue::Module(NodeRef::Layer(layer)) => !layer.is_opaque(),
            MemberValue::Container { members, .. } => all(members),
            _ => true,
        })
    }
    node.define().refusal.is_none() && all(&node.members())
}

/// One call of `compile`.
struct Session<'o> {
    options: &'o Options,
    classes: Classes,
    /// Rust objects that are compiled already, with their first path: one that is used twice stays
    /// one module, unless it inherits different modes.
    instances: HashMap<(Identity, CompileMode), (Compiled, ModulePath)>,
    metas: BTreeMap<String, ModuleMeta>,
    /// Tensors that the one opaque layer of the module at work holds, see `hidden`.
    hidden: Vec<Tensor>,
    /// The classes of users' modules, by their types.
    by_type: HashMap<&'static str, Vec<Rc<class::Class>>>,
    warnings: Vec<Warning>,
    report: Report,
}

/// A Rust object: its address and its type.
type Identity = (usize, &'static str);

/// A compiled module of the tree.
#[derive(Clone)]
struct Compiled {
    module: ffi::Module,
    class: Rc<class::Class>,
    /// The compiled modules in its tree whose calls a trace records.
    callees: Vec<Callee>,
}

impl Session<'_> {
    fn member_module(
        &mut self,
        node: NodeRef<'_>,
        context: CompileMode,
        path: &ModulePath,
    ) -> Result<Compiled> {
        match node {
            NodeRef::Unsupported(info) => Err(Error::Unsupported { path: path.clone(), ty: info.name }),
            NodeRef::Layer(layer) => {
                let object = layer.identity();
                self.once(object, CompileMode::Trace, path, |session| session.layer(&layer, context, path))
            }
            NodeRef::Module(node) => {
                let mode = match node.info().mode {
                    CompileMode::Inherit => context,
                    declared => declared,
                };
                let object = node.address().map(|address| (address, node.type_name()));
                self.once(object, mode, path, |session| session.module(node, mode, None, path))
            }
        }
    }

    /// Runs `f`, unless the object was compiled before.
    fn once(
        &mut self,
        object: Option<Identity>,
        mode: CompileMode,
        path: &ModulePath,
        f: impl FnOnce(&mut Self) -> Result<Compiled>,
    ) -> Result<Compiled> {
        // A traced parent can call what was scripted; a scripted one cannot call what was recorded
        // as a part of its parent.
        let usable: &[CompileMode] =
            if mode == CompileMode::Trace { &[CompileMode::Trace, CompileMode::Script] } else { &[mode] };
        let known =
            object.and_then(|object| usable.iter().find_map(|mode| self.instances.get(&(object, *mode))));
        if let Some((compiled, first)) = known {
            let (compiled, first) = (compiled.clone(), first.clone());
            self.copy_metas(&first, path);
            return Ok(compiled);
        }
        let compiled = f(self)?;
        if let Some(object) = object {
            self.instances.insert((object, mode), (compiled.clone(), path.clone()));
        }
        Ok(compiled)
    }

    /// What is known of the modules below `from` holds below `to`, where the same objects are.
    fn copy_metas(&mut self, from: &ModulePath, to: &ModulePath) {
        let below: Vec<_> = self
            .metas
            .iter()
            .filter_map(|(path, meta)| Some((to.join(relative(path, from.as_str())?), meta.clone())))
            .collect();
        self.metas.extend(below);
    }

    /// Compiles a user's module in `mode`.
    fn module(
        &mut self,
        node: &dyn Node,
        mode: CompileMode,
        inputs: Option<MethodInputs>,
        path: &ModulePath,
    ) -> Result<Compiled> {
        let info = node.info();
        self.metas.insert(path.as_str().to_owned(), ModuleMeta { mode, ty: node.type_name().to_owned() });
        match mode {
            CompileMode::Script => self.scripted(node, path),
            // A child that inherits `trace` is traced where its parent calls it.
            CompileMode::Trace
                if inputs.is_none() && info.mode == CompileMode::Inherit && !path.as_str().is_empty() =>
            {
                let (shape, callees) = self.shape(node.members(), CompileMode::Trace, path)?;
                self.inheriting(node, &shape, callees, path)
            }
            CompileMode::Trace => self.traced(node, inputs, path),
            CompileMode::Unsupported | CompileMode::Inherit => {
                Err(Error::Unsupported { path: path.clone(), ty: info.name })
            }
        }
    }

    /// The class is the instance's own: the parent's calls decide what its methods are.
    fn inheriting(
        &mut self,
        node: &dyn Node,
        shape: &Shape,
        mut callees: Vec<Callee>,
        path: &ModulePath,
    ) -> Result<Compiled> {
        let class = self.classes.create(&class_name(node), shape)?;
        self.note_class(node, &class);
        let module = class.instance(shape)?;
        let entry = node.entry();
        let (ty, method, place) = (node.info().name, entry.name, entry.place);
        let site = Site { path: path.clone(), ty, method, place };
        let has_flags = !Flags::of(node).is_empty();
        let inherited = Inherited::new(site, class.clone(), module.clone(), has_flags);
        callees.push(Callee { inherited: Some(Rc::new(inherited)), ..callee(node, &module) });
        Ok(Compiled { module, class, callees })
    }

    /// Compiles the children and collects all members, in order.
    fn shape(
        &mut self,
        members: Members<'_>,
        context: CompileMode,
        path: &ModulePath,
    ) -> Result<(Shape, Vec<Callee>)> {
        let training = members.training.map(Cell::get);
        let mut shape = Shape { slots: vec![], aliases: members.aliases, training };
        let mut callees = vec![];
        for (name, member) in members.list {
            let slot = match member {
                MemberValue::Tensor { kind, tensor } => Slot::Tensor { kind, tensor },
                MemberValue::Attribute { ty, value } => Slot::Attribute { ty, value },
                MemberValue::Constant(value) => Slot::Constant(value),
                MemberValue::Absent => Slot::Absent,
                MemberValue::Module(node) => {
                    let child = self.member_module(node, context, &path.child(&name))?;
                    callees.extend(child.callees);
                    Slot::Child { module: child.module, class: child.class }
                }
                MemberValue::Container { class, members } => {
                    let child = self.container(class, members, context, &path.child(&name))?;
                    callees.extend(child.callees);
                    Slot::Child { module: child.module, class: child.class }
                }
            };
            shape.slots.push((name, slot));
        }
        Ok((shape, callees))
    }

    fn container(
        &mut self,
        kind: ContainerClass,
        members: Members<'_>,
        context: CompileMode,
        path: &ModulePath,
    ) -> Result<Compiled> {
        for (name, _) in &members.list {
            if let Some(help) = unfit_name(name) {
                return Err(Error::Name { path: path.clone(), name: name.clone(), help });
            }
        }
        let len = members.list.len();
        let (shape, callees) = self.shape(members, context, path)?;
        let file = if kind == ContainerClass::Module { "module" } else { "container" };
        let name = format!("__torch__.torch.nn.modules.{file}.{}", kind.name());
        let class = self.classes.get_or_create(kind.name(), &name, &shape, |class| {
            if kind == ContainerClass::Module {
                return Ok(());
            }
            class.define_source(&format!("def __len__(self) -> int:\n    return {len}\n"))?;
            Ok(())
        })?;
        let module = class.instance(&shape)?;
        self.metas.insert(
            path.as_str().to_owned(),
            ModuleMeta { mode: CompileMode::Inherit, ty: kind.name().to_owned() },
        );
        Ok(Compiled { module, class, callees })
    }
}

/// `my_crate::model::Cell` becomes `__torch__.my_crate.model.Cell`.
fn class_name(node: &dyn Node) -> String {
    let info = node.info();
    let path = info.module_path.split("::").map(python_name).collect::<Vec<_>>().join(".");
    format!("__torch__.{path}.{}", python_name(info.name))
}

/// A module's own entry in the list of those whose calls are recorded.
fn callee(node: &dyn Node, module: &ffi::Module) -> Callee {
    Callee { address: node.address(), ty: node.type_name(), module: module.clone(), inherited: None }
}
