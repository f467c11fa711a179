//! Whether this thread records gradients.

use std::ffi::c_int;

/// Runs `f`, after which gradients are recorded as before, whatever guards `f` leaves behind. `f` must not unwind.
pub fn keep_grad_mode<R>(f: impl FnOnce() -> R) -> R {
    let before = set_grad_mode(1);
    set_grad_mode(before);
    let result = f();
    set_grad_mode(before);
    result
}

/// Sets the mode, and returns the one before.
fn set_grad_mode(mode: c_int) -> c_int {
    // SAFETY: the function changes a flag of this thread, and cannot fail.
    unsafe { torch_sys::at_grad_set_enabled(mode) }
}
