//! Fields and methods are two namespaces in Rust, and one in a class of TorchScript. A method with the name of a field
//! was once the field in a compiled body: `self.lin(x)` ran the child.

#![allow(missing_docs)]
// `y += …` would change a tensor in place.
#![allow(clippy::assign_op_pattern)]

use std::cell::Cell;

use integration_tests::agree;
use integration_tests::method::assert_same;
use integration_tests::modules::{call, reload};
use tch::nn::Module as _;
use tch::{IValue, Kind, Tensor, nn};
use tch_jit::{Compiler, MethodInputs, compile_mode, methods};

fn rows(n: i64) -> Tensor {
    Tensor::arange(n * 3, tch::kind::FLOAT_CPU).view([n, 3]) / 10.0
}

fn linear(path: &nn::Path<'_>) -> nn::Linear {
    nn::linear(path, 3, 3, nn::LinearConfig::default())
}

/// Every kind of field, each with a method of its name.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Fields {
    lin: nn::Linear,
    list: Vec<nn::Linear>,
    some: Option<nn::Linear>,
    none: Option<nn::Linear>,
    weight: Tensor,
    #[jit(buffer)]
    mean: Tensor,
    scale: f64,
    #[jit(constant)]
    steps: i64,
    #[jit(skip)]
    #[expect(dead_code, reason = "a compiled body cannot read it")]
    skipped: f64,
    #[jit(rename = "renamed")]
    before: f64,
    training: Cell<bool>,
}

impl Fields {
    fn new(vs: &nn::VarStore) -> Self {
        let root = vs.root();
        Fields {
            lin: linear(&(&root / "lin")),
            list: vec![linear(&(&root / "list0")), linear(&(&root / "list1"))],
            some: Some(linear(&(&root / "some"))),
            none: None,
            weight: root.var("weight", &[3], nn::Init::Const(0.5)),
            mean: Tensor::full([3], 0.25, tch::kind::FLOAT_CPU),
            scale: 1.5,
            steps: 2,
            skipped: 7.0,
            before: 3.0,
            training: Cell::new(true),
        }
    }
}

#[methods]
impl Fields {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = self.lin(x) + x.apply(&self.lin);
        y = self.list(&y) + self.list[0].forward(&y);
        y = self.some(&y);
        y = y + self.none(x);
        y = self.weight(&y) + &self.weight;
        y = self.mean(&y) - &self.mean;
        y = y * self.scale() + self.scale;
        for _ in 0..self.steps() + self.steps {
            y = y * 0.5;
        }
        y = y + self.skipped() + self.renamed() + self.before() + self.before;
        if self.training() { y + 1.0 } else { y - 1.0 }
    }

    fn lin(&self, x: &Tensor) -> Tensor {
        x.apply(&self.lin) * 2.0
    }

    fn list(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for layer in &self.list {
            y = y.apply(layer) - 1.0;
        }
        y
    }

    fn some(&self, x: &Tensor) -> Tensor {
        x.apply_opt(&self.some) * 3.0
    }

    fn none(&self, x: &Tensor) -> Tensor {
        x.apply_opt(&self.none) * 5.0
    }

    #[export]
    fn weight(&self, x: &Tensor) -> Tensor {
        x * &self.weight
    }

    fn mean(&self, x: &Tensor) -> Tensor {
        x - &self.mean * 2.0
    }

    #[export]
    fn scale(&self) -> f64 {
        self.scale * 2.0
    }

    fn steps(&self) -> i64 {
        self.steps + 1
    }

    fn skipped(&self) -> f64 {
        4.0
    }

    /// The name that another field has in TorchScript.
    fn renamed(&self) -> f64 {
        self.before * 10.0
    }

    fn before(&self) -> f64 {
        self.before * 100.0
    }

    fn training(&self) -> bool {
        !self.training.get()
    }
}

#[test]
fn a_method_may_have_the_name_of_a_field() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let module = Fields::new(&vs);
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    agree(&module, &compiled, &[(rows(2),), (rows(4),)]);
    module.training.set(false);
    compiled.eval();
    agree(&module, &compiled, &[(rows(2),)]);
}

#[test]
fn fields_keep_their_names() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let compiled = tch_jit::script(&Fields::new(&vs)).unwrap_or_else(|e| panic!("{e}"));
    let names: Vec<String> = compiled.named_parameters().into_iter().map(|it| it.0).collect();
    assert!(names.contains(&"lin.weight".to_owned()) && names.contains(&"weight".to_owned()), "{names:?}");
    let methods = compiled.methods();
    for name in ["lin_1", "weight_1", "scale_1", "training_1", "renamed_1", "skipped"] {
        assert!(methods.contains(&name.to_owned()), "{name}: {methods:?}");
    }
}

#[test]
fn an_exported_method_is_called_by_its_rust_name() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let module = Fields::new(&vs);
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    for name in ["weight", "weight_1"] {
        let x = rows(2);
        assert_same(name, &compiled, name, &[IValue::Tensor(x.shallow_clone())], || {
            IValue::Tensor(module.weight(&x))
        });
    }
    for compiled in [reload(&compiled), compiled.into_script_module()] {
        assert_eq!(compiled.call("scale", &[]).expect("it runs"), IValue::Double(3.0));
        assert!(compiled.schema("scale").contains("-> float"));
        assert!(compiled.code_of("scale").expect("its code").contains("def scale_1"));
        let error = compiled.call("scales", &[]).expect_err("no such method").to_string();
        assert!(error.contains("has no method `scales`"), "{error}");
    }
}

/// A field with the name that the method would get.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Numbered {
    lin: f64,
    #[jit(rename = "other")]
    lin_1: f64,
    lin_2: f64,
}

#[methods]
impl Numbered {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * self.lin() + self.lin_3() * self.lin + self.lin_1 * self.lin_2
    }

    fn lin(&self) -> f64 {
        self.lin * 2.0
    }

    /// The name that `lin` would get.
    fn lin_3(&self) -> f64 {
        self.lin() * 3.0 + self.lin_1
    }
}

#[test]
fn numbered_names_are_free() {
    let module = Numbered { lin: 1.5, lin_1: 2.5, lin_2: 3.5 };
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    agree(&module, &compiled, &[(rows(2),)]);
}

/// Children of every mode, whose methods have the names of their fields.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Scripted {
    lin: nn::Linear,
}

#[methods]
impl Scripted {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.lin)
    }

    #[export]
    fn lin(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 2 { x.apply(&self.lin) * 2.0 } else { x.apply(&self.lin) * 3.0 }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct Traced {
    lin: nn::Linear,
    /// Names that the compiler gives to traces of cases.
    lin_with_mask: f64,
    lin_without_mask: f64,
    forward_train: f64,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.lin) * self.forward_train
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| rows(2)).collect()
    }

    #[export]
    fn lin(&self, x: &Tensor, mask: Option<&Tensor>) -> Tensor {
        match mask {
            Some(mask) => x.apply(&self.lin) * mask * self.lin_with_mask,
            None => x.apply(&self.lin) * self.lin_without_mask,
        }
    }

    #[tracing_inputs(lin)]
    fn inputs_of_lin(&self, _n: usize) -> Vec<(Tensor, Option<Tensor>)> {
        vec![(rows(2), Some(rows(2))), (rows(2), None)]
    }
}

#[compile_mode]
#[derive(Debug)]
pub struct Inheriting {
    lin: nn::Linear,
    forward_eval: f64,
    forward1: f64,
}

#[methods]
impl Inheriting {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.lin(x) * self.forward_eval + self.forward1
    }

    fn lin(&self, x: &Tensor) -> Tensor {
        x.apply(&self.lin) * 2.0
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub enum Choice {
    Lin(Inner),
    Other { lin: nn::Linear },
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Inner {
    lin: nn::Linear,
}

#[methods]
impl Inner {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.lin(x)
    }

    fn lin(&self, x: &Tensor) -> Tensor {
        x.apply(&self.lin) * 7.0
    }
}

#[methods]
impl Choice {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.lin(x)
    }

    fn lin(&self, x: &Tensor) -> Tensor {
        match self {
            Choice::Lin(inner) => inner.lin(x) + 1.0,
            Choice::Other { lin } => x.apply(lin) + 2.0,
        }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Parent {
    lin: Scripted,
    traced: Traced,
    inheriting: Inheriting,
    choices: Vec<Choice>,
    inner: Inner,
}

#[methods]
impl Parent {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = self.lin.lin(x) + self.lin.forward(x) + Self::lin(self, x);
        y = y + self.traced.lin(x, None) + self.traced.lin(x, Some(x)) + self.traced.forward(x);
        y = y + self.inheriting.lin(x) + self.inheriting.forward(x);
        for choice in &self.choices {
            y = choice.lin(&y);
        }
        y + self.inner.lin(x)
    }

    fn lin(&self, x: &Tensor) -> Tensor {
        self.lin.lin(x) * 11.0
    }
}

impl Parent {
    fn new(vs: &nn::VarStore) -> Self {
        let root = vs.root();
        let lin = |name: &str| linear(&(&root / name));
        Parent {
            lin: Scripted { lin: lin("a") },
            traced: Traced { lin: lin("b"), lin_with_mask: 2.0, lin_without_mask: 3.0, forward_train: 4.0 },
            inheriting: Inheriting { lin: lin("c"), forward_eval: 5.0, forward1: 6.0 },
            choices: vec![Choice::Lin(Inner { lin: lin("d") }), Choice::Other { lin: lin("e") }],
            inner: Inner { lin: lin("f") },
        }
    }
}

#[test]
fn a_script_calls_methods_of_children() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let module = Parent::new(&vs);
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    agree(&module, &compiled, &[(rows(2),)]);
    let child = reload(&compiled).submodule("lin").expect("a child");
    let found = call(&child, "lin", &[&rows(4)]);
    assert!(found.allclose(&module.lin.lin(&rows(4)), 1e-5, 1e-8, false));
}

/// The same children below a trace.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct TracedParent {
    lin: Scripted,
    traced: Traced,
    inheriting: Inheriting,
}

#[methods]
impl TracedParent {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.lin(x)
            + self.traced.lin(x, None)
            + self.inheriting.forward(x)
            + self.inheriting.forward(&(x * 2.0))
    }

    #[export]
    fn lin(&self, x: &Tensor) -> Tensor {
        self.lin.lin(x) + self.lin.forward(x)
    }
}

#[test]
fn a_trace_calls_methods_of_children() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let Parent { lin, traced, inheriting, .. } = Parent::new(&vs);
    let module = TracedParent { lin, traced, inheriting };
    let inputs = MethodInputs::new().method("forward", rows(2)).method("lin", rows(2));
    let compiled = Compiler::new().trace_module(&module, inputs).unwrap_or_else(|e| panic!("{e}"));
    agree(&module, &compiled, &[(rows(2),)]);
    // The child's branch is a call, and so it is alive.
    let x = rows(4);
    assert_same("lin", &compiled, "lin", &[IValue::Tensor(x.shallow_clone())], || {
        IValue::Tensor(module.lin(&x))
    });
}

/// Two classes of one key, with equal names.
#[test]
fn traced_classes_keep_their_names() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let root = vs.root();
    let traced = |name: &str, with: f64| Traced {
        lin: linear(&(&root / name)),
        lin_with_mask: with,
        lin_without_mask: 3.0,
        forward_train: 4.0,
    };
    let module = Pair { first: traced("a", 2.0), second: traced("b", 5.0) };
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    agree(&module, &compiled, &[(rows(2),)]);
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Pair {
    first: Traced,
    second: Traced,
}

#[methods]
impl Pair {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.first.lin(x, Some(x)) - self.second.lin(x, Some(x)) * self.second.lin(x, None)
    }
}

/// Methods named as what a module of libtorch or of Python has itself.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Own {
    parameters: f64,
    state_dict: f64,
    code: f64,
    _c: f64,
}

#[methods]
impl Own {
    fn forward(&self, x: &Tensor) -> Tensor {
        let x = self.train(&self.to(&self.parameters(x)));
        let x = self.save(&self.copy(&self.state_dict(&x)));
        self.call(&self.eval(&self._c(&x))) * self.code * self._c + self.parameters + self.state_dict
    }

    #[export]
    fn train(&self, x: &Tensor) -> Tensor {
        x + 1.0
    }

    #[export]
    fn eval(&self, x: &Tensor) -> Tensor {
        x + 2.0
    }

    #[export]
    fn to(&self, x: &Tensor) -> Tensor {
        x * 3.0
    }

    #[export]
    fn parameters(&self, x: &Tensor) -> Tensor {
        x * 5.0
    }

    #[export]
    fn state_dict(&self, x: &Tensor) -> Tensor {
        x * 7.0
    }

    fn copy(&self, x: &Tensor) -> Tensor {
        x * 11.0
    }

    fn save(&self, x: &Tensor) -> Tensor {
        x * 13.0
    }

    fn call(&self, x: &Tensor) -> Tensor {
        x * 17.0
    }

    fn _c(&self, x: &Tensor) -> Tensor {
        x * 0.1
    }
}

#[test]
fn methods_may_be_named_as_those_of_every_module() {
    let module = Own { parameters: 0.1, state_dict: 0.2, code: 0.3, _c: 0.4 };
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    agree(&module, &compiled, &[(rows(2),)]);
    assert!(compiled.is_training());
    compiled.eval();
    assert!(!compiled.is_training());
    compiled.to_kind(tch::Device::Cpu, Kind::Float).expect("no tensor stands in the way");
}
