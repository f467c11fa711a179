use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor, h: &Tensor) -> Tensor {
        x * h
    }
}

fn main() {
    let x = Tensor::from(1.0);
    let _ = tch_jit::trace(&Model, &x);
}
