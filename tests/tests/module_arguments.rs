//! Modules as arguments of methods and functions.

use integration_tests::tensors::floats;
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{ScriptModule, compile, compile_mode, methods, script};

#[compile_mode(script)]
#[derive(Debug)]
struct Attention {
    q: nn::Linear,
    scale: f64,
}

#[methods]
impl Attention {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.scores(x).softmax(-1, Kind::Float).matmul(x)
    }

    fn scores(&self, x: &Tensor) -> Tensor {
        x.apply(&self.q).matmul(&x.transpose(-2, -1)) * self.scale
    }
}

/// Ties an output to an embedding.
#[script]
fn tie(x: &Tensor, embedding: &nn::Embedding) -> Tensor {
    x.matmul(&embedding.ws.transpose(0, 1))
}

#[script]
fn twice(x: &Tensor, layer: &dyn nn::Module) -> Tensor {
    layer.forward(&layer.forward(x))
}

#[compile_mode(script)]
#[derive(Debug)]
struct Model {
    shared: nn::Embedding,
    a: nn::Linear,
    b: nn::LayerNorm,
    attention: Attention,
    layers: Vec<Attention>,
}

#[methods]
impl Model {
    fn forward(&self, ids: &Tensor, p: bool) -> Tensor {
        let x = self.embed(ids, &self.shared, 2.0);
        let mut y = self.run(&self.a, &self.run(&self.b, &x)) + twice(&x, &self.a) + twice(&x, &self.b);
        y = self.attend(&y, &self.attention, &self.a);
        for layer in &self.layers {
            y = self.attend(&y, layer, &self.b);
        }
        let layer = if p { &self.layers[0] } else { &self.attention };
        y += layer.forward(&x);
        tie(&y, &self.shared) + Self::logits(&y, &self.shared)
    }

    fn embed(&self, ids: &Tensor, table: &nn::Embedding, scale: f64) -> Tensor {
        ids.apply(table) * scale
    }

    fn run(&self, layer: &dyn nn::Module, x: &Tensor) -> Tensor {
        layer.forward(x).relu()
    }

    fn attend(&self, x: &Tensor, attention: &Attention, norm: &impl nn::Module) -> Tensor {
        let scores = attention.scores(x) * attention.scale;
        x + scores.tanh().matmul(&attention.forward(&norm.forward(x)))
    }

    fn logits(x: &Tensor, table: &nn::Embedding) -> Tensor {
        tie(x, table) * 2.0
    }
}

/// The same, traced.
#[compile_mode(trace)]
#[derive(Debug)]
struct Traced {
    shared: nn::Embedding,
    a: nn::Linear,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        tie(&twice(&self.run(&self.a, x), &self.a), &self.shared)
    }

    fn run(&self, layer: &nn::Linear, x: &Tensor) -> Tensor {
        x.apply(layer).relu()
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (Tensor::rand([3, 4], tch::kind::FLOAT_CPU),)).collect()
    }
}

fn attention(p: nn::Path) -> Attention {
    Attention { q: nn::linear(p, 4, 4, Default::default()), scale: 0.5 }
}

#[test]
fn in_scripts() {
    tch::manual_seed(6);
    let vs = nn::VarStore::new(Device::Cpu);
    let p = &vs.root();
    let module = Model {
        shared: nn::embedding(p / "shared", 7, 4, Default::default()),
        a: nn::linear(p / "a", 4, 4, Default::default()),
        b: nn::layer_norm(p / "b", vec![4], Default::default()),
        attention: attention(p / "attention"),
        layers: (0..2).map(|i| attention(p / i)).collect(),
    };
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let mut file = vec![];
    compiled.save_to_writer(&mut file).unwrap();
    let loaded = ScriptModule::load_from_reader(&file[..], None, &[]).unwrap().0;
    for ids in [Tensor::from_slice(&[1i64, 2, 6]), Tensor::from_slice(&[0i64])] {
        for p in [false, true] {
            let rust = module.forward(&ids, p);
            assert_eq!(compiled.forward((&ids, p)).unwrap(), rust);
            assert_eq!(loaded.forward((&ids, p)).unwrap(), IValue::Tensor(rust));
        }
    }
}

#[test]
fn in_traces() {
    tch::manual_seed(6);
    let vs = nn::VarStore::new(Device::Cpu);
    let p = &vs.root();
    let module = Traced {
        shared: nn::embedding(p / "shared", 7, 4, Default::default()),
        a: nn::linear(p / "a", 4, 4, Default::default()),
    };
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = floats(&[1., 2., 3., 4.]).reshape([1, 4]);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}
