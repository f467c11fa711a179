//! What `testing` says of modules that are what they should be, and of others.

use std::cell::Cell;

use integration_tests::alone;
use tch::nn;
use tch::{Device, Kind, Tensor};
use tch_jit::testing::{AutoJit, assert_auto_jitable};
use tch_jit::{Error, compile_mode, methods};

fn randn(size: &[i64]) -> Tensor {
    Tensor::randn(size, (Kind::Float, Device::Cpu))
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Net {
    linear: nn::Linear,
    norm: nn::BatchNorm,
}

#[methods]
impl Net {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        x.apply(&self.linear).apply_t(&self.norm, train).dropout(0.5, train)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n as i64).map(|i| (randn(&[3 + i, 4]),)).collect()
    }
}

fn net() -> Net {
    let vs = nn::VarStore::new(Device::Cpu);
    let linear = nn::linear(vs.root() / "linear", 4, 3, Default::default());
    Net { linear, norm: nn::batch_norm1d(vs.root() / "norm", 3, Default::default()) }
}

#[test]
fn a_module_that_is_its_trace_passes_and_stays_as_it_is() {
    let _alone = alone();
    let net = net();
    let before = net.norm.running_mean.copy();
    let compiled = assert_auto_jitable(&net);
    assert_eq!(net.norm.running_mean, before);
    assert!(compiled.is_training());
    assert!(!net.linear.ws.grad().defined());
    AutoJit::new().n_trace_checks(4).tolerance(1e-6).assert(&net);
}

#[test]
fn its_inputs_are_given_to_anybody() {
    let _alone = alone();
    let inputs = tch_jit::tracing_inputs(&net(), 3).unwrap();
    assert_eq!(inputs.iter().map(|(x,)| x.size()).collect::<Vec<_>>(), [[3, 4], [4, 4], [5, 4]]);
    let error = tch_jit::tracing_inputs(&Silent, 1).unwrap_err();
    assert!(matches!(error, Error::NoTracingInputs { .. }), "{error}");
    assert!(error.to_string().starts_with("cannot infer tracing inputs for Silent"), "{error}");
}

#[compile_mode(script)]
#[derive(Debug)]
struct Silent;

#[methods]
impl Silent {
    fn forward(&self, x: &Tensor) -> Tensor {
        if x.numel() > 3 { x.relu() } else { x.tanh() }
    }
}

#[test]
fn a_scripted_module_without_inputs_compiles_and_is_saved() {
    let _alone = alone();
    assert_auto_jitable(&Silent);
}

/// The compiled module would have another gradient than the Rust module, whose results are the same.
#[compile_mode(trace)]
#[derive(Debug)]
struct Detaching {
    weight: Tensor,
    #[jit(skip)]
    n_calls: Cell<usize>,
}

#[methods]
impl Detaching {
    fn forward(&self, x: &Tensor) -> Tensor {
        // It is recorded and compared by then.
        let is_compiled = self.n_calls.replace(self.n_calls.get() + 1) >= 2;
        x * if is_compiled { self.weight.detach() * 2.0 - &self.weight } else { self.weight.shallow_clone() }
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<(Tensor,)> {
        vec![(randn(&[2]),)]
    }
}

#[test]
fn gradients_are_compared() {
    let _alone = alone();
    let module = Detaching { weight: randn(&[2]).set_requires_grad(true), n_calls: Cell::new(0) };
    let error = AutoJit::new().check(&module).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("of the gradient of `weight`, the output differs"), "{text}");
    assert!(text.contains("the inputs: Float [2]"), "{text}");
}

/// Counts its calls: its trace has the number of the recorded one.
#[compile_mode(trace)]
#[derive(Debug)]
struct Counting {
    #[jit(skip)]
    n_calls: Cell<i64>,
}

#[methods]
impl Counting {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * (self.n_calls.replace(self.n_calls.get() + 1)).min(1)
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<(Tensor,)> {
        vec![(randn(&[2]),)]
    }
}

#[test]
#[should_panic(expected = "Counting is not auto-jitable: the trace of Counting")]
fn a_failure_is_a_panic_that_says_which_module() {
    let _alone = alone();
    assert_auto_jitable(&Counting { n_calls: Cell::new(0) });
}

/// Refuses what is too short; its trace does not.
#[compile_mode(trace)]
#[derive(Debug)]
struct Careful;

#[methods]
impl Careful {
    fn forward(&self, x: &Tensor) -> Tensor {
        assert_eq!(x.size()[1], 3, "incorrect last dimension");
        x * 2.0
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<(Tensor,)> {
        vec![(randn(&[2, 3]),)]
    }
}

#[test]
fn what_the_rust_module_refuses_has_to_be_refused() {
    let _alone = alone();
    let error = AutoJit::new().check(&Careful).unwrap_err();
    let expected =
        "it takes an argument `x` whose last dimension is too short, which the Rust module refuses";
    assert!(error.to_string().contains(expected), "{error}");
    AutoJit::new().strict_shapes(false).assert(&Careful);
}
