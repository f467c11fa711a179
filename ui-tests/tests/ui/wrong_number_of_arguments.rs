use tch::{Kind, Tensor};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.softmax(-1, Kind::Float, false).relu(1)
    }
}

fn main() {}
