//! Which methods of a module are to be traced, and on what.

use super::trace::At;
use crate::error::Result;
use crate::examples::Request;
use crate::ffi::{Kind, Value};
use crate::inputs::MethodInputs;
use crate::method::Method;
use crate::module::Node;
use crate::place::ModulePath;
use crate::quiet;

/// The methods of a module that can be traced.
pub struct Known<'m> {
    pub node: &'m dyn Node,
    pub path: &'m ModulePath,
    pub entry: &'m Method<'m>,
    pub others: &'m [Method<'m>],
}

/// A method to trace, with its example inputs.
type Wanted<'m> = (&'m Method<'m>, Vec<Vec<Value>>);

impl<'m> Known<'m> {
    /// A method at work.
    pub fn at(&self, method: &'m Method<'m>) -> At<'m> {
        At { node: self.node, method, path: self.path }
    }

    /// What the caller wants.
    pub fn given(&self, inputs: &MethodInputs) -> Result<Vec<Wanted<'m>>> {
        inputs.iter().map(|(name, sets)| self.find(name, sets)).collect()
    }

    fn find(&self, name: &str, sets: &[Vec<Value>]) -> Result<Wanted<'m>> {
        let name = if name == "forward_t" { self.entry.name } else { name };
        // People may know it by its Rust name, or by the one that the saved file shows.
        let known = || std::iter::once(self.entry).chain(self.others);
        let found = known().find(|it| it.name == name).or_else(|| known().find(|it| it.script_name == name));
        let Some(method) = found else {
            return Err(self.at(self.entry).failed(self.unknown(name)));
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
        self.usable(method, sets.to_vec())
    }

    /// There are inputs, and a trace can follow them.
    fn usable(&self, method: &'m Method<'m>, sets: Vec<Vec<Value>>) -> Result<Wanted<'m>> {
        let mut args = sets.iter().flat_map(|set| method.arg_names.iter().zip(set));
        if let Some((name, _)) = args.find(|(_, value)| is_data(value)) {
            return Err(self.at(method).failed(format!(
                "a trace would take its argument `{name}` for a constant\n\
                 help: pass a tensor, make it a field of the module, or leave the method to be scripted"
            )));
        }
        if sets.is_empty() { Err(self.at(method).no_inputs()) } else { Ok((method, sets)) }
    }

    fn unknown(&self, name: &str) -> String {
        let others: String = self.others.iter().map(|method| format!(", `{}`", method.name)).collect();
        format!(
            "it has no method `{name}` that can be traced; there are `forward`{others}\n\
             help: put `#[export]` on the method, or write a function with `#[tracing_inputs({name})]`"
        )
    }

    /// The entry, and the other methods whose inputs the type declares.
    pub fn declared(&self, n: usize) -> Result<Vec<Wanted<'m>>> {
        let mut wanted = vec![];
        for method in std::iter::once(self.entry).chain(self.others) {
            let inputs = self.inputs_of(method, &Request::to_trace(n))?;
            if inputs.is_some() || method.name == self.entry.name {
                wanted.push(self.usable(method, inputs.unwrap_or_default())?);
            }
        }
        Ok(wanted)
    }

    /// The inputs that the type declares for a method.
    pub fn inputs_of(&self, method: &'m Method<'m>, request: &Request) -> Result<Option<Vec<Vec<Value>>>> {
        quiet::catch(|| method.tracing_inputs(request)).map_err(|payload| {
            self.at(method).failed(format!("its tracing inputs panicked: {}", quiet::message(payload)))
        })
    }

    /// Further inputs are for methods that are traced.
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

/// Whether there is more in it than tensors, numbers, and the structure around them. A truth value by itself is a
/// choice between traces.
fn is_data(value: &Value) -> bool {
    value.kind() != Kind::Bool && holds_data(value)
}

fn holds_data(value: &Value) -> bool {
    match value.kind() {
        Kind::Tensor | Kind::None | Kind::Int | Kind::Float => false,
        Kind::Tuple | Kind::List => value.elements().iter().any(holds_data),
        Kind::Dict => value.elements().chunks(2).filter_map(|entry| entry.get(1)).any(holds_data),
        _ => true,
    }
}
