//! Closures and models without attributes: `trace_fn`, `trace_var_store`.

use std::collections::{BTreeMap, BTreeSet};

use integration_tests::modules::{call, reload};
use integration_tests::tensors::randn;
use integration_tests::transformer::EncoderLayer;
use tch::nn::{Module, ModuleT, OptimizerConfig, RNN};
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{Compiler, Error, trace_fn, trace_var_store};

fn x() -> Tensor {
    Tensor::from_slice2(&[[1.0f32, -2.0, 3.0], [0.5, 0.25, -1.0]])
}

#[test]
fn what_a_closure_captures_is_lifted() {
    let weight = Tensor::from_slice(&[1.0f32, 2.0, 3.0]).set_requires_grad(true);
    let table = Tensor::from_slice(&[5.0f32, 6.0, 7.0]);
    let module = trace_fn(x(), |x: &Tensor| (x * &weight).tanh() + &table).unwrap();
    assert_eq!(call(&module, "forward", &[&(x() * 2.0)]), (x() * 2.0 * &weight).tanh() + &table);
    let (parameters, buffers) = (module.named_parameters(), module.named_buffers());
    assert_eq!(parameters.len(), 1);
    assert_eq!(buffers.len(), 1);
    assert!(parameters[0].0.starts_with("captured_") && buffers[0].0.starts_with("captured_"));
    // The parameter is the captured tensor itself.
    call(&module, "forward", &[&x()]).sum(Kind::Float).backward();
    assert!(weight.grad().defined());
}

#[test]
fn closures_take_and_return_several_values() {
    let module = trace_fn(
        (&x(), vec![x(), x() + 1.0], None::<&Tensor>),
        |x: &Tensor, items: &Vec<Tensor>, y: &Option<Tensor>| {
            assert!(y.is_none());
            (x + &items[1], items[0].sum(Kind::Float))
        },
    )
    .unwrap();
    let items = IValue::TensorList(vec![x() * 2.0, x()]);
    let found = module.forward(&[IValue::Tensor(x()), items, IValue::None]).unwrap();
    let expected =
        IValue::Tuple(vec![IValue::Tensor(x() + x()), IValue::Tensor((x() * 2.0).sum(Kind::Float))]);
    assert_eq!(found, expected);
}

#[test]
fn closures_that_fail_or_branch_are_errors_at_their_lines() {
    for _ in 0..20 {
        let error = trace_fn(x(), |x: &Tensor| x.matmul(x)).unwrap_err().to_string();
        assert!(error.contains("shapes cannot be multiplied"), "{error}");
        assert!(error.contains("\n  --> tests/tests/closures.rs:"), "{error}");
        let error =
            trace_fn(x(), |x: &Tensor| if x.sum(Kind::Float).double_value(&[]) > 0.0 { -x } else { x + 1.0 });
        assert!(matches!(error.unwrap_err(), Error::DataLeavesTrace { .. }));
    }
    assert_eq!(call(&trace_fn(x(), |x: &Tensor| -x).unwrap(), "forward", &[&x()]), -x());
}

/// A model over `vs`, traced on `example`: it computes the same on `other`, its parameters and buffers are the
/// variables, and training it trains the model.
fn check(vs: &nn::VarStore, example: &Tensor, other: &Tensor, f: impl Fn(&Tensor) -> Tensor) {
    let module = trace_var_store(vs, example, |x: &Tensor| f(x)).unwrap();
    for module in [&module, &reload(&module)] {
        let (found, expected) = (call(module, "forward", &[other]), f(other));
        assert!(found.allclose(&expected, 1e-4, 1e-5, false), "{found} instead of {expected}");
    }
    let names: BTreeSet<String> =
        module.named_parameters().into_iter().chain(module.named_buffers()).map(|(name, _)| name).collect();
    assert_eq!(names, vs.variables().into_keys().collect());
    assert_eq!(module.named_parameters().len(), vs.trainable_variables().len());

    let target = f(other).detach() + 1.0;
    let loss = |found: Tensor| (found - &target).square().mean(Kind::Float);
    let mut optimizer = nn::Sgd::default().build(vs, 1e-2).unwrap();
    let before = loss(f(other)).double_value(&[]);
    for _ in 0..5 {
        optimizer.backward_step(&loss(call(&module, "forward", &[other])));
    }
    let after = loss(f(other)).double_value(&[]);
    assert!(after < before, "{after} after {before}");
}

#[test]
fn resnet_18() {
    let vs = nn::VarStore::new(Device::Cpu);
    let net = tch::vision::resnet::resnet18(&vs.root(), 10);
    let images = randn(&[1, 3, 32, 32]);
    check(&vs, &images, &randn(&[1, 3, 32, 32]), |x| net.forward_t(x, false));
}

/// Of BERT's size.
#[test]
fn a_transformer_block() {
    let vs = nn::VarStore::new(Device::Cpu);
    let layer = EncoderLayer::new(&vs.root(), 768, 12, 3072);
    check(&vs, &randn(&[2, 128, 768]), &randn(&[2, 128, 768]), |x| layer.forward(x));
}

#[test]
fn an_lstm_language_model() {
    let vs = nn::VarStore::new(Device::Cpu);
    let root = vs.root();
    let embed = nn::embedding(&root / "embed", 20, 8, Default::default());
    let lstm = nn::lstm(&root / "lstm", 8, 16, Default::default());
    let head = nn::linear(&root / "head", 16, 20, Default::default());
    let model = |x: &Tensor| head.forward(&lstm.seq(&embed.forward(x)).0);
    let tokens = || Tensor::randint(20, [3, 6], (Kind::Int64, Device::Cpu));
    check(&vs, &tokens(), &tokens(), model);
}

#[test]
fn a_closure_that_takes_train_is_traced_in_both_modes() {
    let vs = nn::VarStore::new(Device::Cpu);
    let net = nn::seq_t()
        .add(nn::linear(vs.root() / "first", 3, 4, Default::default()))
        .add(nn::batch_norm1d(vs.root() / "norm", 4, Default::default()))
        .add_fn_t(|x, train| if train { x * 2.0 } else { x.relu() });
    let module =
        trace_var_store(&vs, randn(&[5, 3]), |x: &Tensor, train: bool| net.forward_t(x, train)).unwrap();
    let (x, initial) = (randn(&[5, 3]), statistics(vs.variables()));
    for module in [&module, &reload(&module)] {
        module.eval();
        assert_eq!(call(module, "forward", &[&x]), net.forward_t(&x, false));
        module.train();
        let found = call(module, "forward", &[&x]);
        let moved = statistics(module.named_buffers());
        // The Rust model goes the same way from the same statistics, which it shares with the first module.
        restore(&vs, &initial);
        assert_eq!(found, net.forward_t(&x, true));
        assert_eq!(moved, statistics(vs.variables()));
        assert_ne!(moved, initial);
        restore(&vs, &initial);
    }
}

/// Copies of the statistics among these tensors.
fn statistics(tensors: impl IntoIterator<Item = (String, Tensor)>) -> BTreeMap<String, Tensor> {
    let statistics = tensors.into_iter().filter(|(name, _)| name.contains("running"));
    statistics.map(|(name, tensor)| (name, tensor.copy())).collect()
}

fn restore(vs: &nn::VarStore, values: &BTreeMap<String, Tensor>) {
    let variables = vs.variables();
    tch::no_grad(|| values.iter().for_each(|(name, value)| variables[name].shallow_clone().copy_(value)));
}

/// One example for each number of rows.
fn rows(n: i64) -> (Tensor,) {
    (randn(&[n, 3]),)
}

#[test]
fn closures_are_compared_on_all_examples() {
    let branches = |x: &Tensor| if x.size()[0] > 2 { x * 2.0 } else { x * 3.0 };
    trace_fn(vec![rows(1), rows(2)], branches).unwrap();
    let error = trace_fn(vec![rows(2), rows(3)], branches).unwrap_err();
    assert!(matches!(error, Error::NotGeneral { .. }), "{error}");
    assert!(error.to_string().contains("`mul` is given 3, 2, which follow from no size"), "{error}");
    let plain = Compiler::new().generalize(false);
    let error = plain.trace_fn(vec![rows(2), rows(3)], branches).unwrap_err();
    assert!(error.to_string().contains("\n- aten::mul(_, 3.) at tests/tests/closures.rs:"), "{error}");
    // Nothing is compared.
    plain.check_trace(false).trace_fn(vec![rows(2), rows(3)], branches).unwrap();
    let leaky = |x: &Tensor| x * x.max().double_value(&[]);
    // The largest number is another one where there are fewer rows.
    let allowed = Compiler::new().deny_warnings(false).trace_fn(x(), leaky).unwrap();
    let [leak, other] = allowed.warnings() else { panic!("{:?}", allowed.warnings()) };
    assert!(leak.to_string().contains("`item` returns values of a tensor"), "{leak}");
    assert!(other.to_string().contains("disagrees with the Rust module on other sizes"), "{other}");
}
