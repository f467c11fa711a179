//! What generated code calls. Nothing here is meant for people, and anything may change.

pub mod attributes;
mod functions;
pub mod no_script;
mod probe;

pub use inventory;
pub use tch::nn::{GRU, LSTM, VarStore};
pub use tch::{Kind, Tensor};
pub use tch_jit_macros::{Configured, discard};

pub use self::functions::{FunctionOf, call_exported};
pub use self::probe::{
    ArgOf, ArgsOf, BodyOf, Gives, If, ModeOf, Otherwise, OtherwisePointer, OtherwiseValue, ParameterOf,
    Pointer, Probe, ProbeValue, Takes, TreeOf,
};
pub use crate::ffi::{Type, Value, operator_schemas, rust_operators};
pub use crate::identity::RustType;
pub use crate::model::data::{
    DataCall, DataMethod, Define, ForeignMethod, MethodOf, MethodProbe, OtherwiseMethod, OtherwiseParts,
    Pair, Part, PartsProbe, method_of,
};
pub use crate::model::definition::{
    Constant, Elsewhere, MethodDef, MethodDefs, Refusal, ScriptFunction, value,
};
pub use crate::model::examples::{
    Declared, Dimension, Draw, ExampleOf, NotGiven, Nth, Request, Signature, fits,
};
pub use crate::model::fitness::{BodyIn, CompilableIn, Fits, Supports};
pub use crate::model::inputs::{NoTracingInputs, TracingInputs};
pub use crate::model::layer::function;
pub use crate::model::member::{Dynamic, Member, TensorField, attribute, buffer, parameter};
pub use crate::model::method::RustMethod;
pub use crate::model::module::{Entries, Plain, WithEntry, WithTrain};
pub use crate::model::node::{MemberValue, Members, NodeRef};
pub use crate::model::registry::{Block, BlockMethod, Registered};
pub use crate::record::is_tracing;
pub use crate::testing::Instance;
pub use crate::types::{
    Arg, DataField, HasNone, HasUnknown, Inferred, NamedTuple, Operand, TellsItems, TellsNothing, Told,
    Trait, any, high, low, share,
};
