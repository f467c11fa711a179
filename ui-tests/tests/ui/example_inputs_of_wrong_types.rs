use tch::Tensor;
use tch_jit::{compile_mode, methods};

struct Irreps;

#[compile_mode(trace)]
#[tracing_inputs(x = Irreps, n = [_, 3], h = _, sizes = [_, 1.5])]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor, n: i64, h: &Tensor, sizes: &Tensor) -> Tensor {
        x * n + h + sizes
    }
}

fn main() {}
