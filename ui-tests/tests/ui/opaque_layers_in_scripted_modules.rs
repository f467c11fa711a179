//! Layers that hold closures, or are behind `dyn`: they are traced, as nothing else is known of them.

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Scripted {
    layers: Vec<nn::Sequential>,
    activation: nn::Func<'static>,
}

#[methods]
impl Scripted {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.layers[0]).apply(&self.activation)
    }
}

/// A traced one may hold them.
#[compile_mode(trace)]
#[derive(Debug)]
struct Traced {
    layers: Vec<nn::Sequential>,
    activation: Box<dyn nn::Module>,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.activation.forward(&x.apply(&self.layers[0]))
    }
}

fn main() {}
