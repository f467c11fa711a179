//! The compiler: options come in with a Rust module, a tree of TorchScript modules goes out.

mod callees;
mod class;
mod closure;
mod compare;
mod compiler;
mod function;
mod function_value;
mod layer;
mod like;
mod options;
mod script;
mod session;
mod signature;
mod trace;
mod values;
mod walk;

pub use closure::{trace_fn, trace_var_store};
pub use compare::compare;
pub use compiler::{Compiler, compile, script, trace, trace_module, tracing_inputs};
pub use like::like;
