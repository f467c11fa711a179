use tch::Tensor;
use tch_jit::{compile_mode, methods};

struct Child;

impl Child {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + 1
    }
}

#[compile_mode(script)]
struct Model {
    children: Vec<Child>,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.children[0].forward(x)
    }
}

fn main() {}
