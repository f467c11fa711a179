use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor, n: i64) -> Tensor {
        x * n
    }
}

fn main() {}
