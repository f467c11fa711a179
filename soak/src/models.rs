//! The modules under load: scripted, traced and mixed trees, with dropout, and such that fail.

use std::cell::Cell;

use tch::{Device, Kind, Tensor, nn};
use tch_jit::{compile_mode, methods};

/// Width of the modules' inputs.
pub const WIDTH: i64 = 4;

/// An input of all modules.
pub fn input() -> Tensor {
    Tensor::randn([3, WIDTH], tch::kind::FLOAT_CPU)
}

/// A weight that can be trained.
fn weight(size: &[i64]) -> Tensor {
    Tensor::randn(size, tch::kind::FLOAT_CPU).set_requires_grad(true)
}

/// Scripted: it branches on data, loops, and adds 1 in training.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Gate {
    scale: Tensor,
    training: Cell<bool>,
}

#[methods]
impl Gate {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = if x.sum(Kind::Float).double_value(&[]) > 0.0 { x * &self.scale } else { -x };
        for i in 0..3 {
            y = if i % 2 == 0 { y.tanh() } else { y + i };
        }
        if self.training.get() { y + 1.0 } else { y }
    }
}

impl Gate {
    pub fn new(training: bool) -> Gate {
        Gate { scale: weight(&[WIDTH]), training: Cell::new(training) }
    }

    /// Another object with the same tensors, for another thread.
    pub fn share(&self, training: bool) -> Gate {
        Gate { scale: self.scale.shallow_clone(), training: Cell::new(training) }
    }
}

/// Scripted, with scripted children.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Scripted {
    gates: Vec<Gate>,
}

#[methods]
impl Scripted {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for gate in &self.gates {
            y = gate.forward(&y);
        }
        y
    }
}

impl Scripted {
    pub fn new(n: usize) -> Scripted {
        Scripted { gates: (0..n).map(|_| Gate::new(false)).collect() }
    }
}

/// Traced, with layers of tch.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Traced {
    first: nn::Linear,
    second: nn::Linear,
}

#[methods]
impl Traced {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.first).relu().apply(&self.second).softmax(-1, Kind::Float)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| input()).collect()
    }
}

fn linear() -> nn::Linear {
    nn::linear(nn::VarStore::new(Device::Cpu).root(), WIDTH, WIDTH, Default::default())
}

fn share(layer: &nn::Linear) -> nn::Linear {
    nn::Linear { ws: layer.ws.shallow_clone(), bs: layer.bs.as_ref().map(Tensor::shallow_clone) }
}

impl Traced {
    pub fn new() -> Traced {
        Traced { first: linear(), second: linear() }
    }
}

/// Traced, with scripted children.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Mixed {
    gates: Vec<Gate>,
    linear: nn::Linear,
}

#[methods]
impl Mixed {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.apply(&self.linear);
        for gate in &self.gates {
            y = gate.forward(&y);
        }
        y
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| input()).collect()
    }
}

impl Mixed {
    pub fn new(n: usize) -> Mixed {
        Mixed { gates: (0..n).map(|_| Gate::new(false)).collect(), linear: linear() }
    }

    /// Another object with the same tensors, for another thread, in training or not.
    pub fn share(&self, training: bool) -> Mixed {
        let gates = self.gates.iter().map(|gate| gate.share(training)).collect();
        Mixed { gates, linear: share(&self.linear) }
    }
}

/// Traced: it draws random numbers in training, and keeps statistics.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Dropped {
    linear: nn::Linear,
    norm: nn::BatchNorm,
}

#[methods]
impl Dropped {
    pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        x.apply(&self.linear).apply_t(&self.norm, train).dropout(0.5, train)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| input()).collect()
    }
}

impl Dropped {
    pub fn new() -> Dropped {
        let vs = nn::VarStore::new(Device::Cpu);
        Dropped { linear: linear(), norm: nn::batch_norm1d(vs.root(), WIDTH, Default::default()) }
    }
}

/// Where user code panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panics {
    Never,
    /// In `forward`, before anything else.
    AtOnce,
    /// In `forward`, after a scripted child was called.
    InForward,
    /// In an operator of libtorch.
    InOperator,
    /// In the function that makes example inputs.
    InInputs,
}

/// Traced, with a scripted child: user code panics if asked to.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Panicking {
    mixed: Mixed,
    #[jit(skip)]
    panics: Panics,
}

#[methods]
impl Panicking {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        assert!(self.panics != Panics::AtOnce, "at once, as asked for");
        let y = self.mixed.forward(x);
        assert!(self.panics != Panics::InForward, "in `forward`, as asked for");
        if self.panics == Panics::InOperator { y.matmul(&y) } else { y }
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        assert!(self.panics != Panics::InInputs, "in the example inputs, as asked for");
        (0..n).map(|_| input()).collect()
    }
}

impl Panicking {
    pub fn new(panics: Panics) -> Panicking {
        Panicking { mixed: Mixed::new(1), panics }
    }
}
