//! The macros find the new name in Cargo.toml.

use jit::{ScriptType, compile_mode, methods, script, script_if_tracing};
use tch::Tensor;

#[derive(ScriptType)]
pub struct Pair {
    pub x: Tensor,
    pub n: i64,
}

#[script]
pub fn twice(x: &Tensor) -> Tensor {
    x * 2.0
}

#[script_if_tracing]
pub fn gate(x: &Tensor, n: i64) -> Tensor {
    if n > 2 { x.relu() } else { twice(x) }
}

#[compile_mode(script)]
#[tracing_inputs(x = [_, 3])]
pub struct Cell {
    weight: Tensor,
}

#[methods]
impl Cell {
    pub fn new(weight: Tensor) -> Self {
        Cell { weight }
    }

    pub fn forward(&self, x: &Tensor) -> Pair {
        Pair { x: gate(&(x * &self.weight), 3), n: self.rows(x) }
    }

    fn rows(&self, x: &Tensor) -> i64 {
        x.size()[0]
    }
}

#[compile_mode]
pub enum Layer {
    Cell(Cell),
    Skip,
}

#[methods]
impl Layer {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        match self {
            Layer::Cell(cell) => cell.forward(x).x,
            Layer::Skip => x.shallow_clone(),
        }
    }
}
