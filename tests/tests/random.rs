//! Modules that draw random numbers. The generator belongs to the whole process, so these tests
//! have a process of their own, and run one at a time.

#![allow(missing_docs, clippy::assign_op_pattern)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use integration_tests::{agree, alone};
use tch::{Device, Kind, Tensor, nn};
use tch_jit::{Compiler, Error, MethodInputs, compile_mode, methods};

fn x() -> Tensor {
    Tensor::randn([8, 16], tch::kind::FLOAT_CPU)
}

fn draw() -> Tensor {
    Tensor::rand([4], tch::kind::FLOAT_CPU)
}

/// Drops in training, and keeps statistics.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Dropped {
    linear: nn::Linear,
    norm: nn::BatchNorm,
    drawn: Drawn,
}

#[methods]
impl Dropped {
    pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = x.apply(&self.linear).apply_t(&self.norm, train).dropout(0.5, train);
        self.drawn.forward(&y)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

/// Adds noise, on one branch.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Drawn;

#[methods]
impl Drawn {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x + x.rand_like() } else { x.shallow_clone() }
    }
}

fn dropped() -> Dropped {
    let vs = nn::VarStore::new(Device::Cpu);
    Dropped {
        linear: nn::linear(vs.root(), 16, 16, Default::default()),
        norm: nn::batch_norm1d(vs.root(), 16, Default::default()),
        drawn: Drawn,
    }
}

#[test]
fn compiling_leaves_statistics_and_the_generator_as_they_were() {
    let _alone = alone();
    let module = dropped();
    let _ = module.forward_t(&x(), true);
    let statistics = || [module.norm.running_mean.copy(), module.norm.running_var.copy()];
    let before = statistics();
    assert_ne!(before[0], before[0].zeros_like());
    let expected = {
        tch::manual_seed(2);
        draw()
    };
    for times in [1, 3] {
        tch::manual_seed(2);
        Compiler::new().n_trace_checks(times).compile(&module).unwrap();
        assert_eq!(statistics(), before);
        assert_eq!(draw(), expected);
    }
    // Also where it fails.
    tch::manual_seed(2);
    assert!(tch_jit::compile(&BranchesOnChance).is_err());
    assert_eq!(draw(), expected);
}

#[test]
fn random_modules_agree_from_one_state_and_differ_from_two() {
    let _alone = alone();
    let module = dropped();
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),), (-x(),)]);
    let x = x();
    assert_ne!(compiled.forward(&x).unwrap(), compiled.forward(&x).unwrap());
    compiled.eval();
    agree(&module, &compiled, &[(x,)]);
}

/// Rows drawn from `x`, and from both arguments at the same places.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Batches;

#[methods]
impl Batches {
    pub fn forward(&self, x: &Tensor, y: &Tensor) -> Vec<Tensor> {
        let (a, b) = Tensor::random_batch2(x, y, 5);
        vec![x.random_batch(4), a, b]
    }
}

#[test]
fn random_batches() {
    let _alone = alone();
    let compiled = tch_jit::compile(&Batches).unwrap();
    agree(&Batches, &compiled, &[(x(), Tensor::arange(8, tch::kind::FLOAT_CPU))]);
}

/// The trace takes one branch; which, is chance.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct BranchesOnChance;

#[methods]
impl BranchesOnChance {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let coin = Tensor::rand([1], tch::kind::FLOAT_CPU).double_value(&[0]);
        if coin > 0.5 { x + 1.0 } else { x - 1.0 }
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

/// From one state of the generator, every run takes the same branch: only others tell.
#[test]
fn a_branch_on_a_random_number_is_found() {
    let _alone = alone();
    let found = (0..20).filter(|_| {
        // Each time from another state.
        let _ = draw();
        let compiler = Compiler::new().deny_warnings(false);
        match compiler.compile(&BranchesOnChance) {
            Err(Error::TraceMismatch { message, .. }) => {
                // The other branch, which was taken on another random number.
                assert!(
                    message.contains("\n+ aten::add(") || message.contains("\n+ aten::sub("),
                    "{message}"
                );
                true
            }
            _ => false,
        }
    });
    // Each has a chance of 7 in 8, and the seed is fixed.
    let found = found.count();
    assert!(found > 10, "{found} of 20");
}

/// It branches on a size, and drops.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct DropsAndBranches;

#[methods]
impl DropsAndBranches {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = x.dropout(0.5, true);
        if x.size()[0] > 8 { y * 2.0 } else { y }
    }
}

#[test]
fn a_mismatch_names_the_random_operators() {
    let _alone = alone();
    let further = MethodInputs::new().method("forward", Tensor::ones([9], tch::kind::FLOAT_CPU));
    let error = Compiler::new().check_inputs(further).trace(&DropsAndBranches, x()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("\nrandom operators: aten::dropout(_, 0.5, True) at tests/tests/random.rs:"),
        "{text}"
    );
    assert!(text.contains("\n+ aten::mul(_, 2.) at tests/tests/random.rs:"), "{text}");
}

/// Other threads draw from the same generator, and take numbers away in the middle of a run.
#[test]
fn other_threads_that_draw_do_not_disturb_the_check() {
    let _alone = alone();
    let module = dropped();
    // Each compilation compares several runs, most of which have to be undisturbed.
    let begin = Instant::now();
    tch_jit::compile(&module).unwrap();
    let pause = begin.elapsed();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let _ = draw();
                thread::sleep(pause);
            }
        });
        let results: Vec<_> = (0..50).map(|_| tch_jit::compile(&module).map(|_| ())).collect();
        done.store(true, Ordering::Relaxed);
        for result in results {
            result.unwrap();
        }
    });
}
