use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() {}
