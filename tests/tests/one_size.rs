//! Traces of one example: they hold for other sizes as well, or say that they do not.

use integration_tests::method::assert_same;
use integration_tests::tensors::randn;
use tch::nn::{self, Module as _};
use tch::{Device, IValue, IndexOp, Kind, Tensor};
use tch_jit::testing::AutoJit;
use tch_jit::{Compiler, ScriptModule, compile_mode, methods, trace_fn};

fn tensor(value: &Tensor) -> IValue {
    IValue::Tensor(value.shallow_clone())
}

/// Traces `f` on one size, and compares it on others.
#[track_caller]
fn of_one(f: impl Fn(&Tensor) -> Tensor, size: &[i64], unseen: &[&[i64]]) -> ScriptModule {
    let module = trace_fn(&randn(size), |x: &Tensor| f(x)).unwrap_or_else(|e| panic!("{e}"));
    assert!(module.warnings().is_empty(), "{}", module.warnings()[0]);
    for size in unseen {
        let x = randn(size);
        assert_same("unseen sizes", &module, "forward", &[tensor(&x)], || IValue::Tensor(f(&x)));
    }
    module
}

fn fixed(module: &ScriptModule) -> Vec<(String, i64)> {
    let all = module.report().methods.iter().flat_map(|it| &it.fixed);
    all.filter_map(|it| Some((it.name.clone(), it.value.parse().ok()?))).collect()
}

fn free(module: &ScriptModule) -> Vec<String> {
    module.report().methods.iter().flat_map(|it| &it.free).map(|it| it.name.clone()).collect()
}

const OTHERS: &[&[i64]] = &[&[1, 6], &[2, 6], &[9, 6], &[40, 6]];

#[test]
fn sizes_of_one_example_become_formulas() {
    for n in [1, 2, 3, 5, 6, 7] {
        let size = &[n, 6];
        of_one(|x| x.sum(Kind::Float) / x.size()[0] as f64, size, &[&[1, 6], &[2, 6], &[4, 3], &[40, 1]]);
        of_one(|x| x.view([x.size()[0] * 2, 3]), size, OTHERS);
        of_one(|x| x.narrow(0, 0, (x.size()[0] + 1) / 2), size, OTHERS);
        of_one(|x| x + Tensor::arange(x.size()[0], (Kind::Float, Device::Cpu)).unsqueeze(1), size, OTHERS);
        of_one(|x| x * Tensor::from(x.size()[0] as f64) / (x.size()[1] as f64).sqrt(), size, OTHERS);
        of_one(|x| x.reshape([x.size()[0] * x.size()[1]]), size, OTHERS);
    }
}

/// Equal sizes may be two sizes of the Rust code.
#[test]
fn equal_sizes_are_told_apart() {
    let unseen: &[&[i64]] = &[&[1, 1], &[2, 9], &[9, 2], &[4, 4]];
    let module = of_one(|x| x / (x.size()[0] - x.size()[1] + 100) as f64, &[3, 3], unseen);
    assert_eq!(free(&module), ["x0.size(0)", "x0.size(1)"]);
    // The batch has the size of the features.
    let linear = nn::linear(nn::VarStore::new(Device::Cpu).root(), 3, 2, Default::default());
    let module = of_one(|x| linear.forward(x) / x.size()[0] as f64, &[3, 3], &[&[1, 3], &[7, 3]]);
    assert_eq!(
        (free(&module), fixed(&module)),
        (vec!["x0.size(0)".to_owned()], vec![("x0.size(1)".into(), 3)])
    );
}

/// Sizes of several arguments that have to be equal.
#[test]
fn equal_sizes_are_tied() {
    let f = |x: &Tensor, y: &Tensor| (x + y) / (x.size()[0] - y.size()[1] + 100) as f64;
    for [n, m] in [[3, 3], [5, 2], [1, 4], [1, 1]] {
        let (x, y) = (randn(&[n, m]), randn(&[n, m]));
        let module = trace_fn((&x, &y), f).unwrap_or_else(|e| panic!("{e}"));
        // Where both are one, the Rust code also takes a row and a column, whose sizes are not tied.
        assert_eq!(module.warnings().is_empty(), [n, m] != [1, 1], "{:?}", module.warnings());
        for size in [[1, 1], [2, 9], [9, 2], [4, 4]] {
            let (x, y) = (randn(&size), randn(&size));
            let args = [tensor(&x), tensor(&y)];
            assert_same("tied", &module, "forward", &args, || IValue::Tensor(f(&x, &y)));
        }
    }
}

/// Indices and masks stay valid where rows are repeated; heads and strides take multiples; tables end.
#[test]
fn sizes_that_not_all_bodies_take() {
    let edges = Tensor::from_slice(&[0i64, 1, 1, 2, 2, 0]).view([2, 3]);
    let f = |x: &Tensor, e: &Tensor| {
        x.zeros_like().index_add(0, &e.i(1), &x.index_select(0, &e.i(0))) / (e.size()[1] as f64) * x.size()[0]
    };
    let module = trace_fn((&randn(&[3, 4]), &edges), f).unwrap_or_else(|e| panic!("{e}"));
    let (x, e) = (randn(&[5, 4]), Tensor::randint(5, [2, 11], (Kind::Int64, Device::Cpu)));
    assert_same("edges", &module, "forward", &[tensor(&x), tensor(&e)], || IValue::Tensor(f(&x, &e)));
    assert_eq!(free(&module), ["x0.size(0)", "x0.size(1)", "x1.size(0)", "x1.size(1)"]);

    let heads = |x: &Tensor| x.view([x.size()[0], 4, -1]).transpose(0, 1) / x.size()[1] as f64;
    of_one(heads, &[5, 8], &[&[1, 4], &[3, 12], &[2, 40]]);
    let stride = |x: &Tensor| x.unfold(1, 4, 4).flatten(1, 2) / x.size()[1] as f64;
    of_one(stride, &[5, 12], &[&[1, 4], &[3, 20], &[2, 40]]);
    let table = randn(&[20, 3]);
    let positions = |x: &Tensor| {
        let ids = Tensor::arange(x.size()[0], (Kind::Int64, Device::Cpu));
        x + table.index_select(0, &ids)
    };
    of_one(positions, &[16, 3], &[&[1, 3], &[7, 3], &[20, 3]]);
}

/// The Rust code takes other sizes, and a trace cannot follow: that is a warning.
#[test]
fn what_a_trace_cannot_follow_is_a_warning() {
    let doubts = |f: &dyn Fn(&Tensor) -> Tensor| {
        let module = trace_fn(randn(&[5, 6]), |x: &Tensor| f(x)).unwrap_or_else(|e| panic!("{e}"));
        let [warning] = module.warnings() else { panic!("{:?}", module.warnings()) };
        (warning.to_string(), module)
    };
    let (warning, module) = doubts(&|x| if x.size()[0] > 6 { x.relu() } else { x.tanh() });
    let expected = "holds only where `x0.size(0)` is 5, although the Rust code takes other sizes: `tanh`, where a run on \
                    other sizes has `relu`\n  --> tests/tests/one_size.rs:";
    assert!(warning.contains(expected), "{warning}");
    assert_eq!(
        (free(&module), fixed(&module)),
        (vec!["x0.size(1)".to_owned()], vec![("x0.size(0)".into(), 5)])
    );
    assert!(
        module.report().to_string().contains("fixed: x0.size(0) is 5: a trace cannot follow others: `tanh`")
    );
    let (warning, module) = doubts(&|x| (0..x.size()[0]).fold(x / x.size()[1], |x, _| x * 2.0));
    assert!(warning.contains("`x0.size(0)` is 5"), "{warning}");
    assert_eq!(free(&module), ["x0.size(1)"]);
    let (warning, _) = doubts(&|x| x.narrow(0, 0, x.size()[0].min(7)));
    assert!(warning.contains("which follow from no size"), "{warning}");
    // No example takes the branch: only the comparison on a further size shows it.
    let (warning, _) = doubts(&|x| if x.size()[0] == 1 { x.relu() } else { x.tanh() });
    assert!(
        warning.contains("disagrees with the Rust module on other sizes: on `x0`: Float [1, 1]"),
        "{warning}"
    );
}

#[test]
fn off_one_example_is_recorded_as_it_is() {
    let mean = |x: &Tensor| x.sum(Kind::Float) / x.size()[0] as f64;
    let module = Compiler::new().generalize(false).trace_fn(randn(&[5, 6]), mean).unwrap();
    assert!(free(&module).is_empty() && fixed(&module).is_empty() && module.warnings().is_empty());
    let module = Compiler::new().check_trace(false).trace_fn(randn(&[5, 6]), mean).unwrap();
    let x = randn(&[4, 6]);
    assert_same("unchecked", &module, "forward", &[tensor(&x)], || IValue::Tensor(mean(&x)));
}

/// Its example has one size.
#[compile_mode(trace)]
#[derive(Debug)]
struct Mean {
    /// Below it, the sum is taken.
    at_least: i64,
}

#[methods]
impl Mean {
    fn forward(&self, x: &Tensor) -> Tensor {
        if x.size()[0] < self.at_least { x.sum(Kind::Float) } else { x.sum(Kind::Float) / x.size()[0] as f64 }
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (randn(&[3, 2]),)).collect()
    }
}

#[test]
fn auto_jit_needs_more_than_one_size() {
    let compiled = AutoJit::new().strict_shapes(false).assert(&Mean { at_least: 0 });
    let x = randn(&[4, 2]);
    assert_same("mean", &compiled, "forward", &[tensor(&x)], || {
        IValue::Tensor(Mean { at_least: 0 }.forward(&x))
    });
    let error = AutoJit::new().strict_shapes(false).check(&Mean { at_least: 5 }).unwrap_err().to_string();
    assert!(error.contains("holds only where `x.size(0)` is 3"), "{error}");
}

/// A branch that no example takes, on a number in the text; the child's is a part of the parent's trace.
#[compile_mode(trace)]
#[derive(Debug)]
struct Branches {
    child: BranchesToo,
    limit: i64,
}

#[compile_mode]
#[derive(Debug)]
struct BranchesToo;

#[methods]
impl BranchesToo {
    fn forward(&self, x: &Tensor) -> Tensor {
        if x.size()[0] == 23 { x * 2.0 } else { x * 3.0 }
    }
}

#[methods]
impl Branches {
    fn forward(&self, x: &Tensor) -> Tensor {
        if self.limit == 0 && x.size()[0] == 7 {
            return x * 2.0;
        }
        let x = if self.limit == 2 && x.size()[0] > 41 { x.sin() } else { x.cos() };
        if self.limit == 1 { self.child.forward(&x) } else { x }
    }
}

#[test]
fn numbers_in_the_text_are_tried_as_sizes() {
    for (limit, size) in [(0, 7), (1, 23), (2, 42)] {
        let module = Branches { child: BranchesToo, limit };
        let compiled = tch_jit::trace(&module, randn(&[5, 2])).unwrap_or_else(|e| panic!("{e}"));
        let [warning] = compiled.warnings() else { panic!("{limit}: {:?}", compiled.warnings()) };
        let expected = format!("disagrees with the Rust module on other sizes: on `x`: Float [{size}, ");
        assert!(warning.to_string().contains(&expected), "{warning}");
    }
    let none = Branches { child: BranchesToo, limit: 3 };
    assert!(tch_jit::trace(&none, randn(&[5, 2])).unwrap().warnings().is_empty());
}

#[test]
fn kinds_and_devices_that_are_constants_are_named() {
    let sums = |x: &Tensor| x.to_kind(Kind::Double).cumsum(0, None::<Kind>).to_kind(x.kind());
    let module = trace_fn(randn(&[5, 6]), sums).unwrap_or_else(|e| panic!("{e}"));
    let [warning] = module.warnings() else { panic!("{:?}", module.warnings()) };
    let expected = "holds only for inputs of the kind Float, although the Rust code takes others: on Double, the output \
                    is Float [5, 6], expected Double [5, 6]\nhelp: ";
    assert!(warning.to_string().contains(expected), "{warning}");
    assert!(module.report().to_string().contains("fixed: kind is Float: on Double, "), "{}", module.report());

    let zeros = |x: &Tensor| x + Tensor::zeros([1], (Kind::Float, x.device()));
    let module = trace_fn(randn(&[5, 6]), zeros).unwrap_or_else(|e| panic!("{e}"));
    assert!(module.warnings().is_empty(), "{:?}", module.warnings());
    let report = module.report().to_string();
    assert!(
        report.contains("fixed: device is cpu: `aten::zeros` is given it at tests/tests/one_size.rs:"),
        "{report}"
    );
    // One kind only, or any.
    let linear = nn::linear(nn::VarStore::new(Device::Cpu).root(), 6, 2, Default::default());
    for f in [&(|x: &Tensor| linear.forward(x)) as &dyn Fn(&Tensor) -> Tensor, &|x| x.relu().zeros_like()] {
        let module = trace_fn(randn(&[5, 6]), |x: &Tensor| f(x)).unwrap_or_else(|e| panic!("{e}"));
        assert!(module.warnings().is_empty() && !module.report().to_string().contains("kind is"));
    }
}

/// Parameters that leave the trace before it sees them.
#[compile_mode(trace)]
#[derive(Debug)]
struct Stale {
    weight: Tensor,
    in_thread: bool,
}

#[methods]
impl Stale {
    fn forward(&self, x: &Tensor) -> Tensor {
        if self.in_thread {
            let weight = self.weight.detach();
            return x * std::thread::spawn(move || weight.exp()).join().unwrap();
        }
        let weight = Vec::<f32>::try_from(self.weight.detach()).unwrap();
        x * f64::from(weight[0]) + &self.weight
    }
}

#[test]
fn parameters_that_are_read_as_data_are_errors() {
    for in_thread in [false, true] {
        let weight = Tensor::from_slice(&[0.5f32, 2.0]).set_requires_grad(true);
        let (sum, before) = (weight.exp().sum(Kind::Float), weight.copy());
        let module = Stale { weight, in_thread };
        let error = tch_jit::trace(&module, randn(&[3, 2])).unwrap_err();
        assert!(matches!(error, tch_jit::Error::TraceMismatch { .. }), "{error}");
        let expected = "after its parameters changed by a thousandth, the output differs";
        assert!(error.to_string().contains(expected), "{error}");
        // The parameter is what it was, and so are the derivatives that were under way.
        assert_eq!(module.weight, before);
        sum.backward();
        assert_eq!(module.weight.grad(), before.exp());
        let compiled = Compiler::new().deny_warnings(false).trace(&module, randn(&[3, 2])).unwrap();
        assert!(compiled.warnings()[0].to_string().contains(expected), "{:?}", compiled.warnings());
    }
}

/// Two free dimensions of one name, of which each may have any size.
#[compile_mode(trace)]
#[tracing_inputs(x = [_, _, 4], mask = Bool[_, _])]
#[derive(Debug)]
struct Words {
    linear: nn::Linear,
}

#[methods]
impl Words {
    fn forward(&self, x: &Tensor, mask: &Tensor) -> Tensor {
        let (batch, length, _) = x.size3().unwrap();
        let y = x.apply(&self.linear).reshape([batch * length, 4]) * mask.reshape([-1, 1]);
        y.view([batch, length, 2, 2]).sum(Kind::Float) / length as f64 + batch as f64
    }
}

/// One that has to be equal, as of a matrix, and one that a trace cannot follow.
#[compile_mode(trace)]
#[tracing_inputs(a = [_, _], b = [_])]
#[derive(Debug)]
struct Square {}

#[methods]
impl Square {
    fn forward(&self, a: &Tensor, b: &Tensor) -> Tensor {
        let n = b.size()[0];
        a.matrix_exp() + (if n > a.size()[0] { n as f64 } else { 0.0 })
    }
}

#[test]
fn sizes_of_one_name_may_differ() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Words { linear: nn::linear(vs.root(), 4, 4, Default::default()) };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    assert!(compiled.warnings().is_empty(), "{:?}", compiled.warnings());
    for (batch, length) in [(1, 1), (2, 7), (7, 2), (6, 6)] {
        let x = Tensor::rand([batch, length, 4], tch::kind::FLOAT_CPU);
        let mask = Tensor::rand([batch, length], tch::kind::FLOAT_CPU).gt(0.5);
        let (found, expected) = (compiled.forward((&x, &mask)).unwrap(), module.forward(&x, &mask));
        assert!(found.allclose(&expected, 1e-5, 1e-5, false), "{batch}, {length}");
    }
    let compiled = tch_jit::compile(&Square {}).unwrap_or_else(|error| panic!("{error}"));
    let warning = compiled.warnings()[0].to_string();
    assert!(warning.contains("`a.size(1)` and `b.size(0)` are equal, although"), "{warning}");
}

/// The user's examples differ in one size.
#[test]
fn a_size_that_all_examples_have_may_differ() {
    let x = |n: i64, m: i64| Tensor::rand([n, m], tch::kind::FLOAT_CPU);
    let f = |x: &Tensor| x.sum(Kind::Float) / x.size()[1] as f64;
    let compiled = tch_jit::trace_fn(vec![(x(2, 3),), (x(5, 3),), (x(4, 3),)], f).unwrap();
    for (n, m) in [(1, 1), (7, 8), (3, 3)] {
        let x = x(n, m);
        let found = Tensor::try_from(compiled.forward(&x).unwrap()).unwrap();
        assert!(found.allclose(&f(&x), 1e-5, 1e-5, false), "{n}, {m}");
    }
}
