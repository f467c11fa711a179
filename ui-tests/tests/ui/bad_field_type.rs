use tch::Tensor;
use tch_jit::{compile_mode, methods};

struct Config {
    scale: f64,
}

#[compile_mode(trace)]
struct Model {
    config: Config,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * self.config.scale
    }
}

fn main() {}
