//! Trace mode: structures of tensors, what leaves or enters a trace, places in the Rust source, the
//! hierarchy of what inherits.

use std::collections::{BTreeMap, HashMap};

use integration_tests::agree;
use integration_tests::modules::reload;
use tch::{IndexOp, Kind, Tensor};
use tch_jit::{
    Compiled, Compiler, Error, Forward, Module, ScriptModule, ScriptType, Site, compile_mode, methods, script,
};

fn x() -> Tensor {
    Tensor::from_slice2(&[[1.0f32, -2.0, 3.0], [0.5, 0.0, -1.0]])
}

/// The first line of this file with `text`, from 1.
fn line(text: &str) -> usize {
    include_str!("traces.rs").lines().position(|it| it.contains(text)).expect("the text is in this file") + 1
}

fn reload_as<M: Forward + Module>(module: &ScriptModule) -> Compiled<M> {
    let name = std::any::type_name::<M>().replace("::", "_");
    let file = std::env::temp_dir().join(format!("{name}_{}.pt", std::process::id()));
    module.save(&file).unwrap();
    let loaded = Compiled::load(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    loaded
}

#[derive(Debug, PartialEq, ScriptType)]
struct Batch {
    positions: Tensor,
    fields: (Tensor, Option<Tensor>),
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Structures;

#[methods]
impl Structures {
    fn forward(
        &self,
        batch: &Batch,
        named: &HashMap<String, Vec<Tensor>>,
    ) -> (Batch, BTreeMap<String, Tensor>) {
        let [a, b] = &named["a"][..] else { panic!("two are needed") };
        let field = batch.fields.1.as_ref().map(|it| it * a);
        let positions = &batch.positions + b;
        let sum = batch.fields.0.sum(Kind::Float);
        (Batch { positions, fields: (sum.shallow_clone(), field) }, BTreeMap::from([("sum".to_owned(), sum)]))
    }
}

fn batch(offset: f64, field: bool) -> Batch {
    Batch { positions: x() + offset, fields: (x() * offset, field.then(|| x() - 1.0)) }
}

#[test]
fn arguments_and_results_keep_their_structure() {
    let named = |k: f64| HashMap::from([("a".to_owned(), vec![x() * k, x() + k])]);
    let compiler = Compiler::new().strict(false);
    for has_field in [true, false] {
        let compiled = compiler.trace(&Structures, (batch(1.0, has_field), named(2.0))).unwrap();
        let schema = compiled.code();
        assert!(
            schema.contains("batch: __torch__.traces.Batch") && schema.contains("Dict[str, List[Tensor]]"),
            "{schema}"
        );
        let loaded = reload_as::<Structures>(&compiled);
        for compiled in [&compiled, &loaded] {
            let (found, map) = compiled.forward((batch(-3.0, has_field), named(0.5))).unwrap();
            let (expected, expected_map) = Structures.forward(&batch(-3.0, has_field), &named(0.5));
            assert_eq!((found, map), (expected, expected_map));
        }
    }
}

/// A trace fixes the lengths of lists and reads the example's keys.
#[test]
fn lists_and_maps_are_as_in_the_example() {
    let named = |n: usize| HashMap::from([("a".to_owned(), (0..n).map(|_| x()).collect::<Vec<_>>())]);
    let compiled = Compiler::new().strict(false).trace(&Structures, (batch(1.0, true), named(2))).unwrap();
    assert!(compiled.forward((batch(1.0, true), named(3))).is_err());
    assert!(compiled.forward((batch(1.0, true), HashMap::<String, Vec<Tensor>>::new())).is_err());
    let mut more = named(2);
    more.insert("b".to_owned(), vec![]);
    let expected = Structures.forward(&batch(1.0, true), &named(2));
    assert_eq!(compiled.forward((batch(1.0, true), more)).unwrap(), expected);
}

#[compile_mode(trace)]
#[derive(Debug)]
struct InThread;

#[methods]
impl InThread {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x.exp();
        let read = std::thread::spawn(move || f64::from(Vec::<f32>::try_from(y.i(0)).unwrap()[0]));
        x * read.join().unwrap()
    }
}

/// The memory of a trace is locked for all threads.
#[test]
fn threads_cannot_read_what_a_trace_makes() {
    let error = tch_jit::trace(&InThread, x()).unwrap_err();
    assert!(matches!(error, Error::Trace { site: Site { ty: "InThread", .. }, .. }), "{error}");
}

/// With warnings allowed it is not locked: what a thread reads is a constant.
#[test]
fn threads_read_unnoticed_where_warnings_are_allowed() {
    for _ in 0..20 {
        let compiled = Compiler::new().deny_warnings(false).trace(&InThread, x()).unwrap();
        assert_eq!(compiled.warnings().len(), 0);
        let constant = f64::from(Vec::<f32>::try_from(x().exp().i(0)).unwrap()[0]);
        assert_eq!(compiled.forward(x() * 2.0).unwrap(), x() * 2.0 * constant);
    }
}

/// Each thread has a watch of its own.
#[test]
fn two_threads_trace_at_once() {
    let at_once = |f: &(dyn Fn() + Sync)| {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..50).for_each(|_| f()));
            }
        });
    };
    at_once(&|| {
        let error = tch_jit::trace(&ByDouble, x()).unwrap_err();
        assert!(matches!(error, Error::DataLeavesTrace { site: Site { ty: "ByDouble", .. }, .. }), "{error}");
        let error = tch_jit::trace(&ByVec, x()).unwrap_err();
        assert!(matches!(error, Error::DataLeavesTrace { site: Site { ty: "ByVec", .. }, .. }), "{error}");
        assert_eq!(tch_jit::trace(&Doubles, x()).unwrap().forward(x()).unwrap(), Doubles.forward(&x()));
        // Its own memory is not locked.
        assert_eq!(f64::try_from(x().sum(Kind::Double)).unwrap(), 1.5);
    });
}

#[compile_mode(trace)]
#[derive(Debug)]
struct FailsLater;

#[methods]
impl FailsLater {
    fn forward(&self, x: &Tensor) -> Tensor {
        let scale = x.sum(Kind::Float).double_value(&[]);
        x.matmul(x) * scale
    }
}

/// A leak that is allowed does not hide what went wrong.
#[test]
fn an_allowed_leak_is_not_the_error() {
    let error = Compiler::new().deny_warnings(false).trace(&FailsLater, x()).unwrap_err();
    assert!(matches!(error, Error::Trace { .. }) && error.to_string().contains("x.matmul(x)"), "{error}");
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Masked;

#[methods]
impl Masked {
    fn forward(&self, x: &Tensor, mask: Option<&Tensor>, bias: Option<Tensor>) -> Tensor {
        let y = match mask {
            Some(mask) => x * mask,
            None => x.relu(),
        };
        match bias {
            Some(bias) => y + bias,
            None => y,
        }
    }
}

/// One trace for each set of options that an example has.
#[test]
fn options_choose_among_traces() {
    let (mask, bias) = (x().gt(0.0).to_kind(Kind::Float), Tensor::from(2.0f32));
    let set = |m: bool, b: bool| (x(), m.then(|| mask.copy()), b.then(|| bias.copy()));
    let sets = vec![set(true, false), set(false, false), set(true, true), set(true, false)];
    let compiled = tch_jit::trace(&Masked, sets).unwrap();
    let mut methods = compiled.methods();
    methods.sort();
    assert_eq!(
        methods,
        ["forward", "forward_with_mask", "forward_with_mask_bias", "forward_without_mask_bias"]
    );
    let loaded = reload_as::<Masked>(&compiled);
    for compiled in [&compiled, &loaded] {
        for (m, b) in [(true, false), (false, false), (true, true)] {
            let (x, m, b) = set(m, b);
            let expected = Masked.forward(&(&x * 3.0), m.as_ref(), b.as_ref().map(Tensor::shallow_clone));
            assert_eq!(compiled.forward((&x * 3.0, m, b)).unwrap(), expected);
        }
        let error = compiled.forward(set(false, true)).unwrap_err().to_string();
        assert!(error.contains("the module was traced where"), "{error}");
    }
}

/// Ways out of a trace, and the text of the line that takes it.
macro_rules! leaks {
    ($($name:ident: |$x:ident| $body:expr, $text:literal;)*) => {
        $(
            #[compile_mode(trace)]
            #[derive(Debug)]
            struct $name;

            #[methods]
            impl $name {
                fn forward(&self, $x: &Tensor) -> Tensor {
                    $body
                }
            }
        )*

        #[test]
        fn data_that_leaves_a_trace_is_an_error_at_its_line() {
            for _ in 0..20 {
                $(
                    let error = tch_jit::trace(&$name, x()).unwrap_err();
                    let Error::DataLeavesTrace { site: Site { ty, .. }, ref message, .. } = error else {
                        panic!("{}: {error}", stringify!($name));
                    };
                    assert_eq!(ty, stringify!($name));
                    let place = format!("\n  --> tests/tests/traces.rs:{}:", line($text));
                    assert!(message.contains(&place), "{error}");
                    assert!(error.to_string().contains("\nhelp: "), "{error}");
                )*
                // Nothing stays behind: neither a trace, nor a lock on a tensor.
                assert_eq!(f64::try_from(x().sum(Kind::Double)).unwrap(), 1.5);
                agree(&Doubles, &tch_jit::trace(&Doubles, x()).unwrap(), &[(x(),)]);
            }
        }
    };
}

leaks! {
    ByDouble: |x| if x.sum(Kind::Float).double_value(&[]) > 0.0 { -x } else { x * 2.0 }, "sum(Kind::Float).double_value(&[]) > 0.0 {";
    ByInt: |x| x * x.argmax(None, false).int64_value(&[]), "x.argmax(None, false).int64_value";
    ByTryFrom: |x| x * f64::try_from(x.max()).unwrap(), "x * f64::try_from";
    ByVec: |x| x * Vec::<f32>::try_from(x.i(0)).unwrap().len() as i64, "x * Vec::<f32>::try_from";
    ByBool: |x| if bool::try_from(x.any()).unwrap() { -x } else { x * 2.0 }, "bool::try_from(x.any())";
    ByEquality: |x| if x.relu() == *x { -x } else { x * 2.0 }, "if x.relu() == *x";
    ByAllclose: |x| if x.relu().allclose(x, 1e-3, 1e-3, false) { -x } else { x * 2.0 }, "if x.relu().allclose";
    ByInput: |x| x * Vec::<f32>::try_from(x.flatten(0, -1)).unwrap()[0] as f64, "try_from(x.flatten(0, -1))";
    ByCopy: |x| { let mut data = [0f32; 6]; x.exp().copy_data(&mut data, 6); x * f64::from(data[0]) }, "x.exp().copy_data";
    ByPointer: |x| x * (x.exp().data_ptr() as usize % 2) as i64, "x.exp().data_ptr()";
    ByIter: |x| x * x.i(0).iter::<f64>().unwrap().sum::<f64>(), "x.i(0).iter::<f64>()";
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Doubles;

#[methods]
impl Doubles {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2.0
    }
}

/// Python's tracer warns; so can ours.
#[test]
fn data_may_leave_a_trace_with_warnings() {
    let compiled = Compiler::new().deny_warnings(false).trace(&ByDouble, x()).unwrap();
    let [warning, difference] = compiled.warnings() else { panic!("{:?}", compiled.warnings()) };
    let place = format!("tests/tests/traces.rs:{}:", line("sum(Kind::Float).double_value(&[]) > 0.0 {"));
    assert!(warning.to_string().contains(&place), "{warning}");
    assert!(difference.to_string().contains("disagrees with the Rust module on other sizes"), "{difference}");
    assert_eq!(compiled.forward(x()).unwrap(), -x());
}

#[script]
fn flip(x: &Tensor) -> Tensor {
    if x.sum(Kind::Float).double_value(&[]) > 0.0 { -x } else { x * 2.0 }
}

/// Tensors that are made of Rust's data, before and within other traces.
#[compile_mode(trace)]
#[derive(Debug)]
struct MakesTensors {
    child: MakesToo,
}

#[compile_mode]
#[derive(Debug)]
struct MakesToo;

#[methods]
impl MakesToo {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * Tensor::from_slice(&[1.0f32, 0.0, -1.0])
    }
}

#[methods]
impl MakesTensors {
    fn forward(&self, x: &Tensor) -> Tensor {
        let weights = Tensor::from_slice(&[1.0f32, 2.0, 3.0]);
        let zeros = Tensor::from_slice(&[0i64, 0]);
        let y = self.child.forward(x) * weights + Tensor::from(0.5);
        let mut counts = Tensor::zeros([2, 3], tch::kind::FLOAT_CPU);
        counts += 1.0;
        flip(&(y + counts)).index_select(0, &zeros) + Tensor::from(2)
    }
}

#[test]
fn tensors_made_of_data_are_constants() {
    let module = MakesTensors { child: MakesToo };
    let compiled = tch_jit::trace(&module, x()).unwrap();
    let loaded = reload_as::<MakesTensors>(&compiled);
    for compiled in [&compiled, &loaded] {
        for k in [1.0, -2.0] {
            assert_eq!(compiled.forward(x() * k).unwrap(), module.forward(&(x() * k)));
        }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Places {
    child: Fails,
}

#[compile_mode]
#[derive(Debug)]
struct Fails;

#[methods]
impl Fails {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.view([3, 2])
    }
}

#[methods]
impl Places {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x.tanh();
        let z = self.child.forward(&y);
        y.matmul(&z)
    }
}

/// Places of operators, in this file.
#[test]
fn operators_know_their_rust_lines() {
    let compiled = tch_jit::trace(&Places { child: Fails }, x()).unwrap();
    let graph = compiled.inlined_graph();
    for text in ["let y = x.tanh()", "y.matmul(&z)", "x.view([3, 2])"] {
        let place = format!("# tests/tests/traces.rs:{}:", line(text));
        assert!(graph.contains(&place), "no {place} in\n{graph}");
    }
    for module in [&*compiled, &reload(&compiled)] {
        let error =
            module.forward(&[Tensor::zeros([5], tch::kind::FLOAT_CPU).into()]).unwrap_err().to_string();
        assert!(error.contains("x.view([3, 2])") && error.contains("~"), "{error}");
        let of = |text: &str| format!("File \"tests/tests/traces.rs\", line {}", line(text));
        assert!(error.contains(&of("x.view([3, 2])")), "{error}");
        assert!(error.contains(&of("self.child.forward(&y)")), "{error}");
    }
    let plain = Compiler::new().record_locations(false).trace(&Places { child: Fails }, x()).unwrap();
    assert!(!plain.inlined_graph().contains("traces.rs"));
}

/// A child that inherits `trace`: what it is called with decides about its methods.
#[compile_mode(trace)]
#[derive(Debug)]
struct Calls {
    scale: Scales,
    again: Vec<Scales>,
}

#[compile_mode]
#[derive(Debug)]
struct Scales {
    weight: Tensor,
}

#[methods]
impl Scales {
    fn forward(&self, x: &Tensor) -> (Tensor, usize) {
        (x * &self.weight, x.dim())
    }
}

#[compile_mode]
#[derive(Debug)]
struct Adds {
    weight: Tensor,
}

#[methods]
impl Adds {
    fn forward(&self, x: &Tensor) -> Tensor {
        x + self.weight.repeat([x.size()[0], 1])
    }
}

#[methods]
impl Calls {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = self.scale.forward(x).0;
        for child in &self.again {
            let (z, dim) = child.forward(&y);
            y = z * dim as i64;
        }
        y
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct CallsTwice {
    adds: Adds,
}

#[methods]
impl CallsTwice {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.adds.forward(x);
        let y = self.adds.forward(&Tensor::cat(&[&y, x], 0));
        self.adds.forward(&y.narrow(0, 1, 2))
    }
}

#[test]
fn what_inherits_keeps_its_place_and_gets_methods() {
    let weight = || Tensor::from_slice(&[1.0f32, 2.0, 3.0]).set_requires_grad(true);
    let module = CallsTwice { adds: Adds { weight: weight() } };
    let compiled = tch_jit::trace(&module, x()).unwrap();
    agree(&module, &compiled, &[(x() * 2.0,)]);
    let adds = reload(&compiled).submodule("adds").unwrap();
    // The number of rows follows from the argument's in two calls, and is a constant of the third.
    assert_eq!(adds.methods(), ["forward", "forward1"]);
    assert!(adds.code_of("forward1").unwrap().contains("[2, 1]"), "{}", adds.code_of("forward1").unwrap());
    assert_eq!(compiled.graph().matches("prim::CallMethod").count(), 3);

    // What returns more than tensors is a part of its parent.
    let again = vec![Scales { weight: weight() }, Scales { weight: weight() }];
    let module = Calls { scale: Scales { weight: weight() }, again };
    let compiled = tch_jit::trace(&module, x()).unwrap();
    agree(&module, &compiled, &[(x() * 2.0,)]);
    assert!(compiled.submodule("scale").unwrap().methods().is_empty());
    assert_eq!(compiled.named_parameters().len(), 3);
}

/// Tied tensors stay tied, and are trained through the trace.
#[test]
fn gradients_flow_into_what_inherits() {
    let weight = Tensor::from_slice(&[1.0f32, 2.0, 3.0]).set_requires_grad(true);
    let module = CallsTwice { adds: Adds { weight: weight.shallow_clone() } };
    let compiled = tch_jit::trace(&module, x()).unwrap();
    compiled.forward(x()).unwrap().sum(Kind::Float).backward();
    let found = weight.grad().copy();
    let _ = weight.grad().zero_();
    module.forward(&x()).sum(Kind::Float).backward();
    assert_eq!(found, weight.grad());
}

/// It normalizes its weight where it lies.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Normalizes {
    weight: Tensor,
}

#[methods]
impl Normalizes {
    fn forward(&self, x: &Tensor) -> Tensor {
        tch::no_grad(|| {
            let norm = self.weight.norm();
            let _ = self.weight.shallow_clone().g_div_(&norm);
        });
        x * &self.weight
    }
}

#[test]
fn parameters_that_change_in_place_are_errors() {
    let module = Normalizes { weight: Tensor::from_slice(&[3.0f32, 4.0]).set_requires_grad(true) };
    let error = tch_jit::trace(&module, Tensor::from_slice(&[1.0f32, 2.0])).unwrap_err();
    let Error::Trace { message, .. } = &error else { panic!("{error}") };
    assert!(message.starts_with("it changes the parameter `weight` in place\nhelp: "), "{message}");
    // A buffer is put back.
    let module = Normalizes { weight: Tensor::from_slice(&[3.0f32, 4.0]) };
    tch_jit::trace(&module, Tensor::from_slice(&[1.0f32, 2.0])).unwrap();
    assert_eq!(module.weight, Tensor::from_slice(&[3.0f32, 4.0]));
}
