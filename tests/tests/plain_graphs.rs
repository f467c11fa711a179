//! Graphs of plain bodies have what Python's scripts of the same have: converters that read graphs know no more.

use std::collections::HashMap;

use integration_tests::agree;
use integration_tests::tensors::floats;
use tch::nn::{self, RNN};
use tch::{Kind, Tensor};
use tch_jit::{ScriptType, compile_mode, methods};

/// What no plain body needs.
const ODD: &[&str] = &[
    "aten::list",
    "aten::__range_length",
    "aten::__derive_index",
    "prim::RaiseException",
    "aten::_unwrap_optional",
    "prim::CallFunction",
];

#[compile_mode(script)]
#[derive(Debug)]
struct Plain {
    linear: nn::Linear,
    heads: i64,
}

#[methods]
impl Plain {
    fn forward(&self, x: &Tensor, mask: Option<Tensor>) -> (Tensor, Tensor) {
        let (rows, columns) = (x.size()[0], x.size()[1]);
        let half = columns / 2;
        let mut y = x.apply(&self.linear);
        for i in 0..rows {
            let even = if i % 2 == 0 { 1.0 } else { -1.0 };
            y += x.get(i) * even;
        }
        for _ in 0..self.heads {
            y = y.narrow(1, 0, half).repeat([1, 2]);
        }
        if let Some(mask) = mask {
            y = mask * y;
        }
        let mut out = HashMap::from([("y".to_owned(), y.shallow_clone())]);
        out.insert("total".to_owned(), y.sum(Kind::Float) / (rows * columns));
        (out["y"].shallow_clone(), out["total"].shallow_clone())
    }
}

#[test]
fn plain_bodies_have_plain_graphs() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let module = Plain { linear: nn::linear(vs.root(), 4, 4, Default::default()), heads: 2 };
    let compiled = tch_jit::compile(&module).unwrap();
    let x = floats(&[0.0, 1.0, 2.0, 3.0, -4.0, 5.0, 6.0, -7.0, 8.0, 9.0, 1.0, 0.5]).view([3, 4]);
    agree(&module, &compiled, &[(x.shallow_clone(), None), (x.shallow_clone(), Some(x.ge(0.0)))]);
    // Nothing was inlined.
    assert!(!compiled.code().contains("tch_jit"), "{}", compiled.code());
    let graph = compiled.inlined_graph();
    for odd in ODD {
        assert!(!graph.contains(odd), "{odd}:\n{graph}");
    }
}

/// A list that grows before it becomes a map is no literal.
#[compile_mode(script)]
#[derive(Debug)]
struct Grown {}

#[methods]
impl Grown {
    fn forward(&self, x: &Tensor, n: i64) -> (Tensor, Vec<i64>, i64) {
        let mut pairs = vec![(0, x.shallow_clone())];
        if n > 1 {
            pairs.push((n, x * n));
        }
        let twice = HashMap::from([(n, 1), (n, 2)]);
        let tensors: HashMap<i64, Tensor> = pairs.into_iter().collect();
        let squares: HashMap<i64, i64> = (0..n).map(|i| (i, i * i)).collect();
        let all = (0..n).map(|i| squares[&i]).collect();
        (tensors[&0].shallow_clone() * tensors.len() as i64, all, twice[&n] * 10 + twice.len() as i64)
    }
}

#[test]
fn maps_of_lists_that_grow() {
    let compiled = tch_jit::compile(&Grown {}).unwrap();
    let x = floats(&[1.0, 2.0]);
    agree(&Grown {}, &compiled, &[(x.shallow_clone(), 0), (x.shallow_clone(), 3)]);
}

#[derive(Clone, Debug, ScriptType)]
struct Config {
    name: String,
    groups: usize,
}

/// Divisions, and casts of sizes.
#[compile_mode(script)]
#[derive(Debug)]
struct Divides {
    heads: i64,
    config: Config,
    steps: usize,
    layers: Vec<nn::Linear>,
}

#[methods]
impl Divides {
    fn forward(&self, x: &Tensor) -> (i64, i64, usize, i64, Tensor) {
        let (rows, columns) = x.size2().unwrap();
        let rest = (rows - columns) / 4 * 100 + (rows - columns) % 4;
        let mut y = x / rows as f64 * (columns as f64).sqrt() + (rows as f64 / columns as f64);
        for (i, layer) in self.layers.iter().enumerate() {
            y = if i % 2 == 0 { y.apply(layer).relu() } else { y.apply(layer) };
        }
        let named = self.config.name.len() as i64;
        let groups = rows / self.config.groups as i64 + named;
        (columns / self.heads, columns % self.heads, self.steps / 2, rest + groups, y)
    }
}

#[test]
fn divisions_are_those_of_rust() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    for heads in [1, 2, 3, 0, -1, -2] {
        let layers = (0..3).map(|_| nn::linear(vs.root(), 4, 4, Default::default())).collect();
        let config = Config { name: "four".into(), groups: 4 };
        let module = Divides { heads, config, steps: 5, layers };
        let compiled = tch_jit::compile(&module).unwrap();
        for rows in 1..12 {
            let x = (Tensor::arange(rows * 4, (Kind::Float, tch::Device::Cpu)) - 3.0).view([rows, 4]);
            if heads == 0 {
                assert!(compiled.forward(&x).is_err());
                continue;
            }
            let (found, expected) = (compiled.forward(&x).unwrap(), module.forward(&x));
            let numbers = |it: &(i64, i64, usize, i64, Tensor)| (it.0, it.1, it.2, it.3);
            assert_eq!(numbers(&found), numbers(&expected), "{heads}, {rows}");
            assert!(found.4.allclose(&expected.4, 1e-5, 1e-6, false), "{heads}, {rows}");
        }
        let graph = compiled.inlined_graph();
        let odd = ["prim::If", "aten::Float", "RaiseException"];
        assert_eq!(odd.map(|it| graph.contains(it)), [heads < 1, false, heads < 1], "{heads}:\n{graph}");
    }
}

/// Instances of one type, whose divisors have different signs.
#[compile_mode(script)]
#[derive(Debug)]
struct Signs {
    parts: Vec<Divisor>,
}

#[compile_mode(script)]
#[derive(Debug)]
struct Divisor {
    by: i64,
    pair: (i64, i64),
}

#[methods]
impl Divisor {
    fn forward(&self, x: &Tensor) -> i64 {
        let n = x.size()[0];
        n / self.by * 100 + n % self.by * 10 + n / self.pair.1
    }
}

#[methods]
impl Signs {
    fn forward(&self, x: &Tensor) -> Vec<i64> {
        let mut all = vec![];
        for part in &self.parts {
            all.push(part.forward(x));
        }
        all
    }
}

#[test]
fn divisors_of_different_signs_in_one_tree() {
    let part = |by, second| Divisor { by, pair: (1, second) };
    let module = Signs { parts: vec![part(2, 2), part(-2, 2), part(2, -2), part(-3, -3), part(3, 3)] };
    let compiled = tch_jit::compile(&module).unwrap();
    for n in 0..8 {
        let x = Tensor::zeros([n, 1], tch::kind::FLOAT_CPU);
        assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
    }
}

/// Layers in a trace, also in lists, of children and with several results.
#[compile_mode(trace)]
#[tracing_inputs(x = [_, _, 4])]
#[derive(Debug)]
struct Layers {
    linear: Vec<nn::Linear>,
    norm: nn::BatchNorm,
    lstm: nn::LSTM,
    tied: nn::Linear,
    part: Part,
}

#[compile_mode(inherit)]
#[derive(Debug)]
struct Part {
    norm: nn::LayerNorm,
}

#[methods]
impl Part {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.norm)
    }
}

#[methods]
impl Layers {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = self.part.forward(&x.apply(&self.linear[1]));
        let (y, state) = self.lstm.seq(&y);
        let y = y.transpose(1, 2).apply_t(&self.norm, train).transpose(1, 2);
        // Another product with the weight of a layer.
        y.apply(&self.tied) + state.h().sum(Kind::Float) + y.matmul(&self.tied.ws).sum(Kind::Float)
    }
}

#[test]
fn layers_are_called_in_traces() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let linear = || nn::linear(vs.root(), 4, 4, Default::default());
    let module = Layers {
        linear: vec![linear(), linear()],
        norm: nn::batch_norm1d(vs.root(), 4, Default::default()),
        lstm: nn::lstm(vs.root(), 4, 4, Default::default()),
        tied: linear(),
        part: Part { norm: nn::layer_norm(vs.root(), vec![4], Default::default()) },
    };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    let code = compiled.code_of("forward_eval").unwrap();
    for call in ["(_1).forward(", "(lstm).traced_seq_init(", "(norm).forward_eval(", "(tied0).forward("] {
        assert!(code.contains(call), "{call}:\n{code}");
    }
    assert!(compiled.submodule("part").unwrap().code().contains("(norm).forward("));
    let before = tch::no_grad(|| (module.norm.running_mean.copy(), module.norm.running_var.copy()));
    for (batch, length) in [(2, 3), (1, 5)] {
        let x = Tensor::rand([batch, length, 4], tch::kind::FLOAT_CPU);
        for train in [false, true] {
            let run = |f: &dyn Fn() -> Tensor| {
                tch::no_grad(|| {
                    module.norm.running_mean.shallow_clone().copy_(&before.0);
                    module.norm.running_var.shallow_clone().copy_(&before.1);
                });
                let y = f();
                (y, module.norm.running_mean.copy(), module.norm.running_var.copy())
            };
            let found = run(&|| compiled.forward_t(&x, train).unwrap());
            let expected = run(&|| module.forward_t(&x, train));
            assert_eq!(found, expected, "{batch}, {length}, {train}");
        }
    }
}
