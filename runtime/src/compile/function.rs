//! Functions with `#[script]`: each becomes a function of the compilation unit when a method or a trace first calls it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::error::{Error, Result};
use crate::ffi::{self, Value};
use crate::identity::RustType;
use crate::model::definition::{MethodDef, MethodDefs, Refusal};
use crate::names::function_name;

/// The functions of one compilation unit.
#[derive(Debug)]
pub struct Functions {
    unit: Rc<ffi::Unit>,
    /// The functions' names in the unit, by their companions.
    names: RefCell<HashMap<RustType, String>>,
}

impl Functions {
    /// No functions yet.
    pub fn new(unit: Rc<ffi::Unit>) -> Self {
        Functions { unit, names: RefCell::default() }
    }

    /// Declares those of the functions that the unit does not know; `functions` lists callees first.
    pub fn declare(&self, functions: &[(RustType, MethodDef)]) -> Result<()> {
        for (companion, def) in functions {
            if self.names.borrow().contains_key(companion) {
                continue;
            }
            let name = self.unit.unique_name(&function_name(companion.name()));
            let (name_space, last) = name.rsplit_once('.').expect("a qualified name has several parts");
            let definition = ffi::Definition { def, name: last, functions: self.names_of(def) };
            self.unit.declare_function(name_space, &definition)?;
            self.names.borrow_mut().insert(*companion, name);
        }
        Ok(())
    }

    /// The unit's names of the functions that `def` calls.
    pub fn names_of(&self, def: &MethodDef) -> Vec<String> {
        let names = self.names.borrow();
        let name = |companion: &Option<RustType>| companion.and_then(|it| names.get(&it).cloned());
        def.functions.iter().map(|companion| name(companion).unwrap_or_default()).collect()
    }

    /// Records a call of the function in the trace of this thread, and runs it. `define` adds what the function needs.
    pub fn record_call(&self, define: fn(&mut MethodDefs) -> RustType, args: &[Value]) -> Result<Value> {
        let mut defs = MethodDefs::default();
        let companion = define(&mut defs);
        if let Some(refusal) = &defs.refusal {
            return Err(refused(companion.name(), refusal));
        }
        self.declare(&defs.functions)?;
        let name = self.names.borrow().get(&companion).cloned().unwrap_or_default();
        Ok(self.unit.record_call(&name, args)?)
    }
}

fn refused(path: &str, Refusal { message, help, place, .. }: &Refusal) -> Error {
    Error::Torch(format!("function `{path}` at {place} cannot be scripted: {message}\nhelp: {help}"))
}
