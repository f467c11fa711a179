use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model {
    #[jit(parameter)]
    scale: f64,
    #[jit(buffer)]
    shifts: Vec<Tensor>,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * self.scale
    }
}

fn main() {}
