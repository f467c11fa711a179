use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(unsupported)]
struct ChildMod;

#[methods]
impl ChildMod {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + 1
    }
}

fn main() {
    let _ = tch_jit::compile(&ChildMod);
    let _ = tch_jit::script(&ChildMod);
}
