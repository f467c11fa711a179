//! Layers that show nothing of what they hold: sequences, closures, boxed modules.

use tch::nn::{Func, FuncT, Sequential, SequentialT};

use super::{Behaviour, Layer, TchLayer, address};

/// A layer of any type.
pub fn of<T: ?Sized>(layer: &T) -> Layer<'_> {
    Layer {
        ty: std::any::type_name::<T>(),
        class: "container.Sequential".into(),
        address: address(layer),
        tensors: vec![],
        behaviour: Behaviour::Opaque,
    }
}

macro_rules! opaque {
    ($($ty:ty)*) => {$(
        impl TchLayer for $ty {
            fn layer(&self) -> Layer<'_> {
                of(self)
            }
        }
    )*};
}

opaque!(Sequential SequentialT Func<'static> FuncT<'static>);
