//! What a run may change and a compiler must not: buffers and the random state.

use tch::Tensor;

use crate::error::Result;
use crate::ffi::{self, Value};

/// Values to be restored.
pub struct Snapshot {
    tensors: Vec<(Tensor, Tensor)>,
    random: Value,
}

impl Snapshot {
    /// Of the module's buffers.
    pub fn of_module(module: &ffi::Module) -> Result<Snapshot> {
        let buffers: Vec<Tensor> = module.buffers(true).into_iter().map(|(_, buffer)| buffer).collect();
        Snapshot::take(&buffers)
    }

    /// Of these tensors.
    pub fn take(tensors: &[Tensor]) -> Result<Snapshot> {
        let tensors = tch::no_grad(|| tensors.iter().map(|it| (it.shallow_clone(), it.copy())).collect());
        Ok(Snapshot { tensors, random: ffi::random_state()? })
    }

    /// Writes back what has changed; may be called more than once.
    pub fn restore(&self) -> Result<()> {
        tch::no_grad(|| {
            for (tensor, saved) in &self.tensors {
                if tensor.size() != saved.size() || *tensor != *saved {
                    tensor.shallow_clone().copy_(saved);
                }
            }
        });
        Ok(ffi::set_random_state(&self.random)?)
    }
}
