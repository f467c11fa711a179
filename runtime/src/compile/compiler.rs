//! The compiler's entry points: the functions that users call, and the builder behind them, which holds the options.

use tch::Device;

use super::like;
use super::options::Options;
use super::trace::Traceable;
use super::walk::{self, Root};
use crate::artifact::Compiled;
use crate::error::Result;
use crate::model::examples::Request;
use crate::model::fitness::{CompilableRoot, ScriptableRoot};
use crate::model::inputs::{IntoInputs, MethodInputs};
use crate::model::module::{Entries, Forward, WithEntry};
use crate::model::node::Node;
use crate::place::ModulePath;
use crate::types::ScriptArgs;

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
pub fn compile<M: CompilableRoot>(module: &M) -> Result<Compiled<M>> {
    Compiler::new().compile(module)
}

/// Scripts `module`, whatever it declares; its children follow their own modes.
///
/// # Errors
///
/// As [`compile`].
pub fn script<M: ScriptableRoot>(module: &M) -> Result<Compiled<M>> {
    Compiler::new().script(module)
}

/// Traces `module` on `inputs`, whatever it declares; its children follow their own modes.
///
/// `inputs` is the tuple of `forward`'s arguments, the one argument itself, or a `Vec` of such
/// tuples. Up to four that differ in sizes are recorded, and the trace is checked on all.
///
/// # Errors
///
/// As [`compile`].
pub fn trace<M: CompilableRoot, Form>(module: &M, inputs: impl IntoInputs<M, Form>) -> Result<Compiled<M>> {
    Compiler::new().trace(module, inputs)
}

/// Traces several methods of `module` on `inputs`, whatever it declares; its children follow their own
/// modes. `forward` can be traced, and what is exported or has `#[tracing_inputs(method)]`.
///
/// ```
/// # fn main() -> tch_jit::Result<()> {
/// use tch::Tensor;
/// use tch_jit::{MethodInputs, compile_mode, export, methods};
///
/// #[compile_mode(trace)]
/// struct Autoencoder {
///     weight: Tensor,
/// }
///
/// #[methods]
/// impl Autoencoder {
///     #[export]
///     fn encode(&self, x: &Tensor) -> Tensor {
///         x.matmul(&self.weight).tanh()
///     }
///
///     fn forward(&self, x: &Tensor) -> Tensor {
///         self.encode(x).matmul(&self.weight.tr())
///     }
/// }
///
/// let module = Autoencoder { weight: Tensor::from_slice2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]) };
/// let x = Tensor::from_slice2(&[[0.1, 0.2, 0.3]]);
/// let inputs = MethodInputs::new().method("forward", &x).method("encode", &x);
/// let compiled = tch_jit::trace_module(&module, inputs)?;
/// let code = compiled.call("encode", &[x.shallow_clone().into()])?;
/// # assert_eq!(Tensor::try_from(code).unwrap(), module.encode(&x));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`compile`]; [`Error::Trace`](crate::Error::Trace) where there is no such method, or its arguments are
/// others.
pub fn trace_module<M: CompilableRoot>(module: &M, inputs: MethodInputs) -> Result<Compiled<M>> {
    Compiler::new().trace_module(module, inputs)
}

/// Example inputs of `module`'s `forward`: `n` sets of those that the struct declares, or what its `#[tracing_inputs]`
/// function gives, which is asked for `n` and gives at least one.
///
/// # Errors
///
/// [`Error::NoTracingInputs`](crate::Error::NoTracingInputs) where the type declares none,
/// [`Error::Trace`](crate::Error::Trace) where making them panics.
pub fn tracing_inputs<M: Entries + Forward>(module: &M, n: usize) -> Result<Vec<M::Args>> {
    let path = ModulePath::default();
    let entry = WithEntry::entry(module);
    let known = Traceable { node: module, path: &path, entry: Some(&entry), others: &[] };
    let like = || like(module);
    let sets = known.inputs_of(&entry, &Request::fresh(n, &like))?.unwrap_or_default().sets;
    if sets.is_empty() {
        return Err(known.at(&entry).no_inputs());
    }
    sets.iter().map(|set| M::Args::from_values(set)).collect()
}

/// The compiler with its options: a builder for calls such as [`compile`].
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

    /// On how many example inputs a trace is compared with the Rust module, besides the four that it is made of. At
    /// least 1, which is the default. A `#[tracing_inputs]` function is asked for all of them.
    pub fn n_trace_checks(mut self, n: usize) -> Self {
        self.options.n_trace_checks = n.max(1);
        self
    }

    /// Whether traces are compared with the Rust module: on their examples, after a small change of the parameters, on
    /// further sizes, and on another floating kind. On by default.
    pub fn check_trace(mut self, on: bool) -> Self {
        self.options.check_trace = on;
        self
    }

    /// The largest relative and absolute difference that the check accepts; 1e-5 by default.
    pub fn check_tolerance(mut self, tolerance: f64) -> Self {
        self.options.check_tolerance = tolerance;
        self
    }

    /// Further inputs of the root's traced methods, on which their traces are compared with the Rust module
    /// and which are not recorded. A scripted root has none: nothing is compared there.
    pub fn check_inputs(mut self, inputs: MethodInputs) -> Self {
        self.options.check_inputs = inputs;
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

    /// The device of the compiled module; by default that of the Rust module, whose tensors it shares. On another
    /// device it gets tensors of its own, as by [`Compiler::deep_copy`]. Traces are recorded and compared where the
    /// Rust module is: a device that a traced body names (`Device::Cpu`, `x.device()`) stays a constant.
    pub fn device(mut self, device: Device) -> Self {
        self.options.device = Some(device);
        self
    }

    /// Whether something that makes a trace doubtful is an error; on by default. Off,
    /// [`ScriptModule::warnings`](crate::ScriptModule::warnings) reports it.
    ///
    /// Such a thing is data that leaves a trace, also that of parameters. With this option off, reading the memory of
    /// other tensors (`Vec::try_from`) is not noticed. What the Rust code does beyond the examples that were given, on
    /// other sizes and kinds, is a warning in any case.
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

    /// Whether a trace is made to hold for other sizes than those of its examples; on by default. Where the examples
    /// of a method differ in sizes, or in numbers among the arguments, up to four are traced, and constants that
    /// follow from what differs become formulas of it. What follows from none of it is an error, and so are
    /// operators that not all examples have. Where the examples do not differ, further ones are made of the first; a
    /// size that a trace cannot follow is a warning then. Off, the first example is recorded.
    ///
    /// [`ScriptModule::report`](crate::ScriptModule::report) tells what was found.
    pub fn generalize(mut self, on: bool) -> Self {
        self.options.generalize = on;
        self
    }

    /// Whether the compiled module is run by libtorch's profiling executor, as `torch.jit.optimized_execution` in
    /// Python, where it is on by default; here it is off. It takes two calls to specialize the graph for the kinds and
    /// shapes that it sees, which takes seconds for a large one, and fuses operators, most of all on a GPU. Gradients
    /// are then those of libtorch's symbolic formulas from the second call on, which differ from eager ones for complex
    /// numbers and at points such as the bounds of `hardtanh`. The saved file is the same.
    pub fn optimized_execution(mut self, on: bool) -> Self {
        self.options.optimized_execution = on;
        self
    }

    /// Whether the module is compiled for evaluation only; off by default. A traced method is then one graph, that of
    /// `train: false`, without a branch on `self.training`, which converters such as coremltools and pnnx cannot read.
    /// A scripted `forward_t` is called with `False` by `forward`, so that `freeze` leaves one graph of it, too. LSTM and
    /// GRU layers without dropout are in evaluation, and the kind of a sum or mean of all elements is a cast, as converters
    /// know.
    ///
    /// The compiled module is in evaluation mode. After [`ScriptModule::train`](crate::ScriptModule::train) calls are
    /// errors, and so are those of a traced `forward_t` with `train` set.
    pub fn eval_only(mut self, on: bool) -> Self {
        self.options.eval_only = on;
        self
    }

    /// See [`compile`](crate::compile).
    ///
    /// # Errors
    ///
    /// As for [`compile`](crate::compile).
    pub fn compile<M: CompilableRoot>(&self, module: &M) -> Result<Compiled<M>> {
        self.run(module, Root::ByAnnotation)
    }

    /// See [`script`](crate::script()).
    ///
    /// # Errors
    ///
    /// As for [`script`](crate::script()).
    pub fn script<M: ScriptableRoot>(&self, module: &M) -> Result<Compiled<M>> {
        self.run(module, Root::Script)
    }

    /// See [`trace`](crate::trace).
    ///
    /// # Errors
    ///
    /// As for [`trace`](crate::trace).
    pub fn trace<M: CompilableRoot, Form>(
        &self,
        module: &M,
        inputs: impl IntoInputs<M, Form>,
    ) -> Result<Compiled<M>> {
        self.trace_module(module, MethodInputs::new().sets("forward".to_owned(), inputs.into_inputs()))
    }

    /// See [`trace_module`](crate::trace_module).
    ///
    /// # Errors
    ///
    /// As for [`trace_module`](crate::trace_module).
    pub fn trace_module<M: CompilableRoot>(&self, module: &M, inputs: MethodInputs) -> Result<Compiled<M>> {
        self.run(module, Root::Trace(inputs))
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    fn run<M: Node>(&self, module: &M, root: Root) -> Result<Compiled<M>> {
        Ok(Compiled::new(walk::compile(module, root, &self.options)?))
    }
}
