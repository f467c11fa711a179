use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let double = async |x: &Tensor| x * 2;
        drop(double);
        x.relu()
    }
}

fn main() {}
