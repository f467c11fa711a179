//! Functions of scalars among irreps: `e3nn.nn.Activation`.

use tch::Tensor;
use tch_jit::{compile_mode, methods};

use super::act::{Act, activate};
use crate::check::last_dimension;
use crate::irreps::{Irrep, Irreps, MulIr, Parity, irreps};

/// What an activation cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActivationError {
    /// Each part has a function, or none.
    #[error("irreps in and number of activation functions does not match: `{irreps_in}` and {n_acts}")]
    Number {
        /// The parts.
        irreps_in: Irreps,
        /// How many functions.
        n_acts: usize,
    },
    /// Vectors have directions, which a function of their components would change.
    #[error("cannot apply the activation function {act:?} to `{part}`, which is no scalar")]
    NoScalar {
        /// The part.
        part: MulIr,
        /// The function.
        act: Act,
    },
    /// The result would have no parity.
    #[error(
        "the parity is violated! The input scalar `{part}` is odd but the activation {act:?} is neither even nor odd"
    )]
    Parity {
        /// The part.
        part: MulIr,
        /// The function.
        act: Act,
    },
}

/// A function of each scalar, with its second moment normalized; what has none passes: `e3nn.nn.Activation`.
/// From \[…, `irreps_in.dim()`\] to \[…, `irreps_out.dim()`\].
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Activation {
    /// The input.
    pub irreps_in: Irreps,
    /// The output: odd scalars become even by even functions.
    pub irreps_out: Irreps,
    #[jit(skip)]
    acts: Vec<Option<Act>>,
}

#[methods]
impl Activation {
    /// `x` of shape \[…, `irreps_in.dim()`\].
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let x = last_dimension(x, &self.irreps_in, "x");
        let mut parts = vec![x.narrow(-1, 0, 0)];
        for (slice, act) in self.irreps_in.slices().iter().zip(&self.acts) {
            let part = x.narrow(-1, slice.start, slice.end - slice.start);
            parts.push(act.map_or(part.shallow_clone(), |act| activate(&part, act) * act.normalize2mom()));
        }
        Tensor::cat(&parts, -1)
    }

    #[auto_jitable]
    fn small() -> Self {
        let acts = [Some(Act::Silu), Some(Act::Abs), None];
        Activation::new(&irreps("4x0e+3x0o+1o"), &acts).expect("the functions fit")
    }
}

impl Activation {
    /// A function, or none, for each part.
    ///
    /// # Errors
    ///
    /// Functions of what is no scalar, and of odd scalars without a parity.
    pub fn new(irreps_in: &Irreps, acts: &[Option<Act>]) -> Result<Self, ActivationError> {
        if irreps_in.len() != acts.len() {
            return Err(ActivationError::Number { irreps_in: irreps_in.clone(), n_acts: acts.len() });
        }
        let out = |(&part, act): (&MulIr, &Option<Act>)| {
            let Some(act) = *act else { return Ok(part) };
            if part.ir.l != 0 {
                return Err(ActivationError::NoScalar { part, act });
            }
            let p = match (part.ir.p, act.parity()) {
                (Parity::Even, _) => Parity::Even,
                (Parity::Odd, Some(p)) => p,
                (Parity::Odd, None) => return Err(ActivationError::Parity { part, act }),
            };
            Ok(MulIr::new(part.mul, Irrep::new(0, p)))
        };
        let irreps_out = irreps_in.iter().zip(acts).map(out).collect::<Result<_, _>>()?;
        Ok(Activation { irreps_in: irreps_in.clone(), irreps_out, acts: acts.to_vec() })
    }
}
