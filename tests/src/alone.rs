//! Gives the process's one random state to one test at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps other tests from the random state, which all threads share, until the guard is dropped. Where a module under
/// test draws random numbers, every test of that binary begins with this: the others draw too, if only for their
/// arguments and initial weights.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // One thread: tensors are so small that sharing the work costs more than it saves.
    tch::set_num_threads(1);
    tch::manual_seed(1);
    guard
}
