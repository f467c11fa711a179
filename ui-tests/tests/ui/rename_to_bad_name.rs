use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model {
    #[jit(rename = "scale factor")]
    scale: Tensor,
    #[jit(rename = "lambda")]
    shift: Tensor,
    #[jit(rename = "bias")]
    other: Tensor,
    bias: Tensor,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * &self.scale
    }
}

fn main() {}
