//! Compares each traced method with the Rust method on every example input.

use super::at::At;
use super::explain::explain;
use super::plan::Plan;
use super::record::Recorder;
use crate::compile::class::Class;
use crate::compile::compare::compare;
use crate::compile::options::Options;
use crate::compile::values::copies;
use crate::error::Result;
use crate::ffi::{self, Value};
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
        let example = Plan::new(self.method, examples).example_for(self.method, run.inputs);
        let Some(example) = example else { return Ok(String::new()) };
        let recorded = record(&examples[example])?;
        let before = Snapshot::take(&[])?;
        ffi::set_random_state(run.random)?;
        let again = record(run.inputs);
        before.restore()?;
        Ok(explain(&recorded, &again?))
    }

    /// Compares the compiled module with the Rust module on every input. Where the results differ, `why` explains it.
    pub fn check(
        &self,
        (module, class): (&ffi::JitModule, &Class),
        inputs: &[Vec<Value>],
        options: &Options,
        why: impl Fn(&Run<'_>) -> Result<String>,
    ) -> Result<()> {
        let snapshot = Snapshot::of_module(module)?;
        let has_train = self.method.has_train;
        let method = if has_train {
            "forward_t".to_owned()
        } else {
            class.name_of(self.method.script_name, self.method.name)?
        };
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
            let found = self.in_mode(module, train, || module.call(&method, &theirs));
            snapshot.restore()?;
            let difference = match found {
                Ok(found) => {
                    compare(&expected, &found, options.check_tolerance).err().map(|it| it.to_string())
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
                        // The mismatch is reported, whether or not it can be explained.
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

/// How often a comparison of random results is tried: other threads draw from the same generator, and a difference that
/// they caused is gone the next time.
const ATTEMPTS: usize = 20;
