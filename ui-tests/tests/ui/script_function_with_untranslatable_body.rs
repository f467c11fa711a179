use tch::Tensor;
use tch_jit::script;

#[script]
fn gate(x: &Tensor) -> Tensor {
    let double = |y: &Tensor| y * 2.0;
    double(x)
}

fn main() {}
