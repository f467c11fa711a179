//! Functions with parameters of types, or of constants.

use tch::Tensor;
use tch_jit::{compile_mode, methods};

fn twice<T: std::ops::Add<Output = T> + Copy>(x: T) -> T {
    x + x
}

#[compile_mode(script)]
#[derive(Debug)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor, k: i64) -> Tensor {
        self.pad::<3>(&(x * twice::<i64>(k)))
    }

    fn pad<const N: i64>(&self, x: &Tensor) -> Tensor {
        x * N
    }
}

fn main() {}
