//! The trace that is being recorded in this thread, and the calls that it records.
//!
//! `#[methods]` puts a check of [`is_tracing`] at the head of each entry. While a module is traced,
//! a compiled child's entry records a call of its TorchScript method instead of running its
//! Rust body, so that the child's control flow survives.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::compile::Functions;
use crate::error::Error;
use crate::ffi::{self, Value};
use crate::private::ScriptFunction;
use crate::types::ScriptOutput;

thread_local! {
    // Read at each call of an annotated module: const-initialised, it costs one comparison.
    static TRACING: Cell<bool> = const { Cell::new(false) };
    static CALLEES: RefCell<Vec<Callee>> = const { RefCell::new(Vec::new()) };
    static FUNCTIONS: RefCell<Option<Rc<Functions>>> = const { RefCell::new(None) };
}

/// A compiled module below the one that is being traced.
#[derive(Clone, Debug)]
pub struct Callee {
    /// The Rust object; none where it has no size, and so no identity.
    pub address: Option<usize>,
    /// Its type.
    pub ty: &'static str,
    /// Its compiled form.
    pub module: ffi::Module,
}

/// A failure on the way through a user's `forward`, which returns no `Result`.
pub struct Abort(pub Error);

/// Whether a trace is recorded in this thread.
#[inline]
pub fn is_tracing() -> bool {
    TRACING.get()
}

/// Runs `f` while calls of `callees` and of `#[script]` functions, which are defined among
/// `functions`, are recorded. The state is as before afterwards, also after a panic.
pub fn while_tracing<R>(callees: Vec<Callee>, functions: Rc<Functions>, f: impl FnOnce() -> R) -> R {
    struct Restore(bool, Vec<Callee>, Option<Rc<Functions>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            TRACING.set(self.0);
            CALLEES.replace(std::mem::take(&mut self.1));
            FUNCTIONS.replace(self.2.take());
        }
    }
    let _restore =
        Restore(TRACING.replace(true), CALLEES.replace(callees), FUNCTIONS.replace(Some(functions)));
    f()
}

/// Records a call of `module`'s method, if it is a compiled child of the traced module. The
/// arguments are made only then.
///
/// # Panics
///
/// Unwinds with [`Abort`] where libtorch refuses the call; the trace turns it into its error.
pub fn record_call<M, R: ScriptOutput>(
    module: &M,
    method: &str,
    args: impl FnOnce() -> Vec<Value>,
) -> Option<R> {
    let callee = find(module)?;
    if !callee.has_method(method) {
        return None;
    }
    let result = ffi::record_call(&callee, method, &args()).map_err(Error::from);
    Some(output_or_abort(result))
}

/// Records a call of the function `F`.
///
/// # Panics
///
/// As [`record_call`].
pub fn record_function<F: ScriptFunction, R: ScriptOutput>(args: impl FnOnce() -> Vec<Value>) -> Option<R> {
    let functions = FUNCTIONS.with_borrow(Clone::clone)?;
    Some(output_or_abort(functions.record_call::<F>(&args())))
}

fn output_or_abort<R: ScriptOutput>(result: crate::Result<Value>) -> R {
    match result.and_then(|value| R::from_value(&value)) {
        Ok(output) => output,
        Err(error) => std::panic::resume_unwind(Box::new(Abort(error))),
    }
}

fn find<M>(module: &M) -> Option<ffi::Module> {
    let address = (size_of::<M>() > 0).then(|| std::ptr::from_ref(module).addr());
    let ty = std::any::type_name::<M>();
    CALLEES.with_borrow(|callees| {
        callees.iter().find(|it| it.address == address && it.ty == ty).map(|it| it.module.clone())
    })
}
