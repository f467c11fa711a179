//! Finds the tensors that opaque layers hold. The layers do not show these, so the traced module around them is run and
//! observed: a tensor that every run reads, that no run makes, and that is neither an input nor a member of the tree,
//! belongs to an opaque layer.

use std::collections::HashSet;

use tch::Tensor;

use super::at::At;
use crate::compile::callees::Callee;
use crate::compile::class::Shape;
use crate::compile::layer::captured;
use crate::compile::session::Session;
use crate::compile::values::copies;
use crate::error::Result;
use crate::ffi::{self, Value, tensor_identity};
use crate::identity::Object;
use crate::model::layer::Layer;
use crate::model::mode::CompileMode;
use crate::model::node::{MemberValue, Members};
use crate::model::node::{Node, NodeRef};
use crate::place::ModulePath;
use crate::record::{Snapshot, frames, quiet};

/// The tensors and the opaque layers that a module shows.
#[derive(Default)]
struct Seen {
    /// Identities of the tensors in the module's tree.
    tensors: HashSet<usize>,
    /// The module's opaque layers, except those that are compiled already as a part of another module.
    opaque: HashSet<Object>,
}

impl Session<'_> {
    /// The members of a traced module, compiled, and the tensors that its opaque layers hold.
    pub(super) fn shape_with_hidden(
        &mut self,
        node: &dyn Node,
        path: &ModulePath,
        runs: &[(At<'_>, &[Vec<Value>])],
    ) -> Result<(Shape, Vec<Callee>)> {
        if !node.holds_hidden_tensors() && !has_opaque(&node.members()) {
            return self.shape(node.members(), CompileMode::Trace, path);
        }
        let mut seen = Seen::default();
        self.survey(node.members(), path, &mut seen)?;
        let mut hidden = vec![];
        for (at, sets) in runs {
            at.hidden_tensors(&sets[0], &mut seen.tensors, &mut hidden)?;
        }
        // The hidden tensors go to the opaque layer if it is the only one. With several, it is unknown which one holds
        // them.
        let of_layer = if seen.opaque.len() == 1 { std::mem::take(&mut hidden) } else { vec![] };
        let outer = std::mem::replace(&mut self.hidden, of_layer);
        let shape = self.shape(node.members(), CompileMode::Trace, path);
        self.hidden = outer;
        let (mut shape, callees) = shape?;
        shape.slots.extend(captured(hidden));
        Ok((shape, callees))
    }

    /// Notes the tensors of the tree and the opaque layers. Children that are compiled by themselves are compiled here.
    fn survey(&mut self, members: Members<'_>, path: &ModulePath, seen: &mut Seen) -> Result<()> {
        for (name, member) in members.list {
            let path = path.child(&name);
            match member {
                MemberValue::Tensor { tensor: Some(tensor), .. } => seen.add(&tensor),
                MemberValue::Container { members, .. } => self.survey(members, &path, seen)?,
                MemberValue::Module(NodeRef::Module(node)) if node.info().mode == CompileMode::Inherit => {
                    self.survey(node.members(), &path, seen)?;
                }
                MemberValue::Module(NodeRef::Layer(layer))
                    if layer.is_opaque() && !self.is_compiled(&layer) =>
                {
                    seen.opaque.extend(layer.object.identified());
                }
                MemberValue::Module(node) => {
                    let module = self.member_module(node, CompileMode::Trace, &path)?.module;
                    for (_, tensor) in module.parameters(true).iter().chain(&module.buffers(true)) {
                        seen.add(tensor);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn is_compiled(&self, layer: &Layer<'_>) -> bool {
        layer.object.identified().is_some_and(|it| self.instances.contains_key(&(it, CompileMode::Trace)))
    }
}

impl Seen {
    fn add(&mut self, tensor: &Tensor) {
        self.tensors.insert(tensor_identity(tensor));
    }
}

impl At<'_> {
    /// Adds hidden tensors in the order of their first use. `known` holds the tensors of the tree and those found
    /// already.
    fn hidden_tensors(
        &self,
        inputs: &[Value],
        known: &mut HashSet<usize>,
        hidden: &mut Vec<Tensor>,
    ) -> Result<()> {
        for train in self.method.modes() {
            // The inputs, and a tensor that a run makes without an operator, differ from run to run.
            // Both lists live until they are compared, so that no address stands for two tensors.
            let first = self.observe(inputs, *train)?;
            let second = self.observe(inputs, *train)?;
            let again: HashSet<usize> = second.iter().map(tensor_identity).collect();
            for tensor in first {
                let identity = tensor_identity(&tensor);
                if again.contains(&identity) && known.insert(identity) {
                    hidden.push(tensor);
                }
            }
        }
        Ok(())
    }

    /// The tensors that one run reads and does not make. Afterwards buffers and random state are as before.
    fn observe(&self, inputs: &[Value], train: bool) -> Result<Vec<Tensor>> {
        let inputs = copies(inputs)?;
        let mut snapshot = Snapshot::take(&[])?;
        let (result, observed) =
            ffi::observe(|| quiet::catch(|| frames::boundary(|| self.method.run(&inputs, train))))?;
        let mut tensors = vec![];
        for ffi::Observed { tensor, before } in observed {
            if let Some(before) = before {
                snapshot.add(&tensor, before);
            }
            tensors.push(tensor);
        }
        snapshot.restore()?;
        match result {
            Ok(Ok(run)) => run.map(|_| tensors),
            Ok(Err(payload)) | Err(payload) => Err(self.failed(quiet::with_place(quiet::message(payload)))),
        }
    }
}

/// Whether the module has opaque layers that are recorded as a part of it. Those of children that are compiled by
/// themselves do not count.
fn has_opaque(members: &Members<'_>) -> bool {
    members.list.iter().any(|(_, member)| match member {
        MemberValue::Module(NodeRef::Layer(layer)) => layer.is_opaque(),
        MemberValue::Module(NodeRef::Module(node)) if node.info().mode == CompileMode::Inherit => {
            has_opaque(&node.members())
        }
        MemberValue::Container { members, .. } => has_opaque(members),
        _ => false,
    })
}
