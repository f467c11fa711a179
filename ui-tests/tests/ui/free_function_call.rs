use tch::Tensor;
use tch_jit::{compile_mode, methods};

fn double(x: &Tensor) -> Tensor {
    x * 2
}

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        double(x)
    }
}

fn main() {}
