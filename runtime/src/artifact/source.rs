//! Compiles TorchScript that is written as text, and runs its functions.

use tch::IValue;

use crate::artifact::inspect::Nesting;
use crate::artifact::script_module::refuse_in_trace;
use crate::error::{Error, Result};
use crate::ffi;
use crate::types::{from_ivalue, to_ivalue};

/// Functions compiled from TorchScript text, as `torch.jit.CompilationUnit`. It stays on one
/// thread.
#[derive(Debug)]
pub struct CompilationUnit {
    unit: ffi::Unit,
}

/// Compiles TorchScript text: functions, without a module around them.
///
/// # Errors
///
/// [`Error::Torch`] with libtorch's message, which underlines the text; also where the text is nested too deeply for a
/// compiler that calls itself for each level.
pub fn compile_source(source: &str) -> Result<CompilationUnit> {
    let stack = Nesting::of(source.as_bytes()).and_then(Nesting::stack).map_err(Error::Torch)?;
    // libtorch's lexer wants a line break at the end of the last line.
    let unit = ffi::Unit::of_source(&format!("{source}\n"), stack)?;
    Ok(CompilationUnit { unit })
}

impl CompilationUnit {
    /// Runs the function `name`.
    ///
    /// # Errors
    ///
    /// [`Error::Call`] with libtorch's message.
    pub fn call(&self, name: &str, args: &[IValue]) -> Result<IValue> {
        let args = args.iter().map(from_ivalue).collect::<Result<Vec<_>>>()?;
        refuse_in_trace()?;
        let value = self.unit.call(name, &args).map_err(|failure| Error::Call(failure.to_string()))?;
        to_ivalue(&value)
    }
}
