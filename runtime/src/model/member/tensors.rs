//! Fields that hold tensors, which become parameters if they require grad, else buffers.

use std::collections::BTreeMap;

use tch::Tensor;

use super::Member;
use crate::ffi::TensorKind;
use crate::model::node::{ContainerClass, MemberValue, Members};

#[diagnostic::do_not_recommend]
impl Member for Tensor {
    type Tree = ();

    fn member(&self) -> MemberValue<'_> {
        let kind = if self.requires_grad() { TensorKind::Parameter } else { TensorKind::Buffer };
        MemberValue::Tensor { kind, tensor: Some(self.shallow_clone()) }
    }

    fn list(items: &[Self]) -> MemberValue<'_> {
        let members = Members::numbered(items.iter().map(Member::member));
        MemberValue::Container { class: ContainerClass::ParameterList, members }
    }

    fn map<'m>(items: BTreeMap<&String, &'m Self>) -> MemberValue<'m> {
        let list = items.into_iter().map(|(key, tensor)| (key.clone(), tensor.member())).collect();
        MemberValue::Container { class: ContainerClass::ParameterDict, members: Members::new(list) }
    }

    fn option(item: &Option<Self>) -> MemberValue<'_> {
        match item {
            Some(tensor) => tensor.member(),
            None => MemberValue::Tensor { kind: TensorKind::Parameter, tensor: None },
        }
    }
}

/// A type of field that may have `#[jit(parameter)]` or `#[jit(buffer)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can be neither a parameter nor a buffer",
    label = "neither a `Tensor` nor an `Option<Tensor>`",
    note = "help: remove `#[jit(parameter)]` or `#[jit(buffer)]`, so that the field's type decides what it is"
)]
pub trait TensorField {
    /// The tensor, if it is there.
    fn tensor(&self) -> Option<Tensor>;
}

#[diagnostic::do_not_recommend]
impl TensorField for Tensor {
    fn tensor(&self) -> Option<Tensor> {
        Some(self.shallow_clone())
    }
}

#[diagnostic::do_not_recommend]
impl TensorField for Option<Tensor> {
    fn tensor(&self) -> Option<Tensor> {
        self.as_ref().map(Tensor::shallow_clone)
    }
}
