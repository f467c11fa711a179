//! An attribute says what the runtime is called here: a name that Cargo.toml does not know.

use jit as runtime;
use runtime::{ScriptType, compile_mode, methods, script};
use tch::Tensor;

#[derive(ScriptType)]
#[script_type(crate = "crate::told::runtime")]
pub struct Pair(pub Tensor, pub Tensor);

#[script(crate = "crate::told::runtime")]
pub fn twice(x: &Tensor) -> Tensor {
    x * 2.0
}

#[compile_mode(trace, crate = "crate::told::runtime")]
pub struct Cell {
    weight: Tensor,
}

#[methods(crate = "crate::told::runtime")]
impl Cell {
    pub fn new(weight: Tensor) -> Self {
        Cell { weight }
    }

    pub fn forward(&self, x: &Tensor) -> Pair {
        Pair(twice(x) * &self.weight, x.shallow_clone())
    }

    #[export]
    pub fn encode(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}

/// Of the module alone; the block finds the name in Cargo.toml.
#[compile_mode(crate = "jit")]
pub struct Unit;

#[methods]
impl Unit {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}
