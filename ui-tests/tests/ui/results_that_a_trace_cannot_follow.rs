//! What a traced module gives is made of tensors.

use std::collections::HashMap;

use tch::{Tensor, nn};
use tch_jit::{ScriptType, compile_mode, methods};

#[derive(Debug, ScriptType)]
struct Out {
    y: Tensor,
    n: i64,
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Size {
    fc: nn::Linear,
}

#[methods]
impl Size {
    fn forward(&self, x: &Tensor) -> i64 {
        x.apply(&self.fc).size()[0]
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Pair;

#[methods]
impl Pair {
    fn forward(&self, x: &Tensor) -> (Tensor, Option<bool>) {
        (x.relu(), None)
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Struct;

#[methods]
impl Struct {
    fn forward(&self, x: &Tensor) -> Out {
        Out { y: x.relu(), n: 1 }
    }
}

/// These can be followed.
#[compile_mode(trace)]
#[derive(Debug)]
struct Map;

#[methods]
impl Map {
    fn forward(&self, x: &Tensor) -> Result<HashMap<String, Vec<Tensor>>, tch::TchError> {
        Ok(HashMap::from([("y".to_owned(), vec![x.f_relu()?])]))
    }
}

/// A scripted module gives numbers.
#[compile_mode(script)]
#[derive(Debug)]
struct Scripted;

#[methods]
impl Scripted {
    fn forward(&self, x: &Tensor) -> i64 {
        x.size()[0]
    }
}

fn main() {}
