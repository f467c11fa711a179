use tch::Tensor;
use tch_jit::{compile_mode, methods};

struct Pair {
    a: Tensor,
    b: Tensor,
}

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let pair = Pair {
            a: x.relu(),
            b: x.tanh(),
        };
        pair.a + pair.b
    }
}

fn main() {}
