//! Compiles models written in Rust with [`tch`] to TorchScript: real, hierarchical modules, each
//! in the mode that its type declares.
//!
//! ```
//! use tch::{Kind, Tensor};
//! use tch_jit::{compile_mode, methods};
//!
//! /// Scripted: its branch depends on data.
//! #[compile_mode(script)]
//! #[derive(Debug)]
//! struct DecisionGate;
//!
//! #[methods]
//! impl DecisionGate {
//!     pub fn forward(&self, x: &Tensor) -> Tensor {
//!         if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.shallow_clone() } else { -x }
//!     }
//! }
//!
//! # fn main() -> tch_jit::Result<()> {
//! let compiled = tch_jit::compile(&DecisionGate)?;
//! let x = Tensor::from_slice(&[-1.0f32, -2.0]);
//! assert_eq!(compiled.forward(&x)?, Tensor::from_slice(&[1.0f32, 2.0]));
//! # Ok(())
//! # }
//! ```
//!
//! [`compile`] walks the tree of modules, children first. A scripted module's Rust source is
//! translated, control flow included; a traced module's operations are recorded, with calls of
//! compiled children kept as calls. Parameters are shared with the Rust module, under their field
//! names. The result can be called, saved, and loaded from Python, C++ and inference servers.

#![deny(unsafe_code)]

#[macro_use]
mod families;

mod artifact;
#[allow(missing_docs)]
pub mod bounds;
mod compile;
mod error;
#[allow(missing_docs, unsafe_code)]
mod ffi;
mod identity;
mod model;
mod names;
mod place;
#[doc(hidden)]
#[allow(missing_docs)]
pub mod private;
mod record;
pub mod testing;
mod types;

pub use artifact::{
    CompilationUnit, Compiled, CompiledT, FixedProperty, FreeDimension, LiftedConstant, LoadOptions,
    MethodReport, Operation, Report, ScriptModule, Warning, WrittenBy, compile_source,
};
pub use compile::{
    Compiler, compile, script, trace, trace_fn, trace_module, trace_var_store, tracing_inputs,
};
pub use error::{Error, Result};
pub use model::closure::{FnInput, FnInputs, TracedFn};
pub use model::examples::{Draw, ExampleInput};
pub use model::fitness::{Compilable, CompilableRoot, Scriptable, ScriptableRoot};
pub use model::inputs::{IntoInputs, IntoSets, MethodInputs};
pub use model::mode::CompileMode;
pub use model::module::{Forward, Module};
pub use model::node::{DynModule, TypeInfo};
pub use model::{mode, registry};
pub use place::{ModulePath, Place, Site};
pub use tch_jit_macros::{
    ScriptType, auto_jitable, compile_mode, export, methods, script, script_if_tracing, tracing_inputs,
    unused,
};
pub use types::{
    CallArgs, Future, IntoArgs, IntoValue, ScriptArgs, ScriptOutput, ScriptType, TraceInput, TraceOutput,
    fork, wait,
};
