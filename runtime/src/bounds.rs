//! What rustc's messages name: traits that the attributes implement, or ask for, and functions that generated code calls.
//!
//! They are here to be found by who reads a message. Write `#[compile_mode]`, `#[methods]` and `#[derive(ScriptType)]`,
//! and they are implemented; to implement them by hand may stop working at any time.

pub use crate::model::data::{DataMethod, method_of};
pub use crate::model::definition::{Constant, ScriptFunction};
pub use crate::model::examples::{Dimension, ExampleOf, Signature, fits};
pub use crate::model::fitness::{BodyIn, CompilableIn, Fits, Supports, Traces};
pub use crate::model::inputs::TracingInputs;
pub use crate::model::member::{Member, TensorField};
pub use crate::model::module::{Entries, Plain, WithTrain};
pub use crate::private::{Gives, Takes, no_script};
pub use crate::types::{Arg, DataField, Inferred, Integer, Known, high, low};
