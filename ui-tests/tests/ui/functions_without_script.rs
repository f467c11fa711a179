//! Functions without `#[script]`: of this crate by several paths.

use tch::Tensor;
use tch_jit::{compile_mode, methods, script};

mod gates {
    use tch::Tensor;

    pub fn soft(x: &Tensor) -> Tensor {
        x.sigmoid()
    }
}

use gates::soft as smooth;

#[script]
fn hard(x: &Tensor) -> Tensor {
    x.relu()
}

#[compile_mode(script)]
#[derive(Debug)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        hard(x) + gates::soft(x) * smooth(x)
    }
}

fn main() {}
