//! An exported method that takes a struct which is no data of TorchScript.

use tch::Tensor;
use tch_jit::{compile_mode, export, methods};

#[derive(Debug)]
struct Settings {
    n: i64,
}

#[compile_mode(script)]
#[derive(Debug)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.relu()
    }

    #[export]
    fn encode(&self, x: &Tensor, settings: &Settings) -> Tensor {
        x * settings.n
    }
}

fn main() {}
