use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model {
    #[jit(ignore, buffer)]
    scale: Tensor,
    #[jit(skipped = true)]
    shift: Tensor,
    #[jit]
    bias: Tensor,
    #[jit = "skip"]
    offset: Tensor,
    #[jit(skip = false)]
    other: Tensor,
    #[jit(rename)]
    last: Tensor,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * &self.scale
    }
}

fn main() {}
