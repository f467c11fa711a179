//! The shim's C ABI (`runtime/shim/shim.h`) as safe types. Only this module is unsafe, and it knows nothing of
//! what lies above: what it needs of users' source lines is passed in.
//!
//! Every handle owns what it points to and frees it when dropped. A failure of the shim becomes
//! a [`Failure`], libtorch's own message.

#[cfg(test)]
mod abi;
mod archive;
mod graph;
mod module;
mod observe;
mod random;
mod raw;
mod state;
mod tensor;
mod trace;
mod ty;
mod unit;
mod value;

use std::ffi::c_void;

pub use archive::Archive;
pub use graph::{Divergence, Free, Generality, Graph, Lifted, Operator};
pub use module::{Executor, JitModule};
pub use observe::{Observed, intercept, observe};
pub use random::{Random, watch_seed};
pub use state::keep_state;
pub use tensor::{contents, device_of, elementwise, holds_values, once, tensor_identity, view_text};
pub use trace::{TraceFailure, TraceSignature, Watch, is_traced, is_tracing, record_call, trace};
pub use ty::Type;
pub use unit::{Class, Definition, MethodDef, TensorKind, Unit};
pub use value::{Kind, Value};

use crate::error::Error;

/// What libtorch says went wrong.
#[derive(Debug, Clone)]
pub struct Failure(pub String);

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Error::Torch(failure.to_string())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.trim())
    }
}

/// All schemas of `aten::` operators that libtorch knows, one per line.
pub fn operator_schemas() -> String {
    collect(|sink| {
        // SAFETY: the sink outlives the call, which only pushes text into it.
        unsafe { raw::tj_operator_schemas(sink.ctx, sink.put) }
    })
    .0
}

/// The version of libtorch that the shim was built with, such as `2.13.0`.
pub fn libtorch_version() -> String {
    // SAFETY: the sink outlives the call.
    text(|sink| unsafe { raw::tj_libtorch_version(sink) })
}

/// Every name that a scripted body may call with a `$` before it, sorted: the shim's operators of Rust, and the forms
/// that it decides while compiling.
pub fn rust_operators() -> Vec<String> {
    unsafe extern "C" fn each(ctx: *mut c_void, name: raw::Str<'_>) {
        // SAFETY: `ctx` is the list below; the name is valid during the callback.
        unsafe { (*ctx.cast::<Vec<String>>()).push(name.to_text()) }
    }
    let mut names: Vec<String> = vec![];
    // SAFETY: the list outlives the call.
    unsafe { raw::tj_rust_operators(std::ptr::from_mut(&mut names).cast(), each) };
    names.sort();
    names
}

/// Runs `f` with a sink and returns what it wrote.
fn collect<R>(f: impl FnOnce(raw::Sink) -> R) -> (String, R) {
    let mut bytes = Vec::new();
    let result = f(raw::Sink::new(&mut bytes));
    (String::from_utf8_lossy(&bytes).into_owned(), result)
}

/// Runs `f`, a function of the shim that returns null on failure.
fn handle<T>(f: impl FnOnce(raw::Sink) -> *mut T) -> Result<std::ptr::NonNull<T>, Failure> {
    let (message, pointer) = collect(f);
    std::ptr::NonNull::new(pointer).ok_or(Failure(message))
}

/// Runs `f`, a function of the shim that returns false on failure.
fn check(f: impl FnOnce(raw::Sink) -> bool) -> Result<(), Failure> {
    let (message, ok) = collect(f);
    if ok { Ok(()) } else { Err(Failure(message)) }
}

/// The text that `f` writes, a function of the shim that cannot fail.
fn text(f: impl FnOnce(raw::Sink)) -> String {
    collect(f).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_operator_is_listed_twice() {
        let names = rust_operators();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "listed twice: {twice:?}");
        for name in ["div", "trim", "field", "panic"] {
            assert!(names.iter().any(|known| known == name), "`{name}` is not listed");
        }
    }

    /// Compares the calls with the list: the prelude calls an operator as `rust_eq`, C++ calls it by its name.
    #[test]
    fn the_shim_calls_only_operators_that_it_lists() {
        let names = rust_operators();
        let shim = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shim");
        for (dir, extension, call) in [(shim.join("prelude"), "py", "rust_"), (shim, "cc", ".apply(\"")] {
            let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
            for path in files.filter(|path| path.extension().is_some_and(|it| it == extension)) {
                let text = std::fs::read_to_string(&path).unwrap();
                for after in text.split(call).skip(1) {
                    let name = after.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                    assert!(names.iter().any(|known| known == name), "{}: `{name}`", path.display());
                }
            }
        }
    }
}
