//! What the compiler keeps while a user's body runs: the trace that the run is recorded in, the user's line that is
//! being run, the values that leave the trace, and the state that must afterwards be what it was before.

pub mod frames;
mod leaks;
pub mod quiet;
mod recording;
mod snapshot;

pub use leaks::Leaks;
pub use recording::{
    Abort, Callees, EntryCall, Recording, at_site, in_training, is_tracing, record_call, record_entry,
    record_function,
};
pub use snapshot::{Snapshot, Versions};
