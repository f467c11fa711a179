//! Items with `cfg` inside, of which rustc removes a part. An unused variable is none of the macros' doing.

#![allow(clippy::non_minimal_cfg, clippy::needless_return)]

use jit::{compile_mode, methods, script, script_if_tracing};
use tch::Tensor;

#[compile_mode(script)]
#[derive(Debug, Default)]
pub struct Module {
    #[cfg(all())]
    pub by: f64,
    #[cfg(any())]
    pub removed: std::fs::File,
}

#[methods]
impl Module {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        #[cfg(any())]
        let unused = 1;
        let y = gate(x, self.by);
        #[cfg(not(any()))]
        let y = kept(&y);
        y
    }

    #[cfg_attr(all(), export)]
    pub fn one(&self, x: &Tensor) -> Tensor {
        #[expect(unused_variables)]
        #[cfg(all())]
        let unused = 1;
        x + 1
    }
}

#[script]
pub fn gate(x: &Tensor, #[cfg(any())] removed: i64, by: f64) -> Tensor {
    #[cfg(all())]
    let x = x * by;
    x.relu()
}

#[script_if_tracing]
pub fn kept(x: &Tensor) -> Tensor {
    #[cfg(any())]
    return x.shallow_clone();
    #[cfg(all())]
    if x.dim() > 2 { x.relu() } else { x.tanh() }
}
