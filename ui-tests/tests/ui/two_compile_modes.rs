use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script, trace)]
struct Model;

#[compile_mode(mode = "script")]
struct Other;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

#[methods]
impl Other {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() {}
