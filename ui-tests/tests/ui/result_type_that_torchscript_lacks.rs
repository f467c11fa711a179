use tch::Tensor;
use tch_jit::{compile_mode, methods};

struct Output {
    y: Tensor,
}

#[compile_mode(trace)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Output {
        Output { y: x + 1 }
    }
}

fn main() {}
