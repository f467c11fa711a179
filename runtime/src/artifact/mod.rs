//! The compiler's results, which users hold: compiled modules that are called, inspected, saved and loaded.

mod compiled;
mod inspect;
mod load;
mod meta;
mod replace;
mod report;
mod save;
mod script_module;
mod source;

pub use compiled::{Compiled, CompiledT};
pub use load::LoadOptions;
pub use meta::{FixedOption, FixedOptions, Metas, ModuleMeta, WrittenBy};
pub use report::{FixedProperty, FreeDimension, LiftedConstant, MethodReport, Operation, Report, Warning};
pub use script_module::ScriptModule;
pub use source::{CompilationUnit, compile_source};
