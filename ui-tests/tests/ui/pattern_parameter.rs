use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, (x, y): (Tensor, Tensor)) -> Tensor {
        x + y
    }
}

fn main() {}
