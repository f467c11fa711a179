//! Trace mode: a Rust module comes in with its example inputs, a compiled module goes out. What is to be traced is
//! found (`wanted`, `plan`), recorded (`record`; children that inherit their mode in `inherited`, tensors that nobody
//! declares in `hidden`), made to hold for other sizes (`generalize`), and compared with the Rust module (`check`,
//! `explain`).

mod at;
mod check;
mod explain;
mod generalize;
mod hidden;
pub mod inherited;
mod plan;
mod record;
mod wanted;

use std::rc::Rc;

use super::callees::{CallTable, Callee};
use super::session::{Compiled, Session, class_name};
use crate::artifact::MethodReport;
use crate::error::Result;
use crate::model::inputs::MethodInputs;
use crate::model::node::Node;
use crate::model::training::flags;
use crate::place::ModulePath;
use generalize::Recorded;
use plan::Plan;
use record::Recorder;
pub use wanted::Traceable;

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
        let entry = node.entry().with_flags(&flags);
        let others: Vec<_> = node.methods().into_iter().map(|it| it.with_flags(&flags)).collect();
        let known = Traceable { node, path, entry: &entry, others: &others };
        let traced = match &inputs {
            Some(inputs) => known.given(inputs)?,
            None => known.declared(self.options.n_trace_checks)?,
        };
        let is_root = path.is_root();
        let further = if is_root { known.given(&self.options.check_inputs)? } else { vec![] };
        known.reject_untraced(&further, &traced)?;
        let runs: Vec<_> = traced.iter().map(|(method, sets)| (known.at(method), &**sets)).collect();
        let (shape, mut callees) = self.shape_with_hidden(node, path, &runs)?;

        let key = format!("trace {}", node.type_name());
        let name = class_name(node);
        let candidate = self.classes.candidate(&key, &name, &shape)?;
        let recorder = Recorder {
            module: candidate.instance(&shape)?,
            calls: Rc::new(CallTable { callees: callees.clone(), functions: self.classes.functions.clone() }),
        };
        let (mut graphs, mut source) = (vec![], String::new());
        for (at, sets) in &runs {
            let plan = Plan::new(at.method, sets).in_class(at.method, &candidate)?;
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
            class.note_traced(method.script_name, method.name)?;
        }
        self.define_exports(node, path, &class, &names)?;
        self.note_class(node, &class);
        let module = class.instance(&shape)?;
        if self.options.check_trace {
            for (at, sets) in &runs {
                let more = further.iter().find(|(method, _)| method.name == at.method.name);
                let more = more.map_or(&[][..], |(_, sets)| sets);
                let why = |run: &check::Run<'_>| at.explain(&recorder, sets, run, self.options);
                at.check((&module, &class), &[sets, more].concat(), self.options, why)?;
            }
        }
        callees.push(Callee::new(node, &module, &class));
        Ok(Compiled { module, class, callees })
    }
}
