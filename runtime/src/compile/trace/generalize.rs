//! Traces that hold for other sizes than those of one example: where the examples differ in sizes or numbers, or where
//! `vary` makes some that do, several are traced, and their graphs become one. Children that inherit their mode are
//! traced within their parents, so the graphs of each of their calls become one, too.

use std::collections::HashSet;

use super::at::At;
use super::inherited::{Call, Inherited};
use super::record::Recorder;
use super::vary::Vary;
use crate::artifact::{FixedProperty, Warning};
use crate::compile::options::Options;
use crate::compile::values::{different_keys, holds_numbers};
use crate::error::{Error, Result};
use crate::ffi::{Divergence, Generality, Graph, Kind, Value};
use crate::place::Site;
use crate::record::Snapshot;

/// How many examples are traced at most. A formula with one unknown number takes two traces, one with two numbers takes
/// three; each further trace rules out formulas that fit by chance. The remaining examples are only compared.
const MAX_TRACES: usize = 4;

/// The one graph of a method in one mode, with what the report and the warnings say about it.
pub struct Recorded {
    pub graph: Graph,
    pub found: Generality,
    pub warnings: Vec<Warning>,
    /// Sizes that are those of the one example.
    pub fixed: Vec<FixedProperty>,
    /// Arguments to compare the trace on, of sizes that were not traced.
    pub unseen: Vec<Vec<Value>>,
}

impl At<'_> {
    /// Records the examples of one case, and makes their graphs one. Where they do not differ in sizes, examples of
    /// other sizes are made.
    pub fn record_case(
        &self,
        recorder: &Recorder,
        examples: &[&[Value]],
        train: bool,
        options: &Options,
    ) -> Result<Recorded> {
        if let Some(message) = self.different_keys(examples) {
            return Err(self.failed(message));
        }
        let different = if options.generalize { different(examples) } else { vec![examples[0]] };
        let plain = match different[..] {
            [example] => Some(self.plain(recorder, example, train, options)?),
            _ => None,
        };
        if !options.generalize
            && let Some(plain) = plain
        {
            return plain.unify(self);
        }
        let snapshot = Snapshot::of_module(&recorder.module)?;
        let mut vary = Vary::new(self, &different, train, snapshot)?;
        let (varied, doubts) = self.record_varied(recorder, &mut vary, &different, train, options)?;
        let mut recorded = match (varied, plain) {
            (Some(varied), plain) => {
                plain.into_iter().for_each(Traces::discard);
                varied
            }
            (None, Some(plain)) => plain.unify(self)?,
            (None, None) => self.record_general(recorder, &different, train, options)?,
        };
        recorded.unseen = vary.unseen()?;
        recorded.warnings.extend(doubts);
        recorded.fixed = vary.fixed;
        Ok(recorded)
    }

    /// The trace of one example, which holds for its sizes.
    fn plain<'r>(
        &self,
        recorder: &'r Recorder,
        example: &[Value],
        train: bool,
        options: &Options,
    ) -> Result<Traces<'r>> {
        let mut args = self.method.arg_names.iter().zip(example);
        if let Some((name, _)) = args.find(|(_, value)| holds_numbers(value)) {
            return Err(self.failed(format!(
                "a trace of one example would take its argument `{name}` for a constant\n\
                 help: give examples in which it differs, make it a tensor or a field of the module, or mark the \
                 module `#[compile_mode(script)]`"
            )));
        }
        self.traces(recorder, &[example], train, options)
    }

    /// What is wrong with examples in which a map has different keys: the graph reads those of one example.
    fn different_keys(&self, examples: &[&[Value]]) -> Option<String> {
        let (first, others) = examples.split_first()?;
        let names = self.method.arg_names;
        let (name, (keys, others)) = others.iter().find_map(|other| {
            let mut args = names.iter().zip(first.iter().zip(*other));
            args.find_map(|(name, (a, b))| Some((name, different_keys(a, b)?)))
        })?;
        let or_none = |keys: String| if keys.is_empty() { "none".to_owned() } else { keys };
        let (keys, others) = (or_none(keys), or_none(others));
        Some(format!(
            "a trace reads the keys of its argument `{name}` that one example has, and the examples have different \
             ones: {keys} and {others}\n\
             help: give examples with equal keys, or mark the module `#[compile_mode(script)]`"
        ))
    }

    /// Records `examples` with further ones that differ in as many further sizes as possible; none where it is none.
    /// The warnings are about sizes that a trace cannot follow, although the Rust code takes others.
    fn record_varied(
        &self,
        recorder: &Recorder,
        vary: &mut Vary<'_>,
        examples: &[&[Value]],
        train: bool,
        options: &Options,
    ) -> Result<(Option<Recorded>, Vec<Warning>)> {
        let mut doubts = vec![];
        let record = |sets: &[Vec<Value>]| {
            let all: Vec<&[Value]> = examples.iter().copied().chain(sets.iter().map(|it| &**it)).collect();
            self.record_general(recorder, &all, train, options)
        };
        let mut give_up = |vary: &mut Vary<'_>, index: usize, error: Error| {
            let message = match error {
                Error::NotGeneral { message, .. } => message,
                other => other.to_string(),
            };
            let first_line = message.lines().next().unwrap_or_default();
            let sizes = vary.give_up(index, &format!("a trace cannot follow others: {first_line}"));
            doubts.push(self.doubt(&format!(
                "holds only where {sizes}, although the Rust code takes other sizes: {message}"
            )));
        };
        let mut is_each_tried = false;
        while let Some(last) = vary.unknowns.len().checked_sub(1) {
            let Some(sets) = vary.examples()? else {
                vary.give_up(last, "the body fails where it differs together with the free sizes");
                continue;
            };
            let error = match record(&sets) {
                Ok(recorded) => return Ok((Some(recorded), doubts)),
                Err(error) => error,
            };
            if last > 0 && !std::mem::replace(&mut is_each_tried, true) {
                for index in (0..=last).rev() {
                    let alone = vary.examples_alone(index)?;
                    if let Some(Err(error)) = alone.map(|sets| record(&sets)) {
                        give_up(vary, index, error);
                    }
                }
                if vary.unknowns.len() <= last {
                    continue;
                }
            }
            give_up(vary, last, error);
        }
        Ok((None, doubts))
    }

    /// Records examples that differ, and makes their graphs one.
    fn record_general(
        &self,
        recorder: &Recorder,
        examples: &[&[Value]],
        train: bool,
        options: &Options,
    ) -> Result<Recorded> {
        let unify = |options: &Options| self.traces(recorder, examples, train, options)?.unify(self);
        match unify(options) {
            // The traces are recorded again with places, so that the error can name the user's line.
            Err(Error::NotGeneral { .. }) if !options.record_locations => {
                unify(&Options { record_locations: true, ..options.clone() })
            }
            result => result,
        }
    }

    /// Records each of `examples`.
    fn traces<'r>(
        &self,
        recorder: &'r Recorder,
        examples: &[&[Value]],
        train: bool,
        options: &Options,
    ) -> Result<Traces<'r>> {
        let inherited = || recorder.calls.callees.iter().filter_map(|it| it.inherited.as_deref());
        inherited().for_each(Inherited::begin);
        let mut traces = Traces { graphs: vec![], calls: vec![], warnings: vec![] };
        let mut record = || {
            for example in examples {
                inherited().for_each(Inherited::rewind);
                let (graph, warnings) = self.record(recorder, example, train, options)?;
                traces.graphs.push(graph);
                for warning in warnings {
                    if !traces.warnings.contains(&warning) {
                        traces.warnings.push(warning);
                    }
                }
            }
            Ok(())
        };
        let result = record();
        traces.calls =
            inherited().flat_map(|it| it.finish().into_iter().map(move |call| (it, call))).collect();
        // A call within another call was traced first, and has the smaller number.
        traces.calls.sort_by_key(|(_, call)| call.number);
        match result {
            Ok(()) => Ok(traces),
            Err(error) => {
                traces.discard();
                Err(error)
            }
        }
    }

    /// A warning about the method's trace.
    pub fn doubt(&self, message: &str) -> Warning {
        Warning::new(self.of_trace(message))
    }

    /// A warning that the trace holds for one kind only.
    pub fn doubt_of_kind(&self, message: &str) -> Warning {
        Warning::of_kind(self.of_trace(message))
    }

    fn of_trace(&self, message: &str) -> String {
        let Site { path, ty, method, place } = self.site();
        format!("{path}the trace of {ty}, whose `{method}` is at {place}, {message}")
    }
}

/// Several traces of one method, and of the children that inherit their mode, whose calls have provisional names.
struct Traces<'r> {
    graphs: Vec<Graph>,
    calls: Vec<(&'r Inherited, Call)>,
    warnings: Vec<Warning>,
}

impl Traces<'_> {
    /// Forgets the traces.
    fn discard(self) {
        self.calls.iter().for_each(|(child, call)| child.forget(call));
    }

    /// Makes the graphs one, and those of each call a method of the child.
    fn unify(self, at: &At<'_>) -> Result<Recorded> {
        let Traces { mut graphs, calls, warnings } = self;
        calls.iter().for_each(|(child, call)| child.forget(call));
        let mut found = Generality::default();
        let mut refused = None;
        // Where the runs make different calls, the comparison of the parents' graphs refuses them below.
        let is_made_by_all = |call: &Call| call.graphs.len() == graphs.len();
        for (child, call) in calls.iter().filter(|(_, call)| is_made_by_all(call)) {
            let of_child = Graph::generalize(&call.graphs)?;
            found.lifted.extend(of_child.lifted);
            refused = refused.or_else(|| of_child.refused.map(|it| not_general(child.site(), &it)));
        }
        let of_parent = Graph::generalize(&graphs)?;
        if let Some(error) = refused.or_else(|| of_parent.refused.map(|it| not_general(&at.site(), &it))) {
            return Err(error);
        }
        found.free = of_parent.free;
        found.lifted.extend(of_parent.lifted);
        let mut renamed: Vec<(&str, String)> = vec![];
        for (child, call) in calls.iter().filter(|(_, call)| is_made_by_all(call)) {
            let graph = &call.graphs[0];
            renamed.iter().for_each(|(from, to)| graph.rename_calls(from, to));
            graph.erase_shapes();
            renamed.push((&call.name, child.add(graph, &call.base)?));
        }
        let graph = graphs.swap_remove(0);
        renamed.iter().for_each(|(from, to)| graph.rename_calls(from, to));
        graph.erase_shapes();
        Ok(Recorded { graph, found, warnings, fixed: vec![], unseen: vec![] })
    }
}

fn not_general(site: &Site, Divergence { place, why }: &Divergence) -> Error {
    let message = if place.is_empty() { why.clone() } else { format!("{why}\n  --> {place}") };
    Error::NotGeneral { site: site.clone(), message }
}

/// The examples that differ in their sizes or numbers: only these show what follows from sizes and numbers.
fn different<'v>(examples: &[&'v [Value]]) -> Vec<&'v [Value]> {
    let mut seen = HashSet::new();
    let mut different = vec![];
    for &example in examples {
        let mut sizes = vec![];
        example.iter().for_each(|value| add_sizes(value, &mut sizes));
        if different.len() < MAX_TRACES && seen.insert(sizes) {
            different.push(example);
        }
    }
    different
}

/// The sizes and numbers in `value`, in order.
fn add_sizes(value: &Value, sizes: &mut Vec<u64>) {
    match value.kind() {
        Kind::Tensor => {
            let size = value.as_tensor().map(|it| it.size()).unwrap_or_default();
            sizes.extend(size.iter().map(|it| it.cast_unsigned()));
        }
        Kind::Int => sizes.extend(value.as_int().map(i64::cast_unsigned)),
        Kind::Float => sizes.extend(value.as_float().map(f64::to_bits)),
        _ => value.elements().iter().for_each(|element| add_sizes(element, sizes)),
    }
}
