use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
#[tracing_inputs(x = [_, self.dim], mask = Bool[_, 3])]
struct Model {
    dim: i64,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor, h: &Tensor, scale: Option<&Tensor>) -> Tensor {
        x * h
    }
}

fn main() {}
