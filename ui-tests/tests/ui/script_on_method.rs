use tch::Tensor;
use tch_jit::script;

struct Model;

impl Model {
    #[script]
    fn forward(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}

fn main() {}
