//! LSTM and GRU. All their fields are private.

use tch::nn::{GRU, LSTM};

use super::{Behaviour, Layer, TchLayer, address};

impl TchLayer for LSTM {
    fn layer(&self) -> Layer<'_> {
        Layer {
            ty: "tch::nn::LSTM",
            class: "rnn.LSTM".into(),
            address: address(self),
            tensors: vec![],
            behaviour: Behaviour::Opaque,
        }
    }
}

impl TchLayer for GRU {
    fn layer(&self) -> Layer<'_> {
        Layer {
            ty: "tch::nn::GRU",
            class: "rnn.GRU".into(),
            address: address(self),
            tensors: vec![],
            behaviour: Behaviour::Opaque,
        }
    }
}
