//! Numbers of less than 64 bits that come from fields, children, functions, constants and type parameters.

use std::collections::BTreeMap;

use integration_tests::tensors::floats;
use tch::{Tensor, nn};
use tch_jit::{Compiled, ScriptType, compile_mode, methods, script};

#[derive(Clone, Copy, Debug, PartialEq, ScriptType)]
struct Config {
    width: u8,
    rate: f32,
}

#[script]
fn next(state: u32) -> u32 {
    let mut x = state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    x
}

#[script]
fn scaled(x: f32, by: f32) -> f32 {
    x * by
}

#[compile_mode(script)]
#[derive(Debug)]
struct Counter<const N: usize> {
    steps: u8,
    eps: f32,
    table: Vec<f32>,
    limits: BTreeMap<String, i16>,
}

#[methods]
impl<const N: usize> Counter<N> {
    const STEP: u8 = 200;

    fn forward(&self, n: u8) -> u8 {
        self.steps + n
    }

    #[export]
    fn above(&self, x: f32) -> bool {
        x > self.eps * 3.0 || x > 0.7
    }

    #[export]
    fn total(&self, by: f32) -> f32 {
        let mut total = self.eps;
        for x in &self.table {
            total += x * by;
        }
        total
    }

    #[export]
    fn last_step(&self) -> usize {
        N - 1
    }

    #[export]
    fn limit(&self, key: &str) -> i16 {
        self.limits[key] * 2 + (Self::STEP + self.steps) as i16
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Parent {
    counter: Counter<4>,
    config: Config,
    layers: Vec<nn::Linear>,
}

#[methods]
impl Parent {
    fn forward(&self, x: &Tensor, seed: u32, config: Config) -> (Tensor, u32, Config, Vec<f32>) {
        let mut state = seed;
        let mut width = config.width + self.config.width;
        let mut all = vec![];
        for (i, layer) in self.layers.iter().enumerate() {
            state = next(state) * 3;
            width *= (i + 2) as u8;
            let y = x.apply(layer).sum(tch::Kind::Float).double_value(&[]) as f32;
            all.push(scaled(y, 0.1) + self.counter.total(0.3));
        }
        let extra = self.counter.forward(width) as i64 + self.counter.last_step() as i64;
        let rate =
            if self.counter.above(config.rate) { config.rate - 0.1 } else { self.config.rate * config.rate };
        (x + extra, state, Config { width, rate }, all)
    }
}

fn parent(vs: &nn::VarStore) -> Parent {
    let layer = |i: i64| nn::linear(vs.root() / i, 2, 2, Default::default());
    Parent {
        counter: Counter {
            steps: 250,
            eps: 0.1,
            table: vec![0.1, 0.2, 0.7, 1e8, -1e8],
            limits: BTreeMap::from([("a".to_owned(), 30000)]),
        },
        config: Config { width: 200, rate: 0.3 },
        layers: vec![layer(0), layer(1), layer(2)],
    }
}

#[test]
fn from_everywhere() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let module = parent(&vs);
    let compiled = tch_jit::compile(&module).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("parent.pt");
    compiled.save(&path).unwrap();
    let loaded = Compiled::<Parent>::load(&path).unwrap();
    let x = floats(&[1.0, -2.5]);
    for (seed, width, rate) in
        [(1, 0, 0.1), (2463534242, 100, 0.2), (u32::MAX, 255, 0.70000005), (7, 56, 0.3)]
    {
        let config = Config { width, rate };
        let (y, state, found, all) = module.forward(&x, seed, config);
        for module in [&compiled, &loaded] {
            let ours = module.forward((&x, seed, config)).unwrap();
            assert_eq!((&y, state, found, &all), (&ours.0, ours.1, ours.2, &ours.3));
        }
    }
    let counter = tch_jit::compile(&module.counter).unwrap();
    assert_eq!(counter.call("limit", "a").unwrap(), tch::IValue::Int(i64::from(module.counter.limit("a"))));
}

/// A method that may be for eager use alone is not asked about.
#[compile_mode(script)]
#[derive(Debug)]
struct TwoBlocks {}

#[methods]
impl TwoBlocks {
    fn forward(&self, n: i64) -> i64 {
        self.wrapped(n)
    }
}

#[methods]
impl TwoBlocks {
    fn wrapped(&self, n: i64) -> i64 {
        let m = n as u8;
        (m + 255) as i64
    }
}

#[test]
fn other_blocks_are_refused() {
    assert_eq!(TwoBlocks {}.forward(3), 2);
    let error = tch_jit::compile(&TwoBlocks {}).unwrap_err().to_string();
    assert!(error.contains("how wide a number is, is looked up only where `forward`"), "{error}");
    assert!(error.contains("put `#[export]` on the method"), "{error}");
}

/// A traced module computes in Rust.
#[compile_mode(trace)]
#[derive(Debug)]
struct Traced {
    steps: u8,
    gain: f32,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        let steps = self.steps + 10;
        x * (self.gain * 0.1) as f64 + steps as i64
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|i| floats(&vec![0.5; i + 1])).collect()
    }
}

#[test]
fn traced_bodies_are_rusts() {
    let module = Traced { steps: 250, gain: 0.3 };
    let compiled = tch_jit::compile(&module).unwrap();
    let x = floats(&[1.0, 2.0, 3.0]);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}

/// Methods of children that have names of tensors' methods, with other arguments.
#[compile_mode(script)]
#[derive(Debug)]
struct Stats {
    scale: f32,
}

#[methods]
impl Stats {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * self.scale as f64
    }

    #[export]
    fn norm(&self, by: f32) -> f32 {
        self.scale * by
    }

    #[export]
    fn dropout(&self, p: f32) -> f32 {
        p * self.scale
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Named {
    stats: Stats,
    all: Vec<Stats>,
    maybe: Option<Stats>,
}

#[methods]
impl Named {
    fn forward(&self, x: &Tensor) -> (Tensor, f32, f32, f32) {
        let y = self.stats.forward(x);
        let mut total = self.stats.norm(0.9) * self.stats.norm(0.9);
        for one in &self.all {
            total += one.norm(0.9) * one.dropout(0.1);
        }
        let stats = &self.stats;
        let product = stats.norm(0.9) * stats.dropout(0.7);
        let last = match &self.maybe {
            Some(it) => it.norm(0.9) * it.norm(0.9),
            None => 0.1,
        };
        (&y * y.norm() + y.size()[0], total, product, last * self.all[1].norm(0.9))
    }
}

#[test]
fn methods_named_as_those_of_tensors() {
    let stats = |scale| Stats { scale };
    let module = Named { stats: stats(0.1), all: vec![stats(0.3), stats(0.7)], maybe: Some(stats(0.3)) };
    let compiled = tch_jit::compile(&module).unwrap();
    let x = floats(&[1.0, -2.5]);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}
