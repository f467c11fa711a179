use tch::Tensor;
use tch_jit::export;

struct Model;

impl Model {
    #[export]
    fn encode(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}

fn main() {}
