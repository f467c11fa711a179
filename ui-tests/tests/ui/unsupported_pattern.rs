use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        match x.f_relu() {
            Ok(y) => y,
            Err(_) => x.shallow_clone(),
        }
    }
}

fn main() {}
