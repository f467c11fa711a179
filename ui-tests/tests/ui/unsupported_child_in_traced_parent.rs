use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(unsupported)]
struct ChildMod;

#[methods]
impl ChildMod {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

#[compile_mode(trace)]
struct Supermod {
    children: Vec<ChildMod>,
}

#[methods]
impl Supermod {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.children[0].forward(x)
    }
}

fn main() {}
