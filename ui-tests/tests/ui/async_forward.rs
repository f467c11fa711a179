use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
struct Model;

#[methods]
impl Model {
    async fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() {}
