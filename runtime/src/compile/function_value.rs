//! Functions and closures that scripted bodies call, such as activations: a child module each, which is traced on tensors
//! that are made for it. What it gives for tensors of other numbers of dimensions is compared.

use tch::{Kind, Tensor};

use super::session::{Compiled, Session};
use crate::error::{Error, Result};
use crate::ffi::Value;
use crate::model::inputs::MethodInputs;
use crate::model::method::RustMethod;
use crate::model::node::Node;
use crate::place::ModulePath;
use crate::record::quiet;

/// The numbers of dimensions that a function is tried on, beginning with the likeliest.
const RANKS: [usize; 4] = [2, 3, 4, 1];

/// The last size of two examples. Where the function works for none but one, as one that multiplies by a matrix does, the
/// sizes up to [`LARGEST`] are tried.
const LAST: [i64; 2] = [3, 5];
const LARGEST: i64 = 1024;

impl Session<'_> {
    /// Compiles a function that takes tensors and gives one.
    pub fn function_value(&mut self, function: &dyn Node, path: &ModulePath) -> Result<Compiled> {
        let failed = |message: String| Error::Trace { site: function.site(path), message };
        let entry = function.entry().expect("a function is its own entry");
        let n = entry.arg_names.len();
        let lasts = std::iter::once(LAST).chain((1..=LARGEST).map(|last| [last, last]));
        let mut tried = lasts.flat_map(|last| RANKS.map(|rank| (last, rank)));
        let works =
            |last: [i64; 2], rank| last.iter().all(|&last| run(&entry, &examples(n, rank, last)).is_some());
        let Some((last, rank)) = tried.find(|&(last, rank)| works(last, rank)) else {
            return Err(failed(
                "it fails for tensors of one to four dimensions, on which a function that a scripted method calls is \
                 tried\nhelp: call a function with `#[script]`, or a layer that is a field"
                    .to_owned(),
            ));
        };
        let sets = vec![examples(n, rank, last[0]), others(n, rank, last[1])];
        let inputs = MethodInputs::new().sets("forward".to_owned(), sets);
        let compiled = self.traced(function, Some(inputs), path)?;
        for other in RANKS.into_iter().filter(|&other| other != rank) {
            let example = others(n, other, last[1]);
            let Some(rust) = run(&entry, &example) else { continue };
            let found = compiled.module.call("forward", &example, crate::ffi::Executor::Plan);
            let agrees = found.ok().and_then(|it| it.as_tensor()).is_some_and(|it| is_close(&it, &rust));
            if !agrees {
                return Err(failed(format!(
                    "it is traced on tensors of {rank} dimensions, and the trace does not hold for {other}\n\
                     help: call a function with `#[script]`, or write the branches on the number of dimensions into \
                     the method"
                )));
            }
        }
        Ok(compiled)
    }
}

fn examples(n: usize, rank: usize, last: i64) -> Vec<Value> {
    drawn(n, &[[2, 4, 2].get(..rank - 1).unwrap_or_default(), &[last]].concat())
}

/// Examples of other sizes.
fn others(n: usize, rank: usize, last: i64) -> Vec<Value> {
    drawn(n, &[[4, 3, 5].get(..rank - 1).unwrap_or_default(), &[last]].concat())
}

fn drawn(n: usize, shape: &[i64]) -> Vec<Value> {
    (0..n)
        .map(|_| Value::tensor(&(Tensor::rand(shape, (Kind::Float, tch::Device::Cpu)) * 3.0 - 1.0)))
        .collect()
}

/// What the function gives; none where it fails.
fn run(function: &RustMethod<'_>, args: &[Value]) -> Option<Tensor> {
    quiet::catch(|| function.run(args, false).ok()).ok().flatten()?.as_tensor()
}

fn is_close(a: &Tensor, b: &Tensor) -> bool {
    a.size() == b.size() && a.kind() == b.kind() && a.allclose(b, 1e-5, 1e-6, true)
}
