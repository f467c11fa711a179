//! An unsupported module, and a struct that is none, inside of tuples and maps.

use std::collections::HashMap;
use std::sync::Arc;

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

#[compile_mode(unsupported)]
#[derive(Debug)]
struct PythonOp;

#[derive(Debug)]
struct Settings;

#[compile_mode(script)]
#[derive(Debug)]
struct Layers {
    layers: Vec<(nn::Linear, Arc<PythonOp>)>,
    settings: HashMap<String, Option<(i64, Settings)>>,
}

#[methods]
impl Layers {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}

/// What is wrong below it is said once.
#[compile_mode(script)]
#[derive(Debug)]
struct Model {
    layers: Layers,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.layers.forward(x)
    }
}

fn main() {
    let layers = Layers { layers: vec![], settings: HashMap::new() };
    tch_jit::compile(&Model { layers }).unwrap();
}
