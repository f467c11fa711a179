//! The assertion that a compiled method, called by its name, does what a Rust closure does.

use tch::{IValue, Kind, Tensor};
use tch_jit::ScriptModule;

use crate::agree::OF_GRADIENTS;
use crate::calls::each_call;
use crate::loss::loss;
use crate::modules::{names, reload};

/// Largest difference, relative to `1 + |expected|`.
const TOLERANCE: f64 = 1e-5;

/// Asserts that `eager` and the method give equal results, gradients of the parameters and buffers:
/// the [calls](each_call) of the compiled method, and of the saved and reloaded module's. `eager` works on the same tensors as the compiled module. Everything
/// runs from one random state; buffers are as before afterwards, gradients are zero.
///
/// # Panics
///
/// Says which run of `case` differs, where, and by how much.
#[track_caller]
pub fn assert_same(
    case: &str,
    module: &ScriptModule,
    method: &str,
    args: &[IValue],
    eager: impl FnOnce() -> IValue,
) {
    let expected = Run::of(module, eager);
    assert!(!expected.results.is_empty(), "{case}: no tensor to compare");
    let reloaded = reload(module);
    for (form, module) in [("compiled", module), ("reloaded", &reloaded)] {
        each_call(module, |call| {
            let found = Run::of(module, || {
                module.call(method, args).unwrap_or_else(|error| panic!("{case}, {form} `{method}`: {error}"))
            });
            expected.compare(&found, &format!("{case}, {call} of {form} `{method}`"));
        });
    }
}

/// What one run gave.
struct Run {
    results: Vec<(String, Tensor)>,
    gradients: Vec<(String, Tensor)>,
    buffers: Vec<(String, Tensor)>,
}

impl Run {
    fn of(module: &ScriptModule, f: impl FnOnce() -> IValue) -> Run {
        let (parameters, buffers) = (module.named_parameters(), module.named_buffers());
        let before = copies(&buffers);
        zero(&parameters);
        tch::manual_seed(20);
        let mut results = vec![];
        flatten("the result", f(), &mut results);
        let buffers_after = copies(&buffers);
        let loss = loss(&results);
        if loss.requires_grad() {
            loss.backward();
        }
        let gradients =
            parameters.iter().map(|(name, it)| (format!("the gradient of {name}"), gradient(it))).collect();
        tch::no_grad(|| {
            for ((_, buffer), (_, before)) in buffers.iter().zip(&before) {
                buffer.shallow_clone().copy_(before);
            }
        });
        zero(&parameters);
        Run { results, gradients, buffers: buffers_after }
    }

    #[track_caller]
    fn compare(&self, found: &Run, case: &str) {
        let parts = [
            (&self.results, &found.results, TOLERANCE),
            (&self.gradients, &found.gradients, TOLERANCE * OF_GRADIENTS),
            (&self.buffers, &found.buffers, TOLERANCE),
        ];
        for (expected, found, tolerance) in parts {
            assert_eq!(names(expected), names(found), "{case}");
            for ((name, expected), (_, found)) in expected.iter().zip(found) {
                assert_eq!(
                    (found.kind(), found.size()),
                    (expected.kind(), expected.size()),
                    "{case}: kind and size of {name}"
                );
                let error = (found - expected).abs().to_kind(Kind::Double)
                    / (expected.abs().to_kind(Kind::Double) + 1.0);
                let worst = if error.numel() == 0 { 0.0 } else { error.max().double_value(&[]) };
                assert!(
                    worst <= tolerance,
                    "{case}: {name} differs by {worst}:\n{found}\nexpected\n{expected}"
                );
            }
        }
    }
}

fn copies(tensors: &[(String, Tensor)]) -> Vec<(String, Tensor)> {
    tch::no_grad(|| tensors.iter().map(|(name, it)| (name.clone(), it.copy())).collect())
}

/// A copy, as the next run accumulates into the same tensor.
fn gradient(parameter: &Tensor) -> Tensor {
    let gradient = parameter.grad();
    if !gradient.defined() {
        parameter.zeros_like()
    } else if gradient.is_sparse() {
        gradient.to_dense(None, false)
    } else {
        gradient.copy()
    }
}

fn zero(parameters: &[(String, Tensor)]) {
    for (_, parameter) in parameters {
        parameter.shallow_clone().zero_grad();
    }
}

fn flatten(name: &str, value: IValue, leaves: &mut Vec<(String, Tensor)>) {
    match value {
        IValue::Tensor(tensor) => leaves.push((name.to_owned(), tensor)),
        IValue::Tuple(values) => {
            for (i, value) in values.into_iter().enumerate() {
                flatten(&format!("element {i} of {name}"), value, leaves);
            }
        }
        other => panic!("{name} is {other:?}, not a tensor or a tuple"),
    }
}
