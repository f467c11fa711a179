//! Records one run of a Rust closure as a graph. No panic crosses into C++, and none gets lost: it is kept while C++
//! unwinds by its own means, and handed to the caller.

use std::any::Any;
use std::cell::RefCell;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::rc::Rc;

use super::value::{Value, pointers};
use super::{Failure, Graph, JitModule, Type, handle, raw};
use crate::place::Frame;

/// How a traced body can fail.
pub enum TraceFailure<E> {
    /// The body returned an error.
    Body(E),
    /// The body panicked.
    Panic(Box<dyn Any + Send>),
    /// libtorch could not record the body.
    Torch(Failure),
}

/// Whether libtorch records in this thread.
pub fn is_tracing() -> bool {
    // SAFETY: no preconditions.
    unsafe { raw::tj_is_tracing() }
}

/// Whether the module is one of those that this thread traces.
pub fn is_traced(module: &JitModule) -> bool {
    // SAFETY: the module is alive.
    unsafe { raw::tj_trace_knows(module.0.as_ptr()) }
}

/// The parameters and the result of a traced method. A parameter without a type is a constant of the recorded run;
/// a result without one has the type of the run's.
pub struct TraceSignature<'a> {
    pub names: &'a [&'a str],
    pub types: &'a [Option<Type>],
    pub output: Option<&'a Type>,
}

/// What is asked and told while a trace is recorded.
pub struct Watch<'a> {
    /// Finds the user's line that is running, after skipping so many of the user's innermost functions. Without it,
    /// operators get no places.
    pub locate: Option<&'a dyn Fn(usize) -> Option<Rc<Frame>>>,
    /// Whether values that leave the trace are errors.
    pub forbids: bool,
    /// Called with the operator that takes values out of the trace; without a name, the memory of a
    /// tensor is read.
    pub leaves: &'a dyn Fn(&str),
    /// Whether tch is formatting a tensor in this thread. Reads are then reported, and go through.
    pub is_formatting: &'a dyn Fn() -> bool,
}

/// A [`Watch`] while its trace is recorded: the shim's callbacks are given this as `ctx`.
struct Watching<'a> {
    watch: &'a Watch<'a>,
    /// The frame that the shim was given last, whose texts it may still read.
    frame: RefCell<Option<Rc<Frame>>>,
}

impl Watching<'_> {
    fn raw(&self) -> raw::Watch {
        unsafe extern "C" fn locate(ctx: *mut c_void, skip: usize, place: *mut raw::Place<'_>) -> bool {
            // SAFETY: `ctx` points to the `Watching`, which outlives the trace.
            let watching = unsafe { &*ctx.cast::<Watching<'_>>() };
            let Some(locate) = watching.watch.locate else { return false };
            let Ok(Some(frame)) = catch_unwind(AssertUnwindSafe(|| locate(skip))) else { return false };
            // The frame lives until the shim asks again; by then the shim has read the texts.
            watching.frame.replace(Some(frame.clone()));
            let text = |text: &str| raw::Str::bytes(text.as_bytes()).unbound();
            // SAFETY: the shim passes a place to be filled.
            let place = unsafe { &mut *place };
            place.id = frame.id;
            place.file = text(&frame.file);
            place.text = text(&frame.text);
            place.line = frame.first_line as usize;
            (place.begin, place.end) = (frame.begin, frame.end);
            true
        }
        unsafe extern "C" fn leaves(ctx: *mut c_void, op: raw::Str<'_>) {
            // SAFETY: `ctx` points to the `Watching`, which outlives the trace; the text is valid during the callback.
            let (watching, op) = unsafe { (&*ctx.cast::<Watching<'_>>(), op.to_text()) };
            // A panic of `leaves` is dropped: no caller could take it.
            let _ = catch_unwind(AssertUnwindSafe(|| (watching.watch.leaves)(&op)));
        }
        unsafe extern "C" fn is_formatting(ctx: *mut c_void) -> bool {
            // SAFETY: `ctx` points to the `Watching`, which outlives the trace.
            let watching = unsafe { &*ctx.cast::<Watching<'_>>() };
            catch_unwind(AssertUnwindSafe(|| (watching.watch.is_formatting)())).unwrap_or(false)
        }
        raw::Watch {
            ctx: std::ptr::from_ref(self).cast_mut().cast(),
            locate: if self.watch.locate.is_some() { Some(locate) } else { None },
            leaves,
            is_formatting,
            forbids: self.watch.forbids,
        }
    }
}

/// Records a run of `body`, and returns its graph and its result. Whatever `body` does, libtorch's tracing state is
/// afterwards as before. A trace that is being recorded in this thread is paused meanwhile, and its watch goes on.
pub fn trace<E, F>(
    module: &JitModule,
    args: &[Value],
    signature: &TraceSignature<'_>,
    watch: Option<&Watch<'_>>,
    body: F,
) -> Result<(Graph, Value), TraceFailure<E>>
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
    let names: Vec<raw::Str<'_>> = signature.names.iter().map(|&name| name.into()).collect();
    let pointer = |ty: Option<&Type>| ty.map_or(std::ptr::null(), |ty| ty.0.as_ptr().cast_const());
    let types: Vec<*const raw::Type> = signature.types.iter().map(|ty| pointer(ty.as_ref())).collect();
    let output = pointer(signature.output);
    let signature = raw::Signature { names: names.as_ptr(), types: types.as_ptr(), output };
    let watching = watch.map(|watch| Watching { watch, frame: RefCell::default() });
    let watch = watching.as_ref().map(Watching::raw);
    let mut output = std::ptr::null_mut();
    let result = handle(|error| {
        // SAFETY: arguments, signature, watch and context outlive the call; there are as many names and
        // types as arguments.
        unsafe {
            raw::tj_module_trace(
                module.0.as_ptr(),
                pointers.as_ptr(),
                pointers.len(),
                &raw const signature,
                watch.as_ref().map_or(std::ptr::null(), std::ptr::from_ref),
                trampoline::<E, F>,
                std::ptr::from_mut(&mut context).cast(),
                &raw mut output,
                error,
            )
        }
    });
    let output = NonNull::new(output).map(Value::from_raw);
    match (context.failure, result, output) {
        (Some(failure), ..) => Err(failure),
        (None, Ok(graph), Some(output)) => Ok((Graph(graph), output)),
        (None, Ok(graph), None) => {
            drop(Graph(graph));
            Err(TraceFailure::Torch(Failure("the traced body returned nothing".into())))
        }
        (None, Err(failure), _) => Err(TraceFailure::Torch(failure)),
    }
}

/// Records a call of a compiled submodule in the trace of this thread, and runs it, unless it was run
/// with the result `run`.
pub fn record_call(
    module: &JitModule,
    method: &str,
    args: &[Value],
    run: Option<&Value>,
) -> Result<Value, Failure> {
    let args = pointers(args);
    let run = run.map_or(std::ptr::null(), |run| run.0.as_ptr().cast_const());
    // SAFETY: module, arguments and result are alive.
    handle(|error| unsafe {
        raw::tj_trace_call(module.0.as_ptr(), method.into(), args.as_ptr(), args.len(), run, error)
    })
    .map(Value::from_raw)
}
