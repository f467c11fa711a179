use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

#[methods]
impl nn::Module for Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 3
    }
}

fn main() {}
