//! Distances as features.

use std::f64::consts::PI;

use tch::{Device, Tensor, nn};
use tch_jit::{compile_mode, methods};

/// Bessel functions of a distance, which end smoothly at the cutoff: `sqrt(2 / c) sin(w r / c) / r` (Gasteiger et al.,
/// 2020, eq. 7), times a polynomial whose first two derivatives at the cutoff are 0 (eq. 8, with p = 6). From \[n\] to
/// \[n, functions\].
#[compile_mode(trace)]
#[derive(Debug)]
pub struct RadialBasis {
    #[jit(skip)]
    cutoff: f64,
    /// w, which starts as π, 2 π, ….
    frequencies: Tensor,
}

impl RadialBasis {
    /// With so many functions, up to `cutoff`.
    pub fn new(vs: &nn::Path, cutoff: f64, n_functions: i64) -> Self {
        let frequencies = Tensor::arange_start(1, n_functions + 1, (vs.kind(), Device::Cpu)) * PI;
        RadialBasis { cutoff, frequencies: vs.var_copy("frequencies", &frequencies) }
    }
}

#[methods]
impl RadialBasis {
    /// `lengths` of shape \[n\], in Å. Beyond the cutoff all functions are 0.
    pub fn forward(&self, lengths: &Tensor) -> Tensor {
        let x = (lengths / self.cutoff).unsqueeze(-1);
        let waves = (&x * &self.frequencies).sin() / lengths.unsqueeze(-1) * (2.0 / self.cutoff).sqrt();
        let x6 = x.pow_tensor_scalar(6);
        let end = (&x * (48.0 - &x * 21.0) - 28.0) * x6 + 1.0;
        waves * end * x.lt(1.0)
    }

    #[tracing_inputs]
    fn lengths(&self, n: usize) -> Vec<Tensor> {
        let like = (self.frequencies.kind(), self.frequencies.device());
        (0..n as i64).map(|i| Tensor::rand([5 + 2 * i], like) * self.cutoff + 0.5).collect()
    }

    #[auto_jitable]
    fn small(vs: &nn::Path) -> Self {
        RadialBasis::new(vs, 4.0, 8)
    }
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    /// At the cutoff, the functions and their first two derivatives are 0.
    #[test]
    fn it_ends_smoothly() {
        let mut vs = nn::VarStore::new(Device::Cpu);
        vs.set_kind(Kind::Double);
        let basis = RadialBasis::new(&vs.root(), 4.0, 8);
        let step = 1e-3;
        let lengths = Tensor::from_slice(&[4.0 - 2.0 * step, 4.0 - step, 4.0, 5.0]);
        let values = basis.forward(&lengths);
        assert_eq!(values.narrow(0, 2, 2), Tensor::zeros([2, 8], (Kind::Double, Device::Cpu)));
        let slope = values.get(1) / step;
        assert!(slope.abs().max().double_value(&[]) < 1e-3, "{slope}");
    }
}
