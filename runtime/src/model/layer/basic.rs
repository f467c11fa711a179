//! Linear, Embedding and the identity.

use tch::nn::{Embedding, Id, Linear, Module};
use tch::{Kind, Tensor};

use super::{Contents, Inside, Layer, TchLayer, optional_parameter, parameter, zeros_like};
use crate::identity::Object;

impl TchLayer for Linear {
    fn layer(&self) -> Layer<'_> {
        Layer {
            object: Object::named(self, "tch::nn::Linear"),
            class: "torch.nn.modules.linear.Linear",
            inside: Inside::known(|| {
                // weight: (out, in); input: (…, in)
                let example = zeros_like(&self.ws, &[0, self.ws.size()[1]]);
                let tensors =
                    vec![parameter("weight", &self.ws), optional_parameter("bias", self.bs.as_ref())];
                Ok(Contents {
                    uniform: true,
                    ..Contents::forward(tensors, example, |input| self.forward(input))
                })
            }),
        }
    }
}

impl TchLayer for Embedding {
    fn layer(&self) -> Layer<'_> {
        Layer {
            object: Object::named(self, "tch::nn::Embedding"),
            class: "torch.nn.modules.sparse.Embedding",
            inside: Inside::known(|| {
                let example = Tensor::zeros([0], (Kind::Int64, self.ws.device()));
                Ok(Contents::forward(vec![parameter("weight", &self.ws)], example, |input| {
                    self.forward(input)
                }))
            }),
        }
    }
}

impl TchLayer for Id {
    fn layer(&self) -> Layer<'_> {
        Layer {
            object: Object::named(self, "tch::nn::Id"),
            class: "torch.nn.modules.linear.Identity",
            // A trace that returns its input must do so through an operator.
            inside: Inside::known(|| {
                Ok(Contents {
                    tensors: vec![],
                    methods: vec![],
                    source: "def forward(self, input: Tensor) -> Tensor:\n    return input\n".into(),
                    uniform: true,
                })
            }),
        }
    }
}
