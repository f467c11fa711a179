//! Modules without `forward`: those that only hold others, and those that are entered by other methods.

use integration_tests::tensors::floats;
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{Error, ScriptModule, compile, compile_mode, methods};

/// Only holds layers.
#[compile_mode(script)]
#[derive(Debug)]
struct Weights {
    a: nn::Linear,
    scale: Tensor,
}

/// Only holds layers, of several kinds.
#[compile_mode]
#[derive(Debug)]
enum Layer {
    Linear(nn::Linear),
    Twice { first: nn::Linear, second: nn::Linear },
    Identity,
}

/// Is entered by `encode` and `decode`.
#[compile_mode(script)]
#[derive(Debug)]
struct Codec {
    inner: nn::Linear,
    outer: nn::Linear,
}

#[methods]
impl Codec {
    #[export]
    fn encode(&self, x: &Tensor, n: i64) -> Tensor {
        let mut y = x.apply(&self.inner);
        for _ in 0..n {
            y = y.tanh();
        }
        y
    }

    #[export]
    fn decode(&self, x: &Tensor) -> Tensor {
        self.helper(&x.apply(&self.outer))
    }

    fn helper(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.relu() } else { -x }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Model {
    codec: Codec,
    codecs: Vec<Codec>,
    weights: Weights,
    layers: Vec<Layer>,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor, n: i64) -> Tensor {
        let mut y = self.codec.decode(&self.codec.encode(x, n));
        for codec in &self.codecs {
            y = codec.decode(&codec.encode(&y, 1));
        }
        for layer in &self.layers {
            y = match layer {
                Layer::Linear(lin) => y.apply(lin),
                Layer::Twice { first, second } => y.apply(first).apply(second),
                Layer::Identity => y,
            };
        }
        y.apply(&self.weights.a) * &self.weights.scale
    }
}

/// The same, traced.
#[compile_mode(trace)]
#[derive(Debug)]
struct Traced {
    codec: Codec,
    plain: Plain,
    weights: Weights,
    layer: Layer,
}

/// Declares no mode, and has no `forward`.
#[compile_mode]
#[derive(Debug)]
struct Plain {
    lin: nn::Linear,
}

#[methods]
impl Plain {
    fn run(&self, x: &Tensor) -> Tensor {
        x.apply(&self.lin)
    }
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.plain.run(&self.codec.decode(&self.codec.encode(x, 2)));
        let y = match &self.layer {
            Layer::Linear(lin) => y.apply(lin),
            Layer::Twice { first, second } => y.apply(first).apply(second),
            Layer::Identity => y,
        };
        y.apply(&self.weights.a) * &self.weights.scale
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (Tensor::rand([3, 2], tch::kind::FLOAT_CPU),)).collect()
    }
}

/// Is entered by a method that is traced.
#[compile_mode(trace)]
#[derive(Debug)]
struct TracedCodec {
    lin: nn::Linear,
}

#[methods]
impl TracedCodec {
    fn encode(&self, x: &Tensor) -> Tensor {
        x.apply(&self.lin).tanh()
    }

    #[tracing_inputs(encode)]
    fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (Tensor::rand([3, 2], tch::kind::FLOAT_CPU),)).collect()
    }
}

fn linear(path: nn::Path) -> nn::Linear {
    nn::linear(path, 2, 2, Default::default())
}

fn codec(p: &nn::Path) -> Codec {
    Codec { inner: linear(p / "inner"), outer: linear(p / "outer") }
}

fn weights(p: &nn::Path) -> Weights {
    Weights { a: linear(p / "a"), scale: p.var("scale", &[2], nn::Init::Const(1.5)) }
}

fn reloaded(module: &ScriptModule) -> ScriptModule {
    let mut file = vec![];
    module.save_to_writer(&mut file).unwrap();
    ScriptModule::load_from_reader(&file[..], None, &[]).unwrap().0
}

#[test]
fn as_children() {
    tch::manual_seed(3);
    let vs = nn::VarStore::new(Device::Cpu);
    let p = &vs.root();
    let model = Model {
        codec: codec(&(p / "codec")),
        codecs: (0..2).map(|i| codec(&(p / i))).collect(),
        weights: weights(&(p / "weights")),
        layers: vec![
            Layer::Linear(linear(p / "l")),
            Layer::Twice { first: linear(p / "f"), second: linear(p / "s") },
            Layer::Identity,
        ],
    };
    let compiled = compile(&model).unwrap_or_else(|e| panic!("{e}"));
    let loaded = reloaded(&compiled);
    let traced = Traced {
        codec: codec(&(p / "t" / "codec")),
        plain: Plain { lin: linear(p / "t" / "plain") },
        weights: weights(&(p / "t" / "weights")),
        layer: Layer::Twice { first: linear(p / "t" / "f"), second: linear(p / "t" / "s") },
    };
    let compiled_trace = compile(&traced).unwrap_or_else(|e| panic!("{e}"));
    for x in [floats(&[1., -2.]).reshape([1, 2]), floats(&[-1., 2., -3., 9., 1., 1.]).reshape([3, 2])] {
        for n in 0..3 {
            let rust = model.forward(&x, n);
            assert_eq!(compiled.forward((&x, n)).unwrap(), rust);
            assert_eq!(loaded.forward((&x, n)).unwrap(), IValue::Tensor(rust));
        }
        assert_eq!(compiled_trace.forward(&x).unwrap(), traced.forward(&x));
    }
}

#[test]
fn as_roots() {
    let vs = nn::VarStore::new(Device::Cpu);
    let p = &vs.root();
    let codec = codec(p);
    let compiled = compile(&codec).unwrap_or_else(|e| panic!("{e}"));
    let scripted = tch_jit::script(&codec).unwrap();
    let x = floats(&[1., -2.]).reshape([1, 2]);
    for module in [&*compiled, &*scripted, &reloaded(&compiled)] {
        assert_eq!(module.call("encode", (&x, 2)).unwrap(), IValue::Tensor(codec.encode(&x, 2)));
        assert_eq!(module.call("decode", &x).unwrap(), IValue::Tensor(codec.decode(&x)));
        assert!(module.forward(&x).unwrap_err().to_string().contains("has no method `forward`"));
    }
    let traced = TracedCodec { lin: linear(p / "traced") };
    let compiled = compile(&traced).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(compiled.call("encode", &x).unwrap(), IValue::Tensor(traced.encode(&x)));
    tch_jit::testing::AutoJit::new().compile_only().assert(&codec_of(p));
}

fn codec_of(p: &nn::Path) -> Codec {
    codec(&(p / "again"))
}

#[test]
fn nothing_to_call() {
    let vs = nn::VarStore::new(Device::Cpu);
    let error = compile(&weights(&vs.root())).expect_err("it has no methods");
    assert!(matches!(error, Error::NoMethods { ty: "Weights", .. }), "{error}");
    assert!(error.to_string().contains("without_forward.rs"), "{error}");
}

/// Calls a `forward` that is not there.
#[compile_mode(script)]
#[derive(Debug)]
struct Wrong {
    codec: Codec,
}

impl Codec {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.encode(x, 1)
    }
}

#[methods]
impl Wrong {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.codec.forward(x)
    }
}

#[test]
fn a_forward_without_methods() {
    let vs = nn::VarStore::new(Device::Cpu);
    let error = compile(&Wrong { codec: codec(&vs.root()) }).expect_err("it is not known").to_string();
    assert!(error.contains("#[methods]") && error.contains("self.codec.forward(x)"), "{error}");
}
