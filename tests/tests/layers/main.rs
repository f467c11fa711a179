//! Layers of tch as fields: of scripted modules, where they are compiled by themselves, and of
//! traced ones, where they are recorded as a part.

#![allow(missing_docs)]

mod opaque;
mod plain;
mod recurrent;
mod sharing;

use integration_tests::alone;
use integration_tests::modules::names;
use integration_tests::tensors::randn;
use tch::nn::VarStore;
use tch::{Device, IValue, Tensor};
use tch_jit::ScriptModule;

/// Trained: other values than those that all layers begin with.
fn train(vs: &VarStore) {
    tch::no_grad(|| {
        for mut variable in vs.variables().into_values() {
            let noise = variable.rand_like();
            variable += noise;
        }
    });
}

/// The compiled module's parameters are the store's variables, and no others.
#[track_caller]
fn assert_shared(case: &str, compiled: &ScriptModule, vs: &VarStore) {
    let mut of_store: Vec<_> = vs.trainable_variables().iter().map(Tensor::data_ptr).collect();
    let mut of_module: Vec<_> = compiled.named_parameters().iter().map(|(_, it)| it.data_ptr()).collect();
    of_store.sort();
    of_module.sort();
    assert_eq!(of_module, of_store, "{case}");
}

fn cpu() -> VarStore {
    VarStore::new(Device::Cpu)
}

fn ivalue(tensor: &Tensor) -> IValue {
    IValue::Tensor(tensor.shallow_clone())
}
