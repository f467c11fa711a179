use tch::Tensor;
use tch_jit::{compile_mode, methods};

trait Layer {
    fn forward(&self, x: &Tensor) -> Tensor;
}

#[compile_mode(trace)]
struct Model {
    layers: Vec<Box<dyn Layer>>,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.layers[0].forward(x)
    }
}

fn main() {}
