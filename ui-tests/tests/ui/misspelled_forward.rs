//! A block whose entry has a typing mistake in its name.

use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Model;

#[methods]
impl Model {
    fn foward(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}

fn main() {}
