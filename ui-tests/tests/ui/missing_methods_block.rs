use tch::Tensor;
use tch_jit::compile_mode;

#[compile_mode(script)]
struct Model;

impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() {
    let _ = tch_jit::compile(&Model);
}
