use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
#[tracing_inputs(encode, x = [_, 3])]
#[tracing_inputs(decode, x = [_, 3])]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }

    fn decode(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() {}
