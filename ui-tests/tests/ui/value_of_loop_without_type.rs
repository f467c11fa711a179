use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut n = 0;
        let found = loop {
            n += 1;
            if n > 3 {
                break n * 2;
            }
        };
        x * found
    }
}

fn main() {}
