//! Functions that are values, such as activations in fields.

use integration_tests::tensors::floats;
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{ScriptModule, compile, compile_mode, methods};

/// As rust-bert has it.
pub struct TensorFunction(Box<fn(&Tensor) -> Tensor>);

impl TensorFunction {
    fn get_fn(&self) -> &fn(&Tensor) -> Tensor {
        &self.0
    }
}

#[derive(Clone, Copy, Debug)]
enum Activation {
    Gelu,
    Relu,
    Tanh,
}

impl Activation {
    fn function(self) -> TensorFunction {
        TensorFunction(Box::new(match self {
            Activation::Gelu => gelu,
            Activation::Relu => |x| x.relu(),
            Activation::Tanh => |x: &Tensor| x.tanh(),
        }))
    }
}

fn gelu(x: &Tensor) -> Tensor {
    x * 0.5 * (1.0 + (x / f64::sqrt(2.0)).erf())
}

fn double(x: &Tensor) -> Tensor {
    x * 2.0
}

#[compile_mode(script)]
struct Mlp {
    lin: nn::Linear,
    #[jit(skip)]
    activation: TensorFunction,
    #[jit(skip)]
    kind: Activation,
    function: fn(&Tensor) -> Tensor,
    boxed: Box<dyn Fn(&Tensor) -> Tensor>,
    sync: Box<dyn Fn(&Tensor) -> Tensor + Send + Sync>,
    maybe: Option<fn(&Tensor) -> Tensor>,
    many: Vec<fn(&Tensor) -> Tensor>,
}

#[methods]
impl Mlp {
    fn forward(&self, x: &Tensor, n: i64) -> Tensor {
        let mut y = x.apply(&self.lin);
        for _ in 0..n {
            y = (self.activation.get_fn())(&y);
        }
        y = (self.kind.function().0)(&y) + (self.function)(&y);
        if n > 1 {
            y = (self.boxed)(&y) * (self.sync)(x).sum(Kind::Float);
        }
        if let Some(maybe) = &self.maybe {
            y = maybe(&y);
        }
        for function in &self.many {
            y = function(&y);
        }
        self.other(&y)
    }
}

#[methods]
impl Mlp {
    #[export]
    fn other(&self, x: &Tensor) -> Tensor {
        (self.activation.get_fn())(x) + (self.function)(x)
    }
}

fn mlp(p: &nn::Path, kind: Activation, maybe: bool) -> Mlp {
    let shift = p.var("shift", &[2], nn::Init::Const(0.25));
    Mlp {
        lin: nn::linear(p / "lin", 2, 2, Default::default()),
        activation: kind.function(),
        kind,
        function: double,
        boxed: Box::new(move |x| (x + &shift).sigmoid()),
        sync: Box::new(|x| x.softmax(-1, Kind::Float)),
        maybe: maybe.then_some(gelu as fn(&Tensor) -> Tensor),
        many: vec![double, |x| x - 1.0],
    }
}

/// Two of one type, with other functions.
#[compile_mode(script)]
struct Pair {
    a: Mlp,
    b: Mlp,
}

#[methods]
impl Pair {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.b.forward(&self.a.forward(x, 1), 2)
    }
}

/// The same, traced.
#[compile_mode(trace)]
struct Traced {
    lin: nn::Linear,
    #[jit(skip)]
    activation: TensorFunction,
    function: fn(&Tensor) -> Tensor,
    boxed: Box<dyn Fn(&Tensor) -> Tensor>,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        (self.boxed)(&(self.function)(&(self.activation.get_fn())(&x.apply(&self.lin))))
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (Tensor::rand([3, 2], tch::kind::FLOAT_CPU),)).collect()
    }
}

fn reloaded(module: &ScriptModule) -> ScriptModule {
    let mut file = vec![];
    module.save_to_writer(&mut file).unwrap();
    ScriptModule::load_from_reader(&file[..], None, &[]).unwrap().0
}

#[test]
fn activations() {
    tch::manual_seed(4);
    for kind in [Activation::Gelu, Activation::Relu, Activation::Tanh] {
        let vs = nn::VarStore::new(Device::Cpu);
        let module = mlp(&vs.root(), kind, true);
        let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
        let loaded = reloaded(&compiled);
        for x in [
            floats(&[1., -2.]),
            floats(&[1., -2., 3., 0.5]).reshape([2, 2]),
            Tensor::rand([2, 3, 2], tch::kind::FLOAT_CPU),
        ] {
            for n in 0..3 {
                let rust = module.forward(&x, n);
                assert_eq!(compiled.forward((&x, n)).unwrap(), rust, "{kind:?} {n}");
                assert_eq!(loaded.forward((&x, n)).unwrap(), IValue::Tensor(rust), "{kind:?} {n}");
            }
            assert_eq!(compiled.call("other", &x).unwrap(), IValue::Tensor(module.other(&x)));
        }
        // The closure's parameter is one of the module's.
        assert!(compiled.named_parameters().iter().any(|(name, _)| name.starts_with("boxed.")), "{compiled}");
    }
}

#[test]
fn functions_tell_classes_apart() {
    tch::manual_seed(4);
    let vs = nn::VarStore::new(Device::Cpu);
    let p = &vs.root();
    let pair =
        Pair { a: mlp(&(p / "a"), Activation::Gelu, true), b: mlp(&(p / "b"), Activation::Tanh, false) };
    let compiled = compile(&pair).unwrap_or_else(|e| panic!("{e}"));
    let x = floats(&[1., -2., 3., 0.5]).reshape([2, 2]);
    assert_eq!(compiled.forward(&x).unwrap(), pair.forward(&x));
}

#[test]
fn in_traces() {
    tch::manual_seed(4);
    let vs = nn::VarStore::new(Device::Cpu);
    let p = &vs.root();
    let shift = p.var("shift", &[2], nn::Init::Const(0.25));
    let module = Traced {
        lin: nn::linear(p / "lin", 2, 2, Default::default()),
        activation: Activation::Gelu.function(),
        function: double,
        boxed: Box::new(move |x| (x + &shift).sigmoid()),
    };
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = floats(&[1., -2., 3., 0.5]).reshape([2, 2]);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}

#[compile_mode(script)]
struct OfRank {
    function: fn(&Tensor) -> Tensor,
}

#[methods]
impl OfRank {
    fn forward(&self, x: &Tensor) -> Tensor {
        (self.function)(x)
    }
}

#[test]
fn functions_that_do_not_hold_for_all() {
    let by_rank = OfRank { function: |x| if x.dim() == 3 { x * 2.0 } else { x * 3.0 } };
    let error = compile(&by_rank).expect_err("it depends on the rank").to_string();
    assert!(error.contains("function") && error.contains("dimensions"), "{error}");
    let fails = OfRank { function: |_| panic!("never") };
    let error = compile(&fails).expect_err("it fails").to_string();
    assert!(error.contains("it fails for tensors"), "{error}");
    let by_data =
        OfRank { function: |x| if x.sum(Kind::Float).double_value(&[]) > 0.0 { x * 2.0 } else { x * 3.0 } };
    let error = compile(&by_data).expect_err("it depends on data").to_string();
    assert!(error.contains("data leaves the trace"), "{error}");
    // A size that the function reads is followed.
    let mean = OfRank { function: |x| x / x.size()[0] as f64 };
    let compiled = compile(&mean).unwrap_or_else(|e| panic!("{e}"));
    let x = Tensor::ones([7, 3], tch::kind::FLOAT_CPU);
    assert_eq!(compiled.forward(&x).unwrap(), mean.forward(&x));
}
