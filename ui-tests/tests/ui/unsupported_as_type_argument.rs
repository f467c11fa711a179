use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(unsupported)]
struct ChildMod;

impl tch::nn::Module for ChildMod {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + 1
    }
}

impl std::fmt::Debug for ChildMod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChildMod")
    }
}

#[compile_mode(script)]
struct Residual<M> {
    inner: M,
}

#[methods]
impl<M: tch::nn::Module> Residual<M> {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.inner.forward(x) + x
    }
}

fn main() {
    let _ = tch_jit::compile(&Residual { inner: ChildMod });
}
