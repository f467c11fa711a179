//! Layers of equivariant networks: `e3nn.nn`.

mod act;
mod activation;
mod batch_norm;
mod dropout;
mod extract;
mod fc;
mod gate;
mod norm_activation;

pub use act::{Act, activate};
pub use activation::{Activation, ActivationError};
pub use batch_norm::{BatchNorm, BatchNormOptions, Reduce};
pub use dropout::Dropout;
pub use extract::{Extract, ExtractIr};
pub use fc::{FullyConnectedNet, FullyConnectedOptions};
pub use gate::{Gate, GateError};
pub use norm_activation::NormActivation;
