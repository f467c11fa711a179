//! A module of the same type is no data.

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Siamese {
    head: nn::Linear,
}

#[methods]
impl Siamese {
    fn forward(&self, x: &Tensor, twin: &Self) -> Tensor {
        x.apply(&self.head) - x.apply(&twin.head)
    }
}

fn main() {}
