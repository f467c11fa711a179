use tch::Tensor;
use tch_jit::script;

#[script]
fn gate(x: &Tensor) -> Tensor {
    println!("{:?}", x.size());
    x * 2.0
}

fn main() {}
