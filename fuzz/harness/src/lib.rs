//! What every batch of generated programs links: it runs each program in Rust and compiled, on the
//! same inputs, and prints one line of JSON for each program.
//!
//! The line `{"start": i}` comes first, so that a program that ends the process is known.

mod data;
mod input;
mod named;
mod run;
mod subject;
mod value;

pub use data::{Data, Map};
pub use rand_chacha::ChaCha8Rng;
pub use run::{Case, main};
pub use subject::{Subject, subject};
pub use value::Value;

/// What the modules of generated programs import.
pub mod prelude {
    pub use std::collections::{BTreeMap, HashMap};
    pub use tch::{Device, IndexOp, Kind, NewAxis, Tensor};
    pub use tch_jit::{ScriptType, compile_mode, export, methods, script};
}
