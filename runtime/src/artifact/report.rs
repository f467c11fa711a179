//! What the compiler found out about the traces of a tree: for which sizes they hold, and what is in them.

use std::fmt::{self, Display, Formatter};

use crate::error::Result;
pub use crate::ffi::{Free as FreeDimension, Lifted as LiftedConstant};
use crate::ffi::{Generality, Graph};
use crate::place::{Place, Site};

/// Something that makes a compiled module doubtful and is not reported as an error: see
/// [`Compiler::deny_warnings`](crate::Compiler::deny_warnings).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(String);

impl Warning {
    pub(crate) fn new(text: String) -> Self {
        Warning(text)
    }
}

impl Display for Warning {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What [`ScriptModule::report`](crate::ScriptModule::report) tells about the traced methods of a tree.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One report for each traced method, children first.
    pub methods: Vec<MethodReport>,
}

/// What the compiler found out about one traced method.
#[derive(Clone, Debug)]
pub struct MethodReport {
    /// The module's path in the tree; empty for the root.
    pub path: String,
    /// The module's type.
    pub ty: &'static str,
    /// The method, such as `forward`, or `forward_eval` of a module that is traced in both modes.
    pub method: String,
    /// Where the Rust method stands.
    pub place: Place,
    /// The sizes, and the numbers among the arguments, that may differ from those of the examples. All others are fixed
    /// wherever an operator depends on them.
    pub free: Vec<FreeDimension>,
    /// The constants that became formulas of free sizes and numbers, including those in children that inherit their
    /// mode.
    pub lifted: Vec<LiftedConstant>,
    /// The recorded operators and calls, in order.
    pub operations: Vec<Operation>,
}

/// One operator of a trace, or one call of a compiled method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The operator's name with its constant arguments; an argument that another operator computed is shown as `_`.
    pub text: String,
    /// The line of Rust that called it, as `file:line:column`; empty where that is not known (see
    /// [`Compiler::record_locations`](crate::Compiler::record_locations)).
    pub place: String,
}

impl MethodReport {
    pub(crate) fn new(site: Site, method: &str, graph: &Graph, found: Generality) -> Result<MethodReport> {
        let operation = |it: crate::ffi::Operator| Operation { text: it.text, place: it.place };
        Ok(MethodReport {
            path: site.path.as_str().to_owned(),
            ty: site.ty,
            method: method.to_owned(),
            place: site.place,
            free: found.free,
            lifted: found.lifted,
            operations: graph.operators()?.into_iter().map(operation).collect(),
        })
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, method) in self.methods.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{method}")?;
        }
        Ok(())
    }
}

impl Display for MethodReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let MethodReport { path, ty, method, place, .. } = self;
        let of = if path.is_empty() { String::new() } else { format!("`{path}`: ") };
        writeln!(f, "{of}{ty}::{method} at {place}")?;
        for FreeDimension { name, seen } in &self.free {
            writeln!(f, "  free: {name} (seen {seen})")?;
        }
        for LiftedConstant { place, operator, seen, formula } in &self.lifted {
            writeln!(f, "  lifted: {formula} for {seen}, in {operator}{}", at(place))?;
        }
        for Operation { text, place } in &self.operations {
            writeln!(f, "  {text}{}", at(place))?;
        }
        Ok(())
    }
}

fn at(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" at {place}") }
}
