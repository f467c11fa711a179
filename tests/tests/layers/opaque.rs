//! Layers that show nothing of what they hold: it is found out by watching a run.

use std::rc::Rc;

use integration_tests::method::assert_same;
use integration_tests::modules::reload;
use tch::nn::{self, Module, ModuleT, Path, VarStore};
use tch::{Kind, Tensor};
use tch_jit::{Error, ScriptModule, compile_mode, methods};

use crate::{alone, assert_shared, cpu, ivalue, names, randn, train};

fn linear(p: Path<'_>, from: i64, to: i64) -> nn::Linear {
    nn::linear(p, from, to, Default::default())
}

fn mlp(p: &Path<'_>) -> nn::Sequential {
    nn::seq().add(linear(p / 0, 3, 4)).add_fn(|x| x.tanh()).add(linear(p / 1, 4, 3))
}

/// The parameters' names, and that they are all of the store's; the same of the saved module.
#[track_caller]
fn assert_holds(compiled: &ScriptModule, vs: &VarStore, parameters: &[&str], buffers: &[&str]) {
    assert_shared("opaque", compiled, vs);
    for module in [compiled, &reload(compiled)] {
        assert_eq!(names(&module.named_parameters()), parameters);
        assert_eq!(names(&module.named_buffers()), buffers);
    }
}

macro_rules! traced {
    ($($name:ident { $($field:ident: $ty:ty),* } |$self:ident, $x:ident| $body:expr;)*) => {$(
        #[compile_mode(trace)]
        #[derive(Debug)]
        struct $name {
            $($field: $ty,)*
        }

        #[methods]
        impl $name {
            pub fn forward(&$self, $x: &Tensor) -> Tensor {
                $body
            }

            #[tracing_inputs]
            fn examples(&self, n: usize) -> Vec<(Tensor,)> {
                (0..n).map(|_| (randn(&[2, 3]),)).collect()
            }
        }
    )*};
}

traced! {
    OfSequential { layers: nn::Sequential } |self, x| x.apply(&self.layers);
    OfFunc { layer: nn::Func<'static> } |self, x| x.apply(&self.layer);
    OfBox { layer: Box<dyn Module> } |self, x| self.layer.forward(x);
    OfBoxT { layer: Box<dyn ModuleT> } |self, x| self.layer.forward_t(x, false);
    OfMany { own: nn::Linear, layers: Vec<nn::Sequential>, last: nn::Func<'static> }
        |self, x| {
            let mut x = x.apply(&self.own);
            for layer in &self.layers {
                x = x.apply(layer);
            }
            x.apply(&self.last)
        };
    OfInherit { child: Inherits, own: nn::Linear } |self, x| self.child.forward(&x.apply(&self.own));
    OfTraced { child: OfSequential, layer: nn::Sequential } |self, x| self.child.forward(&x.apply(&self.layer));
    OfShared { first: Rc<nn::Sequential>, again: Rc<nn::Sequential> }
        |self, x| x.apply(self.first.as_ref()).apply(self.again.as_ref());
    Outer { first: OfShared, again: Rc<nn::Sequential> } |self, x| self.first.forward(&x.apply(self.again.as_ref()));
}

#[compile_mode]
#[derive(Debug)]
struct Inherits {
    layers: nn::Sequential,
}

#[methods]
impl Inherits {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.layers).sigmoid()
    }
}

#[test]
fn sequences() {
    let _alone = alone();
    let vs = cpu();
    let module = OfSequential { layers: mlp(&vs.root()) };
    train(&vs);
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    let held = ["layers.captured_0", "layers.captured_1", "layers.captured_2", "layers.captured_3"];
    assert_holds(&compiled, &vs, &held, &[]);
    let x = randn(&[5, 3]);
    assert_same("sequence", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
}

#[test]
fn an_optimizer_of_the_store_trains_the_compiled_module() {
    let _alone = alone();
    let vs = cpu();
    let module = OfSequential { layers: mlp(&vs.root()) };
    let compiled = tch_jit::compile(&module).unwrap();
    let mut optimizer = nn::OptimizerConfig::build(nn::Sgd::default(), &vs, 0.1).unwrap();
    let x = randn(&[5, 3]);
    let before = compiled.forward(&x).unwrap();
    optimizer.backward_step(&compiled.forward(&x).unwrap().square().sum(Kind::Float));
    let after = compiled.forward(&x).unwrap();
    assert_ne!(before, after);
    assert_eq!(after, module.forward(&x));
}

#[test]
fn closures_that_capture() {
    let _alone = alone();
    let vs = cpu();
    let weight = vs.root().randn_standard("weight", &[3, 2]);
    let mask = Tensor::from_slice(&[1f32, 0.0]);
    let module = OfFunc {
        layer: nn::func(move |x| x.matmul(&weight) * &mask + Tensor::ones([2], (Kind::Float, x.device()))),
    };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    // What requires no grad is a buffer; what the closure makes is a constant.
    assert_holds(&compiled, &vs, &["layer.captured_0"], &["layer.captured_1"]);
    let x = randn(&[4, 3]);
    assert_same("closure", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
}

#[test]
fn frozen_variables_are_buffers() {
    let _alone = alone();
    let mut vs = cpu();
    let module = OfSequential { layers: mlp(&vs.root()) };
    vs.freeze();
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(compiled.named_parameters().len(), 0);
    assert_eq!(compiled.named_buffers().len(), 4);
    let x = randn(&[4, 3]);
    assert_same("frozen", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
}

#[test]
fn boxes() {
    let _alone = alone();
    let vs = cpu();
    let module = OfBox { layer: Box::new(linear(vs.root(), 3, 4)) };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    assert_holds(&compiled, &vs, &["layer.captured_0", "layer.captured_1"], &[]);
    let x = randn(&[4, 3]);
    assert_same("box", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));

    let vs = cpu();
    let module = OfBoxT { layer: Box::new(nn::batch_norm1d(vs.root(), 3, Default::default())) };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    let held = ["layer.captured_2", "layer.captured_3"];
    assert_holds(&compiled, &vs, &["layer.captured_0", "layer.captured_1"], &held);
    assert_same("box", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
}

#[test]
fn a_layer_without_fields_holds_nothing() {
    let _alone = alone();
    #[derive(Debug)]
    struct Double;
    impl Module for Double {
        fn forward(&self, xs: &Tensor) -> Tensor {
            xs * 2.0
        }
    }
    let module = OfBox { layer: Box::new(Double) };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    assert_holds(&compiled, &cpu(), &[], &[]);
    let x = randn(&[4, 3]);
    assert_same("box", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
}

/// What one of several opaque layers holds cannot be told from what another one does.
#[test]
fn several_opaque_layers_leave_their_tensors_to_the_parent() {
    let _alone = alone();
    let vs = cpu();
    let p = vs.root();
    let scale = (&p / "scale").randn_standard("scale", &[3]);
    let module = OfMany {
        own: linear(&p / "own", 3, 3),
        layers: vec![mlp(&(&p / "a")), nn::seq().add(linear(&p / "b", 3, 3))],
        last: nn::func(move |x| x * &scale),
    };
    train(&vs);
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    let captured: Vec<String> = (0..7).map(|i| format!("captured_{i}")).collect();
    let mut held = vec!["own.weight", "own.bias"];
    let mut found = names(&compiled.named_parameters());
    held.extend(captured.iter().map(String::as_str));
    found.sort();
    held.sort();
    assert_eq!(found, held);
    assert_shared("several", &compiled, &vs);
    let x = randn(&[4, 3]);
    assert_same("several", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
}

#[test]
fn a_child_that_inherits() {
    let _alone = alone();
    let vs = cpu();
    let p = vs.root();
    let module =
        OfInherit { child: Inherits { layers: mlp(&(&p / "child")) }, own: linear(&p / "own", 3, 3) };
    train(&vs);
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    let held: Vec<String> = (0..4).map(|i| format!("child.layers.captured_{i}")).collect();
    let mut held: Vec<&str> = held.iter().map(String::as_str).collect();
    held.extend(["own.weight", "own.bias"]);
    assert_holds(&compiled, &vs, &held, &[]);
    let x = randn(&[4, 3]);
    assert_same("inherits", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
}

/// Once, what a compiled child's opaque layer holds was taken for its parent's as well.
#[test]
fn a_traced_child_keeps_what_its_own_layers_hold() {
    let _alone = alone();
    let vs = cpu();
    let p = vs.root();
    let layer = nn::seq().add(linear(&p / "layer", 3, 3));
    let module = OfTraced { child: OfSequential { layers: mlp(&(&p / "child")) }, layer };
    train(&vs);
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    let held: Vec<String> = (0..4).map(|i| format!("child.layers.captured_{i}")).collect();
    let mut held: Vec<&str> = held.iter().map(String::as_str).collect();
    held.extend(["layer.captured_0", "layer.captured_1"]);
    assert_holds(&compiled, &vs, &held, &[]);
    let x = randn(&[4, 3]);
    assert_same("nested", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
}

#[test]
fn one_opaque_layer_behind_several_pointers_stays_one() {
    let _alone = alone();
    let vs = cpu();
    let layers = Rc::new(mlp(&vs.root()));
    let first = OfShared { first: layers.clone(), again: layers.clone() };
    let module = Outer { first, again: layers };
    train(&vs);
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    for module in [&compiled, &reload(&compiled)] {
        let places = ["first.first", "first.again", "again"];
        let held = places.map(|place| {
            let parameters = module.submodule(place).unwrap().named_parameters();
            parameters.iter().map(|(name, it)| (name.clone(), it.data_ptr())).collect::<Vec<_>>()
        });
        assert_eq!(held[0].len(), 4);
        assert_eq!(held[0], held[1]);
        assert_eq!(held[0], held[2]);
        let own = names(&module.named_parameters());
        assert!(own.iter().all(|name| name.contains('.')), "{own:?}");
    }
    let x = randn(&[4, 3]);
    assert_same("shared", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Training {
    layers: nn::SequentialT,
}

#[methods]
impl Training {
    pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        x.apply_t(&self.layers, train)
    }

    #[tracing_inputs]
    fn examples(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (randn(&[4, 3]),)).collect()
    }
}

#[test]
fn sequences_that_know_training() {
    let _alone = alone();
    let vs = cpu();
    let p = vs.root();
    let only_in_training = p.randn_standard("noise", &[5]);
    let layers = nn::seq_t()
        .add(linear(&p / "a", 3, 5))
        .add(nn::batch_norm1d(&p / "norm", 5, Default::default()))
        .add_fn_t(|x, train| x.dropout(0.5, train))
        .add_fn(|x| x.relu())
        .add_fn_t(move |x, train| if train { x + &only_in_training } else { x.shallow_clone() });
    let module = Training { layers };
    train(&vs);
    let state = |vs: &VarStore| {
        let mut all: Vec<_> = vs.variables().into_iter().map(|(name, it)| (name, it.copy())).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    let before = state(&vs);
    let compiled =
        tch_jit::Compiler::new().n_trace_checks(3).compile(&module).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(state(&vs), before, "compiling runs batch norm in training mode and leaves no trace of it");
    let parameters: Vec<String> = [0, 1, 2, 3, 6].map(|i| format!("layers.captured_{i}")).into();
    let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
    assert_holds(&compiled, &vs, &parameters, &["layers.captured_4", "layers.captured_5"]);
    let x = randn(&[6, 3]);
    for training in [true, false] {
        if training {
            compiled.train()
        } else {
            compiled.eval()
        }
        let case = format!("train {training}");
        assert_same(&case, &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward_t(&x, training)));
    }
    compiled.train();
    let _ = compiled.forward(&x).unwrap();
    assert_ne!(state(&vs), before, "a call in training mode moves the running statistics");
}

/// A captured tensor may be changed by any operator, not only by batch norm.
#[test]
fn compiling_leaves_captured_buffers_as_they_are() {
    let _alone = alone();
    let calls = Tensor::from_slice(&[0i64]);
    let counter = calls.shallow_clone();
    let module = OfFunc {
        layer: nn::func(move |x| {
            let _ = counter.shallow_clone().g_add_scalar_(1);
            x + &counter
        }),
    };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(calls.int64_value(&[0]), 0);
    let x = randn(&[2, 3]);
    assert_same("counter", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
    let _ = compiled.forward(&x).unwrap();
    assert_eq!(calls.int64_value(&[0]), 1);
}

#[test]
fn random_state_and_failures_leave_nothing_behind() {
    let _alone = alone();
    let vs = cpu();
    let p = vs.root();
    let layers = nn::seq_t()
        .add(nn::batch_norm1d(&p / "norm", 3, Default::default()))
        .add_fn_t(|x, train| x.dropout(0.5, train))
        .add(linear(&p / "a", 4, 5));
    let module = Training { layers };
    let mean = vs.variables()["norm.running_mean"].shallow_clone();
    tch::manual_seed(1);
    let error = tch_jit::compile(&module).unwrap_err();
    let (Error::Trace { message, .. }, drawn) = (&error, randn(&[1])) else { panic!("{error}") };
    // tch's panic shows a C++ backtrace, which says nothing to a user.
    let expected =
        "mat1 and mat2 shapes cannot be multiplied (4x3 and 4x5)\n  --> tests/tests/layers/opaque.rs:";
    assert!(message.starts_with(expected), "{message}");
    assert_eq!(mean, Tensor::zeros([3], (Kind::Float, tch::Device::Cpu)));
    tch::manual_seed(1);
    // What the example input's own function drew is put back as well.
    assert_eq!(drawn, randn(&[1]));
}

/// Behind it, rustc does not see what a layer is.
trait Step: tch_jit::DynModule + std::fmt::Debug {
    fn forward(&self, x: &Tensor) -> Tensor;
}

impl Step for nn::Sequential {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(self)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct ScriptedParent {
    layers: Box<dyn Step>,
}

#[methods]
impl ScriptedParent {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.layers.forward(x)
    }
}

#[test]
fn a_scripted_parent_is_refused() {
    let _alone = alone();
    let error = tch_jit::compile(&ScriptedParent { layers: Box::new(mlp(&cpu().root())) }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`layers`: tch::nn::Sequential cannot be compiled: what it takes is not known, so it can only be a part \
         of a traced module\n\
         help: put it into a module with `#[compile_mode(trace)]` that has `#[tracing_inputs]`, or write its layers \
         as fields"
    );
}
