//! Gates: `e3nn.nn.Gate`.

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

use super::act::Act;
use super::activation::{Activation, ActivationError};
use super::extract::Extract;
use crate::check::last_dimension;
use crate::irreps::{Irreps, irreps};
use crate::o3::TensorProduct;

/// What a gate cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// Gates are scalars.
    #[error("gate scalars must be scalars, instead got irreps_gates = `{0}`")]
    Gates(Irreps),
    /// What functions are applied to.
    #[error("scalars must be scalars, instead got irreps_scalars = `{0}`")]
    Scalars(Irreps),
    /// Each irrep has its gate.
    #[error(
        "there are {gated} irreps in irreps_gated, but a different number ({gates}) of gate scalars in irreps_gates"
    )]
    Number {
        /// How many are gated.
        gated: i64,
        /// How many gates.
        gates: i64,
    },
    /// Of one of the functions.
    #[error(transparent)]
    Activation(#[from] ActivationError),
}

/// Functions of scalars, beside irreps that are multiplied by functions of scalars: `e3nn.nn.Gate`.
/// From \[…, `irreps_in.dim()`\] to \[…, `irreps_out.dim()`\].
#[compile_mode(script)]
#[derive(Debug)]
pub struct Gate {
    /// The input: scalars, gates and gated irreps, sorted and simplified.
    pub irreps_in: Irreps,
    /// The output: scalars, then gated irreps.
    pub irreps_out: Irreps,
    sc: Extract,
    act_scalars: Activation,
    act_gates: Activation,
    mul: TensorProduct,
}

#[methods]
impl Gate {
    /// `x` of shape \[…, `irreps_in.dim()`\].
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let parts = self.sc.forward(&last_dimension(x, &self.irreps_in, "x"));
        let scalars = self.act_scalars.forward(&parts[0]);
        let gates = self.act_gates.forward(&parts[1]);
        let gated = self.mul.forward(&parts[2], &gates, None);
        Tensor::cat(&[scalars, gated], -1)
    }

    #[auto_jitable]
    fn small(vs: &nn::Path) -> Self {
        let (scalars, gates, gated) = (irreps("2x0e+1x0o"), irreps("2x0e+1x0o"), irreps("2x1o+1x2e"));
        let (silu, sigmoid, tanh) = (Some(Act::Silu), Some(Act::Sigmoid), Some(Act::Tanh));
        Gate::new(vs, &scalars, &[silu, tanh], &gates, &[sigmoid, tanh], &gated).expect("the functions fit")
    }
}

impl Gate {
    /// With a function for each part of `irreps_scalars` and of `irreps_gates`.
    ///
    /// # Errors
    ///
    /// Where scalars are none, or their numbers differ, or functions do not fit.
    pub fn new(
        vs: &nn::Path,
        irreps_scalars: &Irreps,
        act_scalars: &[Option<Act>],
        irreps_gates: &Irreps,
        act_gates: &[Option<Act>],
        irreps_gated: &Irreps,
    ) -> Result<Self, GateError> {
        if irreps_gates.lmax().is_some_and(|l| l > 0) {
            return Err(GateError::Gates(irreps_gates.clone()));
        }
        if irreps_scalars.lmax().is_some_and(|l| l > 0) {
            return Err(GateError::Scalars(irreps_scalars.clone()));
        }
        let (gated, gates) = (irreps_gated.num_irreps(), irreps_gates.num_irreps());
        if gated != gates {
            return Err(GateError::Number { gated, gates });
        }
        let (sc, irreps_in) = shortcut(&[irreps_scalars, irreps_gates, irreps_gated]);
        let act_scalars = Activation::new(irreps_scalars, act_scalars)?;
        let act_gates = Activation::new(irreps_gates, act_gates)?;
        let mul = TensorProduct::elementwise(
            &(vs / "mul"),
            irreps_gated,
            &act_gates.irreps_out,
            None,
            Default::default(),
        );
        let mul = mul.expect("there are as many gates as gated irreps");
        let irreps_out = &act_scalars.irreps_out + &mul.irreps_out;
        Ok(Gate { irreps_in, irreps_out, sc, act_scalars, act_gates, mul })
    }
}

/// e3nn's `_Sortcut`: the simplified outputs, and the sorted and simplified sum of them that they are cut from.
fn shortcut(irreps_outs: &[&Irreps]) -> (Extract, Irreps) {
    let outs: Vec<Irreps> = irreps_outs.iter().map(|it| it.simplify()).collect();
    let sorted = outs.iter().cloned().sum::<Irreps>().sort();
    let mut next = 0;
    let instructions: Vec<Vec<usize>> = outs
        .iter()
        .map(|it| {
            let parts = next..next + it.len();
            next = parts.end;
            parts.map(|i| sorted.p[i]).collect()
        })
        .collect();
    (Extract::new(&sorted.irreps, &outs, &instructions), sorted.irreps.simplify())
}
