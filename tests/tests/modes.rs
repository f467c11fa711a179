//! Which mode each module of a tree is compiled in, and what that does to its neighbours.

#![allow(missing_docs, clippy::assign_op_pattern)]

use std::collections::BTreeMap;
use std::rc::Rc;

use integration_tests::agree;
use integration_tests::modules::{names, reload};
use integration_tests::tensors::{linear, parameter};
use tch::nn::ModuleT;
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{
    CompileMode, Compiled, Compiler, DynModule, Error, ScriptModule, Site, compile_mode, compile_source,
    methods,
};

fn positive() -> Tensor {
    Tensor::rand([3, 4], tch::kind::FLOAT_CPU) + 0.1
}

fn negative() -> Tensor {
    -positive()
}

/// Arguments on both sides of every branch here.
fn both() -> Vec<(Tensor,)> {
    vec![(positive(),), (negative(),)]
}

/// `path: mode`, parents first.
fn modes(module: &ScriptModule) -> Vec<String> {
    module.named_modules().iter().map(|(path, module)| format!("{path}: {}", module.mode())).collect()
}

/// Branches on data, and knows its own weight.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Gate {
    scale: Tensor,
}

#[methods]
impl Gate {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x * &self.scale } else { x - &self.scale }
    }
}

fn gate() -> Gate {
    Gate { scale: parameter() }
}

/// Traced, with inputs of its own.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Block {
    linear: nn::Linear,
}

#[methods]
impl Block {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.linear).tanh()
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| positive()).collect()
    }
}

fn block() -> Block {
    Block { linear: linear() }
}

/// Takes its parent's mode.
#[compile_mode]
#[derive(Debug)]
pub struct Shift {
    by: Tensor,
    block: Block,
}

#[methods]
impl Shift {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.block.forward(&(x + &self.by))
    }
}

fn shift() -> Shift {
    Shift { by: parameter(), block: block() }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct ScriptedParent {
    block: Block,
    gate: Gate,
    shift: Shift,
}

#[methods]
impl ScriptedParent {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.block.forward(x);
        if x.mean(Kind::Float).double_value(&[]) > 0.0 {
            self.gate.forward(&y)
        } else {
            self.shift.forward(&y)
        }
    }
}

#[test]
fn a_scripted_parent_calls_traced_and_inheriting_children() {
    let parent = ScriptedParent { block: block(), gate: gate(), shift: shift() };
    let compiled = tch_jit::compile(&parent).unwrap();
    agree(&parent, &compiled, &both());
    let expected = [
        ": script",
        "block: trace",
        "block.linear: trace",
        "gate: script",
        "shift: script",
        "shift.block: trace",
        "shift.block.linear: trace",
    ];
    assert_eq!(modes(&compiled), expected);
    assert_eq!(modes(&reload(&compiled)), expected);
    assert_eq!(
        names(&compiled.named_parameters()),
        [
            "block.linear.weight",
            "block.linear.bias",
            "gate.scale",
            "shift.by",
            "shift.block.linear.weight",
            "shift.block.linear.bias"
        ]
    );
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct TracedParent {
    block: Block,
    gate: Gate,
    shift: Shift,
}

#[methods]
impl TracedParent {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.shift.forward(&self.gate.forward(&self.block.forward(x)))
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (positive(),)).collect()
    }
}

#[test]
fn a_traced_parent_calls_scripted_and_traced_children_and_records_inheriting_ones() {
    let parent = TracedParent { block: block(), gate: gate(), shift: shift() };
    let compiled = tch_jit::compile(&parent).unwrap();
    agree(&parent, &compiled, &both());
    let expected = [
        ": trace",
        "block: trace",
        "block.linear: trace",
        "gate: script",
        "shift: trace",
        "shift.block: trace",
        "shift.block.linear: trace",
    ];
    assert_eq!(modes(&compiled), expected);
    assert_eq!(modes(&reload(&compiled)), expected);
    assert_eq!(compiled.graph().matches("prim::CallMethod").count(), 3, "{}", compiled.graph());
    // What is recorded with its parent keeps its place in the tree, and its names.
    assert_eq!(
        names(&compiled.named_parameters()),
        [
            "block.linear.weight",
            "block.linear.bias",
            "gate.scale",
            "shift.by",
            "shift.block.linear.weight",
            "shift.block.linear.bias"
        ]
    );
    // It is a method of its own there, as in Python.
    assert_eq!(compiled.submodule("shift").unwrap().methods(), ["forward"]);
    assert_eq!(compiled.submodule("shift.block").unwrap().methods(), ["forward"]);
}

/// A trace sees one branch only; each is taken by half of the inputs.
#[test]
fn branches_of_a_scripted_child_survive_in_a_traced_parent_and_in_its_file() {
    let parent = TracedParent { block: block(), gate: gate(), shift: shift() };
    let compiled = tch_jit::trace(&parent, negative()).unwrap();
    let loaded = reload(&compiled);
    for (x,) in both() {
        let expected = parent.forward(&x);
        assert_eq!(compiled.forward(&x).unwrap(), expected);
        assert_eq!(loaded.forward(&[IValue::Tensor(x)]).unwrap(), IValue::Tensor(expected));
    }
    assert!(loaded.submodule("gate").unwrap().code().contains("if "), "{}", loaded.code());
}

#[compile_mode]
#[derive(Debug)]
pub struct InheritRoot {
    shift: Shift,
}

#[methods]
impl InheritRoot {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { self.shift.forward(x) } else { x.neg() }
    }
}

#[test]
fn an_inheriting_root_is_scripted_where_that_is_possible() {
    let root = InheritRoot { shift: shift() };
    let compiled = tch_jit::compile(&root).unwrap();
    agree(&root, &compiled, &both());
    assert_eq!(modes(&compiled)[..2], [": script", "shift: script"]);
}

/// Calls what TorchScript will never have.
#[compile_mode]
#[derive(Debug)]
pub struct OnlyTraceable {
    by: Tensor,
}

#[methods]
impl OnlyTraceable {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        (x + &self.by).pow_tensor_scalar(std::hint::black_box(3)) * 0.5
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| positive()).collect()
    }
}

#[test]
fn an_inheriting_root_that_cannot_be_scripted_is_traced() {
    let root = OnlyTraceable { by: parameter() };
    let compiled = tch_jit::compile(&root).unwrap();
    agree(&root, &compiled, &both());
    assert_eq!(modes(&compiled), [": trace"]);
}

#[compile_mode]
#[derive(Debug)]
pub struct HoldsOnlyTraceable {
    inner: OnlyTraceable,
}

#[methods]
impl HoldsOnlyTraceable {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.inner.forward(x) + 1.0
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| positive()).collect()
    }
}

/// The root's own body could be scripted; that of the child which would inherit the mode cannot.
#[test]
fn an_inheriting_root_is_traced_where_an_inheriting_child_needs_it() {
    let root = HoldsOnlyTraceable { inner: OnlyTraceable { by: parameter() } };
    let compiled = tch_jit::compile(&root).unwrap();
    agree(&root, &compiled, &both());
    assert_eq!(modes(&compiled), [": trace", "inner: trace"]);
    assert_eq!(names(&compiled.named_parameters()), ["inner.by"]);
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct HoldsItBoxed {
    inner: Box<dyn Layer>,
}

#[methods]
impl HoldsItBoxed {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.inner.forward(x)
    }
}

#[test]
fn a_child_that_inherits_script_and_cannot_be_scripted_says_why() {
    let root = HoldsItBoxed { inner: Box::new(OnlyTraceable { by: parameter() }) };
    let error = tch_jit::compile(&root).unwrap_err();
    let Error::NotScriptable { site: Site { ref path, ty, method, ref place }, .. } = error else {
        panic!("{error}")
    };
    assert_eq!((path.as_str(), ty, method), ("inner", "OnlyTraceable", "forward"));
    assert_eq!(place.file, file!());
    assert!(error.to_string().starts_with("`inner`: OnlyTraceable::forward cannot be scripted: "), "{error}");
}

#[test]
fn script_overrides_the_root_and_nothing_below() {
    let parent = TracedParent { block: block(), gate: gate(), shift: shift() };
    let compiled = tch_jit::script(&parent).unwrap();
    agree(&parent, &compiled, &both());
    assert_eq!(
        modes(&compiled)[..5],
        [": script", "block: trace", "block.linear: trace", "gate: script", "shift: script"]
    );
}

#[test]
fn trace_overrides_the_root_and_nothing_below() {
    let parent = ScriptedParent { block: block(), gate: gate(), shift: shift() };
    let error = tch_jit::trace(&parent, (positive(),)).unwrap_err();
    assert!(
        matches!(error, Error::DataLeavesTrace { site: Site { ty: "ScriptedParent", .. }, .. }),
        "{error}"
    );
    let compiled = Compiler::new().deny_warnings(false).trace(&parent, (positive(),)).unwrap();
    assert_eq!(compiled.warnings().len(), 1, "{:?}", compiled.warnings());
    assert_eq!(
        modes(&compiled)[..5],
        [": trace", "block: trace", "block.linear: trace", "gate: script", "shift: trace"]
    );
    // The branch of the root itself is gone: that was asked for.
    agree(&parent, &compiled, &[(positive(),)]);
    assert_ne!(compiled.forward(negative()).unwrap(), parent.forward(&negative()));
    // The annotation is as before.
    assert_eq!(tch_jit::compile(&parent).unwrap().mode(), CompileMode::Script);
}

#[test]
fn trace_takes_several_sets_of_inputs_and_checks_on_all() {
    let gate = gate();
    let compiler = Compiler::new().deny_warnings(false);
    compiler.trace(&gate, vec![(positive(),), (positive(),)]).unwrap();
    let error = compiler.trace(&gate, vec![(positive(),), (negative(),)]).unwrap_err();
    assert!(matches!(error, Error::TraceMismatch { .. }), "{error}");
    assert!(error.to_string().contains("on input 1"), "{error}");
}

/// e3nn's first test: scripting a parent compiles its children by their own modes, errors included.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Untraceable;

#[methods]
impl Untraceable {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x + 1.0 } else { x - 1.0 }
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive(), negative()]
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct HoldsUntraceable {
    inner: Untraceable,
}

#[methods]
impl HoldsUntraceable {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.inner.forward(x)
    }
}

#[test]
fn an_untraceable_traced_child_fails_a_scripted_parent() {
    let error = tch_jit::script(&HoldsUntraceable { inner: Untraceable }).unwrap_err();
    assert!(
        error.to_string().starts_with(
            "`inner`: data leaves the trace of Untraceable, whose `forward` is at tests/tests/modes.rs:"
        ),
        "{error}"
    );
}

trait Layer: DynModule + std::fmt::Debug {
    fn forward(&self, x: &Tensor) -> Tensor;
}

macro_rules! layers {
    ($($ty:ty)*) => {$(
        impl Layer for $ty {
            fn forward(&self, x: &Tensor) -> Tensor {
                <$ty>::forward(self, x)
            }
        }
    )*};
}

layers!(Gate Block Shift OnlyTraceable ChildMod);

#[compile_mode(unsupported)]
#[derive(Debug)]
pub struct ChildMod;

impl ChildMod {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.shallow_clone()
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct HoldsChild {
    child: Box<dyn Layer>,
}

#[methods]
impl HoldsChild {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.child.forward(x)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| positive()).collect()
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct DynStack {
    layers: Vec<Box<dyn Layer>>,
    last: Option<Rc<dyn Layer>>,
    named: BTreeMap<String, Box<dyn Layer>>,
}

#[methods]
impl DynStack {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for layer in self.layers.iter().chain(self.named.values()) {
            y = layer.forward(&y);
        }
        match &self.last {
            Some(last) => last.forward(&y),
            None => y,
        }
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| positive()).collect()
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct Outer {
    block: DynStack,
}

#[methods]
impl Outer {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.block.forward(x)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| positive()).collect()
    }
}

#[test]
fn children_behind_dyn_are_compiled_in_their_own_modes() {
    let stack = DynStack {
        layers: vec![Box::new(gate()), Box::new(block()), Box::new(shift())],
        last: Some(Rc::new(gate())),
        named: BTreeMap::from([
            ("b".into(), Box::new(block()) as Box<dyn Layer>),
            ("a".into(), Box::new(gate())),
        ]),
    };
    let compiled = tch_jit::compile(&stack).unwrap();
    agree(&stack, &compiled, &both());
    assert_eq!(
        modes(&compiled),
        [
            ": trace",
            "layers: inherit",
            "layers.0: script",
            "layers.1: trace",
            "layers.1.linear: trace",
            "layers.2: trace",
            "layers.2.block: trace",
            "layers.2.block.linear: trace",
            "last: script",
            "named: inherit",
            "named.a: script",
            "named.b: trace",
            "named.b.linear: trace"
        ]
    );
}

#[test]
fn an_unsupported_child_behind_dyn_is_named_with_its_path() {
    let error = tch_jit::compile(&HoldsChild { child: Box::new(ChildMod) }).unwrap_err();
    assert_eq!(error.to_string(), "`child`: ChildMod does not support TorchScript compilation");
    assert!(matches!(error, Error::Unsupported { ty: "ChildMod", .. }));

    let stack = |layers: Vec<Box<dyn Layer>>| DynStack { layers, last: None, named: BTreeMap::new() };
    let bad = || stack(vec![Box::new(gate()), Box::new(ChildMod)]);
    let error = tch_jit::compile(&bad()).unwrap_err();
    assert_eq!(error.to_string(), "`layers.1`: ChildMod does not support TorchScript compilation");
    let error = tch_jit::compile(&Outer { block: bad() }).unwrap_err();
    assert_eq!(error.to_string(), "`block.layers.1`: ChildMod does not support TorchScript compilation");
    let error = tch_jit::trace(&Outer { block: bad() }, positive()).unwrap_err();
    assert_eq!(error.to_string(), "`block.layers.1`: ChildMod does not support TorchScript compilation");

    let named = BTreeMap::from([("odd".to_owned(), Box::new(ChildMod) as Box<dyn Layer>)]);
    let error = tch_jit::compile(&DynStack { layers: vec![], last: None, named }).unwrap_err();
    assert_eq!(error.to_string(), "`named.odd`: ChildMod does not support TorchScript compilation");
    let last: Option<Rc<dyn Layer>> = Some(Rc::new(ChildMod));
    let error = tch_jit::compile(&DynStack { layers: vec![], last, named: BTreeMap::new() }).unwrap_err();
    assert_eq!(error.to_string(), "`last`: ChildMod does not support TorchScript compilation");
}

/// Returns its input itself on one branch.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Passes;

#[methods]
impl Passes {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.shallow_clone() } else { x * 10.0 }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct UsesInputAgain {
    child: Passes,
}

#[methods]
impl UsesInputAgain {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.child.forward(x);
        // libtorch's tracer would take this `x` for the child's result.
        y * 2.0 + x
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive()]
    }
}

#[test]
fn a_scripted_child_that_returns_its_input_does_not_rebind_it() {
    let module = UsesInputAgain { child: Passes };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &both());
}

/// Two results, which are one tensor on one branch.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Twins;

#[methods]
impl Twins {
    pub fn forward(&self, x: &Tensor) -> (Tensor, Tensor, Vec<Tensor>) {
        let y = x + 1.0;
        if x.sum(Kind::Float).double_value(&[]) > 0.0 {
            let list = vec![y.shallow_clone(), y.shallow_clone()];
            (y.shallow_clone(), y, list)
        } else {
            let list = vec![x * 2.0, x * 3.0];
            (y, x * 4.0, list)
        }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct UsesTwins {
    child: Twins,
}

#[methods]
impl UsesTwins {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let (a, b, list) = self.child.forward(x);
        a + b * 10.0 + &list[0] * 100.0 + &list[1] * 1000.0
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive()]
    }
}

/// Bound twice, the tensor would stand for the last of the results alone.
#[test]
fn results_that_are_one_tensor_in_the_trace_stay_apart() {
    let module = UsesTwins { child: Twins };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &both());
}

/// Returns a parameter of its own.
#[compile_mode(script)]
#[derive(Debug)]
pub struct GivesWeight {
    scale: Tensor,
}

#[methods]
impl GivesWeight {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { self.scale.shallow_clone() } else { x * 2.0 }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct UsesWeightAgain {
    child: GivesWeight,
}

#[methods]
impl UsesWeightAgain {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.child.forward(x);
        y + &self.child.scale * 3.0
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive()]
    }
}

#[test]
fn a_scripted_child_that_returns_its_parameter_does_not_rebind_it() {
    let module = UsesWeightAgain { child: GivesWeight { scale: parameter() } };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &both());
}

/// Everything but tensors is a constant of the call.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Options {
    names: Vec<String>,
}

#[methods]
impl Options {
    pub fn forward(
        &self,
        x: &Tensor,
        mask: Option<&Tensor>,
        dims: &[i64],
        by: f64,
        name: &str,
        parts: &[Tensor],
    ) -> Tensor {
        let mut y = x.sum_dim_intlist(dims, true, Kind::Float) * by;
        if let Some(mask) = mask {
            y = y * mask;
        }
        for part in parts {
            y = y + part;
        }
        if name == self.names[0] { y } else { -y }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct CallsOptions {
    child: Options,
}

#[methods]
impl CallsOptions {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let parts = [x * 2.0, x.tanh()];
        let a = self.child.forward(x, None, &[0], 0.5, "plus", &parts);
        let b = self.child.forward(x, Some(&x.sigmoid()), &[0, 1], 2.0, "minus", &[]);
        a - b
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive()]
    }
}

#[test]
fn a_traced_parent_passes_any_arguments_to_a_scripted_child() {
    let module = CallsOptions { child: Options { names: vec!["plus".into()] } };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &both());
}

/// Results that are no tensors cannot be followed by a trace.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Counts;

#[methods]
impl Counts {
    pub fn forward(&self, x: &Tensor) -> i64 {
        x.dim() as i64
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Maybe;

#[methods]
impl Maybe {
    pub fn forward(&self, x: &Tensor) -> Option<Tensor> {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { None } else { Some(x * 2.0) }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct UsesCount {
    child: Counts,
}

#[methods]
impl UsesCount {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x * (self.child.forward(x) as f64)
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive()]
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct UsesMaybe {
    child: Maybe,
}

#[methods]
impl UsesMaybe {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.child.forward(x).unwrap_or_else(|| x + 1.0)
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive(), negative()]
    }
}

#[test]
fn a_traced_parent_cannot_use_a_result_that_is_no_tensor() {
    let error = tch_jit::compile(&UsesCount { child: Counts }).unwrap_err().to_string();
    assert!(error.starts_with("UsesCount, whose `forward` is at tests/tests/modes.rs:"), "{error}");
    assert!(error.contains("`Counts::forward` returns a value of type `int`"), "{error}");
    let error = tch_jit::compile(&UsesMaybe { child: Maybe }).unwrap_err().to_string();
    assert!(error.contains("`Maybe::forward` returns a value of type `Optional[Tensor]`"), "{error}");
}

/// Called for what it does: changes a buffer in place.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Counter {
    calls: Tensor,
}

#[methods]
impl Counter {
    pub fn forward(&self, x: &Tensor) {
        let mut calls = self.calls.shallow_clone();
        calls += x.ones_like().sum(Kind::Float);
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct Counted {
    counter: Counter,
}

#[methods]
impl Counted {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.counter.forward(x);
        x * 2.0
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive()]
    }
}

#[test]
fn a_child_that_is_called_for_its_effect_stays_in_the_trace() {
    let module = Counted { counter: Counter { calls: Tensor::zeros([], tch::kind::FLOAT_CPU) } };
    let compiled = tch_jit::compile(&module).unwrap();
    assert_eq!(module.counter.calls.double_value(&[]), 0.0, "compiling counts nothing");
    agree(&module, &compiled, &both());
    let _ = compiled.forward(positive()).unwrap();
    assert_eq!(module.counter.calls.double_value(&[]), 12.0);
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct SharedPair {
    first: Rc<Shift>,
    second: Rc<Shift>,
}

#[methods]
impl SharedPair {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.second.forward(&self.first.forward(x))
    }
}

#[test]
fn a_module_that_is_used_twice_stays_one() {
    let shared = Rc::new(shift());
    let pair = SharedPair { first: shared.clone(), second: shared };
    let compiled = tch_jit::compile(&pair).unwrap();
    agree(&pair, &compiled, &both());
    for module in [&*compiled, &reload(&compiled), &compiled.deep_copy().unwrap()] {
        assert_eq!(
            modes(module),
            [
                ": script",
                "first: script",
                "first.block: trace",
                "first.block.linear: trace",
                "second: script",
                "second.block: trace",
                "second.block.linear: trace"
            ]
        );
        // One object under two names: an attribute of one is that of the other.
        let (first, second) = (module.submodule("first").unwrap(), module.submodule("second").unwrap());
        first.eval();
        assert!(!second.is_training());
        first.train();
        let parameters = module.named_parameters();
        let of = |name: &str| parameters.iter().find(|it| it.0 == name).unwrap().1.data_ptr();
        assert_eq!(of("first.by"), of("second.by"));
        assert_eq!(of("first.block.linear.weight"), of("second.block.linear.weight"));
    }
}

/// Inherits, and is used below a traced and below a scripted module.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct TraceUser {
    inner: Rc<Shift>,
}

#[methods]
impl TraceUser {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.inner.forward(x) * 2.0
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive()]
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct BothUsers {
    traced: TraceUser,
    scripted: Rc<Shift>,
}

#[methods]
impl BothUsers {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.scripted.forward(&self.traced.forward(x))
    }
}

#[test]
fn a_shared_module_can_inherit_both_modes() {
    let shared = Rc::new(shift());
    let module = BothUsers { traced: TraceUser { inner: shared.clone() }, scripted: shared };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &both());
    let parameters = compiled.named_parameters();
    let of = |name: &str| parameters.iter().find(|it| it.0 == name).unwrap().1.data_ptr();
    assert_eq!(of("traced.inner.by"), of("scripted.by"));
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct ManyUnits {
    first: Passes,
    second: Passes,
    list: [Passes; 3],
    other: Sign,
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Sign;

#[methods]
impl Sign {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { -x } else { x * 0.5 }
    }
}

#[methods]
impl ManyUnits {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = self.other.forward(&self.second.forward(&self.first.forward(x)));
        for passes in &self.list {
            y = self.other.forward(&passes.forward(&y));
        }
        y
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive()]
    }
}

/// Objects without size have no identity: the type decides which is meant.
#[test]
fn unit_structs_may_stand_in_several_fields() {
    let module = ManyUnits { first: Passes, second: Passes, list: [Passes, Passes, Passes], other: Sign };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &both());
    assert_eq!(
        modes(&compiled),
        [
            ": trace",
            "first: script",
            "second: script",
            "list: inherit",
            "list.0: script",
            "list.1: script",
            "list.2: script",
            "other: script"
        ]
    );
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Tied {
    encoder: Gate,
    decoder: Gate,
    own: Tensor,
}

#[methods]
impl Tied {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.decoder.forward(&self.encoder.forward(x)) * &self.own
    }
}

#[test]
fn tied_parameters_stay_tied() {
    let scale = parameter();
    let module = Tied {
        encoder: Gate { scale: scale.shallow_clone() },
        decoder: Gate { scale: scale.shallow_clone() },
        own: scale.shallow_clone(),
    };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &both());
    for module in [&*compiled, &reload(&compiled), &compiled.deep_copy().unwrap()] {
        let parameters = module.named_parameters();
        assert_eq!(names(&parameters), ["encoder.scale", "decoder.scale", "own"]);
        let _ = tch::no_grad(|| parameters[0].1.shallow_clone().fill_(7.0));
        for (name, parameter) in &parameters {
            assert_eq!(parameter.double_value(&[0]), 7.0, "{name}");
            assert!(parameter.is_leaf() && parameter.requires_grad(), "{name}");
        }
    }
    // The compiled module's tensor is the Rust module's own.
    assert_eq!(scale.double_value(&[0]), 7.0);
}

/// Modes that alternate down the tree.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Deep {
    scripted: ScriptedParent,
    lists: Vec<Vec<Gate>>,
}

#[methods]
impl Deep {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = self.scripted.forward(x);
        for gate in self.lists.iter().flatten() {
            y = gate.forward(&y);
        }
        y
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive()]
    }
}

#[test]
fn modes_alternate_down_the_tree() {
    let module = Deep {
        scripted: ScriptedParent { block: block(), gate: gate(), shift: shift() },
        lists: vec![vec![gate(), gate()], vec![], vec![gate()]],
    };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &both());
    assert!(compiled.submodule("lists.2.0").is_some());
    assert_eq!(compiled.submodule("lists.1").unwrap().original_name(), "ModuleList");
}

/// `train` goes down through every mode: as a constant of two traces, as an argument of a script.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct TracedT {
    linear: nn::Linear,
    norm: nn::BatchNorm,
}

#[methods]
impl ModuleT for TracedT {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = x.apply(&self.linear).apply_t(&self.norm, train);
        if train { y } else { y * 2.0 }
    }
}

#[methods]
impl TracedT {
    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| positive()).collect()
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct ScriptedT {
    inner: TracedT,
}

#[methods]
impl ModuleT for ScriptedT {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = self.inner.forward_t(x, train);
        if train { y + 1.0 } else { x.apply_t(&self.inner, train) }
    }
}

#[compile_mode]
#[derive(Debug)]
pub struct InheritingT {
    scripted: ScriptedT,
    traced: TracedT,
}

#[methods]
impl InheritingT {
    pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = x.apply_t(&self.scripted, train).apply_t(&self.traced, train);
        if train { y } else { y * 0.5 }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct RootT {
    inner: InheritingT,
    gate: Gate,
}

#[methods]
impl RootT {
    pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        self.gate.forward(&self.inner.forward_t(x, train))
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| positive()).collect()
    }
}

#[test]
fn train_goes_down_through_every_mode() {
    tch::set_num_threads(1);
    let traced = || {
        let vs = nn::VarStore::new(Device::Cpu);
        let linear = nn::linear(vs.root(), 4, 4, Default::default());
        TracedT { linear, norm: nn::batch_norm1d(vs.root(), 4, Default::default()) }
    };
    let module = RootT {
        inner: InheritingT { scripted: ScriptedT { inner: traced() }, traced: traced() },
        gate: gate(),
    };
    let inner = &module.inner;
    for compiled in [tch_jit::compile(&module).unwrap(), tch_jit::script(&module).unwrap()] {
        agree(&module, &compiled, &both());
        compiled.eval();
        agree(&module, &compiled, &both());
    }
    for compiled in [tch_jit::compile(inner).unwrap(), tch_jit::trace(inner, positive()).unwrap()] {
        agree(inner, &compiled, &both());
        compiled.eval();
        agree(inner, &compiled, &both());
    }
}

/// Tensors in tuples and lists between traced modules.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Structured;

#[methods]
impl Structured {
    pub fn forward(&self, pair: (Tensor, Tensor), items: Vec<Tensor>) -> (Vec<Tensor>, (Tensor, Tensor)) {
        (vec![&pair.0 * 2.0, &items[0] * 3.0], (&pair.1 + &items[1], pair.0.shallow_clone()))
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<((Tensor, Tensor), Vec<Tensor>)> {
        vec![((positive(), positive()), vec![positive(), positive()])]
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct UsesStructured {
    child: Structured,
}

#[methods]
impl UsesStructured {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let (list, (a, b)) = self.child.forward((x.tanh(), x.relu()), vec![x.sin(), x.cos()]);
        &list[0] + &list[1] * 2.0 + a * 3.0 + b * x
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![positive()]
    }
}

#[test]
fn tuples_and_lists_pass_between_traced_modules() {
    let module = UsesStructured { child: Structured };
    let compiled = Compiler::new().strict(false).compile(&module).unwrap();
    agree(&module, &compiled, &both());
    assert!(compiled.graph().contains("prim::CallMethod"));
}

/// Calls what is compiled already, where a trace would keep one branch.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct CallsCompiled {
    #[jit(skip)]
    gate: Compiled<Passes>,
    #[jit(skip)]
    by_source: bool,
}

#[methods]
impl CallsCompiled {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if self.by_source {
            let unit = compile_source("def f(x):\n    return -x").unwrap();
            let _ = unit.call("f", &[IValue::Tensor(x.shallow_clone())]).unwrap();
        }
        self.gate.forward(x).unwrap() + 1.0
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| positive()).collect()
    }
}

#[test]
fn a_compiled_module_is_not_called_in_a_trace() {
    for by_source in [false, true] {
        let module = CallsCompiled { gate: tch_jit::compile(&Passes).unwrap(), by_source };
        let error = tch_jit::compile(&module).unwrap_err().to_string();
        assert!(
            error.contains("a compiled module cannot be called in a body that is being traced"),
            "{error}"
        );
        // Outside of a trace it can.
        let _ = module.forward(&positive());
    }
}
