//! Traces that hold for sizes that no example had.

use integration_tests::method::assert_same;
use integration_tests::modules::reload;
use integration_tests::tensors::randn;
use integration_tests::transformer::EncoderLayer;
use tch::nn::{self, Module, ModuleT, RNN};
use tch::{Device, IValue, Kind, Tensor};
use tch_jit::{Compiled, Compiler, Error, ScriptModule, compile_mode, methods, trace_fn};

fn tensor(value: &Tensor) -> IValue {
    IValue::Tensor(value.shallow_clone())
}

fn of_one(f: impl Fn(&Tensor) -> Tensor, sizes: &[&[i64]], unseen: &[&[i64]]) -> ScriptModule {
    let examples: Vec<_> = sizes.iter().map(|size| (randn(size),)).collect();
    let module = trace_fn(examples, |x: &Tensor| f(x)).unwrap_or_else(|e| panic!("{e}"));
    for size in unseen {
        let x = randn(size);
        assert_same("unseen sizes", &module, "forward", &[tensor(&x)], || IValue::Tensor(f(&x)));
    }
    module
}

const BATCHES: &[&[i64]] = &[&[5, 6], &[8, 6], &[13, 6]];
const OTHERS: &[&[i64]] = &[&[1, 6], &[2, 6], &[9, 6], &[23, 6]];

#[test]
fn sizes_become_formulas() {
    of_one(|x| x.view([x.size()[0] * 2, 3]), BATCHES, OTHERS);
    of_one(|x| x.reshape([x.size()[0], 2, 3]), BATCHES, OTHERS);
    of_one(|x| x + Tensor::zeros([x.size()[0], 1], (Kind::Float, Device::Cpu)), BATCHES, OTHERS);
    of_one(|x| x + Tensor::arange(x.size()[0], (Kind::Float, Device::Cpu)).unsqueeze(1), BATCHES, OTHERS);
    of_one(|x| x.narrow(0, x.size()[0] - 1, 1), BATCHES, OTHERS);
    of_one(|x| x.narrow(0, 0, (x.size()[0] + 1) / 2), BATCHES, OTHERS);
    of_one(|x| x.sum(Kind::Float) / x.size()[0] as f64, BATCHES, OTHERS);
    of_one(|x| x * (1.0 / (x.size()[0] as f64).sqrt()), BATCHES, OTHERS);
    of_one(|x| x * (x.size()[0] as f64 * 0.25 + 3.0), BATCHES, OTHERS);
    of_one(|x| x * Tensor::from(x.size()[0] as f64), BATCHES, OTHERS);
    of_one(
        |x| x * Tensor::from_slice2(&[[x.size()[0], 1, 2], [3, 4, -x.size()[0]]]).flatten(0, -1),
        BATCHES,
        OTHERS,
    );
    of_one(|x| x.unsqueeze(0).expand([x.size()[0], x.size()[0], 6], false).contiguous(), BATCHES, OTHERS);
}

#[test]
fn several_sizes_are_free() {
    let sizes: &[&[i64]] = &[&[5, 7, 4], &[8, 12, 4], &[13, 6, 4]];
    let unseen: &[&[i64]] = &[&[1, 1, 4], &[2, 9, 4], &[9, 2, 4], &[4, 4, 4]];
    of_one(|x| x.reshape([x.size()[0] * x.size()[1], 4]), sizes, unseen);
    of_one(|x| x.view([x.size()[0], x.size()[1], 2, 2]).permute([0, 2, 1, 3]).contiguous(), sizes, unseen);
    of_one(|x| x.sum(Kind::Float) / (x.size()[0] * x.size()[1]) as f64, sizes, unseen);
    of_one(|x| x * (x.size()[0] as f64 / x.size()[1] as f64), sizes, unseen);
    of_one(|x| x / (x.size()[1] as f64 / x.size()[0] as f64).sqrt(), sizes, unseen);
    of_one(|x| x * (3.0 * (x.size()[1] as f64 / x.size()[0] as f64).sqrt()), sizes, unseen);
    of_one(
        |x| Tensor::cat(&[x.flatten(0, 1), x.flatten(0, 1)], 0).narrow(0, 0, x.size()[0] + x.size()[1] - 1),
        sizes,
        unseen,
    );
}

#[test]
fn sizes_of_what_the_graph_makes_are_followed() {
    let positive = |x: &Tensor| {
        let chosen = x.flatten(0, -1).masked_select(&x.flatten(0, -1).gt(0.0));
        &chosen / chosen.size()[0] as f64
    };
    of_one(positive, BATCHES, OTHERS);
    of_one(
        |x| {
            let y = x.unsqueeze(0).unsqueeze(0).max_pool2d([2, 2], [2, 2], [0, 0], [1, 1], false);
            y.view([y.size()[2] * y.size()[3]])
        },
        BATCHES,
        &[&[2, 6], &[9, 6], &[23, 6]],
    );
}

#[test]
fn the_report_says_what_is_free_and_what_was_lifted() {
    let module = of_one(|x| x.view([x.size()[0] * 2, 3]) * 2.0, BATCHES, OTHERS);
    let [method] = &module.report().methods[..] else { panic!("{}", module.report()) };
    let free: Vec<_> = method.free.iter().map(|it| (&*it.name, &*it.seen)).collect();
    assert_eq!(free, [("x0.size(0)", "5, 8, 13")]);
    let [lifted] = &method.lifted[..] else { panic!("{}", module.report()) };
    assert_eq!(
        (&*lifted.operator, &*lifted.seen, &*lifted.formula),
        ("view", "10, 16, 26", "2 * x0.size(0)")
    );
    assert!(lifted.place.starts_with("tests/tests/generalize.rs:"), "{}", lifted.place);
    let operations: Vec<_> = method.operations.iter().map(|it| &*it.text).collect();
    let expected = ["aten::size(_, 0)", "aten::mul(_, 2)", "aten::view(_, [_, 3])", "aten::mul(_, 2.)"];
    assert_eq!(operations, expected);
}

#[track_caller]
fn refused(f: impl Fn(&Tensor) -> Tensor) -> String {
    let examples: Vec<_> = BATCHES.iter().map(|size| (randn(size),)).collect();
    let error = trace_fn(examples, |x: &Tensor| f(x)).unwrap_err();
    let Error::NotGeneral { message, .. } = &error else { panic!("{error}") };
    assert!(message.contains("\n  --> tests/tests/generalize.rs:"), "{message}");
    message.split('\n').next().unwrap().to_owned()
}

#[test]
fn what_follows_from_no_size_is_refused_with_its_line() {
    assert_eq!(
        refused(|x| if x.size()[0] > 6 { x.relu() } else { x.tanh() }),
        "`tanh`, where a run on other sizes has `relu`"
    );
    assert_eq!(
        refused(|x| (0..x.size()[0]).fold(x.shallow_clone(), |x, _| x * 2.0)),
        "an operator that a run on other sizes does not have"
    );
    assert_eq!(
        refused(|x| x.narrow(0, 0, x.size()[0].min(7))),
        "`narrow` is given 5, 7, 7, which follow from no size"
    );
    assert_eq!(
        refused(|x| x * Tensor::from_slice(&vec![1f32; x.size()[0] as usize]).unsqueeze(1)),
        "a tensor made of Rust's data, which has another size or kind on other sizes"
    );
    let n = std::cell::Cell::new(0.0);
    let message = refused(|x| {
        n.set(n.get() * 3.0 + 1.0);
        x * n.get()
    });
    assert!(
        message.starts_with("`mul` is given ") && message.ends_with(", which follow from no size"),
        "{message}"
    );
}

#[test]
fn off_the_first_example_is_recorded() {
    let examples = || vec![(randn(&[5, 6]),), (randn(&[8, 6]),)];
    let double = |x: &Tensor| x.view([x.size()[0] * 2, 3]);
    trace_fn(examples(), double).unwrap();
    let error = Compiler::new().generalize(false).trace_fn(examples(), double).unwrap_err();
    assert!(matches!(error, Error::TraceMismatch { .. }), "{error}");
    let plain = Compiler::new().generalize(false).trace_fn(vec![(randn(&[5, 6]),)], double).unwrap();
    assert!(plain.report().methods[0].lifted.is_empty());
}

#[compile_mode]
#[derive(Debug)]
struct Head {
    n: i64,
}

#[methods]
impl Head {
    fn forward(&self, x: &Tensor) -> Tensor {
        let size = x.size();
        x.view([size[0], size[1], self.n, -1]).transpose(1, 2).contiguous()
    }
}

/// Inherits, and holds what inherits.
#[compile_mode]
#[derive(Debug)]
struct Attention {
    head: Head,
    query: nn::Linear,
}

#[methods]
impl Attention {
    fn forward(&self, x: &Tensor) -> Tensor {
        let heads = self.head.forward(&x.apply(&self.query));
        let keys = self.head.forward(x);
        let scores = heads.matmul(&keys.transpose(-2, -1)) / (x.size()[1] as f64).sqrt();
        scores.matmul(&keys).transpose(1, 2).reshape(x.size())
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Encoder {
    layers: Vec<Attention>,
}

#[methods]
impl Encoder {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mask = Tensor::ones([x.size()[1], 1], (Kind::Float, Device::Cpu));
        self.layers.iter().fold(x * mask, |x, layer| layer.forward(&x))
    }
}

fn agree<M: tch_jit::Forward<Output = Tensor>>(
    compiled: &Compiled<M>,
    inputs: &[Tensor],
    eager: impl Fn(&[Tensor]) -> Tensor,
) {
    let args: Vec<_> = inputs.iter().map(tensor).collect();
    assert_same("unseen sizes", compiled, "forward", &args, || IValue::Tensor(eager(inputs)));
}

#[test]
fn children_that_inherit_are_general_and_stay_modules() {
    let vs = nn::VarStore::new(Device::Cpu);
    let layer = |i: i64| Attention {
        head: Head { n: 2 },
        query: nn::linear(vs.root() / "layers" / i / "query", 8, 8, Default::default()),
    };
    let module = Encoder { layers: vec![layer(0), layer(1)] };
    let examples: Vec<_> = [[5, 7], [8, 12], [13, 6]].iter().map(|[b, t]| (randn(&[*b, *t, 8]),)).collect();
    let compiled = tch_jit::trace(&module, examples).unwrap_or_else(|e| panic!("{e}"));
    for [b, t] in [[1, 1], [2, 9], [3, 3], [9, 2]] {
        agree(&compiled, &[randn(&[b, t, 8])], |x| module.forward(&x[0]));
    }
    let head = reload(&compiled).submodule("layers.0.head").unwrap();
    // Both calls do the same, on any sizes.
    assert_eq!(head.methods(), ["forward"]);
    assert!(head.code().contains("torch.size"), "{}", head.code());
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Scaled;

#[methods]
impl Scaled {
    fn forward(&self, x: &Tensor, n: i64, factor: f64, flip: bool) -> Tensor {
        let x = x.narrow(0, 0, n) * factor + n as f64;
        if flip { x.flip([0]) } else { x }
    }
}

#[test]
fn numbers_and_truth_values_among_the_arguments_are_followed() {
    let x = randn(&[30, 2]);
    let mut examples = vec![];
    for flip in [true, false] {
        examples.extend(
            [(5, 0.5), (8, 1.25), (13, 0.75)].map(|(n, factor)| (x.shallow_clone(), n, factor, flip)),
        );
    }
    let compiled = tch_jit::trace(&Scaled, examples).unwrap_or_else(|e| panic!("{e}"));
    for (n, factor, flip) in [(1, 3.0, true), (2, -1.0, false), (30, 0.0, true)] {
        let args = [tensor(&x), IValue::Int(n), IValue::Double(factor), IValue::Bool(flip)];
        assert_same("numbers", &compiled, "forward", &args, || {
            IValue::Tensor(Scaled.forward(&x, n, factor, flip))
        });
    }
    let one = tch_jit::trace(&Scaled, (&x, 5, 0.5, true)).unwrap_err();
    assert!(one.to_string().contains("would take its argument `n` for a constant"), "{one}");
    let same = vec![(x.shallow_clone(), 5, 0.5, true), (x.shallow_clone(), 5, 0.75, true)];
    let same = tch_jit::trace(&Scaled, same).unwrap_err();
    assert!(same.to_string().contains("the argument `n` is 5 in all examples"), "{same}");
}

/// What holds is not weakened: of a size that is the same in all examples, nothing is said.
#[test]
fn closures_over_models_of_tch_are_general() {
    let vs = nn::VarStore::new(Device::Cpu);
    let lstm = nn::lstm(vs.root() / "lstm", 4, 6, Default::default());
    let out = nn::linear(vs.root() / "out", 6, 3, Default::default());
    let f = |x: &Tensor| {
        let (y, _) = lstm.seq(x);
        let (batch, len) = (x.size()[0], x.size()[1]);
        out.forward(&y.reshape([batch * len, 6])).view([batch, len, 3])
    };
    let examples: Vec<_> = [[5, 7], [8, 12], [13, 6]].iter().map(|[b, t]| (randn(&[*b, *t, 4]),)).collect();
    let module = tch_jit::trace_var_store(&vs, examples, f).unwrap_or_else(|e| panic!("{e}"));
    for [b, t] in [[1, 1], [2, 9], [11, 3]] {
        let x = randn(&[b, t, 4]);
        assert_same("lstm", &module, "forward", &[tensor(&x)], || IValue::Tensor(f(&x)));
    }
}

/// The models that the tests of traces take from elsewhere, at sizes that no example had.
#[test]
fn models_are_general() {
    let vs = nn::VarStore::new(Device::Cpu);
    let layer = EncoderLayer::new(&vs.root(), 24, 4, 48);
    let encoder = |x: &Tensor| layer.forward(x);
    let examples: Vec<_> = [[5, 7], [8, 9], [13, 6]].iter().map(|[b, t]| (randn(&[*b, *t, 24]),)).collect();
    let module = tch_jit::trace_var_store(&vs, examples, encoder).unwrap_or_else(|e| panic!("{e}"));
    for [b, t] in [[1, 1], [2, 11], [3, 128]] {
        let x = randn(&[b, t, 24]);
        assert_same("transformer block", &module, "forward", &[tensor(&x)], || IValue::Tensor(encoder(&x)));
    }

    let vs = nn::VarStore::new(Device::Cpu);
    let net = tch::vision::resnet::resnet18(&vs.root(), 10);
    let resnet = |x: &Tensor| net.forward_t(x, false);
    let examples: Vec<_> =
        [[2, 32, 40], [3, 40, 33], [5, 35, 36]].map(|[b, h, w]| (randn(&[b, 3, h, w]),)).into();
    let module = tch_jit::trace_var_store(&vs, examples, resnet).unwrap_or_else(|e| panic!("{e}"));
    for [b, h, w] in [[1, 32, 32], [4, 47, 64]] {
        let x = randn(&[b, 3, h, w]);
        assert_same("ResNet-18", &module, "forward", &[tensor(&x)], || IValue::Tensor(resnet(&x)));
    }

    let vs = nn::VarStore::new(Device::Cpu);
    let root = vs.root();
    let embed = nn::embedding(&root / "embed", 20, 8, Default::default());
    let lstm = nn::lstm(&root / "lstm", 8, 16, Default::default());
    let head = nn::linear(&root / "head", 16, 20, Default::default());
    let model = |x: &Tensor| head.forward(&lstm.seq(&embed.forward(x)).0);
    let tokens = |[b, t]: [i64; 2]| Tensor::randint(20, [b, t], (Kind::Int64, Device::Cpu));
    let examples: Vec<_> = [[5, 7], [8, 9], [13, 6]].map(|size| (tokens(size),)).into();
    let module = tch_jit::trace_var_store(&vs, examples, model).unwrap_or_else(|e| panic!("{e}"));
    for size in [[1, 1], [2, 11], [4, 50]] {
        let x = tokens(size);
        assert_same("language model", &module, "forward", &[tensor(&x)], || IValue::Tensor(model(&x)));
    }
}
