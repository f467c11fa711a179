//! The entry points: functions, and the builder behind them.

use crate::compile::{self, Root};
use crate::compiled::Compiled;
use crate::error::Result;
use crate::fitness::{Compilable, Scriptable};
use crate::module::{Forward, Node};
use crate::options::Options;
use crate::types::{IntoArgs, ScriptArgs, TraceInput};

/// Compiles a tree: each module in the mode that its type declares, children first.
///
/// A root without a mode of its own is scripted if TorchScript can express its methods, else
/// traced.
///
/// # Errors
///
/// See [`Error`](crate::Error): an unsupported module behind `dyn`, missing tracing inputs, a
/// body that TorchScript's own compiler rejects, a trace that disagrees with the Rust module.
/// The Rust module is unchanged, whatever happens.
pub fn compile<M: Compilable>(module: &M) -> Result<Compiled<M>> {
    Compiler::new().compile(module)
}

/// Scripts `module`, whatever it declares; its children follow their own modes.
///
/// # Errors
///
/// As [`compile`].
pub fn script<M: Scriptable>(module: &M) -> Result<Compiled<M>> {
    Compiler::new().script(module)
}

/// Traces `module` on `inputs`, whatever it declares; its children follow their own modes.
///
/// `inputs` is the tuple of `forward`'s arguments, the one argument itself, or a `Vec` of such
/// tuples. The first is recorded, the trace is checked on all.
///
/// # Errors
///
/// As [`compile`].
pub fn trace<M: Compilable, Form>(module: &M, inputs: impl IntoInputs<M, Form>) -> Result<Compiled<M>> {
    Compiler::new().trace(module, inputs)
}

/// Example inputs of a module: one set of arguments, or a `Vec` of tuples of them.
///
/// `Form` is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the example inputs of `{M}`",
    label = "other arguments than the module's, or arguments that are no tensors",
    note = "help: pass the tuple of the arguments, such as `(&x, &h)`; one argument may stand alone"
)]
pub trait IntoInputs<M, Form> {
    /// The sets of arguments.
    #[doc(hidden)]
    fn into_inputs(self) -> Vec<Vec<crate::ffi::Value>>;
}

/// One set of arguments.
#[derive(Debug)]
pub struct OneSet<Form>(std::marker::PhantomData<Form>);

/// Several sets of arguments.
#[derive(Debug)]
pub struct ManySets<Form>(std::marker::PhantomData<Form>);

#[diagnostic::do_not_recommend]
impl<M: Forward<Args: TraceInput>, Form, X: IntoArgs<M::Args, Form>> IntoInputs<M, OneSet<Form>> for X {
    fn into_inputs(self) -> Vec<Vec<crate::ffi::Value>> {
        vec![self.into_args().to_values()]
    }
}

#[diagnostic::do_not_recommend]
impl<M: Forward<Args: TraceInput>, Form, X: IntoArgs<M::Args, Form>> IntoInputs<M, ManySets<Form>>
    for Vec<X>
{
    fn into_inputs(self) -> Vec<Vec<crate::ffi::Value>> {
        self.into_iter().map(|set| set.into_args().to_values()).collect()
    }
}

/// Compiles with options.
///
/// ```no_run
/// # fn main() -> tch_jit::Result<()> {
/// # use tch::Tensor;
/// # #[tch_jit::compile_mode(script)] struct Double;
/// # #[tch_jit::methods] impl Double { pub fn forward(&self, x: &Tensor) -> Tensor { x * 2.0 } }
/// let compiled = tch_jit::Compiler::new().deep_copy(true).n_trace_checks(3).compile(&Double)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Compiler {
    options: Options,
}

impl Compiler {
    /// The options of [`compile`].
    pub fn new() -> Self {
        Compiler::default()
    }

    /// How many example inputs a module's `#[tracing_inputs]` function is asked for, and so how
    /// many times a trace is compared with the Rust module. At least 1, which is the default.
    pub fn n_trace_checks(mut self, n: usize) -> Self {
        self.options.n_trace_checks = n.max(1);
        self
    }

    /// Whether traces are compared with the Rust module; on by default.
    pub fn check_trace(mut self, on: bool) -> Self {
        self.options.check_trace = on;
        self
    }

    /// Largest relative and absolute difference of the check; 1e-5 by default.
    pub fn check_tolerance(mut self, tolerance: f64) -> Self {
        self.options.check_tolerance = tolerance;
        self
    }

    /// Whether a traced module must not return lists and maps, whose length a trace fixes; on by
    /// default, as in `torch.jit.trace`, which warns of lists and rejects maps.
    pub fn strict(mut self, on: bool) -> Self {
        self.options.strict = on;
        self
    }

    /// Whether the compiled module gets tensors of its own; off by default.
    pub fn deep_copy(mut self, on: bool) -> Self {
        self.options.deep_copy = on;
        self
    }

    /// Whether what makes a trace doubtful is an error; on by default. Off, it is reported by
    /// [`ScriptModule::warnings`](crate::ScriptModule::warnings).
    ///
    /// So far that is data leaving a trace. With this off, reading a tensor's memory (`Vec::try_from`)
    /// is not noticed.
    pub fn deny_warnings(mut self, on: bool) -> Self {
        self.options.deny_warnings = on;
        self
    }

    /// Whether traced operators know the places in the Rust source that called them, for errors and graph
    /// dumps; on by default in debug builds. It takes debug information, which is read once, at the first
    /// trace of the process.
    pub fn record_locations(mut self, on: bool) -> Self {
        self.options.record_locations = on;
        self
    }

    /// See [`compile`](crate::compile).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn compile<M: Compilable>(&self, module: &M) -> Result<Compiled<M>> {
        self.run(module, Root::ByAnnotation)
    }

    /// See [`script`](crate::script()).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn script<M: Scriptable>(&self, module: &M) -> Result<Compiled<M>> {
        self.run(module, Root::Script)
    }

    /// See [`trace`](crate::trace).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn trace<M: Compilable, Form>(
        &self,
        module: &M,
        inputs: impl IntoInputs<M, Form>,
    ) -> Result<Compiled<M>> {
        self.run(module, Root::Trace(inputs.into_inputs()))
    }

    fn run<M: Node>(&self, module: &M, root: Root) -> Result<Compiled<M>> {
        Ok(Compiled::new(compile::compile(module, root, &self.options)?))
    }
}
