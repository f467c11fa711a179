//! Trace mode: one run of the Rust body, with the tensors of the tree as attributes and calls of
//! compiled children as calls, becomes a method of the class. Each trace is compared with the
//! Rust module on every example input.

use std::rc::Rc;

use super::explain::explain;
use super::generalize::Recorded;
use super::plan::Plan;
use super::wanted::Known;
use super::{Compiled, Functions, Session, callee, class_name};
use crate::check;
use crate::error::{Error, Result};
use crate::ffi::{self, Signature, TraceFailure, Value, Watch};
use crate::inputs::MethodInputs;
use crate::leaks::{Leaks, Site, Warning};
use crate::method::Method;
use crate::module::Node;
use crate::options::Options;
use crate::place::ModulePath;
use crate::quiet;
use crate::recording::{Callee, while_tracing};
use crate::report::MethodReport;
use crate::snapshot::{Snapshot, Versions};
use crate::training::{self, Flags};

impl Session<'_> {
    /// `inputs` are what the caller gave; else the methods that declare inputs are traced on these.
    pub(super) fn traced(
        &mut self,
        node: &dyn Node,
        inputs: Option<MethodInputs>,
        path: &ModulePath,
    ) -> Result<Compiled> {
        let flags = Flags::of(node);
        let entry = node.entry().with_flags(&flags);
        let others: Vec<_> = node.methods().into_iter().map(|it| it.with_flags(&flags)).collect();
        let known = Known { node, path, entry: &entry, others: &others };
        let traced = match &inputs {
            Some(inputs) => known.given(inputs)?,
            None => known.declared(self.options.n_trace_checks)?,
        };
        let is_root = path.as_str().is_empty();
        let further = if is_root { known.given(&self.options.check_inputs)? } else { vec![] };
        known.reject_untraced(&further, &traced)?;
        let runs: Vec<_> = traced.iter().map(|(method, sets)| (known.at(method), &**sets)).collect();
        let (shape, mut callees) = self.shape_with_hidden(node, path, &runs)?;

        let key = format!("trace {}", node.type_name());
        let name = class_name(node);
        let candidate = self.classes.candidate(&key, &name, &shape)?;
        let recorder = Recorder {
            module: candidate.instance(&shape)?,
            callees: callees.clone(),
            functions: self.classes.functions.clone(),
        };
        let (mut graphs, mut source) = (vec![], String::new());
        for (at, sets) in &runs {
            let plan = Plan::new(at.method, sets);
            let mut of_method = vec![];
            for step in plan.steps() {
                let examples: Vec<_> = step.examples.iter().map(|&i| &*sets[i]).collect();
                let Recorded { graph, found, warnings } =
                    at.record_all(&recorder, &examples, step.train, self.options)?;
                self.warnings.extend(warnings);
                self.report.methods.push(MethodReport::new(at.site(), &step.name, &graph, found)?);
                of_method.push((step.name, graph));
            }
            source += &plan.finish(&mut of_method);
            graphs.extend(of_method);
        }
        let class = self.classes.traced(&key, &name, &shape, &candidate, &graphs, |class| {
            if source.is_empty() { Ok(()) } else { class.define_source(&source) }
        })?;
        let names: Vec<&str> = traced.iter().map(|(method, _)| method.script_name).collect();
        for (method, _) in &traced {
            class.note_traced(method.script_name, method.name);
        }
        self.define_exports(node, path, &class, &names)?;
        self.note_class(node, &class);
        let module = class.instance(&shape)?;
        if self.options.check_trace {
            for (at, sets) in &runs {
                let more = further.iter().find(|(method, _)| method.name == at.method.name);
                let more = more.map_or(&[][..], |(_, sets)| sets);
                let why = |run: &Run<'_>| at.explain(&recorder, sets, run, self.options);
                at.check(&module, &[sets, more].concat(), self.options, why)?;
            }
        }
        callees.push(callee(node, &module));
        Ok(Compiled { module, class, callees })
    }
}

/// The method at work.
pub struct At<'a> {
    pub(super) node: &'a dyn Node,
    pub(super) method: &'a Method<'a>,
    pub(super) path: &'a ModulePath,
}

/// What traces are recorded with.
pub(super) struct Recorder {
    /// An instance that holds the module's tensors.
    module: ffi::Module,
    /// What a trace may call.
    pub(super) callees: Vec<Callee>,
    functions: Rc<Functions>,
}

/// A run of a method's Rust code.
struct Run<'a> {
    inputs: &'a [Value],
    train: bool,
    /// The random state before it.
    random: &'a Value,
}

impl At<'_> {
    pub(super) fn failed(&self, message: String) -> Error {
        let Site { path, ty, method, place } = self.site();
        Error::Trace { path, ty, method, place, message }
    }

    pub fn no_inputs(&self) -> Error {
        let Site { path, ty, method, place } = self.site();
        Error::NoTracingInputs { path, ty, method, place, example: self.method.example_of_declaration() }
    }

    fn mismatch(&self, message: String) -> Error {
        let Site { path, ty, method, place } = self.site();
        Error::TraceMismatch { path, ty, method, place, message }
    }

    pub(super) fn site(&self) -> Site {
        let (ty, method, place) = (self.node.info().name, self.method.name, self.method.place);
        Site { path: self.path.clone(), ty, method, place }
    }

    /// Records one run. Buffers and random state are as before afterwards.
    pub(super) fn record(
        &self,
        recorder: &Recorder,
        inputs: &[Value],
        train: bool,
        options: &Options,
    ) -> Result<(ffi::Graph, Vec<Warning>)> {
        let Method { arg_names: names, arg_types: types, output_type: output, .. } = self.method;
        let signature = Signature { names, types, output };
        let leaks = Leaks::default();
        let watch = Watch {
            locates: options.record_locations,
            forbids: options.deny_warnings,
            leaves: &|op| leaks.note(op),
        };
        let inputs = copies(inputs)?;
        let snapshot = Snapshot::of_module(&recorder.module)?;
        let versions = Versions::of_parameters(&recorder.module);
        let run = || {
            ffi::trace(&recorder.module, &inputs, &signature, Some(&watch), |args| {
                let run = || self.method.run(&args, train);
                let (callees, functions) = (recorder.callees.clone(), recorder.functions.clone());
                let output = while_tracing(self.site(), callees, functions, train, run)?;
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
        // A leak that is an error is what made the body fail.
        let leak = if options.deny_warnings { leaks.into_error() } else { None };
        Err(leak.unwrap_or_else(|| match failure {
            TraceFailure::Body(error) => error,
            TraceFailure::Torch(failure) => self.failed(failure.to_string()),
            TraceFailure::Panic(payload) => self.failed(quiet::with_place(quiet::message(payload))),
        }))
    }

    /// Runs `f` with the compiled modules in a mode, if that is theirs to know.
    fn in_mode<R>(&self, module: &ffi::Module, train: bool, f: impl FnOnce() -> R) -> R {
        if self.method.flags.is_empty() { f() } else { training::with_compiled(module, train, f) }
    }

    /// What a trace of this run has that the trace of the examples has not.
    fn explain(
        &self,
        recorder: &Recorder,
        examples: &[Vec<Value>],
        run: &Run<'_>,
        options: &Options,
    ) -> Result<String> {
        let options = Options { deny_warnings: false, record_locations: true, ..options.clone() };
        let record =
            |set| -> Result<_> { Ok(self.record(recorder, set, run.train, &options)?.0.operators()?) };
        let example = Plan::new(self.method, examples).example_for(self.method, run.inputs);
        let Some(example) = example else { return Ok(String::new()) };
        let recorded = record(&examples[example])?;
        let before = Snapshot::take(&[])?;
        ffi::set_random_state(run.random)?;
        let again = record(run.inputs);
        before.restore()?;
        Ok(explain(&recorded, &again?))
    }

    /// Compares the compiled module with the Rust module on every input. Of one that differs, `why` says
    /// more.
    fn check(
        &self,
        module: &ffi::Module,
        inputs: &[Vec<Value>],
        options: &Options,
        why: impl Fn(&Run<'_>) -> Result<String>,
    ) -> Result<()> {
        let snapshot = Snapshot::of_module(module)?;
        let has_train = self.method.has_train;
        let method = if has_train { "forward_t" } else { self.method.script_name };
        let compare = |train: bool, inputs: &[Value], random: &Value| -> Result<_> {
            let ours = copies(inputs)?;
            ffi::set_random_state(random)?;
            let expected = quiet::catch(|| self.method.run(&ours, train));
            let drawn = ffi::random_state()?;
            snapshot.restore()?;
            let expected = expected.map_err(|payload| self.failed(quiet::message(payload)))??;
            let mut theirs = copies(inputs)?;
            theirs.extend(has_train.then(|| Value::bool(train)));
            ffi::set_random_state(random)?;
            let found = self.in_mode(module, train, || module.call(method, &theirs));
            snapshot.restore()?;
            let difference = match found {
                Ok(found) => {
                    check::compare(&expected, &found, options.check_tolerance).err().map(|it| it.to_string())
                }
                Err(failure) => Some(format!("it fails: {failure}")),
            };
            Ok((difference, drawn))
        };
        for train in self.method.modes() {
            for (i, inputs) in inputs.iter().enumerate() {
                let mut random = snapshot.random().clone();
                for _ in 0..RANDOM_STATES {
                    let (mut difference, drawn) = compare(*train, inputs, &random)?;
                    let is_random = drawn.as_tensor() != random.as_tensor();
                    for _ in 1..ATTEMPTS {
                        if !is_random || difference.is_none() {
                            break;
                        }
                        (difference, _) = compare(*train, inputs, &random)?;
                    }
                    if let Some(difference) = difference {
                        // What was found counts, whether or not it can be explained.
                        let run = Run { inputs, train: *train, random: &random };
                        let why = why(&run).unwrap_or_default();
                        return Err(self.mismatch(format!("on input {i}, {difference}{why}")));
                    }
                    if !is_random {
                        break;
                    }
                    random = drawn;
                }
            }
        }
        Ok(())
    }
}

/// A module that draws random numbers is checked from this many states of the generator: it may
/// branch on what it draws.
const RANDOM_STATES: usize = 4;

/// Other threads draw from the same generator: a difference that is theirs is gone the next time.
const ATTEMPTS: usize = 20;

/// The inputs of one run, which may change them in place. They share no memory, also where the
/// originals do: a trace takes each argument for itself.
pub(super) fn copies(inputs: &[Value]) -> Result<Vec<Value>> {
    inputs.iter().map(|value| Ok(value.copy()?)).collect()
}

/// Why a trace cannot return `output`.
pub(super) fn untraceable(output: &Value, strict: bool) -> Option<String> {
    if has_tensors(output) { unfollowed(output, strict) } else { Some(not_a_tensor(output)) }
}

pub(super) fn has_tensors(value: &Value) -> bool {
    value.kind() == ffi::Kind::Tensor || value.elements().iter().any(has_tensors)
}

fn unfollowed(output: &Value, strict: bool) -> Option<String> {
    match output.kind() {
        // What is missing is missing in every call of the trace.
        ffi::Kind::Tensor | ffi::Kind::None => None,
        ffi::Kind::Tuple => output.elements().iter().find_map(|element| unfollowed(element, strict)),
        ffi::Kind::List | ffi::Kind::Dict if strict => Some(format!(
            "it returns a `{}`, whose length a trace fixes\n\
             help: return a tuple, mark the module `#[compile_mode(script)]`, or allow it by \
             `Compiler::strict(false)`",
            output.type_name()
        )),
        ffi::Kind::List => output.elements().iter().find_map(|element| unfollowed(element, strict)),
        ffi::Kind::Dict => {
            output.elements().chunks(2).filter_map(|entry| entry.get(1)).find_map(|it| unfollowed(it, strict))
        }
        _ => Some(not_a_tensor(output)),
    }
}

fn not_a_tensor(value: &Value) -> String {
    format!(
        "it returns a value of type `{}`, which a trace cannot follow\n\
         help: return tensors, or mark the module `#[compile_mode(script)]`",
        value.type_name()
    )
}
