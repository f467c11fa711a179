use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.even(x, 4)
    }

    fn even(&self, x: &Tensor, n: i64) -> Tensor {
        if n == 0 { x.shallow_clone() } else { self.odd(x, n - 1) }
    }

    fn odd(&self, x: &Tensor, n: i64) -> Tensor {
        if n == 0 { -x } else { self.even(x, n - 1) }
    }
}

fn main() {}
