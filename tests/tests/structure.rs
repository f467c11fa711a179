//! The structure of scripted modules: enums and tuples of modules, children's own fields and methods,
//! what is decided while compiling.

// `y += x` would change tensors in place, which others share.
#![allow(clippy::assign_op_pattern)]

use integration_tests::agree::agree;
use tch::nn::{self, Module as _};
use tch::{Device, IndexOp, Kind, Tensor};
use tch_jit::{ScriptType, compile_mode, fork, methods, wait};

fn x() -> Tensor {
    Tensor::linspace(-1.0, 1.0, 12, (Kind::Float, Device::Cpu)).view([3, 4])
}

fn linear(vs: &nn::VarStore, name: &str) -> nn::Linear {
    nn::linear(vs.root() / name, 4, 4, Default::default())
}

#[compile_mode(script)]
#[derive(Debug)]
struct Block {
    linear: nn::Linear,
    scale: f64,
    norms: Vec<nn::LayerNorm>,
}

impl Block {
    fn new(vs: &nn::VarStore, name: &str, scale: f64) -> Self {
        let norm = |i: i64| nn::layer_norm(vs.root() / name / i, vec![4], Default::default());
        Block { linear: linear(vs, name), scale, norms: (0..2).map(norm).collect() }
    }
}

#[methods]
impl Block {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.half(x) * self.scale
    }

    fn half(&self, x: &Tensor) -> Tensor {
        x.apply(&self.linear).relu()
    }

    /// Only parents call it.
    fn other(&self, x: &Tensor, twice: bool) -> Tensor {
        if twice { self.half(&self.half(x)) } else { self.half(x) - self.scale }
    }

    fn more(&self, x: &Tensor) -> Tensor {
        self.other(x, x.sum(Kind::Float).double_value(&[]) > 0.0)
    }
}

/// One of several modules.
#[compile_mode(script)]
#[derive(Debug)]
enum Layer {
    Block(Block),
    Pair(nn::Linear, f64),
    Named { linear: nn::Linear, gain: Tensor },
    Identity,
}

#[methods]
impl Layer {
    fn forward(&self, x: &Tensor) -> Tensor {
        match self {
            Layer::Block(block) => block.more(x) + block.forward(x),
            Layer::Pair(linear, scale) => x.apply(linear) * *scale,
            Layer::Named { linear, gain } => x.apply(linear) * gain,
            Self::Identity => x.shallow_clone(),
        }
    }

    fn is_identity(&self) -> bool {
        matches_identity(self)
    }
}

fn matches_identity(layer: &Layer) -> bool {
    matches!(layer, Layer::Identity)
}

#[compile_mode(script)]
#[derive(Debug)]
struct Model {
    layers: Vec<Layer>,
    blocks: Vec<Block>,
    pairs: Vec<(Block, nn::LayerNorm)>,
    maybe: Option<Block>,
    layer: Layer,
    #[jit(constant)]
    depth: i64,
    #[jit(rename = "weight_of_the_model")]
    weight: Tensor,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for layer in &self.layers {
            y = layer.forward(&y);
        }
        for (i, block) in self.blocks.iter().enumerate() {
            y = block.other(&y, i == 1) + block.scale * self.blocks[i].forward(&y);
        }
        for i in 0..self.blocks.len() {
            y = y + self.blocks[i].more(x);
        }
        for (block, norm) in self.pairs.iter() {
            y = norm.forward(&block.other(&y, true));
        }
        y = y + self.pairs[0].0.more(x) + self.pairs[0].1.forward(x);
        // A child's own fields and children.
        y = y * self.blocks[0].scale + x.apply(&self.blocks[1].linear) + x.apply(&self.blocks[0].norms[1]);
        y = y * (self.blocks[0].norms.len() as f64);
        if let Some(block) = &self.maybe {
            y = block.more(&y);
        }
        y = match (&self.layer, self.depth) {
            (Layer::Block(block), 1) => block.linear.forward(&y),
            (Layer::Pair(linear, _), _) => linear.forward(&y),
            (Layer::Identity, _) => y,
            _ => y * 2.0,
        };
        if let Layer::Named { gain, .. } = &self.layer {
            y = y + gain;
        }
        let all: Vec<Tensor> = self.blocks.iter().map(|block| block.other(x, false)).collect();
        let sum = self.blocks.iter().fold(x.shallow_clone(), |acc, block| block.forward(&acc));
        if self.depth == 3 {
            // Not compiled for other depths: there is no such list.
            y = y + all[7].i(0);
        }
        y + &all[0] + sum + &self.weight
    }
}

fn model(layer: fn(&nn::VarStore) -> Layer, maybe: bool, depth: i64) -> (nn::VarStore, Model) {
    let vs = nn::VarStore::new(Device::Cpu);
    let block = |name: &str, scale| Block::new(&vs, name, scale);
    let norm = |name: &str| nn::layer_norm(vs.root() / name, vec![4], Default::default());
    let model = Model {
        layers: vec![
            Layer::Block(block("a", 0.5)),
            Layer::Identity,
            Layer::Pair(linear(&vs, "b"), 0.25),
            Layer::Named { linear: linear(&vs, "c"), gain: vs.root().ones("gain", &[4]) },
        ],
        blocks: vec![block("d", 0.5), block("e", 1.5)],
        pairs: vec![(block("f", 2.0), norm("g")), (block("h", 2.5), norm("i"))],
        maybe: maybe.then(|| block("j", 0.1)),
        layer: layer(&vs),
        depth,
        weight: vs.root().ones("weight", &[4]),
    };
    (vs, model)
}

#[test]
fn every_structure() {
    let layers: [fn(&nn::VarStore) -> Layer; 4] = [
        |vs| Layer::Block(Block::new(vs, "k", 0.3)),
        |vs| Layer::Pair(linear(vs, "k"), 0.3),
        |vs| Layer::Named { linear: linear(vs, "k"), gain: vs.root().ones("k", &[4]) },
        |_| Layer::Identity,
    ];
    for (i, layer) in layers.into_iter().enumerate() {
        let (_vs, model) = model(layer, i % 2 == 0, 1 + i as i64 % 2);
        let compiled = tch_jit::compile(&model).unwrap_or_else(|error| panic!("{error}"));
        agree(&model, &compiled, &[(x(),), (-x(),)]);
        let names: Vec<String> = compiled.named_parameters().into_iter().map(|it| it.0).collect();
        for name in
            ["layers.0.0.linear.weight", "layers.3.gain", "pairs.1.0.linear.bias", "weight_of_the_model"]
        {
            assert!(names.iter().any(|it| it == name), "{name}: {names:?}");
        }
    }
}

#[test]
fn an_enum_can_be_the_root() {
    let vs = nn::VarStore::new(Device::Cpu);
    let layer = Layer::Block(Block::new(&vs, "a", 0.5));
    assert!(!layer.is_identity());
    let compiled = tch_jit::compile(&layer).unwrap();
    agree(&layer, &compiled, &[(x(),), (-x(),)]);
}

#[derive(Clone, Debug, ScriptType)]
struct Ensemble {
    n: i64,
}

#[compile_mode(script)]
#[derive(Debug)]
struct Forked {
    a: Block,
    members: Vec<Block>,
    config: Ensemble,
}

#[methods]
impl Forked {
    fn forward(&self, x: &Tensor) -> Tensor {
        let first = fork(|| self.a.forward(x));
        let second = tch_jit::fork(|| self.both(x, 2.0));
        let mut total = x * (self.config.n as f64);
        for member in &self.members {
            let future = fork(|| member.other(x, true));
            total = total + wait(future);
        }
        total + first.wait() + second.wait()
    }

    fn both(&self, x: &Tensor, y: f64) -> Tensor {
        x * y + self.a.forward(x)
    }
}

#[test]
fn forks_are_joined() {
    let vs = nn::VarStore::new(Device::Cpu);
    let block = |name: &str| Block::new(&vs, name, 0.5);
    let module = Forked { a: block("a"), members: vec![block("b"), block("c")], config: Ensemble { n: 2 } };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    assert!(compiled.graph().contains("prim::fork"), "{}", compiled.graph());
    agree(&module, &compiled, &[(x(),)]);
}

/// Forces are gradients of the energy.
#[compile_mode(script)]
#[derive(Debug)]
struct ForceField {
    net: Block,
}

#[methods]
impl ForceField {
    fn forward(&self, positions: &Tensor) -> (Tensor, Tensor) {
        let positions = positions.detach().set_requires_grad(true);
        let energy = self.net.forward(&positions).pow_tensor_scalar(2).sum(Kind::Float);
        let gradients = Tensor::run_backward(&[&energy], &[&positions], true, true);
        (energy, -&gradients[0])
    }
}

#[test]
fn forces_from_energies() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = ForceField { net: Block::new(&vs, "a", 0.5) };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    agree(&module, &compiled, &[(x(),), (x() * 2.0,)]);
}
