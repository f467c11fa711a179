use tch::Tensor;
use tch_jit::{compile_mode, methods};

trait Encoder {
    fn forward(&self, x: &Tensor) -> Tensor;
}

#[compile_mode(script)]
struct Model;

#[methods]
impl Encoder for Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        println!("{:?}", x.size());
        x * 2
    }
}

fn main() {}
