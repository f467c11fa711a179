use tch::{Tensor, nn};
use tch_jit::{auto_jitable, compile_mode, methods};

#[compile_mode(trace)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }

    #[auto_jitable]
    fn of_another_type() -> Option<Self> {
        None
    }

    #[auto_jitable]
    fn of_a_module(&self) -> Self {
        Model
    }

    #[auto_jitable]
    fn of_two(vs: &nn::Path, n: i64) -> Self {
        Model
    }

    #[auto_jitable]
    fn of_nothing() {}

    #[auto_jitable(speed = 3)]
    fn with_unknown_option() -> Self {
        Model
    }
}

#[compile_mode(trace)]
struct Generic<const N: i64>;

#[methods]
impl<const N: i64> Generic<N> {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * N
    }

    #[auto_jitable]
    fn new() -> Self {
        Generic
    }
}

#[auto_jitable]
fn free() {}

fn main() {}
