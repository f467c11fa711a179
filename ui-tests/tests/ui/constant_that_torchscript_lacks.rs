use std::time::Duration;

use tch::Tensor;
use tch_jit::{compile_mode, methods};

const WAIT: Duration = Duration::from_secs(1);

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let _wait = WAIT;
        x + 1
    }
}

fn main() {}
