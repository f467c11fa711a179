//! A transformer's encoder layer as eager tch writes it, over the variables of `torch.nn.TransformerEncoderLayer`.

use tch::nn::{self, Module};
use tch::{Kind, Tensor};

/// Attention, then a network for each position; each is normalized first and added to its input.
#[derive(Debug)]
pub struct EncoderLayer {
    heads: i64,
    in_proj_weight: Tensor,
    in_proj_bias: Tensor,
    out_proj: nn::Linear,
    linear1: nn::Linear,
    linear2: nn::Linear,
    norm1: nn::LayerNorm,
    norm2: nn::LayerNorm,
}

impl EncoderLayer {
    /// A layer for vectors of `width` numbers, with `hidden` numbers inside of each position's network.
    pub fn new(vs: &nn::Path, width: i64, heads: i64, hidden: i64) -> Self {
        let attention = vs / "self_attn";
        let linear = |name: &str, n, m| nn::linear(vs / name, n, m, Default::default());
        let norm = |name: &str| nn::layer_norm(vs / name, vec![width], Default::default());
        EncoderLayer {
            heads,
            in_proj_weight: attention.randn("in_proj_weight", &[3 * width, width], 0.0, 0.05),
            in_proj_bias: attention.zeros("in_proj_bias", &[3 * width]),
            out_proj: nn::linear(&attention / "out_proj", width, width, Default::default()),
            linear1: linear("linear1", width, hidden),
            linear2: linear("linear2", hidden, width),
            norm1: norm("norm1"),
            norm2: norm("norm2"),
        }
    }

    /// `x` of shape \[batch, length, width\], and the result.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let x = x + self.attend(&self.norm1.forward(x));
        let inner = self.linear1.forward(&self.norm2.forward(&x)).gelu("none");
        &x + self.linear2.forward(&inner)
    }

    fn attend(&self, x: &Tensor) -> Tensor {
        let (batch, length, width) = x.size3().expect("three dimensions");
        let head = width / self.heads;
        let parts = x
            .linear(&self.in_proj_weight, Some(&self.in_proj_bias))
            .view(&[batch, length, 3, self.heads, head][..])
            .permute([2, 0, 3, 1, 4]);
        let [query, key, value] = &parts.unbind(0)[..] else { panic!("three parts") };
        let scores = query.matmul(&key.transpose(-2, -1)) / (head as f64).sqrt();
        let mixed = scores.softmax(-1, Kind::Float).matmul(value).transpose(1, 2);
        self.out_proj.forward(&mixed.reshape([batch, length, width]))
    }
}
