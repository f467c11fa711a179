//! Writes files for the programs that read graphs, `tests/interop/consumers.py`: `NAME.pt`, and `NAME.input.npz` with the
//! arguments and `NAME.output.npy` with the result of eager Rust. `consumers.py` has the same models as their authors
//! would write them in Python.
//!
//! Usage: `save_for_consumers DIR`

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use e3nn::irreps;
use e3nn::nn::{Act, Gate};
use e3nn::o3::{
    self, LinearOptions, ProductOptions, SphericalHarmonics, SphericalNormalization, TensorProduct,
};
use tch::nn::{self, RNN};
use tch::{Device, Kind, Tensor};
use tch_jit::{Compilable, Compiler, Forward, compile_mode, methods};

/// A network of linear layers; each is defined in both modes.
macro_rules! in_both_modes {
    ($(
        #[tracing_inputs($($inputs:tt)*)]
        struct $script:ident / $trace:ident { $($field:ident: $ty:ty),* $(,)? }
        impl { $($body:tt)* }
    )*) => {$(
        #[compile_mode(script)]
        #[derive(Debug)]
        struct $script { $($field: $ty),* }

        #[methods]
        impl $script { $($body)* }

        #[compile_mode(trace)]
        #[tracing_inputs($($inputs)*)]
        #[derive(Debug)]
        struct $trace { $($field: $ty),* }

        #[methods]
        impl $trace { $($body)* }
    )*};
}

in_both_modes! {
    #[tracing_inputs(x = [_, 8])]
    struct Mlp / MlpTrace { first: nn::Linear, last: nn::Linear }
    impl {
        fn forward(&self, x: &Tensor) -> Tensor {
            x.apply(&self.first).relu().apply(&self.last).tanh()
        }
    }

    #[tracing_inputs(x = [_, 3, 16, 16])]
    struct ConvNet / ConvNetTrace {
        conv: nn::Conv2D,
        norm: nn::BatchNorm,
        head: nn::Linear,
    }
    impl {
        fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
            let x = x.apply(&self.conv).apply_t(&self.norm, train).relu().max_pool2d_default(2);
            x.adaptive_avg_pool2d([1, 1]).flatten(1, -1).dropout(0.5, train).apply(&self.head)
        }
    }

    #[tracing_inputs(x = [_, _, 16])]
    struct Attention / AttentionTrace {
        heads: i64,
        qkv: nn::Linear,
        out: nn::Linear,
    }
    impl {
        fn forward(&self, x: &Tensor) -> Tensor {
            let (batch, length, width) = x.size3().unwrap();
            let qkv = x.apply(&self.qkv).view([batch, length, 3, self.heads, width / self.heads]);
            let qkv = qkv.permute([2, 0, 3, 1, 4]);
            let (q, k, v) = (qkv.get(0), qkv.get(1), qkv.get(2));
            let scores = q.matmul(&k.transpose(-2, -1)) / ((width / self.heads) as f64).sqrt();
            let mixed = scores.softmax(-1, Kind::Float).matmul(&v).transpose(1, 2);
            mixed.reshape([batch, length, width]).apply(&self.out)
        }
    }

    #[tracing_inputs(x = [_, _, 8])]
    struct Pooled / PooledTrace { linear: nn::Linear, norm: nn::LayerNorm }
    impl {
        fn forward(&self, x: &Tensor) -> Tensor {
            let y = x.apply(&self.linear).gelu("none") + x;
            y.apply(&self.norm).mean_dim([1i64].as_slice(), false, Kind::Float)
        }
    }

    #[tracing_inputs(x = [_, 3, 8, 8])]
    struct UNet / UNetTrace { down: nn::Conv2D, up: nn::Conv2D, last: nn::Conv2D }
    impl {
        fn forward(&self, x: &Tensor) -> Tensor {
            let (height, width) = (x.size()[2], x.size()[3]);
            let inner = x.apply(&self.down).silu();
            let inner = inner.upsample_nearest2d([height, width], None, None).apply(&self.up).silu();
            Tensor::cat(&[inner, x.shallow_clone()], 1).apply(&self.last)
        }
    }
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, _, 4])]
#[derive(Debug)]
struct Lstm {
    lstm: nn::LSTM,
    head: nn::Linear,
}

#[methods]
impl Lstm {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.lstm.seq(x).0.apply(&self.head)
    }
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, _, 4])]
#[derive(Debug)]
struct Gru {
    gru: nn::GRU,
    head: nn::Linear,
}

#[methods]
impl Gru {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.gru.seq(x).0.apply(&self.head)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Words {
    embedding: nn::Embedding,
    head: nn::Linear,
}

#[methods]
impl Words {
    fn forward(&self, ids: &Tensor) -> Tensor {
        let length = ids.size()[1];
        let x = ids.apply(&self.embedding);
        (x.sum_dim_intlist([1i64].as_slice(), false, Kind::Float) / length as f64).apply(&self.head)
    }
}

/// An option that is given in all examples.
#[compile_mode(trace)]
#[derive(Debug)]
struct Masked {
    linear: nn::Linear,
}

#[methods]
impl Masked {
    fn forward(&self, x: &Tensor, mask: Option<Tensor>) -> Tensor {
        let y = x.apply(&self.linear);
        match mask {
            Some(mask) => y * mask,
            None => y,
        }
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor, Option<Tensor>)> {
        (1..=n as i64).map(|n| (random(&[n, 8]), Some(random(&[n, 1])))).collect()
    }
}

/// An option that is missing in all examples.
#[compile_mode(trace)]
#[derive(Debug)]
struct Unmasked {
    linear: nn::Linear,
}

#[methods]
impl Unmasked {
    fn forward(&self, x: &Tensor, mask: Option<Tensor>) -> Tensor {
        let y = x.apply(&self.linear);
        match mask {
            Some(mask) => y * mask,
            None => y.relu(),
        }
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor, Option<Tensor>)> {
        (1..=n as i64).map(|n| (random(&[n, 8]), None)).collect()
    }
}

/// A loop over the steps of a sequence.
#[compile_mode(script)]
#[derive(Debug)]
struct Recurrence {
    input: nn::Linear,
    hidden: nn::Linear,
}

#[methods]
impl Recurrence {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut h = x.select(1, 0).apply(&self.input);
        for i in 1..x.size()[1] {
            h = (x.select(1, i).apply(&self.input) + h.apply(&self.hidden)).tanh();
        }
        h
    }
}

/// A branch on data.
#[compile_mode(script)]
#[derive(Debug)]
struct Branch {
    linear: nn::Linear,
}

#[methods]
impl Branch {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x.apply(&self.linear);
        if y.sum(Kind::Float).double_value(&[]) > 0.0 { y.relu() } else { y * 2.0 }
    }
}

/// Layers in a list.
#[compile_mode(script)]
#[derive(Debug)]
struct Stack {
    layers: Vec<nn::Linear>,
}

#[methods]
impl Stack {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut x = x.shallow_clone();
        for (i, layer) in self.layers.iter().enumerate() {
            x = if i % 2 == 0 { x.apply(layer).relu() } else { x.apply(layer).sigmoid() };
        }
        x
    }
}

/// A result with names.
#[compile_mode(script)]
#[derive(Debug)]
struct Named {
    linear: nn::Linear,
}

#[methods]
impl Named {
    fn forward(&self, x: &Tensor) -> HashMap<String, Tensor> {
        let y = x.apply(&self.linear);
        let mut out = HashMap::from([("logits".to_owned(), y.shallow_clone())]);
        out.insert("scores".to_owned(), y.softmax(-1, Kind::Float));
        out
    }
}

/// Sizes that are computed with.
#[compile_mode(script)]
#[derive(Debug)]
struct Sizes {
    linear: nn::Linear,
}

#[methods]
impl Sizes {
    fn forward(&self, x: &Tensor) -> Tensor {
        let n = x.size()[1];
        let half = n / 2;
        let (low, high) = (x.narrow(1, 0, half), x.narrow(1, half, n - half));
        Tensor::cat(&[high, -low], 1).apply(&self.linear)
    }
}

/// Several results.
#[compile_mode(script)]
#[derive(Debug)]
struct Several {
    linear: nn::Linear,
}

#[methods]
impl Several {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        let y = x.apply(&self.linear);
        let weight = (&y * 2.0).sigmoid();
        (y * &weight, weight)
    }
}

/// Sums and means with the kinds that tch asks for.
#[compile_mode(script)]
#[derive(Debug)]
struct Sums {
    linear: nn::Linear,
}

#[methods]
impl Sums {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x.apply(&self.linear);
        let scale = y.square().mean(Kind::Float) + y.abs().sum(Kind::Float);
        &y / (scale + 1.0) + y.to_kind(Kind::Float).softmax(-1, Kind::Float)
    }
}

/// A layer of an equivariant network: a tensor product with the spherical harmonics of vectors, gates, a linear layer.
#[compile_mode(script)]
#[derive(Debug)]
struct Equivariant {
    harmonics: SphericalHarmonics,
    product: TensorProduct,
    gate: Gate,
    linear: o3::Linear,
}

#[methods]
impl Equivariant {
    fn forward(&self, x: &Tensor, vectors: &Tensor) -> Tensor {
        let y = self.product.forward(x, &self.harmonics.forward(vectors), None);
        self.linear.forward(&self.gate.forward(&y), None, None)
    }
}

impl Equivariant {
    fn new(vs: &nn::Path) -> Result<Equivariant> {
        let (input, harmonics) = (irreps("8x0e+4x1o"), irreps("0e+1o"));
        let (scalars, gates, gated) = (irreps("8x0e"), irreps("4x0e"), irreps("4x1o"));
        let (silu, sigmoid) = (Some(Act::Silu), Some(Act::Sigmoid));
        let gate = Gate::new(&(vs / "gate"), &scalars, &[silu], &gates, &[sigmoid], &gated)?;
        let product = TensorProduct::fully_connected(
            &(vs / "product"),
            &input,
            &harmonics,
            &gate.irreps_in,
            ProductOptions::default(),
        )?;
        let linear = o3::Linear::new(&(vs / "linear"), &gate.irreps_out, &input, &LinearOptions::default());
        let harmonics = SphericalHarmonics::new(
            &(vs / "harmonics"),
            &irreps("1o"),
            &harmonics,
            true,
            SphericalNormalization::Component,
        )?;
        Ok(Equivariant { harmonics, product, gate, linear })
    }
}

fn random(shape: &[i64]) -> Tensor {
    Tensor::randn(shape, tch::kind::FLOAT_CPU)
}

fn main() -> Result<()> {
    let dir = PathBuf::from(std::env::args_os().nth(1).context("usage: save_for_consumers DIR")?);
    tch::manual_seed(0);
    let vs = nn::VarStore::new(Device::Cpu);
    let linear = |i, o| nn::linear(vs.root(), i, o, Default::default());
    let conv = |i, o, stride| {
        let config = nn::ConvConfig { padding: 1, stride, ..Default::default() };
        nn::conv2d(vs.root(), i, o, 3, config)
    };
    let norm = |n| {
        let norm = nn::batch_norm2d(vs.root(), n, Default::default());
        // A run in training gives statistics that are not the initial ones.
        let _ = tch::no_grad(|| (random(&[4, n, 6, 6]) * 2.0 + 1.0).apply_t(&norm, true));
        norm
    };
    let save = Save { dir: &dir };

    let x = || random(&[3, 8]);
    save.one("mlp_script", &Mlp { first: linear(8, 16), last: linear(16, 4) }, x())?;
    save.one("mlp_trace", &MlpTrace { first: linear(8, 16), last: linear(16, 4) }, x())?;
    let images = || random(&[2, 3, 16, 16]);
    save.one("conv_script", &ConvNet { conv: conv(3, 4, 2), norm: norm(4), head: linear(4, 5) }, images())?;
    let conv_trace = ConvNetTrace { conv: conv(3, 4, 2), norm: norm(4), head: linear(4, 5) };
    save.one("conv_trace", &conv_trace, images())?;
    let words = || random(&[2, 5, 16]);
    save.one("attention_script", &Attention { heads: 4, qkv: linear(16, 48), out: linear(16, 16) }, words())?;
    let attention = AttentionTrace { heads: 4, qkv: linear(16, 48), out: linear(16, 16) };
    save.one("attention_trace", &attention, words())?;
    let layer_norm = || nn::layer_norm(vs.root(), vec![8], Default::default());
    save.one("pooled_script", &Pooled { linear: linear(8, 8), norm: layer_norm() }, random(&[2, 5, 8]))?;
    save.one("pooled_trace", &PooledTrace { linear: linear(8, 8), norm: layer_norm() }, random(&[2, 5, 8]))?;
    let small = || random(&[2, 3, 8, 8]);
    let unet = UNet { down: conv(3, 4, 2), up: conv(4, 4, 1), last: conv(7, 3, 1) };
    save.one("unet_script", &unet, small())?;
    let unet = UNetTrace { down: conv(3, 4, 2), up: conv(4, 4, 1), last: conv(7, 3, 1) };
    save.one("unet_trace", &unet, small())?;
    let lstm = Lstm { lstm: nn::lstm(vs.root(), 4, 6, Default::default()), head: linear(6, 2) };
    save.one("lstm", &lstm, random(&[2, 5, 4]))?;
    let gru = Gru { gru: nn::gru(vs.root(), 4, 6, Default::default()), head: linear(6, 2) };
    save.one("gru", &gru, random(&[2, 5, 4]))?;
    let embedding = nn::embedding(vs.root(), 20, 8, Default::default());
    let ids = Tensor::randint(20, [2, 6], (Kind::Int64, Device::Cpu));
    save.one("words", &Words { embedding, head: linear(8, 3) }, ids)?;
    let (x, mask) = (random(&[3, 8]), random(&[3, 1]));
    save.several("masked", &Masked { linear: linear(8, 8) }, &(x.copy(), Some(mask.copy())), &[x, mask])?;
    let x = random(&[3, 8]);
    save.several("unmasked", &Unmasked { linear: linear(8, 8) }, &(x.copy(), None), &[x])?;
    save.one("recurrence", &Recurrence { input: linear(4, 8), hidden: linear(8, 8) }, random(&[2, 5, 4]))?;
    save.one("branch", &Branch { linear: linear(8, 8) }, random(&[3, 8]))?;
    let layers = (0..3).map(|_| linear(8, 8)).collect();
    save.one("stack", &Stack { layers }, random(&[3, 8]))?;
    save.one("named", &Named { linear: linear(8, 4) }, random(&[3, 8]))?;
    save.one("sizes", &Sizes { linear: linear(8, 4) }, random(&[3, 8]))?;
    save.one("several", &Several { linear: linear(8, 4) }, random(&[3, 8]))?;
    save.one("sums", &Sums { linear: linear(8, 4) }, random(&[3, 8]))?;
    let (x, vectors) = (random(&[5, 20]), random(&[5, 3]));
    save.several("equivariant", &Equivariant::new(&vs.root())?, &(x.copy(), vectors.copy()), &[x, vectors])
}

/// A result as a list of tensors, those of a map in the order of their names.
trait Tensors {
    fn tensors(self) -> Vec<Tensor>;
}

impl Tensors for Tensor {
    fn tensors(self) -> Vec<Tensor> {
        vec![self]
    }
}

impl Tensors for (Tensor, Tensor) {
    fn tensors(self) -> Vec<Tensor> {
        vec![self.0, self.1]
    }
}

impl Tensors for HashMap<String, Tensor> {
    fn tensors(self) -> Vec<Tensor> {
        let sorted: BTreeMap<String, Tensor> = self.into_iter().collect();
        sorted.into_values().collect()
    }
}

/// Compiles modules for evaluation, and saves them.
struct Save<'d> {
    dir: &'d Path,
}

impl Save<'_> {
    fn one<M>(&self, name: &str, module: &M, x: Tensor) -> Result<()>
    where
        M: Compilable + Forward<Args = (Tensor,), Output: Tensors>,
    {
        self.several(name, module, &(x.copy(),), &[x])
    }

    /// `tensors` are those among `args`.
    fn several<M>(&self, name: &str, module: &M, args: &M::Args, tensors: &[Tensor]) -> Result<()>
    where
        M: Compilable + Forward<Output: Tensors>,
    {
        let compiled = Compiler::new().eval_only(true).compile(module).with_context(|| name.to_owned())?;
        compiled.save(self.dir.join(format!("{name}.pt")))?;
        self.write(name, "input", tensors)?;
        self.write(name, "output", &tch::no_grad(|| module.eager(args, false)).tensors())
    }

    fn write(&self, name: &str, what: &str, tensors: &[Tensor]) -> Result<()> {
        let named: Vec<_> = tensors.iter().enumerate().map(|(i, it)| (i.to_string(), it)).collect();
        Ok(Tensor::write_npz(&named, self.dir.join(format!("{name}.{what}.npz")))?)
    }
}
