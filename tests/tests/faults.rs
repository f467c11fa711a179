//! What goes wrong is an error that says where, and leaves nothing behind.

#![allow(missing_docs, clippy::assign_op_pattern)]

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::process::Command;

use integration_tests::{agree, alone};
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{Compiler, Error, ScriptModule, Site, compile_mode, methods, private};

const TIMES: usize = 50;

fn x() -> Tensor {
    Tensor::rand([3, 4], tch::kind::FLOAT_CPU) + 0.1
}

/// The line of the first occurrence of `text` in this file.
fn line(text: &str) -> usize {
    include_str!("faults.rs").lines().position(|it| it.contains(text)).expect("the text is in this file") + 1
}

/// What a message says of the first line with `text`, which is underlined from there on.
fn underlined(text: &str) -> String {
    let line = line(text);
    let source = include_str!("faults.rs").lines().nth(line - 1).unwrap();
    let column = source.find(text).unwrap();
    let margin = " ".repeat(line.to_string().len());
    let mark = "^".repeat(source.len() - column);
    let indent = " ".repeat(column);
    format!(
        "  --> tests/tests/faults.rs:{line}:{}\n{margin} |\n{line} | {source}\n{margin} | {indent}{mark}",
        column + 1
    )
}

/// What a message of libtorch says of a place in this file.
fn file_line(text: &str) -> String {
    format!("File \"tests/tests/faults.rs\", line {}", line(text))
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Gate;

#[methods]
impl Gate {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.shallow_clone() } else { -x }
    }
}

/// Fails at run time where `x` has less than three dimensions.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Strict;

#[methods]
impl Strict {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = x * 2.0;
        self.checked(&y)
    }

    fn checked(&self, x: &Tensor) -> Tensor {
        assert!(x.dim() == 3, "three dimensions are needed");
        x.shallow_clone()
    }
}

/// Fails at run time in an operator.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Fixed {
    weight: Tensor,
}

#[methods]
impl Fixed {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = x + 1.0;
        y.matmul(&self.weight)
    }
}

fn fixed() -> Fixed {
    Fixed { weight: Tensor::randn([5, 2], tch::kind::FLOAT_CPU) }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    Nothing,
    /// A message.
    Panic,
    /// A value that is no message.
    Payload,
    /// An operator of tch.
    Operator,
    /// An index out of a list.
    Index,
    /// The compiler, within a trace.
    Nested,
    /// The same, with the error swallowed.
    NestedIgnored,
    /// A scripted child.
    Child,
    /// In the run that the trace is compared with, not in the trace.
    InCheck,
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct Faulty {
    linear: nn::Linear,
    norm: nn::BatchNorm,
    gate: Gate,
    strict: Strict,
    #[jit(skip)]
    fault: Fault,
    #[jit(skip)]
    runs: Cell<usize>,
}

#[methods]
impl Faulty {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.runs.set(self.runs.get() + 1);
        let y = self.gate.forward(&x.apply(&self.linear).apply_t(&self.norm, true));
        match self.fault {
            Fault::Panic => panic!("no luck"),
            Fault::Payload => panic_any(13),
            Fault::Operator => y.matmul(&y),
            Fault::Index => Tensor::from([1, 2][x.dim()] as f64),
            Fault::Nested => tch_jit::compile(&Gate).map(|gate| gate.forward(&y)).unwrap().unwrap(),
            Fault::NestedIgnored if tch_jit::compile(&Gate).is_ok() => &y * 1.0,
            Fault::Child => self.strict.forward(&y),
            Fault::InCheck if self.runs.get() > 1 => panic!("no second time"),
            _ => y,
        }
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

fn faulty(fault: Fault) -> Faulty {
    // Of a busy machine's few cores, libtorch's own threads would wait for each other.
    tch::set_num_threads(1);
    let vs = nn::VarStore::new(Device::Cpu);
    Faulty {
        linear: nn::linear(vs.root(), 4, 4, Default::default()),
        norm: nn::batch_norm1d(vs.root(), 4, Default::default()),
        gate: Gate,
        strict: Strict,
        fault,
        runs: Cell::new(0),
    }
}

fn buffers(module: &Faulty) -> [Tensor; 2] {
    [module.norm.running_mean.copy(), module.norm.running_var.copy()]
}

/// A trace works, and nothing that runs outside of one is recorded.
fn assert_unharmed() {
    assert!(!private::is_tracing());
    let module = faulty(Fault::Nothing);
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),), (-x(),)]);
    let runs = module.runs.get();
    let _ = module.forward(&x());
    assert_eq!(module.runs.get(), runs + 1);
}

/// Compiles a module with this fault many times, and returns the error.
fn error_of(fault: Fault) -> String {
    let module = faulty(fault);
    let before = buffers(&module);
    let mut messages: Vec<String> = (0..TIMES)
        .map(|_| {
            module.runs.set(0);
            tch_jit::compile(&module).unwrap_err().to_string()
        })
        .collect();
    messages.dedup();
    assert_eq!(messages.len(), 1, "the same error each time: {messages:#?}");
    assert_eq!(buffers(&module), before, "statistics are as before");
    assert_unharmed();
    messages.remove(0)
}

#[test]
fn a_panic_in_a_traced_body_is_an_error() {
    let _alone = alone();
    let place = format!("tests/tests/faults.rs:{}:12", line("self.runs.set(self.runs.get() + 1)") - 1);
    let cannot = format!("Faulty, whose `forward` is at {place}, cannot be traced: ");
    assert_eq!(error_of(Fault::Panic), format!("{cannot}no luck\n{}", underlined("panic!(\"no luck\"),")));
    assert!(error_of(Fault::Payload).starts_with(&format!("{cannot}a panic without a message\n  --> ")));
    assert_eq!(error_of(Fault::InCheck), format!("{cannot}no second time"));
    let index = error_of(Fault::Index);
    let expected = format!("{cannot}index out of bounds: the len is 2 but the index is 2\n  --> ");
    assert!(index.starts_with(&expected), "{index}");
    let error = error_of(Fault::Operator);
    assert!(error.starts_with(&cannot) && error.contains("shapes cannot be multiplied"), "{error}");
}

#[test]
fn a_failing_child_underlines_its_own_line_in_the_parents_error() {
    let _alone = alone();
    let error = error_of(Fault::Child);
    assert!(error.starts_with("Faulty, whose `forward`"), "{error}");
    assert!(error.contains(&file_line("assert!(x.dim() == 3")), "{error}");
    assert!(error.contains("three dimensions are needed"), "{error}");
}

#[test]
fn the_compiler_refuses_to_run_inside_a_trace() {
    let _alone = alone();
    let error = error_of(Fault::Nested);
    assert!(error.contains("Nested"), "{error}");
    let module = faulty(Fault::NestedIgnored);
    for _ in 0..TIMES {
        // In the trace it fails, in the check it does not: both are fine, as the body says so.
        let compiled = tch_jit::compile(&module).unwrap();
        let _ = compiled.forward(x()).unwrap();
    }
    assert_unharmed();
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct Fallible {
    #[jit(skip)]
    fails: bool,
}

#[methods]
impl Fallible {
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, String> {
        if self.fails { Err("not today".into()) } else { Ok(x * 2.0) }
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

#[test]
fn an_error_of_a_traced_body_is_an_error() {
    let _alone = alone();
    for _ in 0..TIMES {
        let error = tch_jit::compile(&Fallible { fails: true }).unwrap_err();
        assert!(matches!(error, Error::Trace { site: Site { ty: "Fallible", .. }, .. }), "{error:?}");
        assert!(error.to_string().ends_with("cannot be traced: not today"), "{error}");
    }
    let compiled = tch_jit::compile(&Fallible { fails: false }).unwrap();
    let x = x();
    assert_eq!(compiled.forward(&x).unwrap(), Ok(&x * 2.0));
    assert_unharmed();
}

/// Without example inputs.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct NoInputs;

#[methods]
impl NoInputs {
    pub fn forward(&self, no_inputs: &Tensor) -> Tensor {
        no_inputs * 2.0
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct HoldsNoInputs {
    layers: Vec<NoInputs>,
}

#[methods]
impl HoldsNoInputs {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.layers[0].forward(x)
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct EmptyInputs {
    #[jit(skip)]
    panics: bool,
    #[jit(skip)]
    asked: Cell<usize>,
}

#[methods]
impl EmptyInputs {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x * 2.0
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        self.asked.set(n);
        assert!(!self.panics, "no inputs at hand");
        vec![]
    }
}

#[test]
fn missing_tracing_inputs_are_asked_for() {
    let _alone = alone();
    let place = format!("tests/tests/faults.rs:{}:12", line("no_inputs: &Tensor"));
    let expected = format!("cannot infer tracing inputs for NoInputs, whose `forward` is at {place}\nhelp: ");
    let error = tch_jit::compile(&NoInputs).unwrap_err().to_string();
    assert!(error.starts_with(&expected), "{error}");
    let error = tch_jit::compile(&HoldsNoInputs { layers: vec![NoInputs] }).unwrap_err().to_string();
    assert!(error.starts_with(&format!("`layers.0`: {expected}")), "{error}");
    assert!(tch_jit::trace(&NoInputs, x()).is_ok());

    let empty = EmptyInputs { panics: false, asked: Cell::new(0) };
    let error = Compiler::new().n_trace_checks(3).compile(&empty).unwrap_err().to_string();
    assert!(error.starts_with("cannot infer tracing inputs for EmptyInputs"), "{error}");
    // Four to trace, and three to compare.
    assert_eq!(empty.asked.get(), 7);
    let error = tch_jit::compile(&EmptyInputs { panics: true, ..empty }).unwrap_err().to_string();
    assert!(error.ends_with("cannot be traced: its tracing inputs panicked: no inputs at hand"), "{error}");
    assert_unharmed();
}

/// Example inputs of the wrong shape.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct WrongShape {
    linear: nn::Linear,
}

#[methods]
impl WrongShape {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.linear)
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![Tensor::zeros([3, 5], tch::kind::FLOAT_CPU)]
    }
}

#[test]
fn wrong_argument_shapes_are_errors() {
    let _alone = alone();
    let linear = nn::linear(nn::VarStore::new(Device::Cpu).root(), 4, 4, Default::default());
    let module = WrongShape { linear };
    for _ in 0..TIMES {
        let error = tch_jit::compile(&module).unwrap_err();
        assert!(matches!(error, Error::Trace { site: Site { ty: "WrongShape", .. }, .. }), "{error:?}");
        assert!(error.to_string().contains("shapes cannot be multiplied (3x5 and 4x4)"), "{error}");
    }
    let compiled = tch_jit::trace(&module, x()).unwrap();
    for _ in 0..TIMES {
        let error = compiled.forward(Tensor::zeros([3, 5], tch::kind::FLOAT_CPU)).unwrap_err();
        assert!(error.to_string().contains("shapes cannot be multiplied (3x5 and 4x4)"), "{error}");
        assert!(matches!(error, Error::Call(_)));
    }
    let _ = compiled.forward(x()).unwrap();
    let undefined = tch_jit::trace(&module, Tensor::new()).unwrap_err();
    assert!(undefined.to_string().starts_with("WrongShape"), "{undefined}");
    assert_unharmed();
}

/// Branches on data, in a result that is a tuple.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Branches;

#[methods]
impl Branches {
    pub fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        let sign = if x.sum(Kind::Float).double_value(&[]) > 0.0 { 1.0 } else { -1.0 };
        (x.abs(), x.ones_like() * sign)
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![x(), -x()]
    }
}

/// Bakes the number of rows into the trace.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Rows;

#[methods]
impl Rows {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.sum(Kind::Float);
        for i in 0..x.size()[0] {
            y += x.select(0, i).square().sum(Kind::Float);
        }
        y
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![Tensor::ones([3, 4], tch::kind::FLOAT_CPU), Tensor::ones([2, 4], tch::kind::FLOAT_CPU)]
    }
}

/// Counts its runs: no two are equal.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Counts {
    #[jit(skip)]
    runs: Cell<f64>,
}

#[methods]
impl Counts {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.runs.set(self.runs.get() + 1.0);
        x.zeros_like() + self.runs.get()
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

#[test]
fn a_trace_that_computes_something_else_is_refused() {
    let _alone = alone();
    for _ in 0..TIMES {
        let error = Compiler::new().deny_warnings(false).compile(&Branches).unwrap_err();
        let Error::TraceMismatch { site: Site { ty: "Branches", ref place, .. }, ref message, .. } = error
        else {
            panic!("{error}")
        };
        let at = format!("at tests/tests/faults.rs:{}:19", line("x.ones_like() * sign"));
        let expected = format!(
            "on input 1, element 1 of the output differs by up to 2.0e0: at index [0, 0] it is 1, expected -1\n\
             the trace has (-), and a trace of that input would have (+):\n\
            \x20 aten::ones_like(_, None, None, None, None, None) {}\n\
             - aten::mul(_, 1.) {at}\n\
             + aten::mul(_, -1.) {at}",
            at.replace(":19", ":21")
        );
        assert_eq!(*message, expected);
        assert_eq!(place.line as usize, line("let sign = if x.sum") - 1);
        assert!(error.to_string().contains("\nhelp: "), "{error}");
    }
    let error = tch_jit::compile(&Rows).unwrap_err();
    let Error::NotGeneral { ref message, .. } = error else { panic!("{error}") };
    let at = format!("  --> tests/tests/faults.rs:{}:20", line("y += x.select(0, i)"));
    assert_eq!(*message, format!("an operator that a run on other sizes does not have\n{at}"));
    let error = Compiler::new().generalize(false).compile(&Rows).unwrap_err().to_string();
    assert!(error.contains("on input 1, it fails: "), "{error}");
    assert!(error.contains("index 2 out of range") || error.contains("select(): index 2"), "{error}");
    let plain = Compiler::new().generalize(false);
    let error = plain.compile(&Counts { runs: Cell::new(0.0) }).unwrap_err().to_string();
    assert!(
        error.contains("on input 0, the output differs by up to 1.0e0: at index [0, 0] it is 1, expected 2"),
        "{error}"
    );
    // What the check would find is accepted without it, and with a generous tolerance.
    let unchecked = plain.clone().check_trace(false).compile(&Counts { runs: Cell::new(0.0) }).unwrap();
    assert_eq!(unchecked.forward(x()).unwrap().double_value(&[0, 0]), 1.0);
    // Each of the five examples is run once.
    plain.check_tolerance(4.0).compile(&Counts { runs: Cell::new(0.0) }).unwrap();
    assert_unharmed();
}

/// Lists and maps as results of traces.
macro_rules! returning {
    ($($name:ident $ty:ty: |$x:ident| $body:expr;)*) => {$(
        #[compile_mode(trace)]
        #[derive(Debug)]
        pub struct $name;

        #[methods]
        impl $name {
            pub fn forward(&self, $x: &Tensor) -> $ty {
                $body
            }

            #[tracing_inputs]
            fn inputs(&self, n: usize) -> Vec<Tensor> {
                (0..n).map(|_| x()).collect()
            }
        }
    )*};
}

returning! {
    ReturnsList Vec<Tensor>: |x| vec![x * 2.0, x * 3.0];
    ReturnsNested (Tensor, Vec<Tensor>): |x| (x * 2.0, vec![x * 3.0]);
    ReturnsMap std::collections::BTreeMap<String, Tensor>: |x| [("a".to_owned(), x * 2.0)].into();
    ReturnsTuples ((Tensor, Tensor), Tensor): |x| ((x * 2.0, x.shallow_clone()), x * 3.0);
    ReturnsOption Option<Tensor>: |x| (x.dim() > 2).then(|| x * 2.0);
    ReturnsLists Vec<Vec<Tensor>>: |x| vec![vec![x * 2.0]];
}

#[test]
fn a_strict_trace_returns_no_lists() {
    let _alone = alone();
    let error = tch_jit::compile(&ReturnsList).unwrap_err().to_string();
    assert!(
        error.contains("it returns a `List[Tensor]`, whose length a trace fixes\nhelp: return a tuple"),
        "{error}"
    );
    let error = tch_jit::compile(&ReturnsNested).unwrap_err().to_string();
    assert!(error.contains("it returns a `List[Tensor]`"), "{error}");
    let error = tch_jit::compile(&ReturnsMap).unwrap_err().to_string();
    assert!(error.contains("it returns a `Dict[str, Tensor]`"), "{error}");

    let lenient = Compiler::new().strict(false);
    agree(&ReturnsList, &lenient.compile(&ReturnsList).unwrap(), &[(x(),)]);
    agree(&ReturnsNested, &lenient.compile(&ReturnsNested).unwrap(), &[(x(),)]);
    let compiled = lenient.compile(&ReturnsMap).unwrap();
    let x = x();
    assert_eq!(compiled.forward(&x).unwrap()["a"], &x * 2.0);
    agree(&ReturnsTuples, &tch_jit::compile(&ReturnsTuples).unwrap(), &[(x,)]);
}

#[test]
fn a_trace_returns_tensors() {
    let _alone = alone();
    let of = |error: Error, ty: &str| {
        let expected = format!("it returns a value of type `{ty}`, which a trace cannot follow\nhelp: ");
        assert!(error.to_string().contains(&expected), "{error}");
    };
    of(tch_jit::compile(&ReturnsOption).unwrap_err(), "NoneType");
    agree(&ReturnsLists, &Compiler::new().strict(false).compile(&ReturnsLists).unwrap(), &[(x(),)]);
    assert_unharmed();
}

/// Takes tensors in tuples and lists, and changes one of them in place.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Structured;

#[methods]
impl Structured {
    pub fn forward(&self, pair: (Tensor, Tensor), items: &[Tensor], last: &Tensor) -> (Tensor, Tensor) {
        let (mut a, b) = pair;
        a += 1.0;
        let mut y = &a * &b;
        for (i, tensor) in items.iter().enumerate() {
            y = y + tensor * (i as f64 + 1.0);
        }
        (y - last, a)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<((Tensor, Tensor), Vec<Tensor>, Tensor)> {
        (0..n).map(|_| ((x(), x()), vec![x(), x()], x())).collect()
    }
}

#[test]
fn traces_take_tuples_and_lists_of_tensors() {
    let _alone = alone();
    let compiled = tch_jit::compile(&Structured).unwrap();
    assert_eq!(
        compiled.schema("forward"),
        "forward(__torch__.faults.Structured self, (Tensor, Tensor) pair, Tensor[] items, Tensor last) -> ((Tensor, Tensor))"
    );
    // In place on leaves that require grad is refused by autograd, in Rust as in TorchScript.
    let agree = integration_tests::Agree { gradients: false, ..Default::default() };
    agree.on(&Structured, &compiled, &[((x(), x()), vec![x(), x()], x())]);
    // The length of a list is fixed.
    let error = compiled.forward(((x(), x()), vec![x()], x())).unwrap_err().to_string();
    assert!(error.contains("Expected 2 elements in a list but found 1"), "{error}");
}

#[test]
fn example_inputs_are_not_changed_and_need_not_be_distinct() {
    let _alone = alone();
    let (a, b) = (x(), x());
    let before = (a.copy(), b.copy());
    let inputs = (
        (a.shallow_clone(), b.shallow_clone()),
        vec![a.shallow_clone(), a.shallow_clone()],
        a.shallow_clone(),
    );
    let compiled = tch_jit::trace(&Structured, inputs).unwrap();
    assert_eq!((a, b), before);
    // One tensor stood for four arguments: each is still its own.
    let agree = integration_tests::Agree { gradients: false, ..Default::default() };
    agree.on(&Structured, &compiled, &[((x(), x()), vec![x(), x()], x())]);
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Caller {
    fixed: Fixed,
}

#[methods]
impl Caller {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let caller = x * 1.0;
        self.fixed.forward(&caller)
    }
}

/// A place is shown as its file, its line, its text and a mark under it.
fn assert_underlined(message: &str, text: &str, marked: &str) {
    assert!(message.contains(&file_line(text)), "{} in {message}", file_line(text));
    let lines: Vec<&str> = message.lines().collect();
    let at = lines.iter().position(|it| it.contains(text)).expect("the line itself is shown");
    let column = lines[at].find(marked).expect("the marked text is in the line");
    let mark = format!("{}{} <--- HERE", " ".repeat(column), "~".repeat(marked.len()));
    assert_eq!(lines[at + 1], mark, "{message}");
}

#[test]
fn interpreter_errors_underline_the_rust_line() {
    let _alone = alone();
    let caller = Caller { fixed: fixed() };
    let compiled = tch_jit::compile(&caller).unwrap();
    let mut bytes = vec![];
    compiled.save_to_writer(&mut bytes).unwrap();
    let (loaded, _) = ScriptModule::load_from_reader(&bytes[..], None, &[]).unwrap();
    let args = || [IValue::Tensor(Tensor::ones([2, 4], tch::kind::FLOAT_CPU))];
    for _ in 0..TIMES {
        for module in [&*compiled, &loaded] {
            let error = module.forward(&args()).unwrap_err();
            assert!(matches!(error, Error::Call(_)));
            let message = error.to_string();
            assert!(
                message.starts_with("The following operation failed in the TorchScript interpreter."),
                "{message}"
            );
            assert!(message.contains("shapes cannot be multiplied (2x4 and 5x2)"), "{message}");
            assert_underlined(&message, "        y.matmul(&self.weight)", "y.matmul(&self.weight)");
            assert_underlined(&message, "        self.fixed.forward(&caller)", "self.fixed.forward(&caller)");
        }
    }
    let message = loaded.forward(&args()).unwrap_err().to_string();
    assert!(message.contains("Traceback of TorchScript, original code"), "{message}");
    assert_unharmed();
}

#[test]
fn a_failed_assertion_of_a_script_says_what_and_where() {
    let _alone = alone();
    let compiled = tch_jit::compile(&Strict).unwrap();
    let mut bytes = vec![];
    compiled.save_to_writer(&mut bytes).unwrap();
    let (loaded, _) = ScriptModule::load_from_reader(&bytes[..], None, &[]).unwrap();
    // Of an exception, libtorch shows no callers.
    for module in [&*compiled, &loaded] {
        let message = module.forward(&[IValue::Tensor(x())]).unwrap_err().to_string();
        assert!(message.contains("three dimensions are needed"), "{message}");
        assert!(message.contains(&file_line("assert!(x.dim() == 3")), "{message}");
    }
    // Where tch's trait allows no error, it is a panic with the same message.
    let caught = catch_unwind(AssertUnwindSafe(|| x().apply(&tch_jit::compile(&fixed()).unwrap())));
    let message = *caught.unwrap_err().downcast::<String>().unwrap();
    assert_underlined(&message, "        y.matmul(&self.weight)", "y.matmul(&self.weight)");
}

/// Valid Rust that TorchScript's own compiler rejects: it has no text for a tensor.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Shown {
    gates: Vec<Gate>,
}

#[methods]
impl Shown {
    pub fn forward(&self, x: &Tensor, index: i64) -> Tensor {
        let text = format!("{x}");
        self.gates[0].forward(x) * (text.len() as i64 + index)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct HoldsShown {
    inner: Vec<Shown>,
}

#[methods]
impl HoldsShown {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.inner[0].forward(x, 0)
    }
}

#[test]
fn what_torchscript_rejects_names_path_type_and_place() {
    let _alone = alone();
    let module = HoldsShown { inner: vec![Shown { gates: vec![Gate, Gate] }] };
    for _ in 0..TIMES {
        let error = tch_jit::compile(&module).unwrap_err();
        let Error::Script { site: Site { ref path, ty, ref place, .. }, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!((path.as_str(), ty, place.file), ("inner.0", "Shown", file!()));
        assert_eq!(place.line as usize, line("index: i64) -> Tensor"));
        let message = error.to_string();
        let start = format!("`inner.0`: Shown at {place} does not compile to TorchScript:\n");
        assert!(message.starts_with(&start), "{message}");
        assert!(!message[start.len()..].starts_with('\n'), "{message}");
        assert!(message.contains(&file_line("        let text = format!(")), "{message}");
        assert!(message.contains("<--- HERE"), "{message}");
    }
    assert_unharmed();
}

/// Children are compiled first; a body that fails after that is not half compiled.
#[test]
fn an_error_in_the_root_leaves_compiled_children_usable() {
    let _alone = alone();
    let module = faulty(Fault::Panic);
    assert!(tch_jit::compile(&module).is_err());
    let compiled = tch_jit::compile(&module.gate).unwrap();
    agree(&module.gate, &compiled, &[(x(),), (-x(),)]);
}

/// Everything above prints nothing: what is expected is reported as an error alone.
#[test]
fn nothing_is_printed_for_an_expected_panic() {
    let _alone = alone();
    if std::env::var_os(CHILD).is_some() {
        for fault in
            [Fault::Panic, Fault::Payload, Fault::Operator, Fault::Index, Fault::Nested, Fault::Child]
        {
            assert!(tch_jit::compile(&faulty(fault)).is_err());
        }
        for error in [
            tch_jit::compile(&Fallible { fails: true }).err(),
            tch_jit::compile(&Branches).err(),
            tch_jit::compile(&Rows).err(),
            tch_jit::compile(&ReturnsList).err(),
            tch_jit::compile(&ReturnsOption).err(),
            tch_jit::compile(&Shown { gates: vec![Gate] }).err(),
            tch_jit::compile(&EmptyInputs { panics: true, asked: Cell::new(0) }).err(),
            tch_jit::compile(&fixed()).unwrap().forward(x()).err(),
        ] {
            assert!(error.is_some());
        }
        Compiler::new().strict(false).compile(&ReturnsList).unwrap();
        assert_unharmed();
        eprintln!("between");
        // A panic that nobody expects is printed as ever, in this thread and in others.
        let _ = catch_unwind(|| panic!("unexpected here"));
        let _ = std::thread::spawn(|| panic!("unexpected there")).join();
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "nothing_is_printed_for_an_expected_panic", "--nocapture", "--test-threads", "1"])
        .env(CHILD, "1")
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    let (before, after) =
        stderr.split_once("between\n").unwrap_or_else(|| panic!("no run: {stdout}\n{stderr}"));
    assert_eq!(before, "");
    assert!(after.contains("unexpected here") && after.contains("unexpected there"), "{after}");
}

const CHILD: &str = "TCH_JIT_FAULTS_CHILD";
