//! What `testing` says of modules that are what they should be, and of others.

use std::cell::Cell;
use std::collections::HashMap;

use integration_tests::alone;
use integration_tests::tensors::randn;
use tch::nn;
use tch::{Device, Kind, Tensor};
use tch_jit::testing::{AutoJit, assert_all_auto_jitable, assert_auto_jitable, assert_auto_jitable_on};
use tch_jit::{Draw, Error, ExampleInput, compile_mode, export, methods, script};

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

    #[auto_jitable(tolerance = 1e-6, n_trace_checks = 3)]
    fn new(vs: &nn::Path) -> Self {
        let linear = nn::linear(vs / "linear", 4, 3, Default::default());
        Net { linear, norm: nn::batch_norm1d(vs / "norm", 3, Default::default()) }
    }

    /// Whether it can be built is known when it runs.
    #[auto_jitable]
    fn checked(vs: nn::Path) -> anyhow::Result<Self> {
        let net = Net::new(&vs);
        anyhow::ensure!(vs.device() == Device::Cpu, "on the CPU only");
        Ok(net)
    }
}

fn net() -> Net {
    Net::new(&nn::VarStore::new(Device::Cpu).root())
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

    #[auto_jitable(compile_only)]
    fn new() -> Self {
        Silent
    }
}

#[test]
fn a_module_without_inputs_is_not_passed_by() {
    let _alone = alone();
    let error = AutoJit::new().check(&Silent).unwrap_err().to_string();
    assert!(error.contains("nothing is compared, as no inputs are known\nhelp: "), "{error}");
    AutoJit::new().compile_only().assert(&Silent);
    let x = Tensor::from_slice(&[1.0f32, -2.0]);
    assert_auto_jitable_on(&Silent, &x);
    assert_auto_jitable_on(&Silent, vec![&x, &Tensor::ones([2, 3], (Kind::Float, Device::Cpu))]);
}

/// No size is this one, and no value but one.
#[compile_mode(script)]
#[derive(Debug)]
struct Particular {
    unused: Tensor,
}

#[methods]
impl Particular {
    fn forward(&self, x: &Tensor, name: &str) -> Tensor {
        assert!(x.size()[0] == 123_456 && name == "a");
        x * 2.0
    }
}

#[test]
fn given_inputs_are_compared() {
    let _alone = alone();
    let unused = Tensor::ones([2], (Kind::Float, Device::Cpu)).set_requires_grad(true);
    let module = Particular { unused };
    let x = Tensor::ones([123_456], (Kind::Float, Device::Cpu)).set_requires_grad(true);
    AutoJit::new().strict_shapes(false).assert_on(&module, (&x, "a"));
    let error = AutoJit::new().check_on(&module, (&x, "b")).unwrap_err().to_string();
    assert!(error.contains("assertion failed"), "{error}");
}

/// What is given is what it is traced on.
#[compile_mode(trace)]
#[derive(Debug)]
struct TracedOnGiven;

#[methods]
impl TracedOnGiven {
    fn forward(&self, x: &Tensor, by: &Tensor) -> Tensor {
        x * by
    }
}

#[test]
fn a_traced_module_takes_given_inputs() {
    let _alone = alone();
    let x = Tensor::ones([2, 3], (Kind::Float, Device::Cpu));
    assert!(AutoJit::new().check(&TracedOnGiven).is_err());
    AutoJit::new().strict_shapes(false).assert_on(&TracedOnGiven, (&x, &(&x * 3.0)));
}

/// Exported methods are compared, too; here, one that is wrong the second time.
#[compile_mode(script)]
#[tracing_inputs(encode, x = [_, 3])]
#[derive(Debug)]
struct ExportsOnly {
    n_calls: i64,
}

#[methods]
impl ExportsOnly {
    #[export]
    fn encode(&self, x: &Tensor) -> Tensor {
        x + self.n_calls
    }
}

#[test]
fn exported_methods_are_compared() {
    let _alone = alone();
    AutoJit::new().assert(&ExportsOnly { n_calls: 1 });
}

/// The compiled module would have another gradient than the Rust module, whose results are the same.
#[compile_mode(trace)]
#[derive(Debug)]
struct Detaching {
    weight: Tensor,
    #[jit(skip)]
    n_calls: Cell<usize>,
    /// How often the compiler calls it.
    #[jit(skip)]
    n_of_compiler: usize,
}

#[methods]
impl Detaching {
    fn forward(&self, x: &Tensor) -> Tensor {
        let is_compiled = self.n_calls.replace(self.n_calls.get() + 1) >= self.n_of_compiler;
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
    let detaching = |n_of_compiler| {
        let weight = randn(&[2]).set_requires_grad(true);
        Detaching { weight, n_calls: Cell::new(0), n_of_compiler }
    };
    let counted = detaching(usize::MAX);
    tch_jit::compile(&counted).unwrap();
    let error = AutoJit::new().check(&detaching(counted.n_calls.get())).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("of the gradient of `weight`, the output differs by up to"), "{text}");
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
        x * self.n_calls.replace(self.n_calls.get() + 1)
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

    #[auto_jitable(strict_shapes = false)]
    fn careless() -> Self {
        Careful
    }

    #[auto_jitable]
    fn strict() -> Self {
        Careful
    }
}

#[test]
fn what_the_rust_module_refuses_has_to_be_refused() {
    let _alone = alone();
    let error = AutoJit::new().check(&Careful).unwrap_err();
    let expected =
        "it takes an argument `x` whose last dimension is too short, which is refused by the Rust module";
    assert!(error.to_string().contains(expected), "{error}");
    AutoJit::new().strict_shapes(false).assert(&Careful);
}

/// The width of its irreps.
#[derive(Debug)]
struct Irreps(i64);

impl ExampleInput for Irreps {
    type Input = Tensor;
    fn example_input(&self, draw: &Draw) -> Tensor {
        Tensor::randn([draw.batch(), self.0], (draw.kind(), draw.device()))
    }
}

/// Keeps its assertion in the trace.
#[script]
fn check_width(x: &Tensor, width: i64) -> Tensor {
    assert!(x.size()[1] == width, "incorrect last dimension");
    x.shallow_clone()
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Scaled {
    #[jit(skip)]
    irreps_in: Irreps,
    #[jit(skip)]
    is_checked: bool,
}

#[methods]
impl Scaled {
    fn forward(&self, x: &Tensor) -> Tensor {
        let x = if self.is_checked { check_width(x, self.irreps_in.0) } else { x.shallow_clone() };
        x * 2.0
    }
}

#[test]
fn a_module_with_irreps_refuses_other_widths_as_in_e3nn() {
    let _alone = alone();
    assert_auto_jitable(&Scaled { irreps_in: Irreps(3), is_checked: true });
    let unchecked = Scaled { irreps_in: Irreps(3), is_checked: false };
    let error = AutoJit::new().check(&unchecked).unwrap_err().to_string();
    let expected = "it takes an argument `x` whose last dimension is too short, and so does the Rust module\nthe inputs: Float [";
    assert!(error.contains(expected), "{error}");
    AutoJit::new().strict_shapes(false).assert(&unchecked);
}

/// One result of several, and one element of it.
#[compile_mode(trace)]
#[derive(Debug)]
struct Drifting {
    #[jit(skip)]
    n_calls: Cell<usize>,
    /// How often the compiler calls it.
    #[jit(skip)]
    n_of_compiler: usize,
}

#[methods]
impl Drifting {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        let is_compiled = self.n_calls.replace(self.n_calls.get() + 1) >= self.n_of_compiler;
        let drift = Tensor::from_slice2(&[[0.0, 0.0], [0.0, if is_compiled { 0.5 } else { 0.0 }]]);
        (x * 2.0, x + drift)
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<(Tensor,)> {
        vec![(Tensor::zeros([2, 2], (Kind::Float, Device::Cpu)),)]
    }
}

#[test]
fn a_failure_says_which_element_of_which_output_and_where_it_is_made() {
    let _alone = alone();
    let line = line!() - 12;
    let drifting = |n_of_compiler| Drifting { n_calls: Cell::new(0), n_of_compiler };
    let counted = drifting(usize::MAX);
    tch_jit::compile(&counted).unwrap();
    let error = AutoJit::new().check(&drifting(counted.n_calls.get())).unwrap_err().to_string();
    let expected = "compiled, element 1 of the output differs by up to 5.0e-1: at index [1, 1] it is 0, expected 0.5\n\
                    the graph has: %";
    assert!(error.contains(expected), "{error}");
    assert!(error.contains(&format!(" # tests/tests/testing.rs:{line}:")), "{line}: {error}");
    assert!(error.contains("\nthe inputs: Float [2, 2]"), "{error}");
}

/// All that is above, as a user's one test of a crate would find it.
#[test]
fn all_modules_of_a_crate_are_tested() {
    let _alone = alone();
    let payload = std::panic::catch_unwind(|| assert_all_auto_jitable("testing")).unwrap_err();
    let message = payload.downcast_ref::<String>().unwrap();
    let expected = "1 of 5 failed\n\ntesting::Careful::strict: the trace of Careful, ";
    assert!(message.starts_with(expected), "{message}");
    let payload = std::panic::catch_unwind(|| assert_all_auto_jitable("no-such-crate")).unwrap_err();
    let message = payload.downcast_ref::<String>().unwrap();
    assert!(message.starts_with("no module of the crate `no-such-crate` is tested\nhelp: "), "{message}");
}

#[compile_mode(script)]
#[derive(Debug)]
struct Fused;

#[methods]
impl Fused {
    /// TorchScript rounds a product before it adds.
    fn forward(&self, data: &HashMap<String, Tensor>) -> HashMap<String, Tensor> {
        let mut result: HashMap<String, Tensor> = HashMap::new();
        result.insert("same".to_owned(), data["x"].shallow_clone());
        result.insert("scaled".to_owned(), &data["x"] * (0.1f64.mul_add(0.1, -0.01) * 1e9));
        result
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<HashMap<String, Tensor>> {
        vec![HashMap::from([("x".to_owned(), Tensor::ones([2], (Kind::Double, Device::Cpu)))])]
    }
}

/// Of a map, the key is named; a scripted module is not called a trace.
#[test]
fn maps_are_compared_by_key() {
    let _alone = alone();
    AutoJit::new().tolerance(1e-6).assert(&Fused);
    let error = AutoJit::new().tolerance(1e-12).check(&Fused).unwrap_err().to_string();
    assert!(error.starts_with("the compiled Fused, whose `forward` is at "), "{error}");
    assert!(
        error.contains("compiled, element \"scaled\" of the output differs by up to 8.3e-10: at index [0] "),
        "{error}"
    );
    assert!(error.ends_with("\nthe inputs: {\"x\": Double [2]}"), "{error}");
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 3])]
#[derive(Debug)]
struct SumOfItsKind;

#[methods]
impl SumOfItsKind {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.sum_dim_intlist(-1, false, x.kind())
    }
}

/// A trace that is fixed to the kind of its tracing inputs says so, and is what the test asks for.
#[test]
fn a_kind_may_be_fixed() {
    let _alone = alone();
    let compiled = AutoJit::new().strict_shapes(false).check(&SumOfItsKind).unwrap_or_else(|e| panic!("{e}"));
    let [warning] = compiled.warnings() else { panic!("{:?}", compiled.warnings()) };
    assert!(warning.to_string().contains("holds only for inputs of the kind Float"), "{warning}");
}
