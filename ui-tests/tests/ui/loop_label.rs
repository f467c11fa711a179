use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut total = x.shallow_clone();
        'rows: for i in 0..3 {
            for j in 0..3 {
                if i * j > 4 {
                    break 'rows;
                }
                total = total + j;
            }
        }
        total
    }
}

fn main() {}
