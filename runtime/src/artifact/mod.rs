//! The compiler's results, which users hold: compiled modules that are called, inspected, saved and loaded.

mod compiled;
mod pt;
mod replace;
mod report;
mod script_module;
mod source;

pub use compiled::{Compiled, CompiledT};
pub use report::{FixedProperty, FreeDimension, LiftedConstant, MethodReport, Operation, Report, Warning};
pub use script_module::{ModuleMeta, ScriptModule};
pub use source::{CompilationUnit, compile_source};
