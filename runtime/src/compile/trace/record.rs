//! Records one run of a Rust body: example inputs come in, a graph goes out. The tensors of the tree are attributes of
//! the graph, and calls of compiled children are calls in it.

use std::rc::Rc;

use super::at::At;
use crate::artifact::Warning;
use crate::compile::callees::CallTable;
use crate::compile::options::Options;
use crate::compile::values::{copies, untraceable};
use crate::error::Result;
use crate::ffi::{self, Kind, TraceFailure, TraceSignature, Type, Value, Watch};
use crate::model::method::RustMethod;
use crate::model::training;
use crate::record::{Leaks, Recording, Snapshot, Versions, frames, quiet};

/// The compiled modules that a trace refers to.
pub struct Recorder {
    /// An instance that holds the traced module's tensors.
    pub module: ffi::JitModule,
    pub calls: Rc<CallTable>,
}

impl At<'_> {
    /// Records one run. Afterwards buffers and random state are as before.
    pub fn record(
        &self,
        recorder: &Recorder,
        inputs: &[Value],
        train: bool,
        options: &Options,
    ) -> Result<(ffi::Graph, Vec<Warning>)> {
        let RustMethod { arg_names: names, arg_types, output_type, .. } = self.method;
        let types: Vec<Option<Type>> =
            arg_types.iter().zip(inputs).map(|(ty, it)| given_type(ty, it)).collect();
        let signature = TraceSignature { names, types: &types, output: Some(output_type) };
        let leaks = Leaks::default();
        let watch = Watch {
            locate: options.record_locations.then_some(&frames::caller),
            forbids: options.deny_warnings,
            leaves: &|op| leaks.note(op),
            is_formatting: &frames::is_formatting,
        };
        let inputs = copies(inputs)?;
        let snapshot = Snapshot::of_module(&recorder.module)?;
        let versions = Versions::of_parameters(&recorder.module);
        let run = || {
            ffi::trace(&recorder.module, &inputs, &signature, Some(&watch), |args| {
                let run = || self.method.run(&args, train);
                let (output, failed_call) =
                    Recording::new(self.site(), train, recorder.calls.clone()).run(run);
                let output = output?;
                if let Some(error) = failed_call {
                    return Err(self.failed(format!(
                        "it goes on after a failed call of a compiled module or function, which may have done a part of \
                         its work: a trace cannot follow that: {error}\n\
                         help: ask whether the call is possible before it, or mark the module `#[compile_mode(script)]`"
                    )));
                }
                match untraceable(&output, options.strict) {
                    Some(message) => Err(self.failed(message)),
                    None => Ok(output),
                }
            })
        };
        let result = quiet::catch(|| self.in_mode(&recorder.module, train, run));
        snapshot.restore()?;
        if let Some(name) = versions.changed() {
            return Err(self.failed(format!(
                "it changes the parameter `{name}` in place\n\
                 help: parameters are changed by training; mark the field `#[jit(buffer)]`, or compute a new tensor"
            )));
        }
        let failure = match result {
            Ok(Ok((graph, _))) if !options.deny_warnings => return Ok((graph, leaks.into_warnings())),
            Ok(Ok((graph, _))) => return leaks.into_error().map_or(Ok((graph, vec![])), Err),
            Ok(Err(failure)) => failure,
            Err(payload) => TraceFailure::Panic(payload),
        };
        // Where a leak is an error, it is what made the body fail.
        let leak = if options.deny_warnings { leaks.into_error() } else { None };
        Err(leak.unwrap_or_else(|| match failure {
            TraceFailure::Body(error) => error,
            TraceFailure::Torch(failure) => self.failed(failure.to_string()),
            TraceFailure::Panic(payload) => self.failed(quiet::with_place(quiet::message(payload))),
        }))
    }

    /// Runs `f` with the compiled modules in training or in evaluation, if the Rust modules have flags for that.
    pub fn in_mode<R>(&self, module: &ffi::JitModule, train: bool, f: impl FnOnce() -> R) -> R {
        if self.method.flags.is_empty() { f() } else { training::with_compiled(module, train, f) }
    }
}

/// The type of an argument of a trace: an option that is given is a plain value, and one that is not is no argument.
fn given_type(ty: &Type, value: &Value) -> Option<Type> {
    match (ty.is_optional(), value.kind()) {
        (true, Kind::None) => None,
        (true, _) => ty.elements().pop(),
        (false, _) => Some(ty.clone()),
    }
}
