use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Counter {
    count: i64,
}

#[methods]
impl Counter {
    fn forward(&mut self, x: &Tensor) -> Tensor {
        self.count += 1;
        x * self.count
    }
}

fn main() {}
