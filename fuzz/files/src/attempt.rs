//! What is done with a file that may be damaged: all that reads what it holds, but for calls of its methods.

use std::fmt::{self, Display, Formatter};
use std::thread;
use std::time::Duration;

use tch::{Kind, Tensor};
use tch_jit::{Error, LoadOptions, ScriptModule};

/// What came of a file, where the process lives.
#[derive(Debug)]
pub enum Outcome {
    /// The file was not loaded, with this message.
    Refused(String),
    /// All that it holds was looked at.
    Loaded,
}

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Refused(message) => write!(f, "refused: {message}"),
            Outcome::Loaded => f.write_str("loaded"),
        }
    }
}

/// Loads a file and, where that succeeds, looks at all that it holds.
pub fn attempt(bytes: &[u8]) -> Outcome {
    let options = LoadOptions::new().time_limit(Duration::from_secs(20));
    match options.load_from_reader(bytes) {
        Ok((module, _)) => {
            // In a thread with a stack of the usual size, which is smaller than that of `main`.
            let looked = thread::spawn(move || look(&module)).join();
            looked.expect("a module that is loaded can be looked at");
            Outcome::Loaded
        }
        Err(error) => Outcome::Refused(error.to_string()),
    }
}

/// Reads tensors, copies and saves the module, and prints its code. Where one of them fails, it has to say so.
fn look(module: &ScriptModule) {
    for (_, tensor) in module.named_parameters().iter().chain(&module.named_buffers()) {
        read(tensor);
    }
    for (_, child) in module.named_modules() {
        let _ = (child.code(), child.inlined_graph(), child.to_string());
    }
    let saved = |module: &ScriptModule| -> Result<(), Error> {
        let mut bytes = vec![];
        module.save_to_writer(&mut bytes)?;
        ScriptModule::load_from_reader(&bytes[..], None, &[])?;
        Ok(())
    };
    let _ = saved(module);
    if let Ok(copy) = module.deep_copy() {
        let _ = saved(&copy);
    }
}

/// Reads each element, where that is possible.
fn read(tensor: &Tensor) {
    let dense = if tensor.is_sparse() { tensor.f_to_dense(None, false) } else { tensor.f_dequantize() };
    let dense = dense.or_else(|_| tensor.f_abs()).unwrap_or_else(|_| tensor.shallow_clone());
    // A file may hold a number in a tensor of any size.
    if dense.numel() < 1 << 24 {
        let _ = dense.f_to_kind(Kind::Double).and_then(|it| it.f_sum(Kind::Double)).and_then(f64::try_from);
    }
}
