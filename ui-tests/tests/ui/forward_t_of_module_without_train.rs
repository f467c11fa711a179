use tch::Tensor;
use tch_jit::{Compiled, compile_mode, methods};

#[compile_mode(script)]
struct Doubled;

#[methods]
impl Doubled {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2.0
    }
}

fn use_it(x: &Tensor, compiled: Compiled<Doubled>) -> Tensor {
    compiled.forward_t(x, true).unwrap()
}

fn main() {}
