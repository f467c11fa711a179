use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode]
struct Double;

#[methods]
impl Double {
    fn forward(&self, x: &Tensor) -> Tensor {
        println!("{:?}", x.size());
        x * 2
    }
}

#[compile_mode(script)]
struct Supermod {
    double: Double,
}

#[methods]
impl Supermod {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.double.forward(x)
    }
}

fn main() {}
