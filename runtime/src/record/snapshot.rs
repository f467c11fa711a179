//! The state that a run may change and compiling must not: buffers, and the random numbers that this thread draws, which
//! are its own while it compiles. Both are saved and restored.
//! Parameters, which may be large, are not copied; a change of one is only noticed.

use tch::Tensor;

use crate::error::{Error, Result};
use crate::ffi::{self, Random, Value};

/// Saved values of tensors, and the saved random state.
pub struct Snapshot {
    tensors: Vec<(Tensor, Tensor)>,
    random: Value,
}

/// How often each parameter of a module had been changed in place.
pub struct Versions(Vec<(String, Tensor, i64)>);

impl Versions {
    /// The versions of the module's parameters, as they are now.
    pub fn of_parameters(module: &ffi::JitModule) -> Versions {
        let versioned = |(name, it): (String, Tensor)| {
            let version = it.internal_version();
            (name, it, version)
        };
        Versions(module.parameters(true).into_iter().map(versioned).collect())
    }

    /// The name of a parameter that was changed since.
    pub fn changed(&self) -> Option<&str> {
        let changed = self.0.iter().find(|(_, it, version)| it.internal_version() != *version);
        changed.map(|(name, ..)| &**name)
    }
}

impl Snapshot {
    /// Saves the module's buffers and the random state.
    pub fn of_module(module: &ffi::JitModule) -> Result<Snapshot> {
        let buffers: Vec<Tensor> = module.buffers(true).into_iter().map(|(_, buffer)| buffer).collect();
        Snapshot::take(&buffers)
    }

    /// Saves these tensors and the random state.
    pub fn take(tensors: &[Tensor]) -> Result<Snapshot> {
        let tensors = tch::no_grad(|| tensors.iter().map(|it| (it.shallow_clone(), it.copy())).collect());
        Ok(Snapshot { tensors, random: Random::state()? })
    }

    /// Adds a tensor with the value to restore.
    pub fn add(&mut self, tensor: &Tensor, saved: Tensor) {
        self.tensors.push((tensor.shallow_clone(), saved));
    }

    /// The saved random state.
    pub fn random(&self) -> &Value {
        &self.random
    }

    /// Writes back what has changed; may be called more than once.
    pub fn restore(&self) -> Result<()> {
        let failed = |error: tch::TchError| Error::Torch(format!("cannot restore a buffer: {error}"));
        tch::no_grad(|| {
            for (tensor, saved) in &self.tensors {
                let mut tensor = tensor.shallow_clone();
                if tensor.size() != saved.size() {
                    let _ = tensor.f_resize_(saved.size()).map_err(failed)?;
                }
                if tensor != *saved {
                    tensor.f_copy_(saved).map_err(failed)?;
                }
            }
            Ok::<_, Error>(())
        })?;
        Ok(Random::set_state(&self.random)?)
    }
}
