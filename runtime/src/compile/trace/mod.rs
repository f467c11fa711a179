//! Trace mode: a Rust module comes in with its example inputs, a compiled module goes out. What is to be traced is
//! found (`wanted`, `plan`), recorded (`record`; children that inherit their mode in `inherited`, tensors that nobody
//! declares in `hidden`), made to hold for other sizes (`generalize`, with examples that `vary` makes), and compared with
//! the Rust module (`check`, `explain`).

mod at;
mod check;
mod explain;
mod generalize;
mod hidden;
pub mod inherited;
mod plan;
mod record;
mod vary;
mod wanted;

use std::rc::Rc;

use super::callees::{CallTable, Callee};
use super::class::Origin;
use super::script::called_by_scripts;
use super::session::{Compiled, Session, class_name};
use crate::artifact::MethodReport;
use crate::error::Result;
use crate::ffi::Value;
use crate::model::inputs::MethodInputs;
use crate::model::node::Node;
use crate::model::training::flags;
use crate::place::ModulePath;
use at::At;
use check::Comparison;
use generalize::Recorded;
use plan::Plan;
use record::Recorder;
pub use wanted::Traceable;

/// What a trace is compared on besides the examples.
struct Further<'a> {
    /// The number of the traced method.
    run: usize,
    train: bool,
    /// An example of the trace's case.
    example: &'a [Value],
    /// Arguments of other sizes.
    unseen: Vec<Vec<Value>>,
    /// The trace's number in the report.
    method: usize,
}

/// A traced method, with its examples.
type Traced<'a> = (At<'a>, &'a [Vec<Value>]);

impl Session<'_> {
    /// Compiles `node` by traces: of the methods in `inputs`, which the caller gave, else of those that declare example
    /// inputs.
    pub(super) fn traced(
        &mut self,
        node: &dyn Node,
        inputs: Option<MethodInputs>,
        path: &ModulePath,
    ) -> Result<Compiled> {
        let flags = flags(node);
        let is_eval_only = self.options.eval_only;
        let entry = node.entry().map(|it| it.with_flags(&flags).for_evaluation(is_eval_only));
        let others = node.methods().into_iter();
        let others: Vec<_> = others.map(|it| it.with_flags(&flags).for_evaluation(is_eval_only)).collect();
        let known = Traceable { node, path, entry: entry.as_ref(), others: &others };
        let traced = match &inputs {
            Some(inputs) => known.given(inputs)?,
            None => known.declared(self.options.n_trace_checks)?,
        };
        let is_root = path.is_root();
        let given = if is_root { known.given(&self.options.check_inputs)? } else { vec![] };
        known.reject_untraced(&given, &traced)?;
        let runs = traced.iter().map(|(method, examples)| {
            let at = At { are_sizes_declared: examples.are_declared, ..known.at(method) };
            (at, &*examples.sets)
        });
        let runs: Vec<Traced<'_>> = runs.collect();
        let (shape, mut callees) = self.shape_with_hidden(node, path, &runs)?;

        let origin = Origin::Trace(node.object().ty);
        let name = class_name(node);
        let candidate = self.classes.candidate(origin, &name, &shape)?;
        let recorder = Recorder {
            module: candidate.instance(&shape)?,
            calls: Rc::new(CallTable {
                callees: callees.clone(),
                functions: self.classes.functions.clone(),
                is_eval_only: self.options.eval_only,
            }),
        };
        let (mut graphs, mut source, mut further, mut fixed_options) =
            (vec![], String::new(), vec![], vec![]);
        let names: Vec<&str> = traced.iter().map(|(method, _)| method.script_name).collect();
        let called = called_by_scripts(node, &names);
        for (run, (at, sets)) in runs.iter().enumerate() {
            // Compiled callers pass what the Rust code takes.
            let is_fixed = is_root && !called.contains(&at.method.script_name);
            let plan = Plan::new(at.method, sets, is_fixed).in_class(at.method, &candidate)?;
            let mut of_method = vec![];
            for step in plan.steps() {
                let examples: Vec<_> = step.examples.iter().map(|&i| &*sets[i]).collect();
                let Recorded { graph, found, warnings, mut fixed, unseen } =
                    at.record_case(&recorder, &examples, step.train, self.options)?;
                fixed.extend(plan.fixed());
                self.warnings.extend(warnings);
                self.report.methods.push(MethodReport::new(at.site(), &step.name, &graph, found, fixed)?);
                let method = self.report.methods.len() - 1;
                further.push(Further { run, train: step.train, example: examples[0], unseen, method });
                of_method.push((step.name, graph));
            }
            source += &plan.finish(&mut of_method);
            fixed_options.push(plan.options);
            graphs.extend(of_method);
        }
        let class = self.classes.traced(origin, &name, &shape, &candidate, &graphs, |class| {
            if source.is_empty() { Ok(()) } else { class.define_source(&source) }
        })?;
        for (method, _) in &traced {
            class.note_traced(method.script_name, method.name)?;
        }
        self.define_exports(node, path, &class, &names)?;
        self.note_class(node, &class);
        let module = class.instance(&shape)?;
        if self.options.check_trace {
            let comparisons = runs
                .iter()
                .zip(&fixed_options)
                .map(|((at, _), fixed)| Comparison::new(at, (&module, &class), fixed.as_ref(), self.options))
                .collect::<Result<Vec<_>>>()?;
            for (comparison, (at, sets)) in comparisons.iter().zip(&runs) {
                let more = given.iter().find(|(method, _)| method.name == at.method.name);
                let more = more.map_or(&[][..], |(_, examples)| &*examples.sets);
                let why = |run: &check::Run<'_>| at.explain(&recorder, sets, run, self.options);
                comparison.check(&[sets, more].concat(), why)?;
            }
            self.compare_further(&comparisons, &runs, &further)?;
        }
        for ((at, _), options) in runs.iter().zip(fixed_options) {
            if let Some(options) = options {
                self.note_options(at.method, &class.name_of(at.method.script_name, at.method.name)?, options);
            }
        }
        callees.push(Callee::new(node, &module, &class));
        Ok(Compiled { module, class, callees })
    }

    /// Compares traces on what they were not made from; differences become warnings.
    fn compare_further(
        &mut self,
        comparisons: &[Comparison<'_>],
        runs: &[Traced<'_>],
        further: &[Further<'_>],
    ) -> Result<()> {
        for (comparison, (_, sets)) in comparisons.iter().zip(runs) {
            self.warnings.extend(comparison.parameters(&sets[0])?);
        }
        if !self.options.generalize {
            return Ok(());
        }
        for Further { run, train, example, unseen, method } in further {
            let comparison = &comparisons[*run];
            self.warnings.extend(comparison.unseen(unseen, *train)?);
            if let Some((fixed, warning)) = comparison.kind(example, *train)? {
                self.report.methods[*method].fixed.push(fixed);
                self.warnings.push(warning);
            }
        }
        Ok(())
    }
}
