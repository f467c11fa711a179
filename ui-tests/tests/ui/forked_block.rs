use tch::Tensor;
use tch_jit::{compile_mode, fork, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let future = fork(|| x + 1.0);
        future.wait()
    }
}

fn main() {}
