use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: impl AsRef<Tensor>) -> Tensor {
        x.as_ref().relu()
    }
}

fn main() {}
