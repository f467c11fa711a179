use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.rrelu(true)
    }
}

fn main() {}
