//! Recording one run of a Rust closure. No panic crosses into C++, and none gets
//! lost: it is kept while C++ unwinds by its own means, and handed to the caller.

use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use super::value::{Value, pointers};
use super::{Failure, Module, check, handle, raw};

/// A recorded graph.
#[derive(Debug)]
pub struct Graph(pub(super) NonNull<raw::Graph>);

impl Graph {
    /// The graph's text and the data of its constants: equal for equal graphs of one class.
    pub fn identity(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // SAFETY: the graph is alive, and the sink's vector outlives the call.
        unsafe { raw::tj_graph_text(self.0.as_ptr(), raw::Sink::new(&mut bytes)) };
        bytes
    }

    /// Forgets the shapes of the recorded run, which are no part of what the graph computes.
    pub fn erase_shapes(&self) {
        // SAFETY: the graph is alive, and nothing else refers to it.
        unsafe { raw::tj_graph_erase_shapes(self.0.as_ptr()) }
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and freed once.
        unsafe { raw::tj_graph_free(self.0.as_ptr()) }
    }
}

/// How a traced body can fail.
pub enum TraceFailure<E> {
    /// The body returned an error.
    Body(E),
    /// The body panicked.
    Panic(Box<dyn Any + Send>),
    /// libtorch refused.
    Torch(Failure),
}

/// Whether libtorch records in this thread.
pub fn is_tracing() -> bool {
    // SAFETY: no preconditions.
    unsafe { raw::tj_is_tracing() }
}

/// Records `body`. Whatever it does, libtorch's tracing state is as before afterwards.
pub fn trace<E, F>(
    module: &Module,
    args: &[Value],
    names: &[&str],
    strict: bool,
    body: F,
) -> Result<Graph, TraceFailure<E>>
where
    F: FnOnce(Vec<Value>) -> Result<Value, E>,
{
    struct Context<E, F> {
        body: Option<F>,
        failure: Option<TraceFailure<E>>,
    }

    unsafe extern "C" fn trampoline<E, F>(ctx: *mut c_void, args: raw::Args, n_args: usize) -> *mut raw::Value
    where
        F: FnOnce(Vec<Value>) -> Result<Value, E>,
    {
        // SAFETY: `ctx` is the context below, which nothing else uses during the call.
        let context = unsafe { &mut *ctx.cast::<Context<E, F>>() };
        let run = AssertUnwindSafe(|| {
            // SAFETY: the shim passes `n_args` live values.
            let args = unsafe { (0..n_args).map(|i| Value::clone_raw(*args.add(i))).collect::<Vec<_>>() };
            let body = context.body.take().expect("the shim runs the body once");
            body(args)
        });
        match catch_unwind(run) {
            Ok(Ok(value)) => return value.into_raw(),
            Ok(Err(error)) => context.failure = Some(TraceFailure::Body(error)),
            Err(payload) => context.failure = Some(TraceFailure::Panic(payload)),
        }
        std::ptr::null_mut()
    }

    let mut context = Context { body: Some(body), failure: None };
    let pointers = pointers(args);
    let names: Vec<raw::Str<'_>> = names.iter().map(|&name| name.into()).collect();
    let result = handle(|error| {
        // SAFETY: arguments, names and context outlive the call.
        unsafe {
            raw::tj_module_trace(
                module.0.as_ptr(),
                pointers.as_ptr(),
                names.as_ptr(),
                pointers.len(),
                trampoline::<E, F>,
                std::ptr::from_mut(&mut context).cast(),
                strict,
                error,
            )
        }
    });
    match (context.failure, result) {
        (Some(failure), _) => Err(failure),
        (None, Ok(graph)) => Ok(Graph(graph)),
        (None, Err(failure)) => Err(TraceFailure::Torch(failure)),
    }
}

/// Records a call of a compiled submodule in the trace of this thread, and runs it.
pub fn record_call(module: &Module, method: &str, args: &[Value]) -> Result<Value, Failure> {
    let args = pointers(args);
    // SAFETY: module and arguments are alive.
    handle(|error| unsafe {
        raw::tj_trace_call(module.0.as_ptr(), method.into(), args.as_ptr(), args.len(), error)
    })
    .map(Value::from_raw)
}

/// The state of the CPU's default random generator.
pub fn random_state() -> Result<Value, Failure> {
    // SAFETY: no preconditions.
    handle(|error| unsafe { raw::tj_random_state(error) }).map(Value::from_raw)
}

/// Restores a state that [`random_state`] returned.
pub fn set_random_state(state: &Value) -> Result<(), Failure> {
    // SAFETY: the value is alive.
    check(|error| unsafe { raw::tj_set_random_state(state.0.as_ptr(), error) })
}
