//! Normalisation layers: BatchNorm, LayerNorm and GroupNorm.

use tch::nn::{BatchNorm, GroupNorm, LayerNorm, Module, ModuleT};
use tch::{Device, Kind, Tensor};

use super::{Contents, Inside, Layer, LayerTensor, TchLayer, buffer, optional_parameter};
use crate::identity::Object;

impl TchLayer for BatchNorm {
    fn layer(&self) -> Layer<'_> {
        Layer {
            object: Object::named(self, "tch::nn::BatchNorm"),
            class: match self.nd {
                1 => "torch.nn.modules.batchnorm.BatchNorm1d",
                2 => "torch.nn.modules.batchnorm.BatchNorm2d",
                _ => "torch.nn.modules.batchnorm.BatchNorm3d",
            },
            inside: Inside::known(|| {
                // input: (batch, channels, …), with `nd` further dimensions; `nd` 1 also takes none.
                let mut shape = vec![0, self.running_mean.size()[0]];
                shape.extend(vec![1; self.nd]);
                let like = &self.running_mean;
                let example = Tensor::zeros(shape, (like.kind(), like.device()));
                let mut tensors = affine(self.ws.as_ref(), self.bs.as_ref());
                tensors.push(buffer("running_mean", &self.running_mean));
                tensors.push(buffer("running_var", &self.running_var));
                // PyTorch's layer has a counter as well, which is read only if `momentum` is None. It is here so that
                // state dicts fit, and stays zero.
                tensors.push(buffer("num_batches_tracked", &Tensor::zeros([], (Kind::Int64, like.device()))));
                Ok(Contents::forward_t(tensors, &example, |input, train| self.forward_t(input, train)))
            }),
        }
    }
}

impl TchLayer for LayerNorm {
    fn layer(&self) -> Layer<'_> {
        Layer {
            object: Object::named(self, "tch::nn::LayerNorm"),
            class: "torch.nn.modules.normalization.LayerNorm",
            inside: Inside::known(|| {
                // input: (…, normalized_shape…)
                let shape: Vec<i64> =
                    std::iter::once(0).chain(self.normalized_shape.iter().copied()).collect();
                let example = Tensor::zeros(shape, options(self.ws.as_ref()));
                let tensors = affine(self.ws.as_ref(), self.bs.as_ref());
                Ok(Contents::forward(tensors, example, |input| self.forward(input)))
            }),
        }
    }
}

impl TchLayer for GroupNorm {
    fn layer(&self) -> Layer<'_> {
        Layer {
            object: Object::named(self, "tch::nn::GroupNorm"),
            class: "torch.nn.modules.normalization.GroupNorm",
            inside: Inside::known(|| {
                // input: (batch, channels, …)
                let example = Tensor::zeros([0, self.num_channels, 1], options(self.ws.as_ref()));
                let tensors = affine(self.ws.as_ref(), self.bs.as_ref());
                Ok(Contents::forward(tensors, example, |input| self.forward(input)))
            }),
        }
    }
}

fn affine(weight: Option<&Tensor>, bias: Option<&Tensor>) -> Vec<LayerTensor> {
    vec![optional_parameter("weight", weight), optional_parameter("bias", bias)]
}

/// A layer without weights takes any kind on any device, and does the same with all of them.
fn options(weight: Option<&Tensor>) -> (Kind, Device) {
    weight.map_or(tch::kind::FLOAT_CPU, |weight| (weight.kind(), weight.device()))
}
