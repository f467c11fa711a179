use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor, n: i64) -> Tensor {
        x * n
    }
}

fn main() {
    let x = Tensor::from(1.0);
    let _ = tch_jit::trace(&Model, (&x, 2));
}
