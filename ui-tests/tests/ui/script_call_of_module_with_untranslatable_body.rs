use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(trace)]
struct Double;

#[methods]
impl Double {
    fn forward(&self, x: &Tensor) -> Tensor {
        println!("{:?}", x.size());
        x * 2
    }
}

fn main() {
    let _ = tch_jit::compile(&Double);
    let _ = tch_jit::script(&Double);
}
