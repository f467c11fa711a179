//! The entry points for closures: code that was written for eager `tch`, without any attribute, is traced.

use std::panic::Location;

use tch::{Tensor, nn};

use super::compiler::Compiler;
use super::options::Options;
use super::walk::{self, Root};
use crate::artifact::ScriptModule;
use crate::error::Result;
use crate::ffi::TensorKind;
use crate::model::closure::{Closure, FnInputs, TracedFn, variables};
use crate::model::inputs::MethodInputs;
use crate::place::Place;
use crate::types::ScriptArgs;

/// Traces a closure. The tensors that it captures become parameters, if they require gradients, and
/// buffers, under the names `captured_0`, `captured_1`, … in the order of their first use.
///
/// ```
/// # fn main() -> tch_jit::Result<()> {
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0, 2.0]).set_requires_grad(true);
/// let x = Tensor::from_slice(&[3.0, 4.0]);
/// let module = tch_jit::trace_fn(&x, |x: &Tensor| (x * &weight).tanh())?;
/// assert_eq!(module.named_parameters()[0].0, "captured_0");
/// # Ok(())
/// # }
/// ```
///
/// A closure whose last argument is a `bool` is told whether the module is in training, as `forward_t`
/// is, and traced in both modes.
///
/// # Errors
///
/// As [`trace`](crate::trace()): data that leaves the trace, a closure that fails, a trace that disagrees
/// with the closure.
#[track_caller]
pub fn trace_fn<I: FnInputs, F: TracedFn<I::Args, Mode>, Mode>(inputs: I, f: F) -> Result<ScriptModule> {
    Compiler::new().trace_fn(inputs, f)
}

/// Traces a closure over the variables of `vs`, which become parameters and buffers under their paths:
/// `encoder.0.weight` is the parameter `weight` of the module `0` of the module `encoder`. So a state dict
/// of the same model in Python fits. Variables that are not trainable are buffers. Other tensors that the
/// closure captures are treated as by [`trace_fn`].
///
/// ```
/// # fn main() -> tch_jit::Result<()> {
/// use tch::nn::ModuleT;
/// use tch::{Device, Kind, Tensor, nn};
///
/// let vs = nn::VarStore::new(Device::Cpu);
/// let net = nn::seq_t()
///     .add(nn::linear(vs.root() / "first", 3, 4, Default::default()))
///     .add_fn_t(|x, train| x.relu().dropout(0.1, train))
///     .add(nn::linear(vs.root() / "last", 4, 1, Default::default()));
/// let x = Tensor::randn([2, 3], (Kind::Float, Device::Cpu));
/// let module =
///     tch_jit::trace_var_store(&vs, &x, |x: &Tensor, train: bool| net.forward_t(x, train))?;
/// assert!(module.named_parameters().iter().any(|(name, _)| name == "first.weight"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`trace_fn`], and where a part of a path cannot be the name of a module.
#[track_caller]
pub fn trace_var_store<I: FnInputs, F: TracedFn<I::Args, Mode>, Mode>(
    vs: &nn::VarStore,
    inputs: I,
    f: F,
) -> Result<ScriptModule> {
    Compiler::new().trace_var_store(vs, inputs, f)
}

impl Compiler {
    /// See [`trace_fn`](crate::trace_fn()).
    ///
    /// # Errors
    ///
    /// As for [`trace_fn`](crate::trace_fn()).
    #[track_caller]
    pub fn trace_fn<I: FnInputs, F: TracedFn<I::Args, Mode>, Mode>(
        &self,
        inputs: I,
        f: F,
    ) -> Result<ScriptModule> {
        trace_closure(vec![], inputs, f, place(), self.options())
    }

    /// See [`trace_var_store`](crate::trace_var_store()).
    ///
    /// # Errors
    ///
    /// As for [`trace_var_store`](crate::trace_var_store()).
    #[track_caller]
    pub fn trace_var_store<I: FnInputs, F: TracedFn<I::Args, Mode>, Mode>(
        &self,
        vs: &nn::VarStore,
        inputs: I,
        f: F,
    ) -> Result<ScriptModule> {
        trace_closure(variables(vs), inputs, f, place(), self.options())
    }
}

#[track_caller]
fn place() -> Place {
    let caller = Location::caller();
    Place { file: caller.file(), line: caller.line(), column: caller.column() }
}

fn trace_closure<I: FnInputs, F: TracedFn<I::Args, Mode>, Mode>(
    variables: Vec<(String, TensorKind, Tensor)>,
    inputs: I,
    f: F,
    place: Place,
    options: &Options,
) -> Result<ScriptModule> {
    let sets = inputs.into_sets().iter().map(ScriptArgs::to_values).collect();
    let inputs = MethodInputs::new().sets("forward".to_owned(), sets);
    let closure = Closure::<F, I::Args, Mode>::new(place, variables, f);
    walk::compile(&closure, Root::Trace(inputs), options)
}
