//! Compares each traced method with the Rust method on every example input, and on what no trace had: other sizes, a kind,
//! parameters.

use std::collections::HashSet;
use std::fmt::{self, Display, Formatter};

use tch::{Kind, Tensor};

use super::at::At;
use super::explain::explain;
use super::plan::Plan;
use super::record::Recorder;
use crate::artifact::{FixedOptions, FixedProperty, Warning};
use crate::compile::class::Class;
use crate::compile::compare::compare;
use crate::compile::options::Options;
use crate::compile::values::{copies, replaced};
use crate::error::Result;
use crate::ffi::{self, Executor, Random, Value, elementwise, tensor_identity};
use crate::model::method::RustMethod;
use crate::record::{Snapshot, quiet};

/// The run of a method's Rust code on which the trace gave another result.
pub struct Run<'a> {
    inputs: &'a [Value],
    train: bool,
    /// The random state before the run.
    random: &'a Value,
}

impl At<'_> {
    /// How a trace of this run differs from the trace of the examples.
    pub fn explain(
        &self,
        recorder: &Recorder,
        examples: &[Vec<Value>],
        run: &Run<'_>,
        options: &Options,
    ) -> Result<String> {
        let options = Options { deny_warnings: false, record_locations: true, ..options.clone() };
        let record =
            |set| -> Result<_> { Ok(self.record(recorder, set, run.train, &options)?.0.operators()?) };
        let example = Plan::new(self.method, examples, false).example_for(self.method, run.inputs);
        let Some(example) = example else { return Ok(String::new()) };
        let recorded = record(&examples[example])?;
        let before = Snapshot::take(&[])?;
        Random::set_state(run.random)?;
        let again = record(run.inputs);
        before.restore()?;
        Ok(explain(&recorded, &again?))
    }
}

/// A compiled module beside the Rust method that it was traced from.
pub struct Comparison<'a> {
    at: &'a At<'a>,
    module: &'a ffi::JitModule,
    /// The method's name in the compiled module.
    method: String,
    /// The options that are plain values in the compiled module, or no arguments.
    fixed: Option<&'a FixedOptions>,
    /// The buffers and the random state that each run starts from.
    snapshot: Snapshot,
    options: &'a Options,
}

impl<'a> Comparison<'a> {
    /// The method `at` in a module of the class.
    pub fn new(
        at: &'a At<'a>,
        (module, class): (&'a ffi::JitModule, &Class),
        fixed: Option<&'a FixedOptions>,
        options: &'a Options,
    ) -> Result<Comparison<'a>> {
        let RustMethod { has_train, name, script_name, .. } = *at.method;
        let method = if has_train { "forward_t".to_owned() } else { class.name_of(script_name, name)? };
        Ok(Comparison { at, module, method, fixed, snapshot: Snapshot::of_module(module)?, options })
    }

    /// Compares them on every input, of which a difference is an error. Where the results differ, `why` explains it.
    pub fn check(&self, inputs: &[Vec<Value>], why: impl Fn(&Run<'_>) -> Result<String>) -> Result<()> {
        for train in self.at.method.modes() {
            for (i, inputs) in inputs.iter().enumerate() {
                if let Some((difference, random)) = self.first_difference(inputs, *train)? {
                    // The mismatch is reported, whether or not it can be explained.
                    let run = Run { inputs, train: *train, random: &random };
                    let why = why(&run).unwrap_or_default();
                    return Err(self.at.mismatch(format!("on input {i}, {difference}{why}")));
                }
            }
        }
        Ok(())
    }

    /// Compares them on inputs that nobody gave, whose sizes were not traced; the first difference is a warning. A trace
    /// that fails there is right: it says that it does not hold.
    pub fn unseen(&self, inputs: &[Vec<Value>], train: bool) -> Result<Option<Warning>> {
        for inputs in inputs {
            if let Some((Difference::Other(difference), _)) = self.first_difference(inputs, train)? {
                let named = self.at.method.arg_names.iter().zip(inputs);
                let sizes: Vec<String> = named.map(|(name, value)| format!("`{name}`: {value}")).collect();
                return Ok(Some(self.at.doubt(&format!(
                    "disagrees with the Rust module on other sizes: on {}, {difference}\n\
                     help: give examples of such sizes, or mark the module `#[compile_mode(script)]`",
                    sizes.join(", ")
                ))));
            }
        }
        Ok(None)
    }

    /// Compares them after all parameters changed by a hair: what the Rust method reads of them as data, or computes of
    /// them in another thread, is a constant of the trace.
    pub fn parameters(&self, inputs: &[Value]) -> Result<Option<Warning>> {
        for train in self.at.method.modes() {
            let Some(_moved) = Moved::new(self.module)? else { return Ok(None) };
            // A method that fails says nothing: it may assert what its parameters are.
            let Ok(Some((Difference::Other(difference), _))) = self.first_difference(inputs, *train) else {
                continue;
            };
            let message = format!(
                "after its parameters changed by a thousandth, {difference}: it reads parameters as data of Rust, as by \
                 `Vec::try_from`, or computes with them in another thread, which a trace cannot follow"
            );
            if self.options.deny_warnings {
                return Err(self.at.mismatch(message));
            }
            return Ok(Some(self.at.doubt(&message)));
        }
        Ok(None)
    }

    /// Compares them on inputs of another floating kind, if the Rust method takes it. Returns the kind of the inputs
    /// where the trace does something else, with a warning.
    pub fn kind(&self, inputs: &[Value], train: bool) -> Result<Option<(FixedProperty, Warning)>> {
        let mut kinds = vec![];
        let mut other = vec![];
        for value in inputs {
            let changed = replaced(value, &mut |tensor| {
                let kind = tensor.f_kind().ok().filter(|_| is_floating(tensor))?;
                let other = elementwise(tensor, |it| it.f_to_kind(other_kind(kind)))?;
                kinds.push(kind);
                Some(other)
            });
            // Some layouts cannot take the place of a tensor.
            let Ok(changed) = changed else { return Ok(None) };
            other.push(changed);
        }
        let Some(kind) = kinds.first().copied() else { return Ok(None) };
        let Ok(Some((Difference::Other(difference), _))) = self.first_difference(&other, train) else {
            return Ok(None);
        };
        let why = format!("on {:?}, {difference}", other_kind(kind));
        let fixed = FixedProperty { name: "kind".to_owned(), value: format!("{kind:?}"), why: why.clone() };
        let warning = self.at.doubt_of_kind(&format!(
            "holds only for inputs of the kind {kind:?}, although the Rust code takes others: {why}\n\
             help: a trace has the kinds of its examples as constants, such as `x.kind()`; ask for one kind, or mark \
             the module `#[compile_mode(script)]`"
        ));
        Ok(Some((fixed, warning)))
    }

    /// The first difference, from several states of the random generator if the method draws numbers, with that state.
    fn first_difference(&self, inputs: &[Value], train: bool) -> Result<Option<(Difference, Value)>> {
        let Comparison { at, module, method, fixed, snapshot, options } = self;
        let has_train = at.method.has_train;
        let mut random = snapshot.random().clone();
        for _ in 0..RANDOM_STATES {
            let (expected, drawn) = self.run_rust(inputs, train, &random)?;
            let theirs = copies(inputs)?;
            let mut theirs = match fixed.map(|it| it.fit(&theirs)) {
                Some(Err(why)) => return Ok(Some((Difference::Fails(why), random))),
                Some(Ok(fitted)) => fitted,
                None => theirs,
            };
            theirs.extend(has_train.then(|| Value::bool(train)));
            Random::set_state(&random)?;
            let found = at.in_mode(module, train, || module.call(method, &theirs, Executor::Plan));
            snapshot.restore()?;
            let difference = match found {
                Ok(found) => compare(&expected, &found, options.check_tolerance)
                    .err()
                    .map(|it| Difference::Other(it.to_string())),
                Err(failure) => Some(Difference::Fails(failure.to_string())),
            };
            if let Some(difference) = difference {
                return Ok(Some((difference, random)));
            }
            if drawn.as_tensor() == random.as_tensor() {
                break;
            }
            random = drawn;
        }
        Ok(None)
    }

    /// The result of the Rust method from the state `random`, and the state after it. Buffers and random numbers are
    /// afterwards what they were.
    fn run_rust(&self, inputs: &[Value], train: bool, random: &Value) -> Result<(Value, Value)> {
        let at = self.at;
        for _ in 0..ATTEMPTS {
            let inputs = copies(inputs)?;
            Random::set_state(random)?;
            let run = || quiet::catch(|| at.method.run(&inputs, train));
            let (result, is_seeded) = ffi::watch_seed(run)?;
            let drawn = Random::state()?;
            self.snapshot.restore()?;
            let result = result.map_err(|payload| at.failed(quiet::message(payload)))??;
            if !is_seeded || drawn.as_tensor() == random.as_tensor() {
                return Ok((result, drawn));
            }
        }
        Err(at.failed(
            "it seeds the random numbers that it draws, and a trace does not\n\
             help: call `tch::manual_seed` before the compiled module"
                .into(),
        ))
    }
}

/// What the compiled module does where the Rust method does something else.
enum Difference {
    Fails(String),
    Other(String),
}

impl Display for Difference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Fails(failure) => write!(f, "it fails: {failure}"),
            Difference::Other(difference) => f.write_str(difference),
        }
    }
}

/// The kind that inputs of a kind are tried in.
fn other_kind(kind: Kind) -> Kind {
    if kind == Kind::Float { Kind::Double } else { Kind::Float }
}

/// Parameters with other values than the user's, which are put back at the end. They are exchanged, not written: a graph
/// of derivatives that the user holds stays valid.
struct Moved(Vec<(Tensor, Tensor)>);

impl Moved {
    /// Changes all floating parameters of the module; none where it has none.
    fn new(module: &ffi::JitModule) -> Result<Option<Moved>> {
        let mut seen = HashSet::new();
        let parameters = module.parameters(true).into_iter().map(|(_, it)| it);
        let parameters = parameters.filter(|it| is_floating(it) && seen.insert(tensor_identity(it)));
        let mut moved = Moved(vec![]);
        for mut parameter in parameters {
            let before = parameter.detach();
            // Sparse tensors and the like, which no number can be added to, stay as they are.
            // Not by scalars: where libtorch refuses these, tch panics as it drops them.
            let add_hair = |it: &Tensor| it.f_mul(&Tensor::from(1.0 + HAIR))?.f_add(&Tensor::from(HAIR));
            let Some(other) = elementwise(&before, add_hair) else { continue };
            if parameter.f_set_data(&other).is_ok() {
                moved.0.push((parameter, before));
            }
        }
        Ok((!moved.0.is_empty()).then_some(moved))
    }
}

impl Drop for Moved {
    fn drop(&mut self) {
        for (parameter, before) in &mut self.0 {
            // What was exchanged once can be exchanged again.
            let _ = parameter.f_set_data(before);
        }
    }
}

fn is_floating(tensor: &Tensor) -> bool {
    tensor.f_is_floating_point().unwrap_or(false)
}

/// How much parameters are changed.
const HAIR: f64 = 1e-3;

/// A module that draws random numbers is checked from this many states of the generator: it may
/// branch on what it draws.
const RANDOM_STATES: usize = 4;

/// How often a body is run that seems to seed the process's random numbers: other threads may have done that.
const ATTEMPTS: usize = 20;
