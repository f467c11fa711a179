//! Random numbers of a thread's own, and whether the process's were seeded.

use std::marker::PhantomData;
use std::ptr::NonNull;

use super::{Failure, Value, check, handle, raw};

/// While this lives, operators on the CPU that this thread runs draw from a generator of the thread's own, in place of
/// libtorch's, which all threads share. It goes on from the state of the generator that the thread drew from before.
/// Generators of other devices stay libtorch's.
#[derive(Debug)]
pub struct Random {
    generator: NonNull<raw::Random>,
    /// It belongs to its thread.
    thread: PhantomData<*const ()>,
}

impl Random {
    /// Runs `f` with random numbers of its own; afterwards the thread draws from where it drew before.
    pub fn scope<R>(f: impl FnOnce(&Random) -> R) -> Result<R, Failure> {
        // SAFETY: no preconditions. Scopes end in the reverse order, in their own thread.
        let generator = handle(|error| unsafe { raw::tj_random_new(error) })?;
        Ok(f(&Random { generator, thread: PhantomData }))
    }

    /// Makes the numbers those that follow from `seed`.
    pub fn seed(&self, seed: u64) -> Result<(), Failure> {
        // SAFETY: no preconditions.
        check(|error| unsafe { raw::tj_random_seed(seed, error) })
    }

    /// The state of this thread's own random numbers; an error outside of every [`Random::scope`].
    pub fn state() -> Result<Value, Failure> {
        // SAFETY: no preconditions.
        handle(|error| unsafe { raw::tj_random_state(error) }).map(Value::from_raw)
    }

    /// Restores a state that [`Random::state`] returned.
    pub fn set_state(state: &Value) -> Result<(), Failure> {
        // SAFETY: the value is alive.
        check(|error| unsafe { raw::tj_random_set_state(state.0.as_ptr(), error) })
    }
}

impl Drop for Random {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and freed once, in its thread and before those that are older.
        unsafe { raw::tj_random_free(self.generator.as_ptr()) }
    }
}

/// Runs `f`, and tells whether someone, in any thread, has seeded the process's random numbers meanwhile, as by
/// `tch::manual_seed`. `f` must not unwind.
pub fn watch_seed<R>(f: impl FnOnce() -> R) -> Result<(R, bool), Failure> {
    // SAFETY: no preconditions.
    let watch = handle(|error| unsafe { raw::tj_seed_watch_begin(error) }).map(Value::from_raw)?;
    let result = f();
    let mut is_seeded = false;
    // SAFETY: the value is alive, and the result outlives the call.
    check(|error| unsafe { raw::tj_seed_watch_end(watch.0.as_ptr(), &raw mut is_seeded, error) })?;
    Ok((result, is_seeded))
}
