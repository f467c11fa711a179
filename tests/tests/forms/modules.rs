//! Fields, children and buffers; lists of modules, which are unrolled, under the adapters of iterators.

use std::collections::BTreeMap;

use integration_tests::tensors::floats;
use tch::{Device, Kind, Tensor, kind::FLOAT_CPU, nn};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Layers {
    layers: Vec<nn::Linear>,
    last: nn::Linear,
}

#[methods]
impl Layers {
    #[allow(clippy::all)]
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for layer in self.layers.iter().rev() {
            y = y.apply(layer) * 2.0;
        }
        for layer in self.layers.iter().skip(1) {
            y = y.apply(layer).relu() + 1.0;
        }
        for layer in self.layers.iter().take(2) {
            y = y.apply(layer);
        }
        for (i, layer) in self.layers.iter().rev().enumerate() {
            y = y.apply(layer) + i as f64;
        }
        for (a, b) in self.layers.iter().zip(self.layers.iter().rev()) {
            y = y.apply(a).apply(b);
        }
        for layer in self.layers.iter().chain(self.layers.iter()) {
            y = y.apply(layer);
        }
        if let Some(first) = self.layers.first() {
            y = y.apply(first);
        }
        if let Some(last) = self.layers.last() {
            y = y.apply(last);
        }
        if let Some(missing) = self.layers.get(7) {
            y = y.apply(missing);
        }
        let outs: Vec<Tensor> = self.layers.iter().map(|layer| y.apply(layer)).collect();
        let layers = &self.layers;
        for layer in layers.iter() {
            y = y.apply(layer);
        }
        Tensor::stack(&outs, 0) + y.apply(&self.last)
    }
}

#[test]
fn adapters_of_lists_of_modules() {
    let vs = nn::VarStore::new(Device::Cpu);
    let p = vs.root();
    let module = Layers {
        layers: (0..3).map(|i| nn::linear(&p / i, 2, 2, Default::default())).collect(),
        last: nn::linear(&p / "last", 2, 2, Default::default()),
    };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = Tensor::rand([3, 2], FLOAT_CPU);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}

fn linear(path: nn::Path) -> nn::Linear {
    nn::linear(path, 2, 2, Default::default())
}

#[compile_mode(script)]
#[derive(Debug)]
struct Fields {
    layers: Vec<nn::Linear>,
    pair: [nn::Linear; 2],
    heads: BTreeMap<String, nn::Linear>,
    norm: Option<nn::LayerNorm>,
    absent: Option<nn::Linear>,
    child: Child,
    weight: Tensor,
    bias: Option<Tensor>,
    scale: f64,
    sizes: Vec<i64>,
    name: String,
    limit: Option<i64>,
    pair_of_numbers: (i64, f64),
    kind: Kind,
    #[jit(constant)]
    is_scaled: bool,
    #[jit(skip)]
    _unseen: std::marker::PhantomData<*const u8>,
}

#[compile_mode(script)]
#[derive(Debug)]
struct Child(nn::Linear, f64);

#[methods]
impl Child {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.0) * self.1
    }
}

#[methods]
impl Fields {
    const HALF: f64 = 0.5;

    fn forward(&self, x: &Tensor) -> Tensor {
        let mut x = self.layer_by_layer(x);
        x = x.apply(&self.pair[1]).apply(&self.heads["a"]);
        for (_name, head) in &self.heads {
            x = x.apply(head);
        }
        if let Some(norm) = &self.norm {
            x = x.apply(norm);
        }
        if let Some(absent) = &self.absent {
            x = x.apply(absent);
        }
        if let Some(bias) = &self.bias {
            x = x + bias;
        }
        if let Some(limit) = self.limit {
            x = x.clamp_max(limit);
        }
        if self.is_scaled && self.name == "a" {
            x = x * self.scale + &self.weight;
        }
        let (a, b) = self.pair_of_numbers;
        x = x * a + b + self.sizes[0] + self.layers.len() as i64;
        Self::halved(&self.child.forward(&x), Self::HALF).to_kind(self.kind) + self.child.1
    }

    fn layer_by_layer(&self, x: &Tensor) -> Tensor {
        let mut x = x.shallow_clone();
        for (i, layer) in self.layers.iter().enumerate() {
            x = x.apply(layer) * i as f64;
        }
        for (a, b) in self.layers.iter().zip(self.pair.iter()) {
            x = x.apply(a).apply(b).relu();
        }
        x
    }

    fn halved(x: &Tensor, half: f64) -> Tensor {
        x * half
    }
}

#[test]
fn fields_and_children() {
    let vs = nn::VarStore::new(Device::Cpu);
    let p = vs.root();
    let module = Fields {
        layers: (0..2).map(|i| linear(&p / i)).collect(),
        pair: [linear(&p / "a"), linear(&p / "b")],
        heads: BTreeMap::from([("a".to_owned(), linear(&p / "c"))]),
        norm: Some(nn::layer_norm(&p / "norm", vec![2], Default::default())),
        absent: None,
        child: Child(linear(&p / "child"), 3.0),
        weight: p.ones("weight", &[2]),
        bias: Some(p.ones("bias", &[2])),
        scale: 2.0,
        sizes: vec![3],
        name: "a".into(),
        limit: Some(1),
        pair_of_numbers: (1, 2.0),
        kind: Kind::Double,
        is_scaled: true,
        _unseen: std::marker::PhantomData,
    };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = Tensor::rand([3, 2], FLOAT_CPU);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}

#[compile_mode(script)]
#[derive(Debug)]
struct Counter {
    count: Tensor,
    norm: Option<nn::LayerNorm>,
}

#[methods]
impl Counter {
    fn forward(&self, x: &Tensor) -> Tensor {
        let _ = self.count.shallow_clone().g_add_scalar_(1);
        x.apply_opt(&self.norm) * &self.count
    }
}

#[test]
fn buffers_change_in_place() {
    let module = Counter { count: Tensor::zeros([], FLOAT_CPU), norm: None };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(compiled.forward(floats(&[2.])).unwrap(), floats(&[2.]));
    assert_eq!(module.forward(&floats(&[2.])), floats(&[4.]));
    assert_eq!(compiled.forward(floats(&[2.])).unwrap(), floats(&[6.]));
}

#[compile_mode(script)]
#[derive(Debug)]
struct Normalized {
    norm: nn::BatchNorm,
}

#[methods]
impl nn::ModuleT for Normalized {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = x.apply_t(&self.norm, train);
        if train { y.relu() } else { y }
    }
}

#[test]
fn forward_t_follows_the_flag() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Normalized { norm: nn::batch_norm1d(vs.root(), 2, Default::default()) };
    let compiled = tch_jit::compile(&module).unwrap();
    let x = Tensor::randn([5, 2], FLOAT_CPU);
    compiled.eval();
    let expected = nn::ModuleT::forward_t(&module, &x, false);
    assert_eq!(compiled.forward(&x).unwrap(), expected);
    compiled.train();
    let expected = nn::ModuleT::forward_t(&module, &x, true);
    assert_eq!(compiled.forward(&x).unwrap(), expected);
}
