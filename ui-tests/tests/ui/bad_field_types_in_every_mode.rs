use std::path::PathBuf;
use std::sync::Mutex;

use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode]
struct Inherit {
    path: PathBuf,
    cache: Option<Mutex<i64>>,
}

#[compile_mode(script)]
struct Script {
    log: Vec<std::time::Duration>,
}

#[compile_mode(unsupported)]
struct Unsupported {
    path: PathBuf,
}

#[methods]
impl Inherit {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + 1
    }
}

#[methods]
impl Script {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + 1
    }
}

fn main() {}
