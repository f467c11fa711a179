use tch::Tensor;
use tch_jit::compile_mode;

struct Model;

#[compile_mode(script)]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() {
    Model.forward(&Tensor::from(1.0));
}
