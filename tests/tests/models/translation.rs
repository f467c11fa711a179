//! The decoder of a translator: attention over the encoder's outputs, then a recurrent layer.

use integration_tests::alone;
use integration_tests::tensors::randn;
use tch::nn::{self, GRUState, Module, RNN};
use tch::{Device, Kind, Tensor};
use tch_jit::{compile_mode, methods};

const MAX_LENGTH: i64 = 10;

#[compile_mode(script)]
#[derive(Debug)]
struct Decoder {
    device: Device,
    embedding: nn::Embedding,
    gru: nn::GRU,
    attn: nn::Linear,
    attn_combine: nn::Linear,
    linear: nn::Linear,
}

impl Decoder {
    fn new(vs: &nn::Path, hidden_dim: i64, out_dim: i64) -> Self {
        let vs = &vs.set_group(0);
        Decoder {
            device: vs.device(),
            embedding: nn::embedding(vs / "emb", out_dim, hidden_dim, Default::default()),
            gru: nn::gru(vs / "gru", hidden_dim, hidden_dim, Default::default()),
            attn: nn::linear(vs / "attn", hidden_dim * 2, MAX_LENGTH, Default::default()),
            attn_combine: nn::linear(vs / "combine", hidden_dim * 2, hidden_dim, Default::default()),
            linear: nn::linear(vs / "linear", hidden_dim, out_dim, Default::default()),
        }
    }
}

#[methods]
impl Decoder {
    fn forward(
        &self,
        xs: &Tensor,
        state: &GRUState,
        enc_outputs: &Tensor,
        is_training: bool,
    ) -> (Tensor, GRUState) {
        let xs = self.embedding.forward(xs).dropout(0.1, is_training).view([1, -1]);
        let forward_state = state.value().squeeze_dim(0);
        let attn_weights = Tensor::cat(&[&xs, &forward_state], 1).apply(&self.attn).unsqueeze(0);
        let (sz1, sz2, sz3) = enc_outputs.size3().unwrap();
        let enc_outputs = if sz2 == MAX_LENGTH {
            enc_outputs.shallow_clone()
        } else {
            let shape = [sz1, MAX_LENGTH - sz2, sz3];
            let zeros = Tensor::zeros(shape, (Kind::Float, self.device));
            Tensor::cat(&[enc_outputs, &zeros], 1)
        };
        let attn_applied = attn_weights.bmm(&enc_outputs).squeeze_dim(1);
        let xs = Tensor::cat(&[&xs, &attn_applied], 1).apply(&self.attn_combine).relu();
        let state = self.gru.step(&xs, state);
        (self.linear.forward(&state.value()).log_softmax(-1, Kind::Float), state)
    }
}

#[test]
fn translation() {
    let _alone = alone();
    let vs = nn::VarStore::new(Device::Cpu);
    let decoder = Decoder::new(&vs.root(), 6, 11);
    let compiled = tch_jit::compile(&decoder).unwrap_or_else(|error| panic!("{error}"));
    for length in [4, MAX_LENGTH] {
        let (xs, outputs) = (Tensor::from_slice(&[7i64]), randn(&[1, length, 6]));
        let mut states = (GRUState(randn(&[1, 1, 6])), GRUState(randn(&[1, 1, 6])));
        states.1 = GRUState(states.0.value());
        for _ in 0..3 {
            let (expected, next) = decoder.forward(&xs, &states.0, &outputs, false);
            let (found, found_next) = compiled.forward((&xs, &states.1, &outputs, false)).unwrap();
            assert!(expected.allclose(&found, 1e-5, 1e-6, false));
            states = (next, found_next);
        }
    }
}
