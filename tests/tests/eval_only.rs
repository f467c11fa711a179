//! `Compiler::eval_only`: one graph of a module, that of its evaluation.

use std::cell::Cell;

use integration_tests::modules::{reload, reload_typed};
use integration_tests::tensors::{linear, randn};
use tch::nn::{self, RNN};
use tch::{Device, IValue, Kind, Tensor};
use tch_jit::{Compiled, Compiler, Error, compile_mode, methods};

fn x() -> Tensor {
    randn(&[3, 4])
}

fn norm() -> nn::BatchNorm {
    let vs = nn::VarStore::new(Device::Cpu);
    let norm = nn::batch_norm1d(vs.root(), 4, Default::default());
    // Its running statistics are no longer those of a new one.
    let _ = randn(&[16, 4]).apply_t(&norm, true);
    norm
}

/// By an argument.
#[compile_mode(trace)]
#[tracing_inputs(x = [_, 4])]
#[derive(Debug)]
struct ByArgument {
    norm: nn::BatchNorm,
    linear: nn::Linear,
}

#[methods]
impl ByArgument {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = x.apply_t(&self.norm, train).apply(&self.linear).dropout(0.5, train);
        if train { y * 2.0 } else { y }
    }
}

fn by_argument() -> ByArgument {
    ByArgument { norm: norm(), linear: linear() }
}

/// By a field.
#[compile_mode(trace)]
#[tracing_inputs(x = [_, 4])]
#[derive(Debug)]
struct ByField {
    training: Cell<bool>,
}

#[methods]
impl ByField {
    fn forward(&self, x: &Tensor, bias: Option<Tensor>) -> Tensor {
        let y = x.dropout(0.5, self.training.get());
        match bias {
            Some(bias) => y + bias,
            None => y,
        }
    }
}

/// A child that is traced where it is called.
#[compile_mode(inherit)]
#[derive(Debug)]
struct Part {
    linear: nn::Linear,
}

#[methods]
impl Part {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        x.apply(&self.linear).dropout(0.25, train)
    }
}

/// A scripted child.
#[compile_mode(script)]
#[derive(Debug)]
struct Scripted {
    part: Part,
    norm: nn::BatchNorm,
}

#[methods]
impl Scripted {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = self.part.forward_t(x, train).apply_t(&self.norm, train);
        if train { y + 1.0 } else { y.dropout(0.5, train) }
    }
}

fn scripted() -> Scripted {
    Scripted { part: Part { linear: linear() }, norm: norm() }
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 4])]
#[derive(Debug)]
struct Tree {
    traced: ByArgument,
    scripted: Scripted,
    part: Part,
    by_field: ByField,
}

#[methods]
impl Tree {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = self.traced.forward_t(x, train) + self.scripted.forward_t(x, train);
        self.part.forward_t(&y, train) * self.by_field.forward(x, None)
    }
}

const EVALUATION: &str = "compiled for evaluation only";

/// Calls in evaluation agree with `eager`; others are errors, also after loading.
#[track_caller]
fn evaluates<M>(compiled: &Compiled<M>, args: &[IValue], eager: &Tensor) {
    for it in [&**compiled, &reload(compiled)] {
        assert!(!it.is_training());
        assert_eq!(it.forward(args).unwrap(), IValue::Tensor(eager.shallow_clone()));
        it.train();
        let Err(Error::Call(message)) = it.forward(args) else { panic!("it trains") };
        assert!(message.contains(EVALUATION) && message.contains("help: call `eval`"), "{message}");
        it.eval();
        // Freezing folds layers into one another.
        let frozen = Tensor::try_from(it.freeze().unwrap().forward(args).unwrap()).unwrap();
        assert!(frozen.allclose(eager, 1e-5, 1e-6, false));
    }
}

#[track_caller]
fn has_one_graph(graph: &str) {
    for branch in ["prim::If", "prim::RaiseException", "\"training\""] {
        assert!(!graph.contains(branch), "{branch}:\n{graph}");
    }
}

fn compiler() -> Compiler {
    Compiler::new().eval_only(true)
}

#[test]
fn a_trace_is_one_graph() {
    let (module, x) = (by_argument(), x());
    let compiled = compiler().compile(&module).unwrap();
    assert_eq!(compiled.methods(), ["forward", "forward_t"]);
    has_one_graph(&compiled.inlined_graph());
    let expected = module.forward_t(&x, false);
    evaluates(&compiled, &[IValue::Tensor(x.shallow_clone())], &expected);
    for it in [&compiled, &reload_typed(&compiled)] {
        assert_eq!(it.forward_t(&x, false).unwrap(), expected);
        let error = it.forward_t(&x, true).unwrap_err().to_string();
        assert!(error.contains(EVALUATION), "{error}");
    }
}

#[test]
fn a_field_is_left_as_it_is() {
    let (module, x) = (ByField { training: Cell::new(true) }, x());
    let bias = randn(&[4]);
    let sets = vec![(x.shallow_clone(), None), (x.shallow_clone(), Some(bias.shallow_clone()))];
    let compiled = compiler().trace(&module, sets).unwrap();
    assert!(module.training.get());
    let value = |x: &Tensor| IValue::Tensor(x.shallow_clone());
    evaluates(&compiled, &[value(&x), IValue::None], &x);
    evaluates(&compiled, &[value(&x), value(&bias)], &(&x + &bias));
    let methods = compiled.methods();
    assert!(methods.iter().all(|it| !it.contains("train") && !it.contains("eval")), "{methods:?}");
}

#[test]
fn a_tree_is_one_graph() {
    let module = Tree {
        traced: by_argument(),
        scripted: scripted(),
        part: Part { linear: linear() },
        by_field: ByField { training: Cell::new(true) },
    };
    let x = x();
    let compiled = compiler().compile(&module).unwrap_or_else(|error| panic!("{error}"));
    module.by_field.training.set(false);
    evaluates(&compiled, &[IValue::Tensor(x.shallow_clone())], &module.forward_t(&x, false));
    // A part that is traced where it is called has one method.
    assert_eq!(compiled.submodule("part").unwrap().methods(), ["forward"]);
    has_one_graph(&compiled.freeze().unwrap().graph());
}

#[test]
fn a_scripted_module_freezes_to_one_graph() {
    let (module, x) = (scripted(), x());
    let compiled = compiler().compile(&module).unwrap();
    evaluates(&compiled, &[IValue::Tensor(x.shallow_clone())], &module.forward_t(&x, false));
    has_one_graph(&compiled.freeze().unwrap().graph());
}

#[test]
fn closures_are_one_graph() {
    let x = x();
    let compiled =
        compiler().trace_fn(&x, |x: &Tensor, train: bool| if train { x * 2.0 } else { x * 3.0 }).unwrap();
    assert_eq!(compiled.forward(&x).unwrap(), IValue::Tensor(&x * 3.0));
    has_one_graph(&compiled.inlined_graph());
}

/// Each asks for training by itself.
macro_rules! sampled {
    ($($name:ident($part:ty))*) => {$(
        #[compile_mode(trace)]
        #[tracing_inputs(x = [_, 4])]
        #[derive(Debug)]
        struct $name {
            part: $part,
        }

        #[methods]
        impl $name {
            fn forward(&self, x: &Tensor) -> Tensor {
                self.part.forward_t(x, true)
            }
        }
    )*};
}

sampled! {
    SampledPart(Part)
    SampledTrace(ByArgument)
}

/// What asks for training by itself is a part of the evaluation, or refused.
#[test]
fn a_part_in_training() {
    let x = x();
    let module = SampledPart { part: Part { linear: linear() } };
    let compiled = compiler().compile(&module).unwrap();
    tch::manual_seed(3);
    let expected = module.forward(&x);
    tch::manual_seed(3);
    assert_eq!(compiled.forward(&x).unwrap(), expected);
    let error = compiler().compile(&SampledTrace { part: by_argument() }).unwrap_err().to_string();
    assert!(error.contains(EVALUATION), "{error}");
}

/// Sums name their kinds, and layers of tch are in training.
#[compile_mode(script)]
#[derive(Debug)]
struct Converted {
    lstm: nn::LSTM,
}

#[methods]
impl Converted {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor, Tensor) {
        let y = self.lstm.seq(x).0;
        let ones = y.gt(0.0);
        (y.sum(Kind::Double), y.mean(Kind::Float) + ones.sum(Kind::Float), y.prod(Kind::Float))
    }
}

#[test]
fn operators_are_those_that_converters_know() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Converted { lstm: nn::lstm(vs.root(), 4, 3, Default::default()) };
    let compiled = compiler().compile(&module).unwrap();
    for size in [[1, 2, 4], [3, 5, 4]] {
        let x = randn(&size);
        let (a, b, c) = compiled.forward(&x).unwrap();
        let expected = module.forward(&x);
        assert_eq!((a.kind(), b.kind(), c.kind()), (Kind::Double, Kind::Float, Kind::Float));
        assert_eq!((a, b, c), expected);
    }
    let code = compiled.code();
    assert!(code.contains("torch.sum(torch.to(y, 7))"), "{code}");
    let lstm = compiled.submodule("lstm").unwrap().code_of("traced_seq_init").unwrap();
    assert!(lstm.contains("True, 1, 0., False, False, True)"), "{lstm}");
}
