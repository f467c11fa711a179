use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(unsupported)]
struct Sampler;

#[compile_mode(script)]
enum Layer {
    Sampler(Sampler),
    Identity,
}

#[methods]
impl Layer {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.shallow_clone()
    }
}

fn main() {}
