use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
pub enum Activation {
    Relu,
    Tanh,
}

#[methods]
impl Activation {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}

fn main() {}
