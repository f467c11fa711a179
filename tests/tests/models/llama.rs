//! A language model: root-mean-square norms, rotary embeddings, causal attention, gated layers.

use integration_tests::{agree, alone};
use tch::nn::{self, Module};
use tch::{Device, Kind, Tensor};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct RmsNorm {
    scale: Tensor,
    size: i64,
}

impl RmsNorm {
    fn new(vs: &nn::Path, size: i64) -> Self {
        RmsNorm { scale: vs.ones("scale", &[size]), size }
    }
}

#[methods]
impl Module for RmsNorm {
    fn forward(&self, xs: &Tensor) -> Tensor {
        let kind = xs.kind();
        let xs = xs.to_kind(Kind::Float);
        let norm_xs = (&xs * &xs).mean_dim(-1, true, Kind::Float);
        let xs_normed = xs * (norm_xs + 1e-5).rsqrt();
        let scale = self.scale.reshape([1, 1, self.size]);
        (scale * xs_normed).to_kind(kind)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Mlp {
    c_fc1: nn::Linear,
    c_fc2: nn::Linear,
    c_proj: nn::Linear,
}

impl Mlp {
    fn new(vs: &nn::Path, n_embd: i64) -> Self {
        let c = nn::LinearConfig { bias: false, ..Default::default() };
        Mlp {
            c_fc1: nn::linear(vs / "c_fc1", n_embd, 3 * n_embd, c),
            c_fc2: nn::linear(vs / "c_fc2", n_embd, 3 * n_embd, c),
            c_proj: nn::linear(vs / "c_proj", 3 * n_embd, n_embd, c),
        }
    }
}

#[methods]
impl Module for Mlp {
    fn forward(&self, xs: &Tensor) -> Tensor {
        let xs = xs.apply(&self.c_fc1).silu() * xs.apply(&self.c_fc2);
        xs.apply(&self.c_proj)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct CausalSelfAttention {
    c_attn: nn::Linear,
    c_proj: nn::Linear,
    n_head: i64,
    n_embd: i64,
    device: Device,
}

impl CausalSelfAttention {
    fn new(vs: &nn::Path, n_head: i64, n_embd: i64) -> Self {
        let c = nn::LinearConfig { bias: false, ..Default::default() };
        let c_attn = nn::linear(vs / "c_attn", n_embd, 3 * n_embd, c);
        let c_proj = nn::linear(vs / "c_proj", n_embd, n_embd, c);
        CausalSelfAttention { c_attn, c_proj, n_head, n_embd, device: vs.device() }
    }
}

#[methods]
impl CausalSelfAttention {
    fn apply_rotary_emb(&self, x: &Tensor, freqs_cis: &Tensor) -> Tensor {
        let mut dims = x.size();
        let v = dims.pop().unwrap();
        dims.push(v / 2);
        dims.push(2);
        let x = x.reshape(&dims);
        let re_x = x.slice(-1, 0, 1, 1);
        let im_x = x.slice(-1, 1, 2, 1);
        let re_f = freqs_cis.slice(-1, 0, 1, 1);
        let im_f = freqs_cis.slice(-1, 1, 2, 1);
        let re = &re_x * &re_f - &im_x * &im_f;
        let im = &re_x * &im_f + &im_x * &re_f;
        let rope = Tensor::cat(&[&re, &im], -1);
        let mut dims = rope.size();
        let v1 = dims.pop().unwrap();
        let v2 = dims.pop().unwrap();
        dims.push(v1 * v2);
        rope.reshape(&dims)
    }

    fn forward(&self, x: &Tensor, freqs_cis: &Tensor) -> Tensor {
        let (b, t, c) = x.size3().unwrap();
        let kind = x.kind();
        let qkv = self.c_attn.forward(x);
        let n_embd = self.n_embd;
        let q = qkv.slice(2, 0, n_embd, 1);
        let k = qkv.slice(2, n_embd, 2 * n_embd, 1);
        let v = qkv.slice(2, 2 * n_embd, 3 * n_embd, 1);
        let target_dim = [b, t, self.n_head, c / self.n_head];
        let k = k.reshape(target_dim).transpose(1, 2);
        let q = q.reshape(target_dim).transpose(1, 2);
        let v = v.reshape(target_dim).transpose(1, 2);
        let q = self.apply_rotary_emb(&q, freqs_cis);
        let k = self.apply_rotary_emb(&k, freqs_cis);
        let k_shape = k.size();
        let att: Tensor = q.matmul(&k.transpose(-2, -1)) / (*k_shape.last().unwrap() as f64).sqrt();
        let mask = Tensor::ones([t, t], (kind, self.device)).tril(0).reshape([1, 1, t, t]);
        let att = att.masked_fill(&mask.eq(0.), f64::NEG_INFINITY);
        let y = att.softmax(-1, kind).matmul(&v);
        let y = y.transpose(1, 2).reshape([b, t, c]);
        self.c_proj.forward(&y)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Block {
    rms_1: RmsNorm,
    attn: CausalSelfAttention,
    rms_2: RmsNorm,
    mlp: Mlp,
}

#[methods]
impl Block {
    fn new(vs: &nn::Path, n_head: i64, n_embd: i64) -> Self {
        let rms_1 = RmsNorm::new(&(vs / "rms_1"), n_embd);
        let attn = CausalSelfAttention::new(&(vs / "attn"), n_head, n_embd);
        let rms_2 = RmsNorm::new(&(vs / "rms_2"), n_embd);
        let mlp = Mlp::new(&(vs / "mlp"), n_embd);
        Block { rms_1, attn, rms_2, mlp }
    }

    fn forward(&self, x: &Tensor, freqs_cis: &Tensor) -> Tensor {
        let x = self.attn.forward(&self.rms_1.forward(x), freqs_cis) + x;
        self.mlp.forward(&self.rms_2.forward(&x)) + x
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Llama {
    wte: nn::Embedding,
    blocks: Vec<Block>,
    ln_f: RmsNorm,
    lm_head: nn::Linear,
}

#[methods]
impl Llama {
    fn new(vs: &nn::Path, n_layer: i64, n_head: i64, n_embd: i64, vocab: i64) -> Self {
        let c = nn::LinearConfig { bias: false, ..Default::default() };
        let lm_head = nn::linear(vs / "lm_head", n_embd, vocab, c);
        let wte = nn::embedding(vs / "transformer" / "wte", vocab, n_embd, Default::default());
        let blocks =
            (0..n_layer).map(|i| Block::new(&(vs / "transformer" / "h" / i), n_head, n_embd)).collect();
        let ln_f = RmsNorm::new(&(vs / "transformer" / "ln_f"), n_embd);
        Llama { wte, blocks, ln_f, lm_head }
    }

    fn forward(&self, x: &Tensor, freqs_cis: &Tensor) -> Tensor {
        let (_, t) = x.size2().unwrap();
        let mut x = self.wte.forward(x);
        for block in self.blocks.iter() {
            x = block.forward(&x, freqs_cis);
        }
        let x = self.ln_f.forward(&x);
        let x = x.slice(1, -1, t, 1);
        self.lm_head.forward(&x)
    }
}

fn precompute_freqs_cis(seq_len: i64, n_elem: i64) -> Tensor {
    let theta: Vec<f32> =
        (0..n_elem).step_by(2).map(|i| 1f32 / 10000f32.powf(i as f32 / n_elem as f32)).collect();
    let arange: Vec<f32> = (0..seq_len).map(|c| c as f32).collect();
    let idx_theta = Tensor::from_slice(&arange).outer(&Tensor::from_slice(&theta));
    let shape = [1, 1, seq_len, n_elem / 2, 1];
    Tensor::cat(&[&idx_theta.cos().reshape(shape), &idx_theta.sin().reshape(shape)], -1)
}

#[test]
fn llama() {
    let _alone = alone();
    let vs = nn::VarStore::new(Device::Cpu);
    let model = Llama::new(&vs.root(), 2, 2, 8, 17);
    let compiled = tch_jit::compile(&model).unwrap_or_else(|error| panic!("{error}"));
    let tokens = |t: i64| Tensor::randint(17, [2, t], (Kind::Int64, Device::Cpu));
    let inputs: Vec<_> = [5, 3].iter().map(|&t| (tokens(t), precompute_freqs_cis(t, 4))).collect();
    agree(&model, &compiled, &inputs);
}
