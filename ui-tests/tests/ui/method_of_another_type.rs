use std::cell::Cell;

use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model {
    #[jit(skip)]
    count: Cell<i64>,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.count.set(self.count.get() + 1);
        x * 2
    }
}

fn main() {}
