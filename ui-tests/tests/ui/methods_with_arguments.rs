use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode]
struct Model;

#[methods(script)]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() {}
