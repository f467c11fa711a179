use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model {
    scale: f64,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y: i64 = x.relu();
        self.scal * y
    }
}

fn main() {}
