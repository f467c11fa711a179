//! [`JitModule`]: an instance of a compiled class, which can be filled, called, printed, saved and loaded.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use tch::{Device, Tensor};

use super::value::{Value, device_name, pointers};
use super::{Class, Failure, Type, check, collect, handle, raw, text, ty};

/// A handle of a `torch::jit::Module`; clones are handles of the same object.
#[derive(Debug)]
pub struct JitModule(pub(super) NonNull<raw::Module>);

// SAFETY: the object is reference-counted atomically; libtorch runs methods of one module from
// many threads. What writes to the module is called by the compiler, in the thread that compiles the tree, and by
// `artifact::ScriptModule`, which holds the tree's lock for writing.
unsafe impl Send for JitModule {}
// SAFETY: as above.
unsafe impl Sync for JitModule {}

/// What runs a compiled method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executor {
    /// libtorch's interpreter, on the graph as it is written: see `shim/execute.cc`.
    Plan,
    /// libtorch's profiling executor.
    Profiling,
}

impl JitModule {
    /// An instance without values; every attribute has to be set.
    pub fn new(class: &Class) -> Result<JitModule, Failure> {
        // SAFETY: the class is alive.
        handle(|error| unsafe { raw::tj_module_new(class.0.as_ptr(), error) }).map(JitModule)
    }

    pub fn set(&self, name: &str, value: &Value) -> Result<(), Failure> {
        // SAFETY: module and value are alive.
        check(|error| unsafe { raw::tj_module_set(self.0.as_ptr(), name.into(), value.0.as_ptr(), error) })
    }

    pub fn set_child(&self, name: &str, child: &JitModule) -> Result<(), Failure> {
        // SAFETY: both modules are alive.
        check(|error| unsafe {
            raw::tj_module_set_child(self.0.as_ptr(), name.into(), child.0.as_ptr(), error)
        })
    }

    pub fn has_method(&self, name: &str) -> bool {
        // SAFETY: the module is alive.
        unsafe { raw::tj_module_has_method(self.0.as_ptr(), name.into()) }
    }

    pub fn call(&self, method: &str, args: &[Value], executor: Executor) -> Result<Value, Failure> {
        let args = pointers(args);
        let optimized = executor == Executor::Profiling;
        // SAFETY: module and arguments are alive.
        handle(|error| unsafe {
            raw::tj_module_call(self.0.as_ptr(), method.into(), args.as_ptr(), args.len(), optimized, error)
        })
        .map(Value::from_raw)
    }

    /// The schema of a method; empty where there is none.
    pub fn schema(&self, method: &str) -> String {
        // SAFETY: the module is alive.
        text(|out| unsafe { raw::tj_module_schema(self.0.as_ptr(), method.into(), out) })
    }

    /// The types of a method's arguments, without `self`, and that of its result; none where there is no such method.
    pub fn signature(&self, method: &str) -> Option<(Vec<Type>, Type)> {
        // SAFETY: the module is alive, and the list outlives the call.
        let (mut types, found) = ty::collect(|ctx, each| unsafe {
            raw::tj_module_signature(self.0.as_ptr(), method.into(), ctx, each)
        });
        let output = types.pop().filter(|_| found)?;
        Some((types, output))
    }

    pub fn code(&self, method: &str) -> Result<String, Failure> {
        self.print(|out, error| {
            // SAFETY: the module is alive.
            unsafe { raw::tj_module_code(self.0.as_ptr(), method.into(), out, error) }
        })
    }

    pub fn graph(&self, method: &str, inlined: bool) -> Result<String, Failure> {
        self.print(|out, error| {
            // SAFETY: the module is alive.
            unsafe { raw::tj_module_graph(self.0.as_ptr(), method.into(), inlined, out, error) }
        })
    }

    fn print(&self, f: impl FnOnce(raw::Sink, raw::Sink) -> bool) -> Result<String, Failure> {
        let (text, result) = collect(|out| check(|error| f(out, error)));
        result.map(|()| text)
    }

    /// The last part of the class's name.
    pub fn class_name(&self) -> String {
        // SAFETY: the module is alive.
        text(|out| unsafe { raw::tj_module_class_name(self.0.as_ptr(), out) })
    }

    pub fn same_class(&self, other: &JitModule) -> bool {
        // SAFETY: both modules are alive.
        unsafe { raw::tj_same_class(self.0.as_ptr(), other.0.as_ptr()) }
    }

    pub fn train(&self, on: bool) {
        // SAFETY: the module is alive.
        unsafe { raw::tj_module_train(self.0.as_ptr(), on) }
    }

    pub fn is_training(&self) -> bool {
        // SAFETY: the module is alive.
        unsafe { raw::tj_module_is_training(self.0.as_ptr()) }
    }

    /// Moves tensors to `device`, and converts floating-point ones to `kind`, a `c10::ScalarType`, if it is given.
    pub fn to(&self, device: Device, kind: Option<c_int>) -> Result<(), Failure> {
        let device = device_name(device)?;
        // SAFETY: the module is alive.
        check(|error| unsafe {
            raw::tj_module_to(self.0.as_ptr(), device.as_str().into(), kind.unwrap_or(-1), error)
        })
    }

    pub fn freeze(&self) -> Result<JitModule, Failure> {
        // SAFETY: the module is alive.
        handle(|error| unsafe { raw::tj_module_freeze(self.0.as_ptr(), error) }).map(JitModule)
    }

    pub fn optimize_for_inference(&self) -> Result<JitModule, Failure> {
        // SAFETY: the module is alive.
        handle(|error| unsafe { raw::tj_module_optimize_for_inference(self.0.as_ptr(), error) })
            .map(JitModule)
    }

    pub fn deep_copy(&self) -> Result<JitModule, Failure> {
        // SAFETY: the module is alive.
        handle(|error| unsafe { raw::tj_module_deep_copy(self.0.as_ptr(), error) }).map(JitModule)
    }

    pub fn parameters(&self, recurse: bool) -> Vec<(String, Tensor)> {
        // SAFETY: the module and the list outlive the call.
        each_tensor(|ctx, each| unsafe { raw::tj_module_parameters(self.0.as_ptr(), recurse, ctx, each) })
    }

    pub fn buffers(&self, recurse: bool) -> Vec<(String, Tensor)> {
        // SAFETY: the module and the list outlive the call.
        each_tensor(|ctx, each| unsafe { raw::tj_module_buffers(self.0.as_ptr(), recurse, ctx, each) })
    }

    pub fn children(&self) -> Vec<(String, JitModule)> {
        unsafe extern "C" fn each(ctx: *mut c_void, name: raw::Str<'_>, module: *mut raw::Module) {
            // SAFETY: `ctx` is the list below, the name is valid during the callback, and the
            // module is owned.
            unsafe {
                let list = &mut *ctx.cast::<Vec<(String, JitModule)>>();
                list.extend(NonNull::new(module).map(|module| (name.to_text(), JitModule(module))));
            }
        }
        let mut list: Vec<(String, JitModule)> = vec![];
        // SAFETY: the module and the list outlive the call.
        unsafe { raw::tj_module_children(self.0.as_ptr(), std::ptr::from_mut(&mut list).cast(), each) };
        list
    }

    pub fn methods(&self) -> Vec<String> {
        unsafe extern "C" fn each(ctx: *mut c_void, name: raw::Str<'_>) {
            // SAFETY: `ctx` is the list below; the name is valid during the callback.
            unsafe { (*ctx.cast::<Vec<String>>()).push(name.to_text()) }
        }
        let mut list: Vec<String> = vec![];
        // SAFETY: the module and the list outlive the call.
        unsafe { raw::tj_module_methods(self.0.as_ptr(), std::ptr::from_mut(&mut list).cast(), each) };
        list
    }

    /// Saves the module: the bytes of its archive, whose code libtorch is able to read.
    pub fn save(&self, extra_files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, Failure> {
        let names: Vec<raw::Str<'_>> = extra_files.iter().map(|(name, _)| name.as_str().into()).collect();
        let contents: Vec<raw::Str<'_>> =
            extra_files.iter().map(|(_, contents)| raw::Str::bytes(contents)).collect();
        let mut bytes = Vec::new();
        let sink = raw::Sink::new(&mut bytes);
        // SAFETY: names, contents and the sink's vector outlive the call.
        check(|error| unsafe {
            raw::tj_module_save(self.0.as_ptr(), names.as_ptr(), contents.as_ptr(), names.len(), sink, error)
        })?;
        // SAFETY: the module is alive, and the bytes are borrowed for the call.
        check(|error| unsafe { raw::tj_module_check_saved(self.0.as_ptr(), raw::Str::bytes(&bytes), error) })
            .map_err(|failure| {
                Failure(format!(
                    "libtorch cannot read the code that it writes of this module: {failure}\n\
                 help: this is a mistake of tch-jit or of libtorch; please report the body that it underlines"
                ))
            })?;
        Ok(bytes)
    }
}

fn each_tensor(f: impl FnOnce(*mut c_void, raw::EachTensor)) -> Vec<(String, Tensor)> {
    unsafe extern "C" fn each(ctx: *mut c_void, name: raw::Str<'_>, tensor: *mut c_void) {
        // SAFETY: `ctx` is the list below, the name is valid during the callback, and the tensor
        // is an owned `at::Tensor*`.
        unsafe {
            let list = &mut *ctx.cast::<Vec<(String, Tensor)>>();
            list.push((name.to_text(), Tensor::from_ptr(tensor.cast())));
        }
    }
    let mut list: Vec<(String, Tensor)> = vec![];
    f(std::ptr::from_mut(&mut list).cast(), each);
    list
}

impl Clone for JitModule {
    fn clone(&self) -> Self {
        // SAFETY: the module is alive; the shim returns another owned handle.
        let pointer = unsafe { raw::tj_module_share(self.0.as_ptr()) };
        JitModule(NonNull::new(pointer).expect("a handle of a live module"))
    }
}

impl Drop for JitModule {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and freed once.
        unsafe { raw::tj_module_free(self.0.as_ptr()) }
    }
}
