//! Assertions for users' tests: a module compiles, and its compiled form does what the module does.
//! [`assert_auto_jitable`] is for one module, `auto_jit_tests!`, of the feature `test-harness`, for all those of a crate.
//!
//! ```no_run
//! # use tch::{Device, Kind, Tensor};
//! # #[tch_jit::compile_mode(trace)] struct Double;
//! # #[tch_jit::methods] impl Double {
//! #     pub fn forward(&self, x: &Tensor) -> Tensor { x * 2.0 }
//! #     #[tch_jit::tracing_inputs]
//! #     fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
//! #         (0..n).map(|_| (Tensor::randn([2, 3], (Kind::Float, Device::Cpu)),)).collect()
//! #     }
//! # }
//! #[test]
//! fn double_is_auto_jitable() {
//!     tch_jit::testing::assert_auto_jitable(&Double);
//! }
//! ```

mod harness;
mod origin;

#[doc(hidden)]
pub use harness::Instance;
#[cfg(feature = "test-harness")]
pub use harness::run;
pub use harness::{Test, assert_all_auto_jitable};

use tch::{Kind, Tensor};

use crate::artifact::{Compiled, ScriptModule};
use crate::compile::{Compiler, compare, like};
use crate::error::{Error, Result};
use crate::ffi::{self, Random, Value};
use crate::model::examples::Request;
use crate::model::fitness::CompilableRoot;
use crate::model::inputs::{IntoSets, MethodInputs};
use crate::model::method::RustMethod;
use crate::model::mode::CompileMode;
use crate::model::module::Forward;
use crate::model::node::Node;
use crate::model::training::flags;
use crate::place::ModulePath;
use crate::record::{Snapshot, quiet};

/// Asserts that the module compiles, and that its compiled form does what the module does: [`AutoJit`] with its
/// defaults.
///
/// # Panics
///
/// Says which part failed, with the largest error and the shapes of the inputs.
#[track_caller]
pub fn assert_auto_jitable<M: CompilableRoot>(module: &M) -> Compiled<M> {
    AutoJit::new().assert(module)
}

/// As [`assert_auto_jitable`], on these inputs of `forward`: the tuple of its arguments, one argument alone, or a `Vec` of
/// such tuples. They are what is compared, and what a traced module is traced on.
///
/// ```no_run
/// # use tch::Tensor;
/// # #[tch_jit::compile_mode(script)] struct Scale;
/// # #[tch_jit::methods] impl Scale { pub fn forward(&self, x: &Tensor, by: i64) -> Tensor { x * by } }
/// tch_jit::testing::assert_auto_jitable_on(&Scale, (&Tensor::from_slice(&[1.0f32, -2.0]), 3));
/// ```
///
/// # Panics
///
/// As [`assert_auto_jitable`].
#[track_caller]
pub fn assert_auto_jitable_on<M: CompilableRoot + Forward, Form>(
    module: &M,
    inputs: impl IntoSets<M::Args, Form>,
) -> Compiled<M> {
    AutoJit::new().assert_on(module, inputs)
}

/// An assertion about a module, with options. It asserts that
///
/// - it compiles, without a warning;
/// - on fresh inputs, of fresh sizes where these are free, the results of `forward`, and the gradients of its
///   parameters, are those of the Rust module;
/// - they are the same after saving and loading;
/// - inputs whose last dimension is too short are refused, as e3nn demands.
///
/// The second and third need inputs: those that the module declares by `#[tracing_inputs]`, as scripted modules may, too, or
/// those that are given to [`AutoJit::assert_on`]. It is a failure that there are none, as nothing would be compared;
/// [`AutoJit::compile_only`] allows that. Exported methods with inputs are compared as well. The last is
/// judged for each argument that is a tensor, where the Rust module refuses such inputs itself; a module whose inputs
/// are known by its irreps, as in e3nn, always has to refuse them. A traced module refuses by its operators, and by
/// what it calls: an assertion of Rust leaves nothing in the trace, but one in a function with
/// [`#[script]`](macro@crate::script) does. What could not be judged is printed.
#[derive(Clone, Debug)]
#[must_use]
pub struct AutoJit {
    n_trace_checks: usize,
    tolerance: f64,
    deny_warnings: bool,
    strict_shapes: bool,
    compile_only: bool,
}

impl Default for AutoJit {
    fn default() -> Self {
        AutoJit {
            n_trace_checks: 2,
            tolerance: 1e-5,
            deny_warnings: true,
            strict_shapes: true,
            compile_only: false,
        }
    }
}

impl AutoJit {
    /// What [`assert_auto_jitable`] asserts: two inputs, a tolerance of 1e-5, no warnings, strict shapes.
    pub fn new() -> Self {
        AutoJit::default()
    }

    /// How many inputs are compared.
    pub fn n_trace_checks(mut self, n: usize) -> Self {
        self.n_trace_checks = n.max(1);
        self
    }

    /// Largest relative and absolute difference.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Whether something that makes a trace doubtful is a failure.
    pub fn deny_warnings(mut self, on: bool) -> Self {
        self.deny_warnings = on;
        self
    }

    /// Whether inputs that are too short have to be refused. Off for modules that take any width.
    pub fn strict_shapes(mut self, on: bool) -> Self {
        self.strict_shapes = on;
        self
    }

    /// Only compiles and saves the module, where no inputs are known to compare results on.
    pub fn compile_only(mut self) -> Self {
        self.compile_only = true;
        self
    }

    /// Tests the module; see [`AutoJit`].
    ///
    /// # Panics
    ///
    /// Says which part failed.
    #[track_caller]
    pub fn assert<M: CompilableRoot>(&self, module: &M) -> Compiled<M> {
        asserted(module, self.check(module))
    }

    /// Tests the module on these inputs of `forward`; see [`assert_auto_jitable_on`].
    ///
    /// # Panics
    ///
    /// Says which part failed.
    #[track_caller]
    pub fn assert_on<M: CompilableRoot + Forward, Form>(
        &self,
        module: &M,
        inputs: impl IntoSets<M::Args, Form>,
    ) -> Compiled<M> {
        asserted(module, self.check_on(module, inputs))
    }

    /// As [`AutoJit::assert`], for those who report failures themselves.
    ///
    /// # Errors
    ///
    /// As the compiler; [`Error::TraceMismatch`] where something differs.
    pub fn check<M: CompilableRoot>(&self, module: &M) -> Result<Compiled<M>> {
        Random::scope(|_| self.check_with(module, None))?
    }

    /// As [`AutoJit::assert_on`], for those who report failures themselves.
    ///
    /// # Errors
    ///
    /// As [`AutoJit::check`].
    pub fn check_on<M: CompilableRoot + Forward, Form>(
        &self,
        module: &M,
        inputs: impl IntoSets<M::Args, Form>,
    ) -> Result<Compiled<M>> {
        let inputs = inputs.into_sets();
        Random::scope(|_| self.check_with(module, Some(inputs)))?
    }

    fn check_with<M: CompilableRoot>(
        &self,
        module: &M,
        given: Option<Vec<Vec<Value>>>,
    ) -> Result<Compiled<M>> {
        let compiler = Compiler::new()
            .n_trace_checks(self.n_trace_checks)
            .check_tolerance(self.tolerance)
            .deny_warnings(self.deny_warnings);
        let compiled = match &given {
            Some(sets) if module.info().mode != CompileMode::Script => {
                compiler.trace_module(module, MethodInputs::new().sets("forward".to_owned(), sets.clone()))?
            }
            _ => compiler.compile(module)?,
        };
        // Tracing inputs say which kind is meant, so a trace that is fixed to it is none of the module's mistakes.
        let doubt = compiled.warnings().iter().find(|it| !it.is_of_kind());
        if let Some(warning) = doubt.filter(|_| self.deny_warnings) {
            return Err(self.differs(module, &warning.to_string()));
        }
        let reloaded = reload(&compiled)?;
        let like = || like(module);
        let request = Request::fresh(self.n_trace_checks, &like);
        let drawn = |method: &RustMethod<'_>| {
            let inputs = quiet::catch(|| method.tracing_inputs(&request));
            inputs.ok().flatten().unwrap_or_default().sets
        };
        let entry = module.entry().map(|method| {
            let inputs = given.unwrap_or_else(|| drawn(&method));
            (method, inputs)
        });
        let others = module.methods().into_iter().map(|method| (drawn(&method), method));
        let methods = entry.into_iter().chain(others.map(|(inputs, method)| (method, inputs)));
        let mut is_compared = false;
        for (method, inputs) in methods {
            let method = method.with_flags(&flags(module));
            self.compare(module, &method, &inputs, [&compiled, &reloaded])?;
            is_compared |= !inputs.is_empty();
            if let Some(set) = inputs.first().filter(|_| self.strict_shapes && method.name == "forward") {
                for reason in self.check_shapes(module, &method, &compiled, set, &request)? {
                    eprintln!("{}: not judged: {reason}", module.object().ty);
                }
            }
        }
        if is_compared || self.compile_only {
            return Ok(compiled);
        }
        Err(self.differs(
            module,
            "nothing is compared, as no inputs are known\n\
             help: write `#[tracing_inputs(…)]` above the struct, give inputs to `assert_auto_jitable_on`, or say \
             `AutoJit::new().compile_only()`",
        ))
    }

    /// Compares the results of a method, and the gradients, with those of the compiled and of the loaded module.
    fn compare<M: CompilableRoot>(
        &self,
        module: &M,
        method: &RustMethod<'_>,
        inputs: &[Vec<Value>],
        [compiled, loaded]: [&ScriptModule; 2],
    ) -> Result<()> {
        for train in method.modes().iter().copied() {
            for set in inputs {
                let expected = Run::of(compiled, || method.run(set, train))?;
                for (form, it) in [("compiled", compiled), ("loaded", loaded)] {
                    let found = Run::of(it, || match method.has_modes() {
                        true => it.call_in_mode(method.name, set, train),
                        false => it.call_values(method.name, set),
                    });
                    let difference = match found {
                        Ok(found) => expected.difference(&found, self.tolerance, compiled),
                        Err(error) => Some(format!("it fails: {error}")),
                    };
                    if let Some(difference) = difference {
                        return Err(self.differs(module, &format!("{form}, {difference}{}", shapes(set))));
                    }
                }
            }
        }
        Ok(())
    }

    /// Checks that the compiled module refuses too short inputs where the Rust module does. Returns what cannot be
    /// judged.
    fn check_shapes<M: CompilableRoot>(
        &self,
        module: &M,
        method: &RustMethod<'_>,
        compiled: &ScriptModule,
        set: &[Value],
        request: &Request<'_>,
    ) -> Result<Vec<String>> {
        let mut skipped = vec![];
        for (i, name) in method.arg_names.iter().enumerate() {
            let Some(short) = set[i].as_tensor().and_then(|it| shortened(&it)) else {
                let is_left_out = set[i].kind() == ffi::Kind::None;
                let why =
                    if is_left_out { "is left out" } else { "has no last dimension that could be shorter" };
                skipped.push(format!("argument `{name}` {why}"));
                continue;
            };
            let mut set = set.to_vec();
            set[i] = Value::tensor(&short);
            let is_accepted = matches!(quiet::catch(|| method.run(&set, false).is_ok()), Ok(true));
            if is_accepted && !method.has_implied_inputs(request) {
                skipped.push(format!("the Rust module takes any last dimension of argument `{name}`"));
                continue;
            }
            if compiled.call_values("forward", &set).is_ok() {
                let who = if is_accepted { "and so does" } else { "which is refused by" };
                let message = format!(
                    "it takes an argument `{name}` whose last dimension is too short, {who} the Rust module{}\n\
                     help: assert the size in a function with `#[script]`, which a trace keeps, or turn \
                     `strict_shapes` off where any size will do",
                    shapes(&set)
                );
                return Err(self.differs(module, &message));
            }
        }
        Ok(skipped)
    }

    /// As [`AutoJit::check`], for generated code.
    #[doc(hidden)]
    pub fn test<M: CompilableRoot>(&self, module: &M) -> std::result::Result<(), String> {
        self.check(module).map(drop).map_err(|error| error.to_string())
    }

    fn differs<M: CompilableRoot>(&self, module: &M, message: &str) -> Error {
        let (site, message) = (module.site(&ModulePath::default()), message.to_owned());
        if module.info().mode == CompileMode::Script {
            return Error::ScriptMismatch { site, message };
        }
        Error::TraceMismatch { site, message }
    }
}

#[track_caller]
fn asserted<M: CompilableRoot>(module: &M, checked: Result<Compiled<M>>) -> Compiled<M> {
    match checked {
        Ok(compiled) => compiled,
        Err(error) => panic!("{} is not auto-jitable: {error}", module.info().name),
    }
}

/// The result of one run, and the parameters' gradients of the sum of its tensors.
struct Run {
    result: Value,
    gradients: Vec<(String, Tensor)>,
}

impl Run {
    /// Runs `run`. Gradients and buffers of the module, and the random state, are afterwards what they were.
    fn of(module: &ScriptModule, run: impl FnOnce() -> Result<Value>) -> Result<Run> {
        let buffers: Vec<Tensor> = module.named_buffers().into_iter().map(|(_, it)| it).collect();
        let before = Snapshot::take(&buffers)?;
        let run = quiet::catch(run).unwrap_or_else(|payload| Err(Error::Call(quiet::message(payload))));
        before.restore()?;
        let result = run?;
        let mut outputs = vec![];
        add_differentiable(&result, &mut outputs);
        let parameters = module.named_parameters();
        let wanted: Vec<_> = parameters.into_iter().filter(|(_, it)| it.requires_grad()).collect();
        let gradients = match outputs.into_iter().reduce(|sum, it| sum + it) {
            Some(sum) if !wanted.is_empty() => {
                let tensors: Vec<&Tensor> = wanted.iter().map(|(_, it)| it).collect();
                // A parameter that the sum does not depend on has no gradient.
                let gradients = tensors.iter().map(|it| {
                    quiet::catch(|| Tensor::f_run_backward(&[&sum], &[*it], true, false)).ok()?.ok()?.pop()
                });
                let named = wanted.iter().zip(gradients.collect::<Vec<_>>());
                named.filter_map(|((name, _), it)| Some((name.clone(), it?))).collect()
            }
            _ => vec![],
        };
        Ok(Run { result, gradients })
    }

    /// The first difference, with the line of the graph that made the output.
    fn difference(&self, found: &Run, tolerance: f64, module: &ScriptModule) -> Option<String> {
        if let Err(difference) = compare(&self.result, &found.result, tolerance) {
            let graph = module.inlined_graph();
            let line = origin::origin(&graph, &difference.path).map(|it| format!("\nthe graph has: {it}"));
            return Some(format!("{difference}{}", line.unwrap_or_default()));
        }
        self.gradients.iter().find_map(|(name, expected)| {
            let gradient = found.gradients.iter().find(|(it, _)| it == name);
            let Some((_, gradient)) = gradient else { return Some(format!("`{name}` has no gradient")) };
            let compared = compare(&Value::tensor(expected), &Value::tensor(gradient), tolerance);
            compared.err().map(|difference| format!("of the gradient of `{name}`, {difference}"))
        })
    }
}

/// Adds the sum of each floating-point tensor in `value` that a gradient can be taken of.
fn add_differentiable(value: &Value, sums: &mut Vec<Tensor>) {
    match value.as_tensor() {
        Some(tensor) if tensor.requires_grad() && tensor.is_floating_point() => {
            // Some layouts cannot be summed.
            sums.extend(tensor.f_sum(Kind::Double));
        }
        Some(_) => {}
        None => value.elements().iter().for_each(|element| add_differentiable(element, sums)),
    }
}

fn reload(module: &ScriptModule) -> Result<ScriptModule> {
    let mut archive = vec![];
    module.save_to_writer(&mut archive)?;
    Ok(ScriptModule::load_from_reader(&archive[..], None, &[])?.0)
}

/// The tensor without the last element of its last dimension; none where nothing would be left.
fn shortened(tensor: &Tensor) -> Option<Tensor> {
    let last = *tensor.size().last()?;
    if last > 1 { tensor.f_narrow(-1, 0, last - 1).ok() } else { None }
}

fn shapes(set: &[Value]) -> String {
    format!("\nthe inputs: {}", set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}
