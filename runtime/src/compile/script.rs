//! Script mode: the methods' trees become methods of the class.

use super::{Compiled, Session, callee, class_name};
use crate::error::{Error, Result};
use crate::ffi;
use crate::mode::CompileMode;
use crate::module::Node;
use crate::place::ModulePath;
use crate::private::MethodDefs;

impl Session<'_> {
    pub(super) fn scripted(&mut self, node: &dyn Node, path: &ModulePath) -> Result<Compiled> {
        let MethodDefs { list, refusal, .. } = node.define();
        if let Some((method, message, help, place)) = refusal {
            let ty = node.info().name;
            return Err(Error::NotScriptable { path: path.clone(), ty, method, message, place, help });
        }
        let (shape, mut callees) = self.shape(node.members(), CompileMode::Script, path)?;
        let key = format!("script {}", node.type_name());
        let class = self
            .classes
            .get_or_create(&key, &class_name(node), &shape, |class| {
                let methods: Vec<_> = list
                    .iter()
                    .map(|def| ffi::Method {
                        name: def.name,
                        tree: def.tree,
                        source: def.source,
                        file: def.file,
                        line: def.line,
                        types: &def.types,
                        constants: &def.constants,
                    })
                    .collect();
                class.define(&methods)?;
                if node.has_train() {
                    class.define_source(&forward_by_training(node, "forward_t"))?;
                }
                Ok(())
            })
            .map_err(|error| match error {
                Error::Torch(message) => {
                    Error::Script { path: path.clone(), ty: node.info().name, place: node.place(), message }
                }
                other => other,
            })?;
        let module = class.instance(&shape)?;
        callees.push(callee(node, &module));
        Ok(Compiled { module, class, callees })
    }
}

/// `forward(x)` beside `forward_t(x, train)`: it passes the module's own flag on.
pub fn forward_by_training(node: &dyn Node, forward_t: &str) -> String {
    let (params, args) = signature(node);
    format!("def forward(self{params}):\n    return self.{forward_t}({args}self.training)\n")
}

/// `, x: Tensor` as parameters, and `x, ` as arguments.
pub fn signature(node: &dyn Node) -> (String, String) {
    let (names, types) = node.args();
    let params = names.iter().zip(&types).map(|(name, ty)| format!(", {name}: {ty}")).collect();
    let args = names.iter().map(|name| format!("{name}, ")).collect();
    (params, args)
}
