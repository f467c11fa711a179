use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(unsupported)]
struct ChildMod;

#[compile_mode]
struct Block {
    child: ChildMod,
}

#[methods]
impl Block {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + 1
    }
}

#[compile_mode]
struct Supermod {
    block: Block,
}

#[methods]
impl Supermod {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.block.forward(x)
    }
}

fn main() {
    let module = Supermod { block: Block { child: ChildMod } };
    let _ = tch_jit::compile(&module);
}
