use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

impl Model {
    fn helper(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.helper(x) + Self::shift()
    }

    fn unrelated(&self) -> i64 {
        self.missing()
    }
}

impl Model {
    fn shift() -> i64 {
        1
    }
}

fn main() {}
