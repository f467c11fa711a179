use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(unsupported)]
struct ChildMod;

#[compile_mode(script)]
struct Supermod {
    child: ChildMod,
}

#[methods]
impl Supermod {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + 1
    }
}

fn main() {}
