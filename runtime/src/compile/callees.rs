//! What a trace can record calls of: the compiled modules below the traced one, and the unit's functions.

use std::rc::Rc;

use super::class::Class;
use super::function::Functions;
use super::trace::inherited::Inherited;
use crate::error::Result;
use crate::ffi::{self, Value};
use crate::identity::{Object, RustType};
use crate::model::definition::MethodDefs;
use crate::model::node::Node;
use crate::record::{Callees, EntryCall};

/// A compiled module below the one that is being traced.
#[derive(Clone, Debug)]
pub struct Callee {
    pub object: Object,
    /// The object's compiled form.
    pub module: ffi::JitModule,
    pub class: Rc<Class>,
    /// For a child that inherits `trace`: where its entry goes when it is traced as a part of its parent.
    pub inherited: Option<Rc<Inherited>>,
}

impl Callee {
    /// A callee that is compiled by itself, not as a part of its parent.
    pub fn new(node: &dyn Node, module: &ffi::JitModule, class: &Rc<Class>) -> Callee {
        Callee { object: node.object(), module: module.clone(), class: class.clone(), inherited: None }
    }
}

/// All callees of one recording, found by their Rust objects.
#[derive(Debug)]
pub struct CallTable {
    pub callees: Vec<Callee>,
    pub functions: Rc<Functions>,
    /// Whether the callees are compiled for evaluation only.
    pub is_eval_only: bool,
}

impl CallTable {
    fn find(&self, object: Object) -> Option<&Callee> {
        self.callees.iter().find(|it| it.object == object)
    }
}

impl Callees for CallTable {
    fn method(
        &self,
        object: Object,
        method: &str,
        args: &mut dyn FnMut() -> Vec<Value>,
    ) -> Option<Result<Value>> {
        let callee = self.find(object)?;
        let name = callee.class.known_name(method).filter(|name| callee.module.has_method(name))?;
        Some(ffi::record_call(&callee.module, &name, &args(), None).map_err(Into::into))
    }

    fn entry(
        &self,
        object: Object,
        call: &EntryCall,
        args: &mut dyn FnMut() -> Vec<Value>,
        body: &mut dyn FnMut(&[Value], bool) -> Result<Value>,
    ) -> Option<Result<Value>> {
        let Some(inherited) = &self.find(object)?.inherited else {
            if !call.has_train || !self.is_eval_only {
                return self.method(object, call.method, args);
            }
            let mut args = args();
            let is_forward = args.pop_if(|train| train.as_bool() == Some(false)).is_some();
            let method = if is_forward { "forward" } else { call.method };
            return self.method(object, method, &mut || std::mem::take(&mut args));
        };
        let mut args = args();
        let train = call.has_train.then(|| args.pop().and_then(|it| it.as_bool()).unwrap_or_default());
        inherited.record(&args, call, train, body)
    }

    fn function(&self, define: fn(&mut MethodDefs) -> RustType, args: &[Value]) -> Result<Value> {
        self.functions.record_call(define, args)
    }
}
