//! Modules that know by a field whether they are in training: traced in both modes, scripted as the flag that
//! every module of TorchScript has.

use std::cell::Cell;

use integration_tests::alone;
use integration_tests::method::assert_same;
use integration_tests::modules::reload;
use integration_tests::tensors::randn;
use tch::nn;
use tch::{Device, IValue, Tensor};
use tch_jit::{Compiled, Error, compile_mode, methods};

#[compile_mode(trace)]
#[derive(Debug)]
struct Block {
    norm: nn::BatchNorm,
    training: Cell<bool>,
}

#[methods]
impl Block {
    fn forward(&self, x: &Tensor) -> Tensor {
        let train = self.training.get();
        x.apply_t(&self.norm, train).dropout(0.5, train)
    }

    #[export]
    fn scale(&self, x: &Tensor) -> Tensor {
        if self.training.get() { x * 2.0 } else { x * 3.0 }
    }

    /// Does the same in both modes.
    #[export]
    fn shift(&self, x: &Tensor) -> Tensor {
        x + 1.0
    }

    #[tracing_inputs]
    fn of_forward(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (randn(&[4, 3]),)).collect()
    }

    #[tracing_inputs(scale)]
    fn of_scale(&self, _: usize) -> Vec<(Tensor,)> {
        vec![(randn(&[2, 3]),)]
    }

    #[tracing_inputs(shift)]
    fn of_shift(&self, _: usize) -> Vec<(Tensor,)> {
        vec![(randn(&[2, 3]),)]
    }
}

fn block() -> Block {
    let vs = nn::VarStore::new(Device::Cpu);
    Block { norm: nn::batch_norm1d(vs.root(), 3, Default::default()), training: Cell::new(true) }
}

/// The flag of `module` is set by `set`; both modes agree with Rust, also after loading.
#[track_caller]
fn agree_in_both_modes<M>(
    compiled: &Compiled<M>,
    x: &Tensor,
    set: impl Fn(bool),
    eager: impl Fn() -> Tensor,
) {
    let value = |x: &Tensor| IValue::Tensor(x.shallow_clone());
    for train in [false, true] {
        set(train);
        if train {
            compiled.train()
        } else {
            compiled.eval()
        }
        assert_same("a flag", compiled, "forward", &[value(x)], || value(&eager()));
    }
}

#[test]
fn a_trace_follows_the_flag() {
    let _alone = alone();
    let module = block();
    let compiled = tch_jit::compile(&module).unwrap_or_else(|e| panic!("{e}"));
    assert!(module.training.get() && compiled.is_training());
    let x = randn(&[5, 3]);
    agree_in_both_modes(&compiled, &x, |on| module.training.set(on), || module.forward(&x));
}

#[test]
fn each_traced_method_follows_the_flag() {
    let _alone = alone();
    let module = block();
    let compiled = tch_jit::compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = randn(&[2, 3]);
    for (train, factor) in [(true, 2.0), (false, 3.0)] {
        if train {
            compiled.train()
        } else {
            compiled.eval()
        }
        for it in [&*compiled, &reload(&compiled)] {
            let found = it.call("scale", &[IValue::Tensor(x.shallow_clone())]).unwrap();
            assert_eq!(found, IValue::Tensor(&x * factor));
        }
    }
    // One graph is kept where training changes nothing.
    let methods = compiled.methods();
    assert!(
        methods.contains(&"scale_eval".to_owned()) && !methods.contains(&"shift_eval".to_owned()),
        "{methods:?}"
    );
}

#[test]
fn the_compiled_module_starts_as_the_rust_module_is() {
    let _alone = alone();
    let module = block();
    module.training.set(false);
    let compiled = tch_jit::compile(&module).unwrap();
    assert!(!module.training.get() && !compiled.is_training());
    let x = randn(&[5, 3]);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Failing {
    training: Cell<bool>,
}

#[methods]
impl Failing {
    fn forward(&self, x: &Tensor) -> Tensor {
        assert!(self.training.get(), "there is no evaluation");
        x * 2.0
    }
}

#[test]
fn the_flag_is_restored_after_a_failure() {
    let _alone = alone();
    let module = Failing { training: Cell::new(true) };
    let error = tch_jit::trace(&module, randn(&[2])).unwrap_err();
    assert!(
        matches!(&error, Error::Trace { message, .. } if message.contains("there is no evaluation")),
        "{error}"
    );
    assert!(module.training.get());
}

#[compile_mode(script)]
#[derive(Debug)]
struct Scripted {
    training: Cell<bool>,
}

#[methods]
impl Scripted {
    fn forward(&self, x: &Tensor) -> Tensor {
        if self.training.get() { x * 2.0 } else { -x }
    }
}

/// Inherits its mode: it is recorded as a part of its parent's traces.
#[compile_mode]
#[derive(Debug)]
struct Inheriting {
    weight: Tensor,
    training: Cell<bool>,
}

#[methods]
impl Inheriting {
    fn forward(&self, x: &Tensor) -> Tensor {
        if self.training.get() { x * &self.weight } else { x + &self.weight }
    }
}

/// Has no flag of its own.
#[compile_mode(trace)]
#[derive(Debug)]
struct Parent {
    scripted: Scripted,
    block: Block,
    inheriting: Vec<Inheriting>,
}

#[methods]
impl Parent {
    fn forward(&self, x: &Tensor) -> Tensor {
        let x = self.block.forward(&self.scripted.forward(x));
        self.inheriting.iter().fold(x, |x, it| it.forward(&x))
    }
}

impl Parent {
    fn set(&self, on: bool) {
        self.scripted.training.set(on);
        self.block.training.set(on);
        self.inheriting.iter().for_each(|it| it.training.set(on));
    }
}

#[test]
fn flags_of_children_are_followed() {
    let _alone = alone();
    let inheriting =
        || Inheriting { weight: randn(&[3]).set_requires_grad(true), training: Cell::new(false) };
    let module = Parent {
        scripted: Scripted { training: Cell::new(true) },
        block: block(),
        inheriting: vec![inheriting(), inheriting()],
    };
    let x = randn(&[4, 3]);
    let compiled = tch_jit::trace(&module, &x).unwrap_or_else(|e| panic!("{e}"));
    // As they were, each for itself.
    assert!(module.scripted.training.get() && !module.inheriting[1].training.get());
    assert!(compiled.submodule("scripted").unwrap().is_training());
    assert!(!compiled.submodule("inheriting.1").unwrap().is_training());
    agree_in_both_modes(&compiled, &x, |on| module.set(on), || module.forward(&x));
}

#[test]
fn a_scripted_body_reads_the_flag() {
    let _alone = alone();
    let module = Scripted { training: Cell::new(true) };
    let compiled = tch_jit::compile(&module).unwrap();
    let x = randn(&[3]);
    agree_in_both_modes(&compiled, &x, |on| module.training.set(on), || module.forward(&x));
}
