//! Linear, Embedding and the identity.

use tch::nn::{Embedding, Id, Linear, Module};
use tch::{Kind, Tensor};

use super::{Behaviour, Layer, TchLayer, address, optional_parameter, parameter, zeros_like};

impl TchLayer for Linear {
    fn layer(&self) -> Layer<'_> {
        // weight: (out, in); input: (…, in)
        let example = zeros_like(&self.ws, &[1, self.ws.size()[1]]);
        Layer {
            ty: "tch::nn::Linear",
            class: "linear.Linear".into(),
            address: address(self),
            tensors: vec![parameter("weight", &self.ws), optional_parameter("bias", self.bs.as_ref())],
            behaviour: Behaviour::forward(vec![example], |input| self.forward(input)),
        }
    }
}

impl TchLayer for Embedding {
    fn layer(&self) -> Layer<'_> {
        let example = Tensor::zeros([1], (Kind::Int64, self.ws.device()));
        Layer {
            ty: "tch::nn::Embedding",
            class: "sparse.Embedding".into(),
            address: address(self),
            tensors: vec![parameter("weight", &self.ws)],
            behaviour: Behaviour::forward(vec![example], |input| self.forward(input)),
        }
    }
}

impl TchLayer for Id {
    fn layer(&self) -> Layer<'_> {
        Layer {
            ty: "tch::nn::Id",
            class: "linear.Identity".into(),
            address: address(self),
            tensors: vec![],
            // A trace that returns its input must do so through an operator.
            behaviour: Behaviour::Traced {
                methods: vec![],
                source: "def forward(self, input: Tensor) -> Tensor:\n    return input\n".into(),
            },
        }
    }
}

