use std::time::Duration;

use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.wait(x, None)
    }

    fn wait(&self, x: &Tensor, _time: Option<Duration>) -> Tensor {
        x + 1
    }
}

fn main() {}
