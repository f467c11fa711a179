//! The calls of a compiled module that have to agree with Rust.

use std::fmt::{self, Display, Formatter};

use tch_jit::ScriptModule;

/// One call of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    number: usize,
    /// Whether libtorch's profiling executor runs it.
    pub optimized: bool,
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "call {}{}", self.number, if self.optimized { " by libtorch's executor" } else { "" })
    }
}

/// Calls `f` for two calls of the module as it is, then for three by libtorch's profiling executor, which runs the file
/// in Python and has optimized the graph by the third.
pub fn each_call(module: &ScriptModule, mut f: impl FnMut(Call)) {
    for (optimized, numbers) in [(false, 1..=2), (true, 1..=3)] {
        module.set_optimized_execution(optimized);
        numbers.for_each(|number| f(Call { number, optimized }));
    }
    module.set_optimized_execution(false);
}
