//! Assertions about equivariance: `e3nn.util.test`.

use tch::{Device, Kind, Tensor};

use crate::irreps::{Irrep, Irreps};
use crate::o3::rand_angles;

/// What a tensor is under rotations and inversions.
#[derive(Clone, Debug)]
pub enum Transforms {
    /// Its last dimension is a vector of these irreps.
    Irreps(Irreps),
    /// Its last dimension is a point in space, which is also translated.
    CartesianPoints,
    /// It stays as it is.
    Invariant,
}

impl From<&Irreps> for Transforms {
    fn from(irreps: &Irreps) -> Self {
        Transforms::Irreps(irreps.clone())
    }
}

/// The largest error of a component, for each output, among a random rotation and translation with and without an
/// inversion.
///
/// `f` is run on `inputs` and on transformed ones; the outputs are compared in double precision.
pub fn equivariance_error(
    f: impl Fn(&[Tensor]) -> Vec<Tensor>,
    inputs: &[Tensor],
    of_inputs: &[Transforms],
    of_outputs: &[Transforms],
) -> Vec<f64> {
    let mut errors = vec![0.0f64; of_outputs.len()];
    let before = tch::no_grad(|| f(inputs));
    assert_eq!(before.len(), of_outputs.len(), "each output has irreps");
    for k in [0, 1] {
        let angles = rand_angles(&[], (Kind::Double, Device::Cpu));
        let translation = Tensor::randn([3], (Kind::Double, Device::Cpu)) * 10.0;
        let vectors = Irreps::from(Irrep::spherical(1));
        let transform = |tensor: &Tensor, by: &Transforms| {
            let moved_by =
                |irreps: &Irreps| tensor.to_kind(Kind::Double).matmul(&irreps.d_from_angles(&angles, k).tr());
            let moved = match by {
                Transforms::Irreps(irreps) => moved_by(irreps),
                Transforms::CartesianPoints => moved_by(&vectors) + &translation,
                Transforms::Invariant => return tensor.shallow_clone(),
            };
            moved.to_kind(tensor.kind())
        };
        let moved: Vec<Tensor> = inputs.iter().zip(of_inputs).map(|(it, by)| transform(it, by)).collect();
        let found = tch::no_grad(|| f(&moved));
        for (i, (found, by)) in found.iter().zip(of_outputs).enumerate() {
            let error = (transform(&before[i].to_kind(Kind::Double), by) - found.to_kind(Kind::Double)).abs();
            let error = if error.numel() == 0 { 0.0 } else { error.max().double_value(&[]) };
            errors[i] = errors[i].max(error);
        }
    }
    errors
}

/// Asserts that `f` is equivariant up to `tolerance`: 1e-3 is e3nn's for single precision, 1e-9 for double.
///
/// # Panics
///
/// Says which output is not, and by how much.
#[track_caller]
pub fn assert_equivariant(
    f: impl Fn(&[Tensor]) -> Vec<Tensor>,
    inputs: &[Tensor],
    of_inputs: &[Transforms],
    of_outputs: &[Transforms],
    tolerance: f64,
) {
    for (i, error) in equivariance_error(f, inputs, of_inputs, of_outputs).into_iter().enumerate() {
        assert!(
            error <= tolerance,
            "largest componentwise equivariance error was too large for output {i}: {error:.3e}"
        );
    }
}
