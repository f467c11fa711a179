use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 3])]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }

    #[tracing_inputs]
    fn example(&self, n: usize) -> Vec<Tensor> {
        vec![Tensor::from(n as i64)]
    }
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 3], x = [_, 4])]
#[tracing_inputs(x = [_, 3])]
struct Other;

#[methods]
impl Other {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() {}
