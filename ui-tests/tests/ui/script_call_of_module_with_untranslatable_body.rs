use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
struct Double;

#[methods]
impl Double {
    fn forward(&self, x: &Tensor) -> Tensor {
        let double = |x: &Tensor| x * 2;
        double(x)
    }
}

fn main() {
    let _ = tch_jit::compile(&Double);
    let _ = tch_jit::script(&Double);
}
