//! Watching one eager run of a Rust closure: what it reads, and what it calls an operator with.
//! No panic crosses into C++.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tch::Tensor;

use super::value::Value;
use super::{Failure, check, handle, raw};

/// A tensor that a run read and did not make.
pub struct Observed {
    pub tensor: Tensor,
    /// Its value before the run; none if it requires grad.
    pub before: Option<Tensor>,
}

/// What the shim's callbacks are given as `ctx`.
struct Context<'a> {
    body: &'a mut dyn FnMut(),
    observed: Vec<Observed>,
}

unsafe extern "C" fn run(ctx: *mut c_void) {
    // SAFETY: `ctx` is a context that nothing else uses during the call.
    let context = unsafe { &mut *ctx.cast::<Context<'_>>() };
    (context.body)();
}

unsafe extern "C" fn found(ctx: *mut c_void, tensor: *mut c_void, before: *mut c_void) {
    // SAFETY: `ctx` is a context that nothing else uses during the call; the tensors are owned
    // `at::Tensor*`, the second may be null.
    unsafe {
        let before = (!before.is_null()).then(|| Tensor::from_ptr(before.cast()));
        let observed = Observed { tensor: Tensor::from_ptr(tensor.cast()), before };
        (*ctx.cast::<Context<'_>>()).observed.push(observed);
    }
}

/// Runs `body`; returns its result, or its panic, and the tensors that it read and did not make,
/// in the order of their first use.
pub fn observe<R>(body: impl FnOnce() -> R) -> Result<(std::thread::Result<R>, Vec<Observed>), Failure> {
    let (mut body, mut result) = (Some(body), None);
    let mut body = || result = body.take().map(|body| catch_unwind(AssertUnwindSafe(body)));
    let mut context = Context { body: &mut body, observed: vec![] };
    let ctx = std::ptr::from_mut(&mut context).cast();
    // SAFETY: the context outlives the call.
    check(|error| unsafe { raw::tj_observe(run, ctx, found, error) })?;
    let observed = context.observed;
    Ok((result.expect("the shim runs the body once"), observed))
}

/// Runs `body` until it calls `operator`, and returns the arguments of that call. The operator itself does not run.
pub fn intercept<R>(operator: &str, body: impl FnOnce() -> R) -> Result<Vec<Value>, Failure> {
    let mut body = Some(body);
    // The run ends with the panic that tch makes of the shim's exception.
    let mut body = || drop(body.take().map(|body| catch_unwind(AssertUnwindSafe(body))));
    let mut context = Context { body: &mut body, observed: vec![] };
    let ctx = std::ptr::from_mut(&mut context).cast();
    // SAFETY: the context outlives the call.
    let arguments = handle(|error| unsafe { raw::tj_intercept(operator.into(), run, ctx, error) })?;
    Ok(Value::from_raw(arguments).elements())
}
