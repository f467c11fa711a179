use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model {
    lambda: f64,
    training: bool,
    größe: i64,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * self.lambda
    }
}

fn main() {}
