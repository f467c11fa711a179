//! The state of one call of the compiler: which modules, classes and functions of the tree are compiled so far.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use tch::Tensor;

use super::callees::Callee;
use super::class::{Class, Classes};
use super::options::Options;
use crate::artifact::{FixedOptions, Metas, ModuleMeta, Report, ScriptModule, Warning};
use crate::error::Result;
use crate::ffi;
use crate::identity::{Object, RustType};
use crate::model::method::RustMethod;
use crate::model::mode::CompileMode;
use crate::model::node::Node;
use crate::names::qualified_name;
use crate::place::{ModulePath, relative};

/// The state of one call of `compile`.
pub struct Session<'o> {
    pub options: &'o Options,
    pub classes: Classes,
    /// Rust objects that are compiled already, with the path where each was first found. An object that is used twice
    /// stays one module, unless it inherits different modes.
    pub instances: HashMap<(Object, CompileMode), (Compiled, ModulePath)>,
    notes: BTreeMap<String, Note>,
    /// The tensors that the only opaque layer of the module at work holds, see `trace/hidden.rs`.
    pub hidden: Vec<Tensor>,
    /// The classes of users' modules, by their types.
    pub by_type: HashMap<RustType, Vec<Rc<Class>>>,
    pub warnings: Vec<Warning>,
    pub report: Report,
    /// The modules in the tree that were compiled or loaded before, and what is known of these.
    pub artifacts: Vec<ScriptModule>,
    artifact_metas: Metas,
    /// The options among the arguments of the root's traced methods that are none in TorchScript.
    root_options: BTreeMap<String, FixedOptions>,
}

/// What a module was compiled from.
#[derive(Clone)]
struct Note {
    mode: CompileMode,
    ty: String,
    /// The class. Which methods it has is known at the end, as callers may add some.
    class: Option<Rc<Class>>,
}

/// A compiled module of the tree.
#[derive(Clone)]
pub struct Compiled {
    pub module: ffi::JitModule,
    pub class: Rc<Class>,
    /// The compiled modules in its tree whose calls a trace records.
    pub callees: Vec<Callee>,
}

impl<'o> Session<'o> {
    /// A session in which nothing is compiled yet.
    pub fn new(options: &'o Options) -> Result<Self> {
        Ok(Session {
            options,
            classes: Classes::new(options.eval_only)?,
            instances: HashMap::new(),
            notes: BTreeMap::new(),
            hidden: vec![],
            by_type: HashMap::new(),
            warnings: vec![],
            report: Report::default(),
            artifacts: vec![],
            artifact_metas: Metas::new(),
            root_options: BTreeMap::new(),
        })
    }

    /// The compiled form of `object`: from before, if there is one that fits `mode`, else what `f` makes.
    pub fn once(
        &mut self,
        object: Option<Object>,
        mode: CompileMode,
        path: &ModulePath,
        f: impl FnOnce(&mut Self) -> Result<Compiled>,
    ) -> Result<Compiled> {
        // A traced parent can call a scripted module. A scripted parent cannot call one that was recorded as a part of
        // its parent.
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

    /// Notes what the module at `path` was compiled from; a class whose methods have names in Rust comes along.
    pub fn note(&mut self, path: &ModulePath, mode: CompileMode, ty: &str, class: Option<&Rc<Class>>) {
        let note = Note { mode, ty: ty.to_owned(), class: class.cloned() };
        self.notes.insert(path.as_str().to_owned(), note);
    }

    /// What is known of the modules at the end, by their paths.
    pub fn metas(&self) -> Metas {
        let meta = |Note { mode, ty, class }: &Note| {
            let methods = class.as_ref().map(|class| class.renamed()).unwrap_or_default();
            let options = BTreeMap::new();
            ModuleMeta { mode: *mode, ty: ty.clone(), methods, options, eval_only: self.options.eval_only }
        };
        let compiled = self.notes.iter().map(|(path, note)| (path.clone(), meta(note)));
        let mut metas: Metas = compiled.chain(self.artifact_metas.clone()).collect();
        if let Some(root) = metas.get_mut("") {
            root.options = self.root_options.clone();
        }
        metas
    }

    /// Notes which options among the arguments of a traced method of the root are none in TorchScript.
    pub fn note_options(&mut self, method: &RustMethod<'_>, name: &str, options: FixedOptions) {
        if method.has_train {
            self.root_options.insert("forward_t".to_owned(), options.clone());
        }
        self.root_options.insert(name.to_owned(), options);
    }

    /// Notes a module that was compiled or loaded before, at its place in the tree.
    pub fn note_artifact(&mut self, module: &ScriptModule, path: &ModulePath) {
        for (below, meta) in module.metas() {
            self.artifact_metas.insert(path.join(&below), meta);
        }
        self.artifacts.push(module.clone());
    }

    /// Copies modes and types of the modules below `from` to the paths below `to`, where the same objects are used
    /// again.
    fn copy_metas(&mut self, from: &ModulePath, to: &ModulePath) {
        let below: Vec<_> = self
            .notes
            .iter()
            .filter_map(|(path, note)| Some((to.join(relative(path, from.as_str())?), note.clone())))
            .collect();
        self.notes.extend(below);
    }
}

/// `my_crate::model::Cell` becomes `__torch__.my_crate.model.Cell`.
pub fn class_name(node: &dyn Node) -> String {
    let info = node.info();
    qualified_name(&format!("{}::{}", info.module_path, info.name))
}
