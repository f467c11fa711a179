//! Compilation units and the classes in them.

use std::ffi::c_int;
use std::ptr::NonNull;

use super::value::{Value, pointers};
use super::{Failure, Graph, check, handle, raw};

/// `torch::jit::CompilationUnit`. It is not thread-safe, so it stays on one thread; modules that
/// come from it keep it alive.
#[derive(Debug)]
pub struct Unit(NonNull<raw::Unit>);

/// A module's class within a unit.
#[derive(Debug)]
pub struct Class(pub(super) NonNull<raw::Class>);

/// What a tensor is to its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorKind {
    Parameter,
    Buffer,
}

/// A method as the macro emitted it, with what Rust evaluated for it.
pub struct Method<'a> {
    pub name: &'a str,
    pub tree: &'a [u8],
    pub source: &'a str,
    pub file: &'a str,
    pub line: u32,
    pub types: &'a [String],
    pub constants: &'a [Value],
}

impl Unit {
    pub fn new() -> Result<Unit, Failure> {
        // SAFETY: no preconditions.
        handle(|error| unsafe { raw::tj_unit_new(error) }).map(Unit)
    }

    /// Functions written as TorchScript text.
    pub fn define(&self, source: &str) -> Result<(), Failure> {
        // SAFETY: the unit is alive, the text is borrowed for the call.
        check(|error| unsafe { raw::tj_unit_define(self.0.as_ptr(), source.into(), error) })
    }

    pub fn call(&self, name: &str, args: &[Value]) -> Result<Value, Failure> {
        let args = pointers(args);
        // SAFETY: the unit and the arguments are alive during the call.
        handle(|error| unsafe {
            raw::tj_unit_call(self.0.as_ptr(), name.into(), args.as_ptr(), args.len(), error)
        })
        .map(Value::from_raw)
    }

    /// A class of a module; the name is made unique.
    pub fn class(&self, name: &str) -> Result<Class, Failure> {
        // SAFETY: the unit is alive.
        handle(|error| unsafe { raw::tj_class_new(self.0.as_ptr(), name.into(), error) }).map(Class)
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and freed once.
        unsafe { raw::tj_unit_free(self.0.as_ptr()) }
    }
}

impl Class {
    pub fn add_tensor(&self, name: &str, kind: TensorKind, present: bool) -> Result<(), Failure> {
        let kind: c_int = match kind {
            TensorKind::Parameter => 1,
            TensorKind::Buffer => 2,
        };
        // SAFETY: the class is alive.
        check(|error| unsafe { raw::tj_class_add_tensor(self.0.as_ptr(), name.into(), kind, present, error) })
    }

    pub fn add_attribute(&self, name: &str, ty: &str) -> Result<(), Failure> {
        // SAFETY: the class is alive.
        check(|error| unsafe { raw::tj_class_add_attribute(self.0.as_ptr(), name.into(), ty.into(), error) })
    }

    pub fn add_child(&self, name: &str, class: &Class) -> Result<(), Failure> {
        // SAFETY: both classes are alive and of one unit.
        check(|error| unsafe {
            raw::tj_class_add_child(self.0.as_ptr(), name.into(), class.0.as_ptr(), error)
        })
    }

    pub fn add_constant(&self, name: &str, value: &Value) -> Result<(), Failure> {
        // SAFETY: class and value are alive.
        check(|error| unsafe {
            raw::tj_class_add_constant(self.0.as_ptr(), name.into(), value.0.as_ptr(), error)
        })
    }

    /// Compiles methods that may call each other.
    pub fn define(&self, methods: &[Method<'_>]) -> Result<(), Failure> {
        let types: Vec<Vec<raw::Str<'_>>> =
            methods.iter().map(|method| method.types.iter().map(|ty| ty.as_str().into()).collect()).collect();
        let constants: Vec<_> = methods.iter().map(|method| pointers(method.constants)).collect();
        let methods: Vec<raw::Method<'_>> = methods
            .iter()
            .zip(types.iter().zip(&constants))
            .map(|(method, (types, constants))| raw::Method {
                name: method.name.into(),
                tree: raw::Str::bytes(method.tree),
                source: method.source.into(),
                file: method.file.into(),
                line: method.line,
                types: types.as_ptr(),
                n_types: types.len(),
                constants: constants.as_ptr(),
                n_constants: constants.len(),
            })
            .collect();
        // SAFETY: everything that the methods point to outlives the call.
        check(|error| unsafe {
            raw::tj_class_define(self.0.as_ptr(), methods.as_ptr(), methods.len(), error)
        })
    }

    /// Compiles methods written as TorchScript text.
    pub fn define_source(&self, source: &str) -> Result<(), Failure> {
        // SAFETY: the class is alive.
        check(|error| unsafe { raw::tj_class_define_source(self.0.as_ptr(), source.into(), error) })
    }

    /// Makes a recorded graph a method.
    pub fn add_traced(&self, name: &str, graph: &Graph) -> Result<(), Failure> {
        // SAFETY: class and graph are alive; the shim copies the graph.
        check(|error| unsafe {
            raw::tj_class_add_traced(self.0.as_ptr(), name.into(), graph.0.as_ptr(), error)
        })
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and freed once.
        unsafe { raw::tj_class_free(self.0.as_ptr()) }
    }
}
