//! The state that a run may change and compiling must not: buffers, and the random numbers that this thread draws, which
//! are its own while it compiles. Both are saved and restored.
//! Parameters, which may be large, are not copied; a change of one is only noticed.

use tch::{TchError, Tensor};

use crate::error::{Error, Result};
use crate::ffi::{self, Random, Value, holds_values, once};

/// Saved values of tensors, and the saved random state.
pub struct Snapshot {
    tensors: Vec<Saved>,
    random: Value,
}

/// A tensor, with the value to restore.
struct Saved {
    tensor: Tensor,
    value: Tensor,
    /// How often the tensor had been changed in place, if that is known.
    version: Option<i64>,
}

/// How often each parameter of a module had been changed in place.
pub struct Versions(Vec<(String, Tensor, Option<i64>)>);

impl Versions {
    /// The versions of the module's parameters, as they are now.
    pub fn of_parameters(module: &ffi::JitModule) -> Versions {
        let versioned = |(name, it): (String, Tensor)| {
            let version = it.f_internal_version().ok();
            (name, it, version)
        };
        Versions(module.parameters(true).into_iter().map(versioned).collect())
    }

    /// The name of a parameter that was changed since.
    pub fn changed(&self) -> Option<&str> {
        let changed = self.0.iter().find(|(_, it, version)| it.f_internal_version().ok() != *version);
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
        let mut snapshot = Snapshot { tensors: vec![], random: Random::state()? };
        for tensor in tensors.iter().filter(|it| holds_values(it)) {
            let value = Value::tensor(tensor).copy()?.as_tensor().unwrap_or_default();
            let version = tensor.f_internal_version().ok();
            snapshot.tensors.push(Saved { tensor: tensor.shallow_clone(), value, version });
        }
        Ok(snapshot)
    }

    /// Adds a tensor with the value to restore.
    pub fn add(&mut self, tensor: &Tensor, value: Tensor) {
        self.tensors.push(Saved { tensor: tensor.shallow_clone(), value, version: None });
    }

    /// The saved random state.
    pub fn random(&self) -> &Value {
        &self.random
    }

    /// Writes back what has changed; may be called more than once.
    pub fn restore(&self) -> Result<()> {
        let failed = |error: TchError| Error::Torch(format!("cannot restore a buffer: {error}"));
        tch::no_grad(|| self.tensors.iter().try_for_each(|it| it.restore().map_err(failed)))?;
        Ok(Random::set_state(&self.random)?)
    }
}

impl Saved {
    fn restore(&self) -> std::result::Result<(), TchError> {
        let Saved { tensor, value, version } = self;
        let mut tensor = tensor.shallow_clone();
        if tensor.size() != value.size() {
            let _ = tensor.f_resize_(value.size())?;
        }
        let once = |it| once(it).map_err(|failure| TchError::Torch(failure.to_string()));
        let (mut now, before) = (once(&tensor)?, once(value)?);
        // Some layouts, such as sparse ones, cannot be compared. They have no memory that Rust could write to.
        let is_changed =
            now.f_equal(&before).map_or_else(|_| tensor.f_internal_version().ok() != *version, |it| !it);
        if is_changed { now.f_copy_(&before) } else { Ok(()) }
    }
}
