//! The one random state of a process, for one test at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The random state, which is one for all threads, until the guard is dropped. Where a module under
/// test draws from it, every test of that binary begins with this: others draw too, if only their
/// arguments and initial weights.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // Tensors are so small that sharing the work costs more than it saves.
    tch::set_num_threads(1);
    tch::manual_seed(1);
    guard
}
