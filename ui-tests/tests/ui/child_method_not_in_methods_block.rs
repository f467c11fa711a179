use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Encoder;

#[methods]
impl Encoder {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}

impl Encoder {
    fn encode(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}

#[compile_mode(script)]
struct Model {
    encoder: Encoder,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.encoder.encode(x)
    }
}

fn main() {}
