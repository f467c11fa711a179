use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
struct Model;

impl Model {
    #[tracing_inputs]
    fn example(&self, n: usize) -> Vec<Tensor> {
        vec![Tensor::from(n as i64)]
    }
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() {}
