//! A branch on data survives a trace.
//!
//! A trace records one run, so of an `if` it would keep the branch that the run took. Here the `if`
//! lies in a scripted module: the trace of the cell records a call of the gate, and the gate keeps
//! both branches.

use anyhow::{Result, ensure};
use tch::{Device, Kind, Tensor, kind::FLOAT_CPU, nn};
use tch_jit::{compile_mode, methods};

/// Scripted: its branch depends on data.
#[compile_mode(script)]
#[derive(Debug)]
struct DecisionGate;

#[methods]
impl DecisionGate {
    fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.shallow_clone() } else { -x }
    }
}

/// Traced: it does the same whatever it sees.
#[compile_mode(trace)]
#[derive(Debug)]
struct Cell {
    gate: DecisionGate,
    linear: nn::Linear,
}

#[methods]
impl Cell {
    fn forward(&self, x: &Tensor, h: &Tensor) -> (Tensor, Tensor) {
        let h = (self.gate.forward(&x.apply(&self.linear)) + h).tanh();
        (h.shallow_clone(), h)
    }

    #[tracing_inputs]
    fn example(&self, n: usize) -> Vec<(Tensor, Tensor)> {
        (0..n).map(|_| (Tensor::rand([3, 4], FLOAT_CPU), Tensor::rand([3, 4], FLOAT_CPU))).collect()
    }
}

fn main() -> Result<()> {
    tch::manual_seed(0);
    let vs = nn::VarStore::new(Device::Cpu);
    let cell = Cell { gate: DecisionGate, linear: nn::linear(vs.root(), 4, 4, Default::default()) };

    let compiled = tch_jit::compile(&cell)?;
    println!("{compiled}\n");
    println!("The cell, traced:\n\n{}", compiled.code());
    let gate = compiled.submodule("gate").expect("`gate` is a field");
    println!("The gate, scripted:\n\n{}", gate.code());

    let h = Tensor::zeros([3, 4], FLOAT_CPU);
    for sign in [1.0, -1.0] {
        let x = Tensor::ones([3, 4], FLOAT_CPU) * sign;
        let sum = x.apply(&cell.linear).sum(Kind::Float).double_value(&[]);
        ensure!(compiled.forward((&x, &h))? == cell.forward(&x, &h), "the gate took the wrong branch");
        println!("the gate sees a sum of {sum:5.2}: Rust and TorchScript agree");
    }
    Ok(())
}
