//! Layers that show nothing of what they hold: sequences, closures, boxed modules.

use tch::nn::{Func, FuncT, Sequential, SequentialT};

use super::{Inside, Layer, TchLayer};
use crate::identity::Object;

/// A layer behind a pointer to any type, as in `Box<dyn Module>`.
pub fn boxed<T: ?Sized>(layer: &T) -> Layer<'_> {
    Layer { object: Object::of(layer), class: "tch.nn.Module", inside: Inside::Opaque }
}

macro_rules! opaque {
    ($($ty:ty: $name:literal, $class:literal;)*) => {$(
        impl TchLayer for $ty {
            fn layer(&self) -> Layer<'_> {
                Layer { object: Object::named(self, $name), class: $class, inside: Inside::Opaque }
            }
        }
    )*};
}

opaque! {
    Sequential: "tch::nn::Sequential", "torch.nn.modules.container.Sequential";
    SequentialT: "tch::nn::SequentialT", "torch.nn.modules.container.Sequential";
    Func<'static>: "tch::nn::Func", "tch.nn.Func";
    FuncT<'static>: "tch::nn::FuncT", "tch.nn.FuncT";
}
