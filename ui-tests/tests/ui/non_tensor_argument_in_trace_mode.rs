use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor, name: &str) -> Tensor {
        if name == "double" { x * 2.0 } else { x.shallow_clone() }
    }
}

fn main() {}
