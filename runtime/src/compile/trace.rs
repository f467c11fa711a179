//! Trace mode: one run of the Rust body, with the tensors of the tree as attributes and calls of
//! compiled children as calls, becomes a method of the class. Each trace is compared with the
//! Rust module on every example input.

use std::rc::Rc;

use super::{Compiled, Functions, Session, callee, class_name, script};
use crate::check;
use crate::error::{Error, Result};
use crate::ffi::{self, TraceFailure, Value};
use crate::module::Node;
use crate::place::ModulePath;
use crate::quiet;
use crate::recording::{Callee, while_tracing};
use crate::snapshot::Snapshot;

impl Session<'_> {
    pub(super) fn traced(
        &mut self,
        node: &dyn Node,
        inputs: Option<Vec<Vec<Value>>>,
        path: &ModulePath,
    ) -> Result<Compiled> {
        let at = At { node, path };
        let inputs = match inputs {
            Some(inputs) => inputs,
            None => quiet::catch(|| node.tracing_inputs(self.options.n_trace_checks))
                .map_err(|payload| {
                    at.failed(format!("its tracing inputs panicked: {}", quiet::message(payload)))
                })?
                .unwrap_or_default(),
        };
        let Some(first) = inputs.first() else {
            return Err(Error::NoTracingInputs {
                path: path.clone(),
                ty: node.info().name,
                place: node.place(),
            });
        };
        let (shape, mut callees) = self.shape_with_hidden(&at, first)?;

        let key = format!("trace {}", node.type_name());
        let name = class_name(node);
        let candidate = self.classes.candidate(&key, &name, &shape)?;
        let recorder = candidate.instance(&shape)?;
        let mut graphs = vec![];
        for (method, train) in methods(node) {
            let functions = self.classes.functions.clone();
            graphs.push((
                *method,
                at.record(&recorder, &callees, functions, first, *train, self.options.strict)?,
            ));
        }
        let class = self.classes.traced(&key, &name, &shape, &candidate, &graphs, |class| {
            if node.has_train() {
                class.define_source(&by_training(node))?;
            }
            Ok(())
        })?;
        self.define_exports(node, path, &class)?;
        self.note_class(node, &class);
        let module = class.instance(&shape)?;
        if self.options.check_trace {
            at.check(&module, &inputs, self.options)?;
        }
        callees.push(callee(node, &module));
        Ok(Compiled { module, class, callees })
    }
}

/// The graphs of a module, and `train` in each.
pub(super) fn methods(node: &dyn Node) -> &'static [(&'static str, bool)] {
    if node.has_train() { &[("forward_train", true), ("forward_eval", false)] } else { &[("forward", true)] }
}

fn by_training(node: &dyn Node) -> String {
    let (params, args) = script::signature(node);
    let args = args.trim_end_matches(", ");
    let forward = script::forward_by_training(node, "forward_t");
    format!(
        "def forward_t(self{params}, train: bool):\n    if train:\n        return self.forward_train({args})\n    \
         else:\n        return self.forward_eval({args})\n\n{forward}"
    )
}

/// The module at work.
pub(super) struct At<'a> {
    pub(super) node: &'a dyn Node,
    pub(super) path: &'a ModulePath,
}

impl At<'_> {
    pub(super) fn failed(&self, message: String) -> Error {
        Error::Trace { path: self.path.clone(), ty: self.node.info().name, place: self.node.place(), message }
    }

    /// Records one run. Buffers and random state are as before afterwards.
    fn record(
        &self,
        recorder: &ffi::Module,
        callees: &[Callee],
        functions: Rc<Functions>,
        inputs: &[Value],
        train: bool,
        strict: bool,
    ) -> Result<ffi::Graph> {
        let (names, _) = self.node.args();
        let inputs = copies(inputs)?;
        let snapshot = Snapshot::of_module(recorder)?;
        let result = quiet::catch(|| {
            // libtorch's own strictness about lists is a warning on stderr.
            ffi::trace(recorder, &inputs, names, false, |args| {
                let output = while_tracing(callees.to_vec(), functions, || self.node.run(&args, train))?;
                match untraceable(&output, strict) {
                    Some(message) => Err(self.failed(message)),
                    None => Ok(output),
                }
            })
        });
        snapshot.restore()?;
        match result {
            Ok(Ok(graph)) => Ok(graph),
            Ok(Err(TraceFailure::Body(error))) => Err(error),
            Ok(Err(TraceFailure::Torch(failure))) => Err(self.failed(failure.to_string())),
            Ok(Err(TraceFailure::Panic(payload))) | Err(payload) => Err(self.failed(quiet::message(payload))),
        }
    }

    /// Compares the compiled module with the Rust module on every input.
    fn check(
        &self,
        module: &ffi::Module,
        inputs: &[Vec<Value>],
        options: &crate::options::Options,
    ) -> Result<()> {
        let mismatch = |message| Error::TraceMismatch {
            path: self.path.clone(),
            ty: self.node.info().name,
            place: self.node.place(),
            message,
        };
        let snapshot = Snapshot::of_module(module)?;
        let compare = |method: &str, train: bool, inputs: &[Value], random: &Value| -> Result<_> {
            let ours = copies(inputs)?;
            ffi::set_random_state(random)?;
            let expected = quiet::catch(|| self.node.run(&ours, train));
            let drawn = ffi::random_state()?;
            snapshot.restore()?;
            let expected = expected.map_err(|payload| self.failed(quiet::message(payload)))??;
            let theirs = copies(inputs)?;
            ffi::set_random_state(random)?;
            let found = module.call(method, &theirs);
            snapshot.restore()?;
            let difference = match found {
                Ok(found) => check::compare(&expected, &found, options.check_tolerance).err(),
                Err(failure) => Some(format!("it fails: {failure}")),
            };
            Ok((difference, drawn))
        };
        for (method, train) in methods(self.node) {
            for (i, inputs) in inputs.iter().enumerate() {
                let mut random = snapshot.random().clone();
                for _ in 0..RANDOM_STATES {
                    let (mut difference, drawn) = compare(method, *train, inputs, &random)?;
                    let is_random = drawn.as_tensor() != random.as_tensor();
                    for _ in 1..ATTEMPTS {
                        if !is_random || difference.is_none() {
                            break;
                        }
                        (difference, _) = compare(method, *train, inputs, &random)?;
                    }
                    if let Some(difference) = difference {
                        return Err(mismatch(format!("on input {i}, {difference}")));
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
fn untraceable(output: &Value, strict: bool) -> Option<String> {
    match output.kind() {
        ffi::Kind::Tensor => None,
        ffi::Kind::Tuple => output.elements().iter().find_map(|element| untraceable(element, strict)),
        ffi::Kind::List | ffi::Kind::Dict if strict => Some(format!(
            "it returns a `{}`, whose length a trace fixes\n\
             help: return a tuple, mark the module `#[compile_mode(script)]`, or allow it by \
             `Compiler::strict(false)`",
            output.type_name()
        )),
        ffi::Kind::List => {
            output.elements().iter().find(|element| element.kind() != ffi::Kind::Tensor).map(not_a_tensor)
        }
        ffi::Kind::Dict => output
            .elements()
            .chunks(2)
            .filter_map(|entry| entry.get(1))
            .find(|value| value.kind() != ffi::Kind::Tensor)
            .map(not_a_tensor),
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
