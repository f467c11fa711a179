use tch::Tensor;
use tch_jit::{compile_mode, methods};

struct Meters(f64);

#[compile_mode(script)]
struct Model {}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut lengths = Vec::new();
        lengths.push(Meters(2.0));
        x * lengths.len() as i64
    }
}

fn main() {
    tch_jit::compile(&Model {});
}
