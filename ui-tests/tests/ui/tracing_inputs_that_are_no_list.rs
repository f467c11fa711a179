use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }

    #[tracing_inputs]
    fn example(&self, n: usize) -> Tensor {
        Tensor::from(n as i64)
    }
}

fn main() {}
