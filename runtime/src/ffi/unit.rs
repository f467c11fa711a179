//! Compilation units and the classes in them.

use std::ffi::c_int;
use std::ptr::NonNull;
use std::{io, thread};

use super::value::{Value, pointers};
use super::{Failure, Graph, Type, check, handle, raw, text, ty};
use crate::identity::RustType;

/// `torch::jit::CompilationUnit`. It is not thread-safe, so it stays on one thread; modules that
/// come from it keep it alive.
#[derive(Debug)]
pub struct Unit(NonNull<raw::Unit>);

/// A module's class within a unit.
#[derive(Debug)]
pub struct Class(pub(super) NonNull<raw::Class>);

/// How a module holds a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorKind {
    Parameter,
    Buffer,
}

/// A method, or a function, as the macro emitted it, with what Rust evaluated for it.
#[derive(Debug)]
pub struct MethodDef {
    /// The name in TorchScript.
    pub name: &'static str,
    /// The Rust name.
    pub rust_name: &'static str,
    /// The encoded syntax tree.
    pub tree: &'static [u8],
    /// The Rust text that the tree's ranges point into.
    pub source: &'static str,
    /// The file of that text.
    pub file: &'static str,
    /// The first line of that text in the file, from 1.
    pub line: u32,
    /// The types behind `$T0`, `$T1`, ….
    pub types: Vec<Type>,
    /// The values behind `$C0`, `$C1`, ….
    pub constants: Vec<Value>,
    /// The functions behind `$F0`, `$F1`, …, which the body calls, by their companions. None where a call that may be of
    /// one is that of a module's method.
    pub functions: Vec<Option<RustType>>,
}

/// A definition that is about to be declared.
pub struct Definition<'a> {
    pub def: &'a MethodDef,
    /// The name to define it under, in place of the definition's own.
    pub name: &'a str,
    /// The unit's names of the functions that it calls; empty where there is none.
    pub functions: Vec<String>,
}

impl Unit {
    pub fn new(is_eval_only: bool) -> Result<Unit, Failure> {
        // SAFETY: no preconditions.
        handle(|error| unsafe { raw::tj_unit_new(is_eval_only, error) }).map(Unit)
    }

    /// Compiles functions written as TorchScript text, in a thread with a stack of this size.
    pub fn of_source(source: &str, stack: usize) -> Result<Unit, Failure> {
        struct Sent(Unit);
        // SAFETY: the unit holds no thread's data, and the thread that made it has ended when another uses it.
        unsafe impl Send for Sent {}

        let define = || {
            let unit = Unit::new(false)?;
            // SAFETY: the unit is alive, the text is borrowed for the call.
            check(|error| unsafe { raw::tj_unit_define(unit.0.as_ptr(), source.into(), error) })?;
            Ok(Sent(unit))
        };
        let ended = thread::scope(|scope| {
            let thread = thread::Builder::new().stack_size(stack).spawn_scoped(scope, define)?;
            thread.join().map_err(|_| io::Error::other("the thread that compiles has panicked"))
        });
        ended.map_err(|error| Failure(error.to_string()))?.map(|sent| sent.0)
    }

    pub fn call(&self, name: &str, args: &[Value]) -> Result<Value, Failure> {
        let args = pointers(args);
        // SAFETY: the unit and the arguments are alive during the call.
        handle(|error| unsafe {
            raw::tj_unit_call(self.0.as_ptr(), name.into(), args.as_ptr(), args.len(), error)
        })
        .map(Value::from_raw)
    }

    /// Declares a function under the name `name_space.name`, where `name` is the definition's. It is compiled when
    /// something first calls it.
    pub fn declare_function(&self, name_space: &str, function: &Definition<'_>) -> Result<(), Failure> {
        with_raw(std::slice::from_ref(function), |functions| {
            // SAFETY: unit and function are alive.
            check(|error| unsafe {
                raw::tj_unit_declare_function(self.0.as_ptr(), name_space.into(), functions.as_ptr(), error)
            })
        })
    }

    /// `name`, or one like it where the unit has a function of that name.
    pub fn unique_name(&self, name: &str) -> String {
        // SAFETY: the unit is alive.
        text(|out| unsafe { raw::tj_unit_unique_name(self.0.as_ptr(), name.into(), out) })
    }

    /// Records a call of a function in the trace of this thread, and runs it.
    pub fn record_call(&self, name: &str, args: &[Value]) -> Result<Value, Failure> {
        let args = pointers(args);
        // SAFETY: unit and arguments are alive.
        handle(|error| unsafe {
            raw::tj_trace_call_function(self.0.as_ptr(), name.into(), args.as_ptr(), args.len(), error)
        })
        .map(Value::from_raw)
    }

    /// A new class for modules; the name is made unique within the unit.
    pub fn class(&self, name: &str) -> Result<Class, Failure> {
        // SAFETY: the unit is alive.
        handle(|error| unsafe { raw::tj_class_new(self.0.as_ptr(), name.into(), error) }).map(Class)
    }

    /// The class of a module that was compiled or loaded before.
    pub fn class_of(&self, module: &super::JitModule) -> Result<Class, Failure> {
        // SAFETY: unit and module are alive.
        handle(|error| unsafe { raw::tj_class_of(self.0.as_ptr(), module.0.as_ptr(), error) }).map(Class)
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

    pub fn add_attribute(&self, name: &str, ty: &Type) -> Result<(), Failure> {
        // SAFETY: class and type are alive.
        check(|error| unsafe {
            raw::tj_class_add_attribute(self.0.as_ptr(), name.into(), ty.0.as_ptr(), error)
        })
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

    /// Lets Rust bodies name the member `name` by its Rust name.
    pub fn add_alias(&self, field: &str, name: &str) {
        // SAFETY: the class is alive.
        unsafe { raw::tj_class_add_alias(self.0.as_ptr(), field.into(), name.into()) }
    }

    /// Notes that the integer `field` is positive in all instances: a member, or a part of a tuple, such as `config.0`.
    pub fn note_positive(&self, field: &str) {
        // SAFETY: the class is alive.
        unsafe { raw::tj_class_note_positive(self.0.as_ptr(), field.into()) }
    }

    /// Lets Rust bodies call the method `name` by `method`.
    pub fn name_method(&self, method: &str, name: &str) {
        // SAFETY: the class is alive.
        unsafe { raw::tj_class_name_method(self.0.as_ptr(), method.into(), name.into()) }
    }

    /// Declares methods. Each is compiled when something first calls it.
    pub fn declare(&self, methods: &[Definition<'_>]) -> Result<(), Failure> {
        with_raw(methods, |methods| {
            // SAFETY: the class is alive, and so is everything that the methods point to; the shim copies it.
            check(|error| unsafe {
                raw::tj_class_declare(self.0.as_ptr(), methods.as_ptr(), methods.len(), error)
            })
        })
    }

    /// Compiles a declared method, and what it calls.
    pub fn compile(&self, name: &str) -> Result<(), Failure> {
        // SAFETY: the class is alive.
        check(|error| unsafe { raw::tj_class_compile(self.0.as_ptr(), name.into(), error) })
    }

    /// Compiles methods written as TorchScript text.
    pub fn define_source(&self, source: &str) -> Result<(), Failure> {
        // SAFETY: the class is alive.
        check(|error| unsafe { raw::tj_class_define_source(self.0.as_ptr(), source.into(), error) })
    }

    /// Removes a method from the class.
    pub fn remove_method(&self, name: &str) {
        // SAFETY: the class is alive.
        unsafe { raw::tj_class_remove_method(self.0.as_ptr(), name.into()) }
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

/// Runs `f` with the definitions as the shim takes them.
fn with_raw<R>(methods: &[Definition<'_>], f: impl FnOnce(&[raw::Method<'_>]) -> R) -> R {
    let slots: Vec<_> = methods
        .iter()
        .map(|it| {
            let functions: Vec<raw::Str<'_>> = it.functions.iter().map(|name| name.as_str().into()).collect();
            (ty::pointers(&it.def.types), pointers(&it.def.constants), functions)
        })
        .collect();
    let methods: Vec<raw::Method<'_>> = methods
        .iter()
        .zip(&slots)
        .map(|(it, (types, constants, functions))| raw::Method {
            name: it.name.into(),
            tree: raw::Str::bytes(it.def.tree),
            source: it.def.source.into(),
            file: it.def.file.into(),
            line: it.def.line,
            types: types.as_ptr(),
            n_types: types.len(),
            constants: constants.as_ptr(),
            n_constants: constants.len(),
            functions: functions.as_ptr(),
            n_functions: functions.len(),
        })
        .collect();
    f(&methods)
}
