use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model {
    #[jit(parameter, buffer)]
    scale: Tensor,
    #[jit(buffer)]
    #[jit(skip)]
    shift: Tensor,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * &self.scale
    }
}

fn main() {}
