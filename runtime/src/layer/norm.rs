//! Normalisations.

use tch::nn::{BatchNorm, GroupNorm, LayerNorm, Module, ModuleT};
use tch::{Kind, Tensor};

use super::{Behaviour, Layer, TchLayer, address, buffer, optional_parameter};

impl TchLayer for BatchNorm {
    fn layer(&self) -> Layer<'_> {
        // input: (batch, channels, …), with `nd` further dimensions; `nd` 1 also takes none.
        let mut shape = vec![2, self.running_mean.size()[0]];
        shape.extend(vec![2; self.nd]);
        let like = &self.running_mean;
        let example = Tensor::zeros(shape, (like.kind(), like.device()));
        // PyTorch's has a counter as well, which only a momentum of None reads. It is here so that
        // state dicts fit, and it does not count.
        let counter = Tensor::zeros([], (Kind::Int64, like.device()));
        Layer {
            ty: "tch::nn::BatchNorm",
            class: format!("batchnorm.BatchNorm{}d", self.nd),
            address: address(self),
            tensors: vec![
                optional_parameter("weight", self.ws.as_ref()),
                optional_parameter("bias", self.bs.as_ref()),
                buffer("running_mean", &self.running_mean),
                buffer("running_var", &self.running_var),
                buffer("num_batches_tracked", &counter),
            ],
            behaviour: Behaviour::forward_t(&example, |input, train| self.forward_t(input, train)),
        }
    }
}

impl TchLayer for LayerNorm {
    fn layer(&self) -> Layer<'_> {
        let options = self.ws.as_ref().map_or(tch::kind::FLOAT_CPU, |ws| (ws.kind(), ws.device()));
        // input: (…, normalized_shape…)
        let shape: Vec<i64> = std::iter::once(1).chain(self.normalized_shape.iter().copied()).collect();
        let example = Tensor::zeros(shape, options);
        Layer {
            ty: "tch::nn::LayerNorm",
            class: "normalization.LayerNorm".into(),
            address: address(self),
            tensors: vec![
                optional_parameter("weight", self.ws.as_ref()),
                optional_parameter("bias", self.bs.as_ref()),
            ],
            behaviour: Behaviour::forward(vec![example], |input| self.forward(input)),
        }
    }
}

impl TchLayer for GroupNorm {
    fn layer(&self) -> Layer<'_> {
        let options = self.ws.as_ref().map_or(tch::kind::FLOAT_CPU, |ws| (ws.kind(), ws.device()));
        // input: (batch, channels, …)
        let example = Tensor::zeros([2, self.num_channels, 2], options);
        Layer {
            ty: "tch::nn::GroupNorm",
            class: "normalization.GroupNorm".into(),
            address: address(self),
            tensors: vec![
                optional_parameter("weight", self.ws.as_ref()),
                optional_parameter("bias", self.bs.as_ref()),
            ],
            behaviour: Behaviour::forward(vec![example], |input| self.forward(input)),
        }
    }
}
