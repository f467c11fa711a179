//! The method that is being traced, and the errors about it.

use crate::error::Error;
use crate::model::method::RustMethod;
use crate::model::node::Node;
use crate::place::{ModulePath, Site};

/// A method of a module, with the module's place in the tree.
pub struct At<'a> {
    pub node: &'a dyn Node,
    pub method: &'a RustMethod<'a>,
    pub path: &'a ModulePath,
    /// Whether the examples' sizes that do not differ are declared.
    pub are_sizes_declared: bool,
}

impl At<'_> {
    pub fn site(&self) -> Site {
        let (ty, method, place) = (self.node.info().name, self.method.name, self.method.place);
        Site { path: self.path.clone(), ty, method, place }
    }

    pub fn failed(&self, message: String) -> Error {
        Error::Trace { site: self.site(), message }
    }

    pub fn no_inputs(&self) -> Error {
        Error::NoTracingInputs { site: self.site(), example: self.method.example_of_declaration() }
    }

    pub fn mismatch(&self, message: String) -> Error {
        Error::TraceMismatch { site: self.site(), message }
    }
}
