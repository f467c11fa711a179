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

mod check;
mod closure;
mod compile;
mod compiled;
mod compiler;
mod error;
mod examples;
#[allow(missing_docs)]
mod ffi;
mod fitness;
mod frames;
mod future;
mod inputs;
mod layer;
mod leaks;
mod member;
mod method;
pub mod mode;
mod module;
mod names;
mod options;
mod place;
#[doc(hidden)]
#[allow(missing_docs)]
pub mod private;
mod quiet;
mod recording;
pub mod registry;
mod report;
mod script_module;
mod snapshot;
mod source;
pub mod testing;
mod training;
mod types;

pub use closure::{FnInput, FnInputs, TracedFn, trace_fn, trace_var_store};
pub use compiled::Compiled;
pub use compiler::{Compiler, compile, script, trace, trace_module, tracing_inputs};
pub use error::{Error, Result};
pub use examples::{Draw, ExampleInput};
pub use fitness::{Compilable, Scriptable};
pub use future::{Future, fork, wait};
pub use inputs::{IntoInputs, MethodInputs};
pub use leaks::Warning;
pub use mode::CompileMode;
pub use module::{DynModule, Forward, Module, TypeInfo};
pub use place::{ModulePath, Place};
pub use report::{FreeDimension, LiftedConstant, MethodReport, Operation, Report};
pub use script_module::ScriptModule;
pub use source::{CompilationUnit, compile_source};
pub use tch_jit_macros::{
    ScriptType, auto_jitable, compile_mode, export, methods, script, script_if_tracing, tracing_inputs,
    unused,
};
pub use types::{IntoArgs, IntoValue, ScriptArgs, ScriptOutput, ScriptType, TraceInput};
