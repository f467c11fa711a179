//! Dropout of whole irreps: `e3nn.nn.Dropout`.

use tch::Tensor;
use tch_jit::{compile_mode, methods};

use crate::check::{dim, last_dimension};
use crate::irreps::{Irreps, irreps};

/// In training, each copy of an irrep is zero with probability `p`, and the others are divided by `1 - p`:
/// `e3nn.nn.Dropout`. From \[batch, …, `irreps_in.dim()`\] to the same; an element of the batch drops the same everywhere.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Dropout {
    /// Input and output.
    pub irreps_in: Irreps,
    /// The probability to drop.
    p: f64,
}

#[methods]
impl Dropout {
    /// `x` of shape \[batch, …, `irreps_in.dim()`\].
    pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let x = last_dimension(x, &self.irreps_in, "x");
        if !train {
            return x;
        }
        let batch = x.size()[0];
        let mut noises = vec![x.new_zeros([batch, 0], (x.kind(), x.device()))];
        for part in &self.irreps_in.0 {
            let (mul, dim) = (part.mul, dim(&part.ir));
            let noise = x.new_zeros([batch, mul], (x.kind(), x.device()));
            let noise = if self.p >= 1.0 {
                noise
            } else if self.p <= 0.0 {
                noise + 1.0
            } else {
                (noise + (1.0 - self.p)).bernoulli() / (1.0 - self.p)
            };
            noises.push(noise.unsqueeze(-1).expand([-1, -1, dim], false).reshape([batch, mul * dim]));
        }
        let mut noise = Tensor::cat(&noises, -1);
        while noise.dim() < x.dim() {
            noise = noise.unsqueeze(1);
        }
        x * noise
    }

    #[auto_jitable]
    fn small() -> Self {
        Dropout::new(&irreps("3x0e+2x1o"), 0.5)
    }
}

impl Dropout {
    /// With a probability to drop.
    pub fn new(irreps_in: &Irreps, p: f64) -> Self {
        Dropout { irreps_in: irreps_in.clone(), p }
    }
}
