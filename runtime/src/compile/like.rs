//! Finds the kind and the device for a module's example inputs: those of its own tensors, as in e3nn.

use tch::{Device, Kind, Tensor};

use crate::ffi::{TensorKind, device_of};
use crate::model::examples::Like;
use crate::model::layer::Inside;
use crate::model::node::{MemberValue, Members};
use crate::model::node::{Node, NodeRef};
use crate::record::quiet;

/// The kind of the module's first floating parameter, else of its first floating buffer, else `Float`; the device
/// of its first parameter, else of its first buffer, else the CPU.
pub fn like(node: &dyn Node) -> Like {
    let mut tensors = Tensors::default();
    tensors.add_members(node.members());
    let all = || tensors.parameters.iter().chain(&tensors.buffers);
    Like {
        kind: all().find_map(|it| it.f_kind().ok().filter(|_| it.is_floating_point())).unwrap_or(Kind::Float),
        device: all().find_map(device_of).unwrap_or(Device::Cpu),
    }
}

/// The tensors of a tree, parameters and buffers.
#[derive(Default)]
struct Tensors {
    parameters: Vec<Tensor>,
    buffers: Vec<Tensor>,
}

impl Tensors {
    fn add_members(&mut self, members: Members<'_>) {
        for (_, member) in members.list {
            match member {
                MemberValue::Tensor { kind, tensor } => self.add(kind, tensor),
                MemberValue::Container { members, .. } => self.add_members(members),
                MemberValue::Module(NodeRef::Module(node)) => self.add_members(node.members()),
                MemberValue::Module(NodeRef::Layer(layer)) => {
                    // An opaque layer, or one that cannot be looked into, contributes no tensors.
                    let Inside::Known(look) = layer.inside else { continue };
                    let Ok(Ok(contents)) = quiet::catch(look) else { continue };
                    contents.tensors.into_iter().for_each(|(_, kind, tensor)| self.add(kind, tensor));
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, kind: TensorKind, tensor: Option<Tensor>) {
        let Some(tensor) = tensor.filter(Tensor::defined) else { return };
        match kind {
            TensorKind::Parameter => self.parameters.push(tensor),
            TensorKind::Buffer => self.buffers.push(tensor),
        }
    }
}
