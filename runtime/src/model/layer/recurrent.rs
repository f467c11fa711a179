//! LSTM and GRU. All their fields are private, but the one operator that they call gets all of these as arguments.
//!
//! The layer is compiled as a trace of `seq_init`, with the state as an input. The other methods of tch's `RNN` are
//! written in TorchScript around it, so that the zero state follows the size of the batch.
//!
//! That holds where a scripted module calls the layer. In a traced parent, tch's own code runs and is recorded: there
//! `seq` makes its zero state for the batch size of the example input.

use tch::Tensor;
use tch::nn::{GRU, GRUState, LSTM, LSTMState, RNN};

use super::{Contents, Inside, Layer, LayerTensor, TchLayer, TracedMethod, parameter, zeros_like};
use crate::ffi;
use crate::identity::Object;

impl TchLayer for LSTM {
    fn layer(&self) -> Layer<'_> {
        let zero_state = || {
            let LSTMState((h, c)) = self.zero_state(1);
            vec![h, c]
        };
        let seq_init = |inputs: &[Tensor]| {
            let state = LSTMState((inputs[1].shallow_clone(), inputs[2].shallow_clone()));
            let (output, LSTMState((h, c))) = self.seq_init(&inputs[0], &state);
            vec![output, h, c]
        };
        Layer {
            object: Object::named(self, "tch::nn::LSTM"),
            class: "torch.nn.modules.rnn.LSTM",
            inside: Inside::known(move || {
                contents("aten::lstm", &["input", "h", "c"], zero_state(), seq_init)
            }),
        }
    }
}

impl TchLayer for GRU {
    fn layer(&self) -> Layer<'_> {
        let seq_init = |inputs: &[Tensor]| {
            let (output, GRUState(h)) = self.seq_init(&inputs[0], &GRUState(inputs[1].shallow_clone()));
            vec![output, h]
        };
        Layer {
            object: Object::named(self, "tch::nn::GRU"),
            class: "torch.nn.modules.rnn.GRU",
            inside: Inside::known(move || {
                contents("aten::gru", &["input", "h"], vec![self.zero_state(1).0], seq_init)
            }),
        }
    }
}

/// A recurrent layer's tensors and methods. `zero_state` is the zero state of a batch of one; `seq_init` takes the
/// input and the state's tensors, and returns the output and the state's tensors.
fn contents<'m>(
    operator: &str,
    args: &'static [&'static str],
    zero_state: Vec<Tensor>,
    seq_init: impl Fn(&[Tensor]) -> Vec<Tensor> + Copy + 'm,
) -> Result<Contents<'m>, String> {
    let example = |shape: &[i64], batch: i64| {
        let state = zero_state.iter().map(|zeros| zeros.narrow(1, 0, batch));
        std::iter::once(zeros_like(&zero_state[0], shape)).chain(state).collect::<Vec<_>>()
    };
    // The number of features is not known yet, so the input may have a wrong one; nothing checks it before the operator
    // is called.
    let arguments = ffi::intercept(operator, || seq_init(&example(&[1, 1, 1], 1)))
        .map_err(|failure| failure.to_string())?;
    let config =
        Config::read(&arguments).ok_or_else(|| format!("{operator} was called with unknown arguments"))?;
    let shape = if config.batch_first { [0, 1, config.features] } else { [1, 0, config.features] };
    let method =
        TracedMethod { name: "traced_seq_init", args, example: example(&shape, 0), run: Box::new(seq_init) };
    let n_states = zero_state[0].size()[0];
    let source = if zero_state.len() == 2 { lstm_source(n_states) } else { gru_source(n_states) };
    Ok(Contents { tensors: config.tensors, methods: vec![method], source, uniform: false })
}

/// The layer's configuration, read from the arguments of `aten::lstm` or `aten::gru`.
struct Config {
    /// The tensors under PyTorch's names: for each layer and direction the weights of the input and of the state, then
    /// their biases.
    tensors: Vec<LayerTensor>,
    features: i64,
    batch_first: bool,
}

impl Config {
    fn read(arguments: &[ffi::Value]) -> Option<Config> {
        let [_, _, weights, has_biases, num_layers, _dropout, _train, bidirectional, batch_first] = arguments
        else {
            return None;
        };
        let kinds: &[&str] = if has_biases.as_bool()? { &["weight", "bias"] } else { &["weight"] };
        let directions: &[&str] = if bidirectional.as_bool()? { &["", "_reverse"] } else { &[""] };
        let mut names = vec![];
        for layer in 0..num_layers.as_int()? {
            for direction in directions {
                for kind in kinds {
                    names.extend(["ih", "hh"].map(|of| format!("{kind}_{of}_l{layer}{direction}")));
                }
            }
        }
        let weights: Vec<Tensor> = weights.elements().iter().filter_map(ffi::Value::as_tensor).collect();
        // weight_ih_l0: (gates * hidden, features)
        let features = *weights.first()?.size().get(1)?;
        let tensors = names.iter().zip(&weights).map(|(name, weight)| parameter(name, weight)).collect();
        (weights.len() == names.len()).then_some(Config {
            tensors,
            features,
            batch_first: batch_first.as_bool()?,
        })
    }
}

/// The TorchScript of the methods around `seq_init`. Sizes are read from the weights at run time, so that layers of
/// different sizes can share one class.
fn source(state: &str, n_states: i64, zero_state: &str, seq_init: &str) -> String {
    format!(
        "
def zero_state(self, batch_dim: int) -> {state}:
    weight = self.weight_hh_l0
    zeros = torch.zeros([{n_states}, batch_dim, weight.size(1)], dtype=weight.dtype, device=weight.device)
    return {zero_state}

def seq_init(self, input: Tensor, state: {state}) -> Tuple[Tensor, {state}]:
{seq_init}

def seq(self, input: Tensor) -> Tuple[Tensor, {state}]:
    # As in tch, whatever `batch_first` says.
    return self.seq_init(input, self.zero_state(input.size(0)))

def step(self, input: Tensor, state: {state}) -> {state}:
    return self.seq_init(input.unsqueeze(1), state)[1]

def forward(self, input: Tensor, hx: Optional[{state}] = None) -> Tuple[Tensor, {state}]:
    if hx is None:
        return self.seq(input)
    else:
        return self.seq_init(input, hx)
"
    )
}

fn lstm_source(n_states: i64) -> String {
    let seq_init = "    h, c = state
    output, h, c = self.traced_seq_init(input, h, c)
    return output, (h, c)";
    source("Tuple[Tensor, Tensor]", n_states, "zeros, zeros", seq_init)
}

fn gru_source(n_states: i64) -> String {
    source("Tensor", n_states, "zeros", "    return self.traced_seq_init(input, state)")
}
