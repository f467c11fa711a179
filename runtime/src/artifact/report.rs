//! What the compiler found out about the traces of a tree: for which sizes they hold, and what is in them.

use std::fmt::{self, Display, Formatter};

use crate::error::Result;
pub use crate::ffi::{Free as FreeDimension, Lifted as LiftedConstant};
use crate::ffi::{Generality, Graph};
use crate::place::{Place, Site};

/// Something that makes a compiled module doubtful and is not reported as an error: see
/// [`Compiler::deny_warnings`](crate::Compiler::deny_warnings).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    text: String,
    is_of_kind: bool,
}

impl Warning {
    pub(crate) fn new(text: String) -> Self {
        Warning { text, is_of_kind: false }
    }

    /// A warning that a trace holds for one kind only.
    pub(crate) fn of_kind(text: String) -> Self {
        Warning { text, is_of_kind: true }
    }

    pub(crate) fn is_of_kind(&self) -> bool {
        self.is_of_kind
    }
}

impl Display for Warning {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
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
    /// What is fixed without a reason in the examples: sizes of one example, for which others were tried; the kind and
    /// the device, where the Rust code takes others.
    pub fixed: Vec<FixedProperty>,
    /// The constants that became formulas of free sizes and numbers, including those in children that inherit their
    /// mode.
    pub lifted: Vec<LiftedConstant>,
    /// The recorded operators and calls, in order.
    pub operations: Vec<Operation>,
}

/// What of the arguments has to be as in the examples of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedProperty {
    /// What is fixed: a size, such as `x.size(0)`, `kind` or `device`.
    pub name: String,
    /// Its value in the example.
    pub value: String,
    /// Why it is fixed.
    pub why: String,
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
    pub(crate) fn new(
        site: Site,
        method: &str,
        graph: &Graph,
        found: Generality,
        fixed: Vec<FixedProperty>,
    ) -> Result<MethodReport> {
        let operation = |it: crate::ffi::Operator| Operation { text: it.text, place: it.place };
        let operations: Vec<Operation> = graph.operators()?.into_iter().map(operation).collect();
        let mut fixed = fixed;
        fixed.extend(operations.iter().find_map(fixed_device));
        Ok(MethodReport {
            path: site.path.as_str().to_owned(),
            ty: site.ty,
            method: method.to_owned(),
            place: site.place,
            free: found.free,
            fixed,
            lifted: found.lifted,
            operations,
        })
    }
}

/// The device, where the operator is given one: `x.device()` is a constant of a trace.
fn fixed_device(operation: &Operation) -> Option<FixedProperty> {
    let Operation { text, place } = operation;
    let (operator, args) = text.split_once('(')?;
    let device = args.split([',', ' ', ')', '[', ']']).find(|it| *it == "cpu" || it.starts_with("cuda:"))?;
    let why = format!("`{operator}` is given it{}", at(place));
    Some(FixedProperty { name: "device".to_owned(), value: device.to_owned(), why })
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
        for FixedProperty { name, value, why } in &self.fixed {
            writeln!(f, "  fixed: {name} is {value}: {why}")?;
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
