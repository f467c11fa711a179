//! The assertion that a compiled module does everything as its Rust module does.

use tch::{CModule, IValue, Tensor};
use tch_jit::{Compiled, Forward, IntoArgs, Module, ScriptModule};

use crate::calls::each_call;
use crate::data::{Arguments, Data, Leaf, difference, leaves, tensors};
use crate::loss::loss;
use crate::modules::bytes;

/// Compares with the default tolerance; see [`Agree::on`].
///
/// # Panics
///
/// As [`Agree::on`].
#[track_caller]
pub fn agree<M, Form>(module: &M, compiled: &Compiled<M>, inputs: &[M::Args])
where
    M: Module + Forward,
    M::Args: Arguments + IntoArgs<M::Args, Form>,
    M::Output: Data,
{
    Agree::default().on(module, compiled, inputs);
}

/// How [`agree`] compares.
#[derive(Clone, Copy, Debug)]
pub struct Agree {
    /// Largest difference, relative to `1 + |expected|`.
    pub tolerance: f64,
    /// Whether gradients are compared, of the arguments and of the parameters.
    pub gradients: bool,
    /// Whether libtorch's profiling executor has to agree in gradients, too: it has formulas of its own, which are
    /// wrong in places.
    pub symbolic_gradients: bool,
}

impl Default for Agree {
    fn default() -> Self {
        Agree { tolerance: 1e-5, gradients: true, symbolic_gradients: true }
    }
}

/// What one run gave.
struct Run {
    outputs: Vec<Leaf>,
    gradients: Vec<Leaf>,
    buffers: Vec<Leaf>,
}

type Tensors = Vec<(String, Tensor)>;

impl Agree {
    /// Asserts that on each of `inputs`, all of these give equal outputs, gradients and buffers: the Rust module; the
    /// compiled module's first and second call; its first and third call by libtorch's profiling executor (by then it
    /// has optimized the graph); its saved and reloaded form; and that form behind tch's own `CModule`, whose
    /// gradients tch does not show.
    ///
    /// # Panics
    ///
    /// Says which run differs, on which input, where, and by how much.
    #[track_caller]
    pub fn on<M, Form>(self, module: &M, compiled: &Compiled<M>, inputs: &[M::Args])
    where
        M: Module + Forward,
        M::Args: Arguments + IntoArgs<M::Args, Form>,
        M::Output: Data,
    {
        assert!(!inputs.is_empty(), "nothing is compared without inputs");
        let (parameters, buffers) = (compiled.named_parameters(), compiled.named_buffers());
        let archive = bytes(compiled);
        let (loaded, _) =
            ScriptModule::load_from_reader(&archive[..], None, &[]).expect("the saved module is loaded");
        let mut other = CModule::load_data(&mut &archive[..]).expect("tch loads the saved module");
        if compiled.is_training() {
            other.set_train()
        } else {
            other.set_eval()
        }
        let (loaded_parameters, loaded_buffers) = (loaded.named_parameters(), loaded.named_buffers());

        for (i, args) in inputs.iter().enumerate() {
            let train = compiled.is_training();
            let expected = self.run(args, &parameters, &buffers, |args| module.eager(args, train).ivalue());
            each_call(compiled, |call| {
                let found = self.run(args, &parameters, &buffers, |args| {
                    compiled.forward(args.share()).expect("the compiled module runs").ivalue()
                });
                let gradients = !call.optimized || self.symbolic_gradients;
                let what = format!("{call} of the compiled module");
                compare(&what, i, &expected, &found, self.tolerance, gradients);
            });
            let found = self.run(args, &loaded_parameters, &loaded_buffers, |args| {
                loaded.forward(&args.ivalues()).expect("the reloaded module runs")
            });
            compare("the reloaded module", i, &expected, &found, self.tolerance, true);
            tch::manual_seed(SEED);
            let found = other.forward_is(&args.fresh(false).ivalues()).expect("tch runs the reloaded module");
            if let Some(difference) = difference(&expected.outputs, &leaves("output", found), self.tolerance)
            {
                panic!("input {i}: tch's CModule differs from the Rust module:\n{difference}");
            }
        }
    }

    /// Runs `f` on fresh arguments, always from the same random state; afterwards buffers are as before.
    fn run<A: Arguments>(
        self,
        args: &A,
        parameters: &Tensors,
        buffers: &Tensors,
        f: impl FnOnce(&A) -> IValue,
    ) -> Run {
        let before: Vec<Tensor> = tch::no_grad(|| buffers.iter().map(|it| it.1.copy()).collect());
        tch::manual_seed(SEED);
        let args = args.fresh(self.gradients);
        let outputs = leaves("output", f(&args));
        let after = buffers
            .iter()
            .map(|(name, it)| (format!("buffer {name}"), IValue::Tensor(tch::no_grad(|| it.copy()))));
        let buffers_after = after.collect();
        let gradients = if self.gradients { gradients(&outputs, &args, parameters) } else { vec![] };
        tch::no_grad(|| {
            for ((_, buffer), before) in buffers.iter().zip(&before) {
                buffer.shallow_clone().copy_(before);
            }
        });
        Run { outputs, gradients, buffers: buffers_after }
    }
}

const SEED: i64 = 20;

/// How much larger the tolerance for gradients is: a gradient sums the errors of many elements, and libtorch's fused
/// `tanh` and the like are approximations.
pub const OF_GRADIENTS: f64 = 10.0;

#[track_caller]
fn compare(what: &str, input: usize, expected: &Run, found: &Run, tolerance: f64, gradients: bool) {
    let parts = [
        (&expected.outputs, &found.outputs, tolerance, true),
        (&expected.gradients, &found.gradients, tolerance * OF_GRADIENTS, gradients),
        (&expected.buffers, &found.buffers, tolerance, true),
    ];
    for (expected, found, tolerance, _) in parts.into_iter().filter(|part| part.3) {
        if let Some(difference) = difference(expected, found, tolerance) {
            panic!("input {input}: {what} differs from the Rust module:\n{difference}");
        }
    }
}

/// The gradients of a [`loss`] of the outputs, for the arguments and the parameters.
fn gradients(outputs: &[Leaf], args: &impl Arguments, parameters: &Tensors) -> Vec<Leaf> {
    let loss = loss(&tensors(outputs));
    if !loss.requires_grad() {
        return vec![];
    }
    let arguments = args.ivalues();
    let arguments = arguments
        .into_iter()
        .enumerate()
        .flat_map(|(i, arg)| tensors(&leaves(&format!("argument {i}"), arg)));
    let sources: Tensors = arguments
        .chain(parameters.iter().map(|(name, it)| (name.clone(), it.shallow_clone())))
        .filter(|(_, tensor)| tensor.requires_grad())
        .collect();
    let inputs: Vec<&Tensor> = sources.iter().map(|it| &it.1).collect();
    let gradients = Tensor::run_backward(&[loss], &inputs, false, false);
    let named = sources.iter().zip(gradients);
    named.map(|((name, _), gradient)| (format!("gradient of {name}"), IValue::Tensor(gradient))).collect()
}
