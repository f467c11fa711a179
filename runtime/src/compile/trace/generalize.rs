//! Traces that hold for other sizes than those of one example: where the examples differ in sizes or numbers,
//! several are traced, and their graphs become one. Children that inherit their mode are traced within their
//! parents, so the graphs of each of their calls become one, too.

use std::collections::HashSet;

use super::at::At;
use super::inherited::Inherited;
use super::record::Recorder;
use crate::artifact::Warning;
use crate::compile::options::Options;
use crate::compile::values::{different_keys, holds_numbers};
use crate::error::{Error, Result};
use crate::ffi::{Divergence, Generality, Graph, Kind, Value};
use crate::place::Site;

/// How many examples are traced at most. A formula with one unknown number takes two traces, one with two numbers takes
/// three; each further trace rules out formulas that fit by chance. The remaining examples are only compared.
const MAX_TRACES: usize = 4;

/// The one graph of a method in one mode, with what the report and the warnings say about it.
pub struct Recorded {
    pub graph: Graph,
    pub found: Generality,
    pub warnings: Vec<Warning>,
}

impl At<'_> {
    /// Records the examples of one case, and makes their graphs one.
    pub fn record_all(
        &self,
        recorder: &Recorder,
        examples: &[&[Value]],
        train: bool,
        options: &Options,
    ) -> Result<Recorded> {
        if let Some(message) = self.different_keys(examples) {
            return Err(self.failed(message));
        }
        let different = if options.generalize { different(examples) } else { vec![] };
        let [_, _, ..] = different[..] else {
            let mut args = self.method.arg_names.iter().zip(examples[0]);
            if let Some((name, _)) = args.find(|(_, value)| holds_numbers(value)) {
                return Err(self.failed(format!(
                    "a trace of one example would take its argument `{name}` for a constant\n\
                     help: give examples in which it differs, make it a tensor or a field of the module, or mark the \
                     module `#[compile_mode(script)]`"
                )));
            }
            let (graph, warnings) = self.record(recorder, examples[0], train, options)?;
            return Ok(Recorded { graph, found: Generality::default(), warnings });
        };
        match self.record_general(recorder, &different, train, options) {
            // The traces are recorded again with places, so that the error can name the user's line.
            Err(Error::NotGeneral { .. }) if !options.record_locations => {
                let options = Options { record_locations: true, ..options.clone() };
                self.record_general(recorder, &different, train, &options)
            }
            result => result,
        }
    }

    /// What is wrong with examples in which a map has different keys: the graph reads those of one example.
    fn different_keys(&self, examples: &[&[Value]]) -> Option<String> {
        let (first, others) = examples.split_first()?;
        let names = self.method.arg_names;
        others.iter().find_map(|other| {
            let mut args = names.iter().zip(first.iter().zip(*other));
            args.find_map(|(name, (a, b))| different_keys(a, b).map(|keys| (name, keys)))
        }).map(|(name, (keys, others))| {
            let or_none = |keys: String| if keys.is_empty() { "none".to_owned() } else { keys };
            let (keys, others) = (or_none(keys), or_none(others));
            format!(
                "a trace reads the keys of its argument `{name}` that one example has, and the examples have different \
                 ones: {keys} and {others}\n\
                 help: give examples with equal keys, or mark the module `#[compile_mode(script)]`"
            )
        })
    }

    fn record_general(
        &self,
        recorder: &Recorder,
        examples: &[&[Value]],
        train: bool,
        options: &Options,
    ) -> Result<Recorded> {
        let inherited = || recorder.calls.callees.iter().filter_map(|it| it.inherited.as_deref());
        inherited().for_each(Inherited::begin);
        let (mut graphs, mut warnings) = (vec![], vec![]);
        for example in examples {
            inherited().for_each(Inherited::rewind);
            let recorded = self.record(recorder, example, train, options);
            if recorded.is_err() {
                inherited().for_each(|it| drop(it.finish()));
            }
            let (graph, noted) = recorded?;
            graphs.push(graph);
            warnings = noted;
        }
        let mut calls: Vec<_> =
            inherited().flat_map(|it| it.finish().into_iter().map(move |call| (it, call))).collect();
        // A call within another call was traced first, and has the smaller number.
        calls.sort_by_key(|(_, call)| call.number);
        let mut found = Generality::default();
        let mut renamed: Vec<(String, String)> = vec![];
        let mut refused = None;
        for (child, call) in calls {
            child.forget(&call);
            // Where the runs make different calls, the comparison of the parents' graphs refuses them below.
            if refused.is_some() || call.graphs.len() != examples.len() {
                continue;
            }
            let of_child = Graph::generalize(&call.graphs)?;
            found.lifted.extend(of_child.lifted);
            refused = of_child.refused.map(|it| not_general(child.site(), &it));
            let graph = &call.graphs[0];
            renamed.iter().for_each(|(from, to)| graph.rename_calls(from, to));
            graph.erase_shapes();
            renamed.push((call.name.clone(), child.add(graph, &call.base)?));
        }
        let of_parent = Graph::generalize(&graphs)?;
        if let Some(error) = refused.or_else(|| of_parent.refused.map(|it| not_general(&self.site(), &it))) {
            return Err(error);
        }
        found.free = of_parent.free;
        found.lifted.extend(of_parent.lifted);
        let graph = graphs.swap_remove(0);
        renamed.iter().for_each(|(from, to)| graph.rename_calls(from, to));
        graph.erase_shapes();
        Ok(Recorded { graph, found, warnings })
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
