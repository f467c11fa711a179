//! The names of other libraries, and a slip, for kinds of tch.

use tch::Tensor;
use tch_jit::{compile_mode, methods};

const SIZES: [i64; 2] = [3, 4];

#[compile_mode(trace)]
#[tracing_inputs(x = f32[_, 3], y = Flaot[_])]
#[derive(Debug)]
struct Names;

#[methods]
impl Names {
    fn forward(&self, x: &Tensor, y: &Tensor) -> Tensor {
        x + y
    }
}

#[compile_mode(trace)]
#[tracing_inputs(x = long[5])]
#[derive(Debug)]
struct Long;

#[methods]
impl Long {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + SIZES[0]
    }
}

fn main() {}
