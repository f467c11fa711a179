//! Functions of scalars, with the factor that normalizes their second moment: `e3nn.math.normalize2mom`.

use tch::Tensor;
use tch_jit::{ScriptType, script};

use crate::irreps::Parity;

/// A function of scalars. Modules take it by name, so that it is a constant of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ScriptType)]
pub enum Act {
    /// `x`.
    Identity,
    /// `|x|`.
    Abs,
    /// `x` by the distribution function of normal numbers.
    Gelu,
    /// `max(x, 0)`.
    Relu,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `x / (1 + exp(-x))`.
    Silu,
    /// `sin x`.
    Sin,
    /// `ln(1 + exp(x))`.
    Softplus,
    /// `tanh x`.
    Tanh,
}

impl Act {
    /// All of them.
    pub const ALL: [Act; 9] = [
        Act::Identity,
        Act::Abs,
        Act::Gelu,
        Act::Relu,
        Act::Sigmoid,
        Act::Silu,
        Act::Sin,
        Act::Softplus,
        Act::Tanh,
    ];

    /// What makes the mean of the function's square 1 for normal numbers, as e3nn computes it: from the million numbers
    /// that PyTorch draws in double precision at seed 0.
    pub fn normalize2mom(self) -> f64 {
        match self {
            Act::Identity | Act::Abs => 1.001110600838467,
            Act::Gelu => 1.5360642850770578,
            Act::Relu => 1.4163393446331365,
            Act::Sigmoid => 1.8467055342154763,
            Act::Silu => 1.6791767923989418,
            Act::Sin => 1.5218334864623193,
            Act::Softplus => 1.0426436590527184,
            Act::Tanh => 1.5937334472592695,
        }
    }

    /// Of the function itself, if it has one.
    pub fn parity(self) -> Option<Parity> {
        match self {
            Act::Identity | Act::Sin | Act::Tanh => Some(Parity::Odd),
            Act::Abs => Some(Parity::Even),
            Act::Gelu | Act::Relu | Act::Sigmoid | Act::Silu | Act::Softplus => None,
        }
    }
}

/// The function, without the factor.
#[script]
pub fn activate(x: &Tensor, act: Act) -> Tensor {
    match act {
        Act::Identity => x.shallow_clone(),
        Act::Abs => x.abs(),
        Act::Gelu => x.gelu("none"),
        Act::Relu => x.relu(),
        Act::Sigmoid => x.sigmoid(),
        Act::Silu => x.silu(),
        Act::Sin => x.sin(),
        Act::Softplus => x.softplus(),
        Act::Tanh => x.tanh(),
    }
}
