//! Real spherical harmonics as polynomials of x, y, z, by recursion over the degree:
//! Y(l + 1) is the part of degree l + 1 in the product of Y(1) and Y(l), scaled to its norm and with the sign by which it
//! is positive on the y axis.

use tch::{Tensor, nn};
use tch_jit::{ScriptType, compile_mode, methods};

use super::wigner::wigner_3j;
use crate::check::last_dimension;
use crate::irreps::{Irrep, Irreps, Parity};

/// How spherical harmonics are scaled, on the unit sphere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SphericalNormalization {
    /// The integral of the square of each component over the sphere is 1.
    #[default]
    Integral,
    /// The mean of the square of each component over the sphere is 1; of all components the sum of squares is 2 l + 1.
    Component,
    /// The sum of the squares of all components is 1.
    Norm,
}

impl SphericalNormalization {
    /// In units of [`SphericalNormalization::Component`].
    fn factor(self, l: i64) -> f64 {
        match self {
            SphericalNormalization::Integral => 1.0 / (4.0 * std::f64::consts::PI).sqrt(),
            SphericalNormalization::Component => 1.0,
            SphericalNormalization::Norm => 1.0 / ((2 * l + 1) as f64).sqrt(),
        }
    }
}

/// What cannot be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SphericalHarmonicsError {
    /// Degrees are counted up to [`LMAX`].
    #[error("spherical harmonics are known up to degree {LMAX}, not of degree {0}")]
    Degree(i64),
    /// The input is a vector or a pseudovector.
    #[error("spherical harmonics are of `1x1o` or `1x1e`, not of `{0}`")]
    Input(Irreps),
    /// A polynomial of degree l has the parity of its variable to the power of l.
    #[error(
        "spherical harmonics of `{input}` have no part `{output}`: its parity is another\nhelp: write `{expected}`"
    )]
    Parity {
        /// What they are of.
        input: Irreps,
        /// What was asked for.
        output: Irrep,
        /// What it would be.
        expected: Irrep,
    },
}

/// The largest degree, that of e3nn.
pub const LMAX: i64 = 11;

/// A step of the recursion, as an attribute.
#[derive(Clone, Debug, ScriptType)]
struct Part {
    l: i64,
    mul: i64,
    /// What the polynomial is scaled by.
    factor: f64,
}

/// Spherical harmonics of vectors: `e3nn.o3.SphericalHarmonics`. From \[…, 3\] to \[…, `irreps_out.dim()`\].
#[compile_mode(script)]
#[derive(Debug)]
pub struct SphericalHarmonics {
    /// What the input is.
    pub irreps_in: Irreps,
    /// What the output is, simplified.
    pub irreps_out: Irreps,
    /// Whether the vectors are scaled to length 1 before.
    normalize: bool,
    parts: Vec<Part>,
    /// For each degree from 1 on, of shape \[3 (2 l - 1), 2 l + 1\]: from the products of the vector with the
    /// polynomials of the degree before.
    steps: Vec<Tensor>,
}

impl SphericalHarmonics {
    /// Of vectors `1x1o`, or of pseudovectors `1x1e`.
    ///
    /// # Errors
    ///
    /// Degrees beyond [`LMAX`], and parities that polynomials do not have.
    pub fn new(
        vs: &nn::Path,
        irreps_in: &Irreps,
        irreps_out: &Irreps,
        normalize: bool,
        normalization: SphericalNormalization,
    ) -> Result<Self, SphericalHarmonicsError> {
        let p = match &irreps_in.simplify()[..] {
            [it] if it.mul == 1 && it.ir.l == 1 => it.ir.p,
            _ => return Err(SphericalHarmonicsError::Input(irreps_in.clone())),
        };
        let mut parts = vec![];
        for it in irreps_out {
            let l = it.ir.l;
            if l > LMAX {
                return Err(SphericalHarmonicsError::Degree(l));
            }
            let expected =
                Irrep::new(l, if p == Parity::Odd && l % 2 == 1 { Parity::Odd } else { Parity::Even });
            if it.ir != expected {
                let (input, output) = (irreps_in.clone(), it.ir);
                return Err(SphericalHarmonicsError::Parity { input, output, expected });
            }
            parts.push(Part { l, mul: it.mul, factor: normalization.factor(l) });
        }
        let lmax = irreps_out.lmax().unwrap_or(0);
        let steps =
            (1..=lmax).map(|l| vs.add(&format!("step{l}"), step(l).to_kind(vs.kind()), false)).collect();
        let (irreps_in, irreps_out) = (irreps_in.clone(), irreps_out.simplify());
        Ok(SphericalHarmonics { irreps_in, irreps_out, normalize, parts, steps })
    }
}

#[methods]
impl SphericalHarmonics {
    /// `x` of shape \[…, 3\]. Of vectors without length, all but the first degree are 0 where they are normalized.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let x = last_dimension(x, &self.irreps_in, "x");
        let x = if self.normalize {
            // As `torch.nn.functional.normalize`.
            &x / x.norm_scalaropt_dim(2.0, [-1], true).clamp_min(1e-12)
        } else {
            x
        };
        let mut y = x.narrow(-1, 0, 1).ones_like();
        let mut degrees = vec![y.shallow_clone()];
        for step in &self.steps {
            y = (x.unsqueeze(-1) * y.unsqueeze(-2)).flatten(-2, -1).matmul(step);
            degrees.push(y.shallow_clone());
        }
        let mut parts = vec![];
        for part in &self.parts {
            for _ in 0..part.mul {
                parts.push(&degrees[part.l as usize] * part.factor);
            }
        }
        if parts.is_empty() { x.narrow(-1, 0, 0) } else { Tensor::cat(&parts, -1) }
    }

    #[auto_jitable]
    fn small(vs: &nn::Path) -> Self {
        let normalization = SphericalNormalization::Component;
        SphericalHarmonics::new(
            vs,
            &Irreps::from(Irrep::spherical(1)),
            &Irreps::spherical_harmonics(3),
            true,
            normalization,
        )
        .expect("degrees up to 3")
    }
}

/// From Y(1) and Y(l - 1) to Y(l), in component normalization: of shape \[3 (2 l - 1), 2 l + 1\].
fn step(l: i64) -> Tensor {
    let product = wigner_3j(1, l - 1, l).reshape([3 * (2 * l - 1), 2 * l + 1]);
    // On the y axis only the middle component of each degree is not 0, and it is the root of 2 l + 1.
    let on_axis = product.double_value(&[(2 * l - 1) + l - 1, l]) * ((2 * l - 1) as f64).sqrt();
    product * (((2 * l + 1) as f64).sqrt() / on_axis)
}

/// Spherical harmonics of vectors of shape \[…, 3\], without a module: `e3nn.o3.spherical_harmonics`.
///
/// # Errors
///
/// As [`SphericalHarmonics::new`].
pub fn spherical_harmonics(
    irreps_out: &Irreps,
    x: &Tensor,
    normalize: bool,
    normalization: SphericalNormalization,
) -> Result<Tensor, SphericalHarmonicsError> {
    let mut vs = nn::VarStore::new(x.device());
    vs.set_kind(x.kind());
    // Polynomials of even degrees alone do not tell what they are of.
    let is_odd = |it: &crate::MulIr| it.ir.l % 2 == 1;
    let p = irreps_out.iter().find(|it| is_odd(it)).map_or(Parity::Odd, |it| it.ir.p);
    let irreps_in = Irreps::from(Irrep::new(1, p));
    let module = SphericalHarmonics::new(&vs.root(), &irreps_in, irreps_out, normalize, normalization)?;
    Ok(module.forward(x))
}
