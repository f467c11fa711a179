//! What happens while a user's body runs: the trace that it is recorded in, the calls and the lines that are at
//! work, the values that leave it, and the state that must be afterwards what it was before.

pub mod frames;
mod leaks;
pub mod quiet;
mod recording;
mod snapshot;

pub use leaks::Leaks;
pub use recording::{
    Abort, Callees, EntryCall, Object, Recording, at_site, in_training, is_tracing, record_call,
    record_entry, record_function,
};
pub use snapshot::{Snapshot, Versions};
