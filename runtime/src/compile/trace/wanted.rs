//! Which methods of a module are to be traced, and on what.

use super::at::At;
use crate::compile::like;
use crate::compile::values::is_data;
use crate::error::{Error, Result};
use crate::ffi::Value;
use crate::model::examples::{Examples, Request};
use crate::model::inputs::MethodInputs;
use crate::model::method::RustMethod;
use crate::model::node::Node;
use crate::place::ModulePath;
use crate::record::quiet;

/// The methods of a module that can be traced.
pub struct Traceable<'m> {
    pub node: &'m dyn Node,
    pub path: &'m ModulePath,
    pub entry: Option<&'m RustMethod<'m>>,
    pub others: &'m [RustMethod<'m>],
}

/// A method to trace, with its example inputs.
type Wanted<'m> = (&'m RustMethod<'m>, Examples);

impl<'m> Traceable<'m> {
    /// The method, with the module's place in the tree.
    pub fn at(&self, method: &'m RustMethod<'m>) -> At<'m> {
        At { node: self.node, method, path: self.path, are_sizes_declared: false }
    }

    /// The methods that the caller gave inputs for.
    pub fn given(&self, inputs: &MethodInputs) -> Result<Vec<Wanted<'m>>> {
        inputs.iter().map(|(name, sets)| self.find(name, sets)).collect()
    }

    fn find(&self, name: &str, sets: &[Vec<Value>]) -> Result<Wanted<'m>> {
        let name = if name == "forward_t" { self.entry.map_or(name, |entry| entry.name) } else { name };
        // The caller may know the method by its Rust name, or by the name that the saved file shows.
        let known = || self.entry.into_iter().chain(self.others);
        let found = known().find(|it| it.name == name).or_else(|| known().find(|it| it.script_name == name));
        let Some(method) = found else {
            let (site, message) = (self.node.site(self.path), self.unknown(name));
            return Err(Error::Trace { site, message });
        };
        let at = self.at(method);
        for set in sets {
            let (given, wanted) = (set.len(), method.arg_names.len());
            if given != wanted {
                return Err(at.failed(format!("it has {wanted} arguments, and inputs for {given}")));
            }
            if let Err(error) = method.check(set) {
                return Err(at.failed(format!("other inputs are given than its arguments: {error}")));
            }
        }
        self.usable(method, Examples { sets: sets.to_vec(), are_declared: false })
    }

    /// Checks that there are inputs, and that a trace can follow them.
    fn usable(&self, method: &'m RustMethod<'m>, examples: Examples) -> Result<Wanted<'m>> {
        let mut args = examples.sets.iter().flat_map(|set| method.arg_names.iter().zip(set));
        if let Some((name, _)) = args.find(|(_, value)| is_data(value)) {
            return Err(self.at(method).failed(format!(
                "a trace would take its argument `{name}` for a constant\n\
                 help: pass a tensor, make it a field of the module, or leave the method to be scripted"
            )));
        }
        if examples.sets.is_empty() { Err(self.at(method).no_inputs()) } else { Ok((method, examples)) }
    }

    fn unknown(&self, name: &str) -> String {
        let known = self.entry.into_iter().chain(self.others);
        let known: Vec<String> = known.map(|method| format!("`{}`", method.name)).collect();
        format!(
            "it has no method `{name}` that can be traced; there are {}\n\
             help: put `#[export]` on the method, or write a function with `#[tracing_inputs({name})]`",
            known.join(", ")
        )
    }

    /// The entry, and the other methods whose inputs the type declares.
    pub fn declared(&self, n: usize) -> Result<Vec<Wanted<'m>>> {
        let mut wanted = vec![];
        for method in self.entry.into_iter().chain(self.others) {
            let like = || like(self.node);
            let inputs = self.inputs_of(method, &Request::to_trace(n, &like))?;
            if inputs.is_some() || self.entry.is_some_and(|entry| entry.name == method.name) {
                wanted.push(self.usable(method, inputs.unwrap_or_default())?);
            }
        }
        Ok(wanted)
    }

    /// The inputs that the type declares for a method.
    pub fn inputs_of(&self, method: &'m RustMethod<'m>, request: &Request<'_>) -> Result<Option<Examples>> {
        quiet::catch(|| method.tracing_inputs(request)).map_err(|payload| {
            self.at(method).failed(format!("its tracing inputs panicked: {}", quiet::message(payload)))
        })
    }

    /// An error where `further`, the check inputs, has a method that is not traced.
    pub fn reject_untraced(&self, further: &[Wanted<'m>], traced: &[Wanted<'m>]) -> Result<()> {
        let is_traced = |name| traced.iter().any(|(method, _)| method.name == name);
        match further.iter().find(|(method, _)| !is_traced(method.name)) {
            Some((method, _)) => Err(self.at(method).failed(
                "there are check inputs for it, and none that it is traced on\n\
                 help: pass such inputs to `trace_module`, or write a function with `#[tracing_inputs]` for it"
                    .to_owned(),
            )),
            None => Ok(()),
        }
    }
}
