//! Handles of one compiled tree in many threads: what changes modules waits for the calls at work, and calls wait for
//! it, so that each call sees one state of the whole tree.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tch::{Device, Kind, Tensor};
use tch_jit::{compile_mode, methods};

/// Adds 1 in training.
#[compile_mode(script)]
#[derive(Debug)]
struct Flag {
    training: Cell<bool>,
}

#[methods]
impl Flag {
    fn forward(&self, x: &Tensor) -> Tensor {
        if self.training.get() { x + 1.0 } else { x.shallow_clone() }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Flags {
    flags: Vec<Flag>,
}

#[methods]
impl Flags {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for flag in &self.flags {
            y = flag.forward(&y);
        }
        y
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Kinds {
    weights: Vec<Tensor>,
}

#[methods]
impl Kinds {
    /// Fails where the weights are of two kinds.
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.to_kind(Kind::Double);
        for weight in &self.weights {
            y = &y + weight.to_kind(Kind::Double).matmul(&weight.to_kind(Kind::Double));
            assert!(weight.kind() == self.weights[0].kind(), "weights of two kinds in one call");
        }
        y
    }
}

/// Runs `call` in three threads while `change` runs `n` times in this one.
fn while_changed(n: usize, call: impl Fn() + Sync, change: impl Fn(usize)) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    call();
                }
            });
        }
        for i in 0..n {
            change(i);
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_call_sees_one_mode_of_the_whole_tree() {
    let module = Flags { flags: (0..40).map(|_| Flag { training: Cell::new(false) }).collect() };
    let compiled = tch_jit::compile(&module).unwrap();
    let call = || {
        let x = Tensor::zeros([1], (Kind::Float, Device::Cpu));
        let n_training = compiled.forward(&x).unwrap().double_value(&[0]);
        assert!(n_training == 0.0 || n_training == 40.0, "{n_training} of 40 modules were in training");
    };
    let handle = compiled.named_children()[0].1.clone();
    while_changed(2_000, call, |i| if i % 2 == 0 { compiled.train() } else { compiled.eval() });
    assert!(!handle.is_training());
}

#[test]
fn a_call_sees_one_kind_of_all_tensors() {
    let weights = (0..20).map(|_| Tensor::ones([8, 8], (Kind::Float, Device::Cpu))).collect();
    let compiled = tch_jit::compile(&Kinds { weights }).unwrap();
    let call = || {
        let x = Tensor::zeros([8, 8], (Kind::Float, Device::Cpu));
        assert_eq!(compiled.forward(&x).unwrap().double_value(&[0, 0]), 160.0);
    };
    let kinds = [Kind::Double, Kind::Float];
    while_changed(5_000, call, |i| compiled.to_kind(Device::Cpu, kinds[i % 2]).unwrap());
}

#[test]
fn copies_are_made_while_others_call() {
    let module = Flags { flags: vec![Flag { training: Cell::new(true) }] };
    let compiled = tch_jit::compile(&module).unwrap();
    let call = || {
        let x = Tensor::zeros([1], (Kind::Float, Device::Cpu));
        assert_eq!(compiled.forward(&x).unwrap().double_value(&[0]), 1.0);
    };
    while_changed(100, call, |_| {
        let copy = compiled.deep_copy().unwrap();
        assert!(copy.is_training());
    });
}
