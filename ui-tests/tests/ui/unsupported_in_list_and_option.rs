use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(unsupported)]
struct ChildMod;

#[compile_mode]
struct Block {
    child: Option<ChildMod>,
}

#[methods]
impl Block {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + 1
    }
}

#[compile_mode]
struct Supermod {
    blocks: Vec<Block>,
}

#[methods]
impl Supermod {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + 1
    }
}

fn main() {
    let module = Supermod { blocks: vec![Block { child: None }] };
    let _ = tch_jit::trace(&module, &Tensor::from(0.0));
}
