use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward<T: AsRef<Tensor>>(&self, x: T) -> Tensor {
        x.as_ref().relu()
    }
}

fn main() {}
