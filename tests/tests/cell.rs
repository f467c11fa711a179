//! The decision gate inside of a traced cell: branches survive a trace. The first page of the README.

#![allow(missing_docs)]

use integration_tests::agree;
use tch::{Device, Kind, Tensor, nn};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
pub struct DecisionGate;

#[methods]
impl DecisionGate {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.shallow_clone() } else { -x }
    }
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 4], h = [_, 4])]
#[derive(Debug)]
pub struct Cell {
    gate: DecisionGate,
    linear: nn::Linear,
}

#[methods]
impl Cell {
    pub fn forward(&self, x: &Tensor, h: &Tensor) -> (Tensor, Tensor) {
        let h = (self.gate.forward(&x.apply(&self.linear)) + h).tanh();
        (h.shallow_clone(), h)
    }
}

fn randn() -> Tensor {
    Tensor::randn([3, 4], tch::kind::FLOAT_CPU)
}

#[test]
fn a_gate_is_scripted() {
    let compiled = tch_jit::compile(&DecisionGate).unwrap();
    agree(&DecisionGate, &compiled, &[(randn().abs(),), (-randn().abs(),)]);
}

#[test]
fn a_traced_cell_keeps_the_branches_of_its_gate() {
    let vs = nn::VarStore::new(Device::Cpu);
    let cell = Cell { gate: DecisionGate, linear: nn::linear(vs.root(), 4, 4, Default::default()) };
    let compiled = tch_jit::compile(&cell).unwrap();
    // `x` and `-x` lie on both sides of the branch, as the bias is small.
    let x = randn() * 100.0;
    agree(&cell, &compiled, &[(x.shallow_clone(), randn()), (-x, randn())]);
    let names: Vec<String> = compiled.named_parameters().into_iter().map(|it| it.0).collect();
    assert_eq!(names, ["linear.weight", "linear.bias"]);
}
