use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor, h: &Tensor) -> Tensor {
        x * h
    }

    #[tracing_inputs]
    fn example(&self, n: usize) -> Vec<(Tensor, i64)> {
        (0..n).map(|_| (Tensor::from(1.0), 1)).collect()
    }
}

fn main() {}
