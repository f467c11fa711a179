use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model {}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut sizes = vec![];
        sizes.push(x.size());
        let n: String = sizes.len();
        let unknown = None;
        x * sizes[0]
    }
}

fn main() {}
