//! The list of tch's layers. Each can be a field of a module, and a module behind `dyn`.

use super::{TchLayer, opaque};
use crate::model::fitness::{CompilableIn, Traces};
use crate::model::member::Member;
use crate::model::node::{DynModule, MemberValue, NodeRef};

macro_rules! layers {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl DynModule for $ty {
            fn node(&self) -> NodeRef<'_> {
                NodeRef::Layer(self.layer())
            }
        }

        #[diagnostic::do_not_recommend]
        impl Member for $ty {
            type Tree = $ty;
            fn member(&self) -> MemberValue<'_> {
                MemberValue::Module(self.node())
            }
        }

    )*};
}

macro_rules! known {
    ($($ty:ty)*) => {
        layers! { $($ty)* }
        $(
            #[diagnostic::do_not_recommend]
            impl<C> CompilableIn<C> for $ty {}
        )*
    };
}

known! {
    tch::nn::Linear
    tch::nn::Conv1D
    tch::nn::Conv2D
    tch::nn::Conv3D
    tch::nn::ConvTranspose1D
    tch::nn::ConvTranspose2D
    tch::nn::ConvTranspose3D
    tch::nn::BatchNorm
    tch::nn::LayerNorm
    tch::nn::GroupNorm
    tch::nn::Embedding
    tch::nn::LSTM
    tch::nn::GRU
    tch::nn::Id
}

macro_rules! opaque {
    ($($ty:ty)*) => {$(
        impl<C: Traces<$ty>> CompilableIn<C> for $ty {}
    )*};
}

layers! {
    tch::nn::Sequential
    tch::nn::SequentialT
    tch::nn::Func<'static>
    tch::nn::FuncT<'static>
}

opaque! {
    tch::nn::Sequential
    tch::nn::SequentialT
    tch::nn::Func<'static>
    tch::nn::FuncT<'static>
    dyn tch::nn::Module
    dyn tch::nn::ModuleT
}

/// Any layer behind a box: opaque, as its type is gone.
macro_rules! boxed_layers {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl DynModule for $ty {
            fn node(&self) -> NodeRef<'_> {
                NodeRef::Layer(opaque::boxed(self))
            }
        }
    )*};
}

boxed_layers! {
    dyn tch::nn::Module
    dyn tch::nn::ModuleT
}
