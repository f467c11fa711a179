//! The state of one call of the compiler: which modules, classes and functions of the tree are compiled so far.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use tch::Tensor;

use super::callees::Callee;
use super::class::{Class, Classes};
use super::options::Options;
use crate::artifact::{ModuleMeta, Report, Warning};
use crate::error::Result;
use crate::ffi;
use crate::identity::{Object, RustType};
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
    pub metas: BTreeMap<String, ModuleMeta>,
    /// The tensors that the only opaque layer of the module at work holds, see `trace/hidden.rs`.
    pub hidden: Vec<Tensor>,
    /// The classes of users' modules, by their types.
    pub by_type: HashMap<RustType, Vec<Rc<Class>>>,
    pub warnings: Vec<Warning>,
    pub report: Report,
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
            classes: Classes::new()?,
            instances: HashMap::new(),
            metas: BTreeMap::new(),
            hidden: vec![],
            by_type: HashMap::new(),
            warnings: vec![],
            report: Report::default(),
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

    /// Copies modes and types of the modules below `from` to the paths below `to`, where the same objects are used
    /// again.
    fn copy_metas(&mut self, from: &ModulePath, to: &ModulePath) {
        let below: Vec<_> = self
            .metas
            .iter()
            .filter_map(|(path, meta)| Some((to.join(relative(path, from.as_str())?), meta.clone())))
            .collect();
        self.metas.extend(below);
    }
}

/// `my_crate::model::Cell` becomes `__torch__.my_crate.model.Cell`.
pub fn class_name(node: &dyn Node) -> String {
    let info = node.info();
    qualified_name(&format!("{}::{}", info.module_path, info.name))
}
