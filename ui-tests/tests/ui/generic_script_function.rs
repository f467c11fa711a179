use tch::Tensor;
use tch_jit::script;

#[script]
fn first<T>(x: &Tensor, _y: T) -> Tensor {
    x.shallow_clone()
}

fn main() {}
