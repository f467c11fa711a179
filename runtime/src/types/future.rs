//! Asynchronous calls, as `torch.jit.fork` and `torch.jit.wait`.

use super::ScriptType;
use crate::ffi::{Type, Value};

/// The result of a call that [`fork`] started; [`wait`] returns it.
#[derive(Debug)]
#[must_use = "a future is waited for with `wait`"]
pub struct Future<T>(T);

/// Starts `f`. In Rust, `f` runs at once. Compiled, TorchScript's interpreter runs it beside the code that follows, if
/// it has threads for that (`at::set_num_interop_threads`).
///
/// In a scripted method, `f` is a closure that is one call, of a child, of a method, of a function with
/// `#[script]` or of an operator: `fork(|| self.encoder.forward(&x))`. Its arguments are evaluated
/// before.
///
/// ```
/// let future = tch_jit::fork(|| 1 + 1);
/// assert_eq!(tch_jit::wait(future), 2);
/// ```
pub fn fork<T>(f: impl FnOnce() -> T) -> Future<T> {
    Future(f())
}

/// The result of a call that [`fork`] started.
pub fn wait<T>(future: Future<T>) -> T {
    future.wait()
}

/// Here for the type alone, which lists of futures have to name: `let mut futures: Vec<Future<Tensor>> = vec![]`.
#[diagnostic::do_not_recommend]
impl<T: ScriptType> ScriptType for Future<T> {
    type Erased = Future<T::Erased>;
    fn script_type() -> Type {
        T::script_type().future()
    }

    /// Reached only for an argument of a compiled module, which libtorch refuses: a future cannot come from outside.
    fn to_value(&self) -> Value {
        self.0.to_value()
    }
}

impl<T> Future<T> {
    /// The result.
    pub fn wait(self) -> T {
        self.0
    }
}
