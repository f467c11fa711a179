//! Functions of norms: `e3nn.nn.NormActivation`.

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

use super::act::{Act, activate};
use crate::irreps::{Irreps, irreps};
use crate::o3::{Norm, TensorProduct};

/// Each irrep in its direction, as long as a function of its norm says: `e3nn.nn.NormActivation`. From
/// \[…, `irreps_in.dim()`\] to the same.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct NormActivation {
    /// Input and output.
    pub irreps_in: Irreps,
    #[jit(skip)]
    act: Act,
    #[jit(skip)]
    normalize: bool,
    #[jit(skip)]
    epsilon: f64,
    norm: Norm,
    scalar_multiplier: TensorProduct,
    /// One for each irrep, added to the norms.
    pub biases: Option<Tensor>,
}

#[methods]
impl NormActivation {
    /// `x` of shape \[…, `irreps_in.dim()`\].
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let norms = self.norm.forward(x);
        let norms = if self.normalize { norms.clamp_min(self.epsilon * self.epsilon).sqrt() } else { norms };
        let args = self.biases.as_ref().map_or(norms.shallow_clone(), |biases| &norms + biases);
        let scalings = activate(&args, self.act);
        let scalings = if self.normalize { scalings / norms } else { scalings };
        self.scalar_multiplier.forward(&scalings, x, None)
    }

    #[auto_jitable]
    fn small(vs: &nn::Path) -> Self {
        NormActivation::new(vs, &irreps("2x0e+1x1o"), Act::Sigmoid, true, 1e-8, true)
    }
}

impl NormActivation {
    /// `normalize` divides by the norm, which is taken as `epsilon` where it is smaller; `bias` adds a number to each
    /// norm before the function, which is taken as it is.
    pub fn new(
        vs: &nn::Path,
        irreps_in: &Irreps,
        act: Act,
        normalize: bool,
        epsilon: f64,
        bias: bool,
    ) -> Self {
        let norm = Norm::new(&(vs / "norm"), irreps_in, normalize);
        let scalar_multiplier = TensorProduct::elementwise(
            &(vs / "scalar_multiplier"),
            &norm.irreps_out,
            irreps_in,
            None,
            Default::default(),
        );
        let biases = bias.then(|| vs.zeros("biases", &[irreps_in.num_irreps()]));
        NormActivation {
            irreps_in: irreps_in.clone(),
            act,
            normalize,
            epsilon,
            norm,
            scalar_multiplier: scalar_multiplier.expect("there is a norm for each irrep"),
            biases,
        }
    }
}
