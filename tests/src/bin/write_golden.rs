//! Writes files that later versions have to load: `write_golden FOLDER`, once for each release and each new kind of
//! module. Files that are there already are kept: they stand for what a version wrote.
//!
//! Each file holds the arguments and the result of a call in its extra file `expected.json`, as those of
//! `tests/golden/write.py` do.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tch::nn::RNN;
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{ScriptModule, ScriptType, compile, compile_mode, methods};

/// Attributes of many types, and control flow.
#[compile_mode(script)]
#[derive(Debug)]
struct Attributes {
    weights: HashMap<String, f64>,
    sizes: Vec<i64>,
    tensors: Vec<Tensor>,
    bias: Option<Tensor>,
    none: Option<Tensor>,
    name: String,
    #[jit(buffer)]
    calls: Tensor,
}

#[methods]
impl Attributes {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut h = x * self.weights["scale"];
        for (i, tensor) in self.tensors.iter().enumerate() {
            h += tensor * self.sizes[i];
        }
        if let Some(bias) = &self.bias {
            h += bias;
        }
        if self.none.is_some() || self.name.is_empty() {
            panic!("the name is `{}`", self.name);
        }
        self.clamp(&h) + &self.calls
    }

    fn clamp(&self, x: &Tensor) -> Tensor {
        match self.sizes.len() {
            0 => x.shallow_clone(),
            n => x.clamp(-(n as f64), n as f64),
        }
    }
}

/// A state that is passed between methods.
#[derive(ScriptType)]
struct State {
    h: Tensor,
    steps: i64,
}

#[compile_mode(script)]
#[derive(Debug)]
struct Cell {
    linear: nn::Linear,
}

#[methods]
impl Cell {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut state = State { h: x.zeros_like(), steps: 0 };
        while state.steps < 3 {
            state = self.step(x, state);
        }
        state.h
    }

    fn step(&self, x: &Tensor, state: State) -> State {
        State { h: (x + state.h).apply(&self.linear).tanh(), steps: state.steps + 1 }
    }
}

/// Traced around scripted children; one module stands in two places.
#[compile_mode(trace)]
#[derive(Debug)]
struct Tree {
    cells: Vec<Cell>,
    norm: nn::LayerNorm,
    shared: Cell,
}

#[methods]
impl Tree {
    fn forward(&self, x: &Tensor) -> Tensor {
        let h = self.cells.iter().fold(x.shallow_clone(), |h, cell| cell.forward(&h));
        self.shared.forward(&h).apply(&self.norm) + self.shared.forward(x)
    }

    #[tch_jit::tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![Tensor::ones([3], (Kind::Float, Device::Cpu))]
    }
}

/// Layers of tch, in training or not.
#[compile_mode(script)]
#[derive(Debug)]
struct Layers {
    conv: nn::Conv1D,
    norm: nn::BatchNorm,
    lstm: nn::LSTM,
}

#[methods]
impl nn::ModuleT for Layers {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let h = x.view([1, 1, 3]).apply(&self.conv).apply_t(&self.norm, train).dropout(0.5, train);
        let (h, _) = self.lstm.seq(&h.transpose(1, 2));
        h.flatten(0, -1)
    }
}

fn numbers(tensor: &Tensor) -> Result<Value> {
    let values: Vec<f64> = Vec::try_from(tensor.detach().flatten(0, -1).to_kind(Kind::Double))?;
    Ok(json!({ "size": tensor.size(), "values": values }))
}

fn write(folder: &Path, name: &str, compiled: &ScriptModule) -> Result<()> {
    let path = folder.join(format!("{name}.pt"));
    if path.exists() {
        return Ok(());
    }
    compiled.eval();
    let x = Tensor::from_slice(&[0.5f32, -1.0, 2.0]);
    let result = Tensor::try_from(compiled.forward(&[IValue::Tensor(x.shallow_clone())])?)?;
    let expected = json!({ "arguments": [numbers(&x)?], "result": numbers(&result)? });
    compiled.save_with_extra_files(path, &[("expected.json", expected.to_string().as_bytes())])?;
    Ok(())
}

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("a folder is missing")?);
    std::fs::create_dir_all(&folder)?;
    tch::manual_seed(1);
    let vs = nn::VarStore::new(Device::Cpu);
    let root = vs.root();
    let cell = |name: &str| Cell { linear: nn::linear(&root / name, 3, 3, Default::default()) };
    let attributes = Attributes {
        weights: [("scale".to_owned(), 0.5), ("other".to_owned(), f64::INFINITY)].into(),
        sizes: vec![2, -1],
        tensors: vec![Tensor::from_slice(&[1.0f32, 2.0, 3.0]), Tensor::from(0.25f32)],
        bias: Some(Tensor::from_slice(&[0.0f32, 0.5, 1.0])),
        none: None,
        name: "golden \"file\"\r\n".into(),
        calls: Tensor::from(7.0f32),
    };
    write(&folder, "attributes", &compile(&attributes)?.into_script_module())?;
    write(&folder, "cell", &compile(&cell("cell"))?.into_script_module())?;
    let tree = Tree {
        cells: vec![cell("0"), cell("1")],
        norm: nn::layer_norm(&root / "norm", vec![3], Default::default()),
        shared: cell("shared"),
    };
    write(&folder, "tree", &compile(&tree)?.into_script_module())?;
    let layers = Layers {
        conv: nn::conv1d(&root / "conv", 1, 2, 2, Default::default()),
        norm: nn::batch_norm1d(&root / "norm1d", 2, Default::default()),
        lstm: nn::lstm(&root / "lstm", 2, 3, Default::default()),
    };
    write(&folder, "layers", &compile(&layers)?.into_script_module())?;
    Ok(())
}
