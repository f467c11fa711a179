//! Writes compiled modules, with inputs and the results of eager Rust, for `tests/interop/check.py`.
//!
//! `save_for_interop DIR` writes `NAME.pt`, `NAME.input.I.npy`, `NAME.output.I.npy`, and
//! `index.json`, which lists the names. The input `I` gives the output `I`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use integration_tests::force_field;
use integration_tests::transformer::EncoderLayer;
use tch::vision::resnet::resnet18;
use tch::{Device, Kind, Tensor, nn};
use tch_jit::{Compilable, Compiled, Forward, compile_mode, methods};

/// Scripted: it branches on data.
#[compile_mode(script)]
#[derive(Debug)]
struct Gate;

#[methods]
impl Gate {
    fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.shallow_clone() } else { -x }
    }
}

/// Scripted: two tensors change names in a loop and are changed in place.
#[compile_mode(script)]
#[derive(Debug)]
struct Renamed;

#[methods]
impl Renamed {
    fn forward(&self, x: &Tensor) -> Tensor {
        let (mut a, mut b) = (x.get(0).zeros_like(), x.get(0).zeros_like());
        for i in 0..x.size()[0] {
            std::mem::swap(&mut a, &mut b);
            a += x.get(i);
        }
        a * 100.0 + b
    }
}

/// Traced around a scripted child.
#[compile_mode(trace)]
#[derive(Debug)]
struct Cell {
    gate: Gate,
    linear: nn::Linear,
}

#[methods]
impl Cell {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.gate.forward(&x.apply(&self.linear)).tanh()
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![Tensor::rand([2, 4], tch::kind::FLOAT_CPU)]
    }
}

/// Traced, with a child that inherits; `check.py` has the same module as `TracedNet`.
#[compile_mode(trace)]
#[derive(Debug)]
struct TracedNet {
    block: Block,
    last: nn::Linear,
}

#[compile_mode]
#[derive(Debug)]
struct Block {
    linear: nn::Linear,
}

#[methods]
impl Block {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.linear).relu().view([2, 4])
    }
}

#[methods]
impl TracedNet {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.block.forward(x);
        let scale = Tensor::from_slice(&[0.5f32, 1.0, 2.0, 0.0]);
        (self.block.forward(&y) * scale).apply(&self.last)
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![Tensor::rand([2, 4], tch::kind::FLOAT_CPU)]
    }
}

/// Layers of tch in configurations that are not the defaults, as `Net` of `check.py` has them.
#[compile_mode(script)]
#[derive(Debug)]
struct Net {
    conv: nn::Conv2D,
    norm: nn::BatchNorm,
    layers: Vec<nn::Linear>,
    last: nn::LayerNorm,
}

#[methods]
impl nn::ModuleT for Net {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let mut x = x.apply(&self.conv).apply_t(&self.norm, train).relu().flatten(1, -1);
        for layer in &self.layers {
            x = layer.forward(&x).relu();
        }
        x.apply(&self.last)
    }
}

use tch::nn::Module as _;

impl Net {
    fn new(vs: &nn::Path) -> Net {
        let config = nn::ConvConfig { stride: 2, padding: 2, groups: 2, bias: false, ..Default::default() };
        let norm = nn::BatchNormConfig { eps: 1e-3, momentum: 0.3, ..Default::default() };
        let linear = |i: i64| nn::linear(vs / "layers" / i, 64, 64, Default::default());
        Net {
            conv: nn::conv2d(vs / "conv", 2, 4, 3, config),
            norm: nn::batch_norm2d(vs / "norm", 4, norm),
            layers: (0..2).map(linear).collect(),
            last: nn::layer_norm(
                vs / "last",
                vec![64],
                nn::LayerNormConfig { eps: 1e-2, ..Default::default() },
            ),
        }
    }
}

/// Scripted: methods with the names of fields, and of what every module of Python has; numbers and texts that libtorch
/// writes as others.
#[compile_mode(script)]
#[derive(Debug)]
struct Names {
    lin: nn::Linear,
    parameters: f64,
    #[jit(constant)]
    big: f64,
    text: String,
}

#[methods]
impl Names {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.train(&self.lin(x)) + self.parameters();
        if self.text == "a\rb" { y * self.big / 1e10 } else { y }
    }

    #[export]
    fn lin(&self, x: &Tensor) -> Tensor {
        x.apply(&self.lin) * 2.0
    }

    fn parameters(&self) -> f64 {
        self.parameters * 3.0
    }

    #[export]
    fn train(&self, x: &Tensor) -> Tensor {
        x + 1.0
    }
}

/// Scripted: fails when it is called, for the error message that Python shows.
#[compile_mode(script)]
#[derive(Debug)]
struct Failing;

#[methods]
impl Failing {
    fn forward(&self, x: &Tensor) -> Tensor {
        let wrong = x.view([7, -1]);
        wrong + 1.0
    }
}

fn main() -> Result<()> {
    let dir = PathBuf::from(std::env::args_os().nth(1).context("usage: save_for_interop DIR")?);
    tch::manual_seed(0);
    let vs = nn::VarStore::new(Device::Cpu);
    let random = |shape: &[i64]| Tensor::randn(shape, tch::kind::FLOAT_CPU);

    let plus = random(&[3]).abs();
    save(&dir, "gate", &Gate, &[plus.copy(), -plus], |it, x| it.forward(x))?;
    save(&dir, "renamed", &Renamed, &[random(&[6, 2]), random(&[1, 2])], |it, x| it.forward(x))?;

    let cell = Cell { gate: Gate, linear: nn::linear(vs.root() / "cell", 4, 4, Default::default()) };
    let large = Tensor::ones([2, 4], tch::kind::FLOAT_CPU) * 10.0;
    save(&dir, "cell", &cell, &[large.copy(), -large], |it, x| it.forward(x))?;

    let linear = |name: &str| nn::linear(vs.root() / name, 4, 4, Default::default());
    let traced = TracedNet { block: Block { linear: linear("block") }, last: linear("last") };
    save(&dir, "traced", &traced, &[random(&[2, 4]), random(&[2, 4])], |it, x| it.forward(x))?;

    let net = Net::new(&(vs.root() / "net"));
    // A run in training gives batch norm statistics that are not the initial ones.
    let _ = tch::no_grad(|| nn::ModuleT::forward_t(&net, &(random(&[8, 2, 6, 6]) * 3.0 + 1.0), true));
    let images = [random(&[1, 2, 6, 6]), random(&[5, 2, 6, 6])];
    save(&dir, "net", &net, &images, |it, x| nn::ModuleT::forward_t(it, x, false))?;

    let lin = nn::linear(vs.root() / "names", 4, 4, Default::default());
    let names = Names { lin, parameters: 0.5, big: 3e10, text: "a\rb".into() };
    save(&dir, "names", &names, &[random(&[2, 4]), random(&[3, 4])], |it, x| it.forward(x))?;

    save_force_field(&dir)?;
    save_language_model(&dir)?;
    save_var_store_models(&dir)?;

    tch_jit::compile(&Failing)?.save(dir.join("failing.pt"))?;
    std::fs::write(
        dir.join("index.json"),
        "[\"gate\", \"renamed\", \"cell\", \"traced\", \"language_model\", \"encoder_layer\", \"resnet\", \"net\", \"names\"]\n",
    )?;
    Ok(())
}

/// Saves `language_model.pt`, traced from a closure over a VarStore; `check.py` has the same module as `LanguageModel`.
fn save_language_model(dir: &Path) -> Result<()> {
    let vs = nn::VarStore::new(Device::Cpu);
    let root = vs.root();
    let embed = nn::embedding(&root / "embed", 20, 8, Default::default());
    let config = nn::RNNConfig { num_layers: 2, ..Default::default() };
    let lstm = nn::lstm(&root / "lstm", 8, 16, config);
    let head = nn::linear(&root / "head", 16, 20, Default::default());
    let model = |x: &Tensor| head.forward(&nn::RNN::seq(&lstm, &embed.forward(x)).0);
    let tokens = || Tensor::randint(20, [3, 6], (Kind::Int64, Device::Cpu));
    save_closure(dir, "language_model", &vs, [tokens(), tokens()], model)
}

/// Saves `encoder_layer.pt` and `resnet.pt`: models over a VarStore whose paths are those of PyTorch's own modules.
fn save_var_store_models(dir: &Path) -> Result<()> {
    let random = |shape: &[i64]| Tensor::randn(shape, tch::kind::FLOAT_CPU);
    let vs = nn::VarStore::new(Device::Cpu);
    let layer = EncoderLayer::new(&vs.root(), 32, 4, 64);
    save_closure(dir, "encoder_layer", &vs, [random(&[2, 7, 32]), random(&[2, 7, 32])], |x| {
        layer.forward(x)
    })?;

    let vs = nn::VarStore::new(Device::Cpu);
    let net = resnet18(&vs.root(), 10);
    let images = [random(&[2, 3, 32, 32]), random(&[2, 3, 32, 32])];
    save_closure(dir, "resnet", &vs, images, |x| nn::ModuleT::forward_t(&net, x, false))
}

fn save_closure(
    dir: &Path,
    name: &str,
    vs: &nn::VarStore,
    inputs: [Tensor; 2],
    model: impl Fn(&Tensor) -> Tensor,
) -> Result<()> {
    tch_jit::trace_var_store(vs, &inputs[0], |x: &Tensor| model(x))?.save(dir.join(format!("{name}.pt")))?;
    for (i, input) in inputs.iter().enumerate() {
        input.write_npy(dir.join(format!("{name}.input.{i}.npy")))?;
        model(input).detach().write_npy(dir.join(format!("{name}.output.{i}.npy")))?;
    }
    Ok(())
}

/// Saves `force_field.pt`, its atoms, and the energy and the forces that eager Rust computes.
fn save_force_field(dir: &Path) -> Result<()> {
    let mut vs = nn::VarStore::new(Device::Cpu);
    let config = force_field::Config { cutoff: 2.5, n_basis: 6 };
    let model = force_field::ForceField::new(&vs.root(), config, 2);
    vs.double();
    tch_jit::compile(&model)?.save(dir.join("force_field.pt"))?;
    let atoms = force_field::atoms(7, 2);
    let found = model.forward(&atoms);
    let write =
        |name: &str, tensor: &Tensor| tensor.detach().write_npy(dir.join(format!("force_field.{name}.npy")));
    for (name, tensor) in &atoms {
        write(name, tensor)?;
    }
    write("energy", &found.energy)?;
    write("forces", &found.forces)?;
    Ok(())
}

/// Saves the compiled module, in evaluation mode, with its inputs and the outputs of eager Rust.
fn save<M>(
    dir: &Path,
    name: &str,
    module: &M,
    inputs: &[Tensor],
    eager: impl Fn(&M, &Tensor) -> Tensor,
) -> Result<()>
where
    M: Compilable + Forward<Args = (Tensor,), Output = Tensor>,
{
    let compiled: Compiled<M> = tch_jit::compile(module)?;
    compiled.eval();
    compiled.save(dir.join(format!("{name}.pt")))?;
    for (i, input) in inputs.iter().enumerate() {
        input.write_npy(dir.join(format!("{name}.input.{i}.npy")))?;
        eager(module, input).detach().write_npy(dir.join(format!("{name}.output.{i}.npy")))?;
    }
    Ok(())
}
