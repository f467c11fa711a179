//! [`Like`]: the kind and the device that example inputs get.

use tch::{Device, Kind};

/// The kind and the device of floating tensors among the examples: those of the module's own tensors.
#[derive(Clone, Copy, Debug)]
pub struct Like {
    pub kind: Kind,
    pub device: Device,
}
