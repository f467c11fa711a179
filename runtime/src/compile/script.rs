//! Script mode: the syntax trees of a module's methods come in, methods of its TorchScript class go out.

use std::rc::Rc;

use super::callees::Callee;
use super::class::{Class, Origin};
use super::session::{Compiled, Session, class_name};
use super::signature::{Arguments, forward_by_training};
use crate::error::{Error, Result};
use crate::identity::RustType;
use crate::model::definition::{MethodDef, MethodDefs, Refusal};
use crate::model::mode::CompileMode;
use crate::model::node::Node;
use crate::place::{ModulePath, Place, Site};

impl Session<'_> {
    pub fn scripted(&mut self, node: &dyn Node, path: &ModulePath) -> Result<Compiled> {
        let mut defs = node.define();
        node.define_exports(&mut defs);
        check_refusal(node, path, &defs)?;
        let (shape, mut callees) = self.shape(node.members(), CompileMode::Script, path)?;
        self.declare_callees(node, path, &defs)?;
        let (functions, options) = (self.classes.functions.clone(), self.options);
        let class = self
            .classes
            .get_or_create(Origin::Script(node.object().ty), &class_name(node), &shape, |class| {
                let methods = own_methods(node, &defs);
                class.declare(&methods, &functions)?;
                compile_roots(class, node, &methods, &defs)?;
                let entry = node.entry().map(|it| it.for_evaluation(options.eval_only));
                match entry {
                    Some(entry) if entry.has_train => {
                        class.define_source(&forward_by_training(&entry, &Arguments::new(&entry)))
                    }
                    _ => Ok(()),
                }
            })
            .map_err(|error| located(error, node, path))?;
        self.note_class(node, &class);
        let module = class.instance(&shape)?;
        callees.push(Callee::new(node, &module, &class));
        Ok(Compiled { module, class, callees })
    }

    /// Scripts the exported methods of a traced module, except those in `traced`.
    pub fn define_exports(
        &mut self,
        node: &dyn Node,
        path: &ModulePath,
        class: &Class,
        traced: &[&str],
    ) -> Result<()> {
        let mut defs = MethodDefs::default();
        node.define_exports(&mut defs);
        check_refusal(node, path, &defs)?;
        self.declare_callees(node, path, &defs)?;
        let methods = scripted_exports(node, &defs, traced);
        let compile = || {
            class.declare(&methods, &self.classes.functions)?;
            compile_roots(class, node, &methods, &defs)
        };
        compile().map_err(|error| located(error, node, path))
    }

    /// Declares what the methods call: functions, and methods of children. The children's classes exist already.
    fn declare_callees(&mut self, node: &dyn Node, path: &ModulePath, defs: &MethodDefs) -> Result<()> {
        let functions = &self.classes.functions;
        let declare = || -> Result<()> {
            functions.declare(&defs.functions)?;
            for (ty, def) in defs.methods.iter().filter(|(ty, _)| *ty != node.object().ty) {
                for class in self.by_type.get(ty).into_iter().flatten() {
                    class.declare(&[def], functions)?;
                }
            }
            Ok(())
        };
        declare().map_err(|error| located(error, node, path))
    }

    pub fn note_class(&mut self, node: &dyn Node, class: &Rc<Class>) {
        let classes = self.by_type.entry(node.object().ty).or_default();
        if !classes.iter().any(|known| Rc::ptr_eq(known, class)) {
            classes.push(class.clone());
        }
    }
}

/// Compiles the entry and the exported methods, and so all that these call in branches that may run.
fn compile_roots(class: &Class, node: &dyn Node, methods: &[&MethodDef], defs: &MethodDefs) -> Result<()> {
    let mut roots = methods.iter().filter(|def| defs.is_root(node.object().ty, def));
    roots.try_for_each(|def| class.compile(def))
}

/// Those of the exported methods of a traced module that are scripted.
fn scripted_exports<'d>(node: &dyn Node, defs: &'d MethodDefs, traced: &[&str]) -> Vec<&'d MethodDef> {
    let mut methods = own_methods(node, defs);
    methods.retain(|it| !traced.contains(&it.name) && it.name != "forward" && it.name != "forward_t");
    methods
}

/// The methods among `traced` that scripted methods of the module may call.
pub fn called_by_scripts<'t>(node: &dyn Node, traced: &[&'t str]) -> Vec<&'t str> {
    let mut defs = MethodDefs::default();
    node.define_exports(&mut defs);
    if scripted_exports(node, &defs, traced).is_empty() {
        return vec![];
    }
    // Definitions are those of exported methods, and of what these call.
    let is_defined = |name: &str| own_methods(node, &defs).iter().any(|it| it.name == name);
    let is_entry = |name: &str| matches!(name, "forward" | "forward_t");
    let calls_entry = is_defined("forward") || is_defined("forward_t");
    traced.iter().copied().filter(|name| !is_entry(name) || calls_entry).collect()
}

fn own_methods<'d>(node: &dyn Node, defs: &'d MethodDefs) -> Vec<&'d MethodDef> {
    let own = defs.methods.iter().filter(|(ty, _)| *ty == node.object().ty);
    own.map(|(_, def)| def).collect()
}

/// There is a definition of everything that is needed, and each has a name of its own.
fn check_refusal(node: &dyn Node, path: &ModulePath, defs: &MethodDefs) -> Result<()> {
    let site = |method, place| Site { path: path.clone(), ty: node.info().name, method, place };
    if let Some(Refusal { method, message, help, place }) = defs.refusal {
        let (message, help) = (message.into(), help.into());
        return Err(Error::NotScriptable { site: site(method, place), message, help });
    }
    for (i, (ty, def)) in defs.methods.iter().enumerate() {
        let same = |(other_ty, other): &&(RustType, MethodDef)| other_ty == ty && other.name == def.name;
        if let Some((_, other)) = defs.methods[..i].iter().find(same) {
            let place = Place { file: def.file, line: def.line, column: 1 };
            let MethodDef { name, rust_name, .. } = def;
            let message =
                format!("`{}` and `{rust_name}` are both named `{name}` in TorchScript", other.rust_name);
            let help = "give one of them another name".into();
            return Err(Error::NotScriptable { site: site(rust_name, place), message: message.into(), help });
        }
    }
    Ok(())
}

/// Adds the module to an error of libtorch's compiler.
fn located(error: Error, node: &dyn Node, path: &ModulePath) -> Error {
    match error {
        Error::Torch(message) => Error::Script { site: node.site(path), message },
        other => other,
    }
}
