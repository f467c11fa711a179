use tch::Tensor;
use tch_jit::compile_mode;

/// Doubles.
#[compile_mode(script)]
pub(crate) fn double(x: &Tensor) -> Tensor {
    x * 2
}

fn main() {
    double(&Tensor::from(1.0));
}
