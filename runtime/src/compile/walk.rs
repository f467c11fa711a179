//! The walk over a tree of Rust modules: each becomes an instance of a TorchScript class, children
//! first, in the mode that its type declares.

use std::cell::Cell;
use std::rc::Rc;

use super::callees::Callee;
use super::class::{Origin, Shape, Slot};
use super::options::Options;
use super::session::{Compiled, Session, class_name};
use super::trace::inherited::{Inherited, Modes};
use crate::artifact::ScriptModule;
use crate::error::{Error, Result};
use crate::ffi::{self, Random};
use crate::model::inputs::MethodInputs;
use crate::model::mode::CompileMode;
use crate::model::node::{Artifact, ContainerClass, MemberValue, Members, Node, NodeRef};
use crate::model::training::flags;
use crate::names::unfit_name;
use crate::place::ModulePath;

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

/// Compiles `root` and everything below it into one compilation unit.
pub fn compile(root: &dyn Node, how: Root, options: &Options) -> Result<ScriptModule> {
    if ffi::is_tracing() {
        return Err(Error::Nested);
    }
    let mut session = Session::new(options)?;
    let path = ModulePath::default();
    let (mode, inputs) = match how {
        Root::Script => (CompileMode::Script, None),
        Root::Trace(inputs) => (CompileMode::Trace, Some(inputs)),
        Root::ByAnnotation => (root_mode(root), None),
    };
    // All that runs here draws random numbers of its own, also functions that give example inputs.
    let compiled = Random::scope(|_| session.module(root, mode, inputs, &path))??;
    if compiled.module.methods().is_empty() {
        return Err(Error::NoMethods { ty: root.info().name, place: root.info().place });
    }
    let module = placed(compiled.module, options)?;
    if options.eval_only {
        module.train(false);
    }
    let metas = session.metas();
    let module = ScriptModule::new(module, metas, session.warnings, session.report, &session.artifacts);
    module.set_optimized_execution(options.optimized_execution);
    Ok(module)
}

fn undefined(path: &ModulePath, name: &str) -> Error {
    Error::Torch(format!(
        "{path}`{name}` is an undefined tensor, which TorchScript cannot hold\n\
         help: make the field an `Option<Tensor>`, and its value `None`"
    ))
}

/// The module on the device that the caller wants, as a copy where its tensors must not be the Rust module's.
fn placed(module: ffi::JitModule, options: &Options) -> Result<ffi::JitModule> {
    let is_at = |device| {
        let tensors = || module.parameters(true).into_iter().chain(module.buffers(true));
        tensors().all(|(_, tensor)| !tensor.defined() || ffi::device_of(&tensor) == Some(device))
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

/// Whether TorchScript can express the methods of the module and of the children that inherit its mode.
fn can_be_scripted(node: &dyn Node) -> bool {
    fn all(members: &Members<'_>) -> bool {
        members.list.iter().all(|(_, member)| match member {
            MemberValue::Module(NodeRef::Module(child)) => {
                child.info().mode != CompileMode::Inherit || can_be_scripted(*child)
            }
            MemberValue::Module(NodeRef::Layer(layer)) => layer.can_be_scripted(),
            MemberValue::Container { members, .. } => all(members),
            _ => true,
        })
    }
    node.define().refusal.is_none() && all(&node.members())
}

impl Session<'_> {
    pub fn member_module(
        &mut self,
        node: NodeRef<'_>,
        context: CompileMode,
        path: &ModulePath,
    ) -> Result<Compiled> {
        match node {
            NodeRef::Unsupported(info) => Err(Error::Unsupported { path: path.clone(), ty: info.name }),
            NodeRef::Layer(layer) => {
                let mode = if layer.is_function() { context } else { CompileMode::Trace };
                self.once(layer.object.identified(), mode, path, |session| {
                    session.layer(&layer, context, path)
                })
            }
            NodeRef::Module(node) => {
                let mode = match node.info().mode {
                    CompileMode::Inherit => context,
                    declared => declared,
                };
                self.once(node.object().identified(), mode, path, |session| {
                    session.module(node, mode, None, path)
                })
            }
        }
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
        let compiled = match mode {
            CompileMode::Script => self.scripted(node, path),
            // A child that inherits `trace` is traced where its parent calls it.
            CompileMode::Trace
                if inputs.is_none() && info.mode == CompileMode::Inherit && !path.is_root() =>
            {
                let (shape, callees) = self.shape(node.members(), CompileMode::Trace, path)?;
                self.inheriting(node, &shape, callees, path)
            }
            CompileMode::Trace => self.traced(node, inputs, path),
            CompileMode::Unsupported | CompileMode::Inherit => {
                Err(Error::Unsupported { path: path.clone(), ty: info.name })
            }
        }?;
        self.note(path, mode, node.object().ty.name(), Some(&compiled.class));
        Ok(compiled)
    }

    /// Prepares a child that inherits `trace`. Its class is not shared, as the parent's calls decide which methods it
    /// has.
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
        let modes = Modes { has_flags: !flags(node).is_empty(), is_eval_only: self.options.eval_only };
        let inherited = Inherited::new(node.site(path), class.clone(), module.clone(), modes);
        callees.push(Callee { inherited: Some(Rc::new(inherited)), ..Callee::new(node, &module, &class) });
        Ok(Compiled { module, class, callees })
    }

    /// Compiles the children and collects all members, in order.
    pub fn shape(
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
                MemberValue::Tensor { tensor: Some(tensor), .. } if !tensor.defined() => {
                    return Err(undefined(path, &name));
                }
                MemberValue::Constant(value) if value.as_tensor().is_some_and(|it| !it.defined()) => {
                    return Err(undefined(path, &name));
                }
                MemberValue::Tensor { kind, tensor } => Slot::Tensor { kind, tensor },
                MemberValue::Attribute { ty, value } => {
                    let holds_device = ty.to_string().contains("Device");
                    if let Some(device) = value.impossible_device().filter(|_| holds_device) {
                        return Err(Error::Torch(format!(
                            "{path}`{name}` holds the device `{device}`, which libtorch does not have\n\
                             help: devices are numbered from 0 to 127"
                        )));
                    }
                    Slot::Attribute { ty, value }
                }
                MemberValue::Constant(value) if value.is_readable() => Slot::Constant(value),
                // libtorch writes constants of a class as text, and attributes as they are.
                MemberValue::Constant(value) => Slot::Attribute { ty: value.script_type(), value },
                MemberValue::Absent => Slot::Absent,
                MemberValue::Module(node) => {
                    let child = self.member_module(node, context, &path.child(&name))?;
                    callees.extend(child.callees);
                    Slot::Child { module: child.module, class: child.class }
                }
                MemberValue::Artifact(artifact) => {
                    let child = self.artifact(artifact, &path.child(&name))?;
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

    /// A module that was compiled or loaded before becomes a child as it is: it and the user's handle stay one.
    fn artifact(&mut self, artifact: &dyn Artifact, path: &ModulePath) -> Result<Compiled> {
        let class = self.classes.foreign(artifact.jit())?;
        if let Some(module) = artifact.as_any().downcast_ref::<ScriptModule>() {
            self.note_artifact(module, path);
        }
        Ok(Compiled { module: artifact.jit().clone(), class, callees: vec![] })
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
        let class = self.classes.get_or_create(Origin::Container(kind), &name, &shape, |class| {
            if kind == ContainerClass::Module {
                return Ok(());
            }
            class.define_source(&format!("def __len__(self) -> int:\n    return {len}\n"))?;
            Ok(())
        })?;
        let module = class.instance(&shape)?;
        self.note(path, CompileMode::Inherit, kind.name(), None);
        Ok(Compiled { module, class, callees })
    }
}
