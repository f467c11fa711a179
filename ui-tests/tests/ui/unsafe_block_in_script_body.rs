use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Raw;

#[methods]
impl Raw {
    fn forward(&self, x: &Tensor) -> Tensor {
        let pointer = unsafe { Tensor::clone_from_ptr(x.as_ptr() as *mut _) };
        pointer + 1
    }
}

fn main() {}
