//! LSTM and GRU: the methods of tch's `RNN`, under PyTorch's names.

use integration_tests::method::assert_same;
use tch::nn::{self, GRUState, LSTMState, RNN, RNNConfig};
use tch::{Device, IValue, Kind, Tensor};
use tch_jit::{Error, ScriptModule, compile_mode, methods};

use crate::{alone, assert_shared, cpu, ivalue, names, randn, train};

#[compile_mode(script)]
#[derive(Debug)]
struct Recurrent {
    lstm: nn::LSTM,
    gru: nn::GRU,
}

#[methods]
impl Recurrent {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.shallow_clone()
    }
}

fn lstm_state(state: &LSTMState) -> IValue {
    IValue::Tuple(vec![ivalue(&state.0.0), ivalue(&state.0.1)])
}

/// PyTorch's names, in its order.
fn flat_weights(c: RNNConfig) -> Vec<String> {
    let mut names = vec![];
    for layer in 0..c.num_layers {
        for direction in if c.bidirectional { vec!["", "_reverse"] } else { vec![""] } {
            for kind in if c.has_biases { vec!["weight", "bias"] } else { vec!["weight"] } {
                for of in ["ih", "hh"] {
                    names.push(format!("{kind}_{of}_l{layer}{direction}"));
                }
            }
        }
    }
    names
}

#[test]
fn recurrent_layers() {
    let _alone = alone();
    let default = RNNConfig::default();
    let configs = [
        (default, 3, 5, Kind::Float),
        (RNNConfig { has_biases: false, ..default }, 3, 5, Kind::Float),
        // Where features and hidden size are equal, two layers and two directions look alike.
        (RNNConfig { num_layers: 2, ..default }, 4, 4, Kind::Float),
        (RNNConfig { bidirectional: true, ..default }, 4, 4, Kind::Float),
        (RNNConfig { bidirectional: true, num_layers: 3, has_biases: false, ..default }, 2, 3, Kind::Float),
        (RNNConfig { batch_first: false, ..default }, 3, 5, Kind::Float),
        (RNNConfig { dropout: 0.4, num_layers: 2, train: true, ..default }, 3, 5, Kind::Float),
        (RNNConfig { dropout: 0.4, num_layers: 2, train: false, ..default }, 3, 5, Kind::Float),
        (default, 3, 5, Kind::Double),
    ];
    for (c, features, hidden, kind) in configs {
        let case = format!("{c:?}");
        let mut vs = cpu();
        let lstm = nn::lstm(vs.root() / "lstm", features, hidden, c);
        let gru = nn::gru(vs.root() / "gru", features, hidden, c);
        if kind == Kind::Double {
            vs.double();
        }
        train(&vs);
        let module = Recurrent { lstm, gru };
        let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_shared(&case, &compiled, &vs);
        // The configuration says whether there is dropout, and the mode does not.
        let modes: &[bool] = if c.dropout > 0.0 { &[true, false] } else { &[true] };
        for &training in modes {
            if training {
                compiled.train()
            } else {
                compiled.eval()
            }
            let (lstm, gru) = (compiled.submodule("lstm").unwrap(), compiled.submodule("gru").unwrap());
            assert_eq!((lstm.original_name(), gru.original_name()), ("LSTM".into(), "GRU".into()));
            assert_eq!(names(&lstm.named_parameters()), flat_weights(c), "{case}");
            assert_eq!(names(&gru.named_parameters()), flat_weights(c), "{case}");
            check_lstm(&case, &lstm, &module.lstm, c, features, kind);
            check_gru(&case, &gru, &module.gru, c, features, kind);
        }
    }
}

/// Inputs of two batch sizes. tch takes the batch size from the first dimension, so without
/// `batch_first` its `seq` works where both sizes are equal, and `step` with a batch of one.
fn sequences(c: RNNConfig, features: i64, kind: Kind) -> [Tensor; 2] {
    let sizes = if c.batch_first {
        [[2, 3, features], [4, 1, features]]
    } else {
        [[3, 3, features], [2, 2, features]]
    };
    sizes.map(|size| Tensor::randn(size, (kind, Device::Cpu)))
}

fn check_lstm(case: &str, compiled: &ScriptModule, lstm: &nn::LSTM, c: RNNConfig, features: i64, kind: Kind) {
    let seq = |(output, state): (Tensor, LSTMState)| IValue::Tuple(vec![ivalue(&output), lstm_state(&state)]);
    let random =
        |batch| LSTMState((lstm.zero_state(batch).h().rand_like(), lstm.zero_state(batch).c().rand_like()));
    for x in sequences(c, features, kind) {
        let batch = x.size()[0];
        let state = random(batch);
        let with_state = [ivalue(&x), lstm_state(&state)];
        assert_same(case, compiled, "seq", &[ivalue(&x)], || seq(lstm.seq(&x)));
        assert_same(case, compiled, "forward", &[ivalue(&x)], || seq(lstm.seq(&x)));
        assert_same(case, compiled, "seq_init", &with_state, || seq(lstm.seq_init(&x, &state)));
        assert_same(case, compiled, "forward", &with_state, || seq(lstm.seq_init(&x, &state)));
        assert_same(case, compiled, "zero_state", &[IValue::Int(batch)], || {
            lstm_state(&lstm.zero_state(batch))
        });
        let (x, state) = (x.select(1, 0), random(if c.batch_first { batch } else { 1 }));
        let args = [ivalue(&x), lstm_state(&state)];
        assert_same(case, compiled, "step", &args, || lstm_state(&lstm.step(&x, &state)));
    }
}

fn check_gru(case: &str, compiled: &ScriptModule, gru: &nn::GRU, c: RNNConfig, features: i64, kind: Kind) {
    let seq = |(output, state): (Tensor, GRUState)| IValue::Tuple(vec![ivalue(&output), ivalue(&state.0)]);
    let random = |batch| GRUState(gru.zero_state(batch).0.rand_like());
    for x in sequences(c, features, kind) {
        let batch = x.size()[0];
        let state = random(batch);
        let with_state = [ivalue(&x), ivalue(&state.0)];
        assert_same(case, compiled, "seq", &[ivalue(&x)], || seq(gru.seq(&x)));
        assert_same(case, compiled, "forward", &[ivalue(&x)], || seq(gru.seq(&x)));
        assert_same(case, compiled, "seq_init", &with_state, || seq(gru.seq_init(&x, &state)));
        assert_same(case, compiled, "forward", &with_state, || seq(gru.seq_init(&x, &state)));
        assert_same(case, compiled, "zero_state", &[IValue::Int(batch)], || ivalue(&gru.zero_state(batch).0));
        let (x, state) = (x.select(1, 0), random(if c.batch_first { batch } else { 1 }));
        let args = [ivalue(&x), ivalue(&state.0)];
        assert_same(case, compiled, "step", &args, || ivalue(&gru.step(&x, &state).0));
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Encoder {
    lstm: nn::LSTM,
    gru: nn::GRU,
    out: nn::Linear,
}

#[methods]
impl Encoder {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let (y, _) = self.lstm.seq(x);
        let (z, state) = self.gru.seq(&y);
        z.apply(&self.out) + state.value().sum(y.kind())
    }
}

#[test]
fn recurrent_layers_are_parts_of_a_traced_module() {
    let _alone = alone();
    let vs = cpu();
    let c = RNNConfig { bidirectional: true, ..Default::default() };
    let module = Encoder {
        lstm: nn::lstm(vs.root() / "lstm", 3, 4, c),
        gru: nn::gru(vs.root() / "gru", 8, 5, Default::default()),
        out: nn::linear(vs.root() / "out", 5, 2, Default::default()),
    };
    let x = randn(&[2, 6, 3]);
    let compiled = tch_jit::trace(&module, &x).unwrap();
    assert_shared("encoder", &compiled, &vs);
    assert!(names(&compiled.named_parameters()).contains(&"lstm.weight_hh_l0_reverse".to_owned()));
    // The zero state is that of a batch of two; the length of the sequence is free.
    for length in [6, 3] {
        let x = randn(&[2, length, 3]);
        assert_same("encoder", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
    }
}

#[test]
fn a_recurrent_layer_without_layers_is_refused() {
    let _alone = alone();
    let vs = cpu();
    let c = RNNConfig { num_layers: 0, ..Default::default() };
    let module = Recurrent {
        lstm: nn::lstm(vs.root() / "lstm", 3, 4, c),
        gru: nn::gru(vs.root() / "gru", 3, 4, Default::default()),
    };
    let error = tch_jit::compile(&module).unwrap_err();
    assert!(matches!(error, Error::Layer { ty: "tch::nn::LSTM", .. }), "{error}");
}
