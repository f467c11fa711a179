use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(scripted)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() {
    let _ = tch_jit::compile(&Model);
}
