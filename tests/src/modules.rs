//! Helpers for any compiled module: its file, the names of its tensors, the result of one method.

use tch::{IValue, Tensor};
use tch_jit::{Compiled, Forward, Module, ScriptModule};

/// The bytes of the module's file.
///
/// # Panics
///
/// Where it cannot be saved.
#[track_caller]
pub fn bytes(module: &ScriptModule) -> Vec<u8> {
    let mut bytes = vec![];
    module.save_to_writer(&mut bytes).expect("the module is saved");
    bytes
}

/// The module, loaded from its own file.
///
/// # Panics
///
/// Where it cannot be saved and loaded.
#[track_caller]
pub fn reload(module: &ScriptModule) -> ScriptModule {
    ScriptModule::load_from_reader(&bytes(module)[..], None, &[]).expect("the file is loaded").0
}

/// The module after it was saved to a file and loaded again, with its type.
///
/// # Panics
///
/// Where saving or loading fails.
#[track_caller]
pub fn reload_typed<M: Module + Forward>(compiled: &Compiled<M>) -> Compiled<M> {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    compiled.save(file.path()).expect("the module is saved");
    Compiled::load(file.path()).expect("the file is loaded")
}

/// The names of parameters or buffers, in their order.
pub fn names(tensors: &[(String, Tensor)]) -> Vec<String> {
    tensors.iter().map(|(name, _)| name.clone()).collect()
}

/// The result of `method` on these tensors, which has to be one tensor.
///
/// # Panics
///
/// Where the method fails, or returns something else.
#[track_caller]
pub fn call(module: &ScriptModule, method: &str, args: &[&Tensor]) -> Tensor {
    let args: Vec<IValue> = args.iter().map(|it| IValue::Tensor(it.shallow_clone())).collect();
    let result = module.call(method, &args).unwrap_or_else(|error| panic!("{error}"));
    Tensor::try_from(result).expect("a tensor")
}
