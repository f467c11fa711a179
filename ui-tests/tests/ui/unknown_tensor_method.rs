use tch::Tensor;
use tch_jit::{compile_mode, methods};

trait Soften {
    fn sofmax(&self, dim: i64) -> Tensor;
}

impl Soften for Tensor {
    fn sofmax(&self, dim: i64) -> Tensor {
        self.softmax(dim, None)
    }
}

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.sofmax(-1)
    }
}

fn main() {}
