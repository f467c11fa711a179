use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.scaled(x, 2.0)
    }

    fn scaled<S: Into<tch::Scalar>>(&self, x: &Tensor, by: S) -> Tensor {
        x.g_mul_scalar(by)
    }
}

fn main() {}
