//! A force field: the energy of a set of atoms by a small network of their distances, and the forces as
//! its gradient. Simulation engines call such modules with maps of tensors.

use std::collections::HashMap;

use tch::{Kind, Tensor, nn};
use tch_jit::{ScriptType, compile_mode, methods, script};

/// The result of the model.
#[derive(Debug, ScriptType)]
pub struct Prediction {
    /// The energy, a scalar.
    pub energy: Tensor,
    /// The forces (atoms, 3): minus the gradient of the energy.
    pub forces: Tensor,
    /// How many pairs are nearer than the cutoff.
    pub n_pairs: i64,
}

/// The model's settings.
#[derive(Clone, Debug, ScriptType)]
pub struct Config {
    /// Pairs farther apart do not interact.
    pub cutoff: f64,
    /// How many radial functions.
    pub n_basis: i64,
}

/// A cosine that ends at the cutoff with slope zero (Behler and Parrinello, 2007, eq. 4).
#[script]
pub fn envelope(distance: &Tensor, cutoff: f64) -> Tensor {
    ((distance * (std::f64::consts::PI / cutoff)).cos() + 1.0) * 0.5
}

/// The network of one species.
#[compile_mode(script)]
#[tracing_inputs(x = [_, self.hidden.ws.size()[1]])]
#[derive(Debug)]
pub struct Species {
    hidden: nn::Linear,
    output: nn::Linear,
}

#[methods]
impl Species {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.hidden).tanh().apply(&self.output)
    }

    #[auto_jitable]
    fn new(vs: &nn::Path) -> Self {
        Species {
            hidden: nn::linear(vs / "hidden", 4, 8, Default::default()),
            output: nn::linear(vs / "output", 8, 1, Default::default()),
        }
    }
}

/// The model: energy and forces of a set of atoms.
#[compile_mode(script)]
#[derive(Debug)]
pub struct ForceField {
    config: Config,
    species: Vec<Species>,
}

impl ForceField {
    /// A model with random weights, for `n_species` species.
    pub fn new(vs: &nn::Path, config: Config, n_species: i64) -> Self {
        let species = |i: i64| Species {
            hidden: nn::linear(vs / i / "hidden", config.n_basis, 8, Default::default()),
            output: nn::linear(vs / i / "output", 8, 1, Default::default()),
        };
        ForceField { species: (0..n_species).map(species).collect(), config }
    }
}

#[methods]
impl ForceField {
    /// Takes `positions` (atoms, 3) and `species` (atoms), numbers from 0.
    pub fn forward(&self, atoms: &HashMap<String, Tensor>) -> Prediction {
        let positions = atoms["positions"].detach().set_requires_grad(true);
        let (energy, n_pairs) = self.energy(&positions, &atoms["species"]);
        let gradients = Tensor::run_backward(&[&energy], &[&positions], true, true);
        Prediction { energy, forces: -&gradients[0], n_pairs }
    }

    fn energy(&self, positions: &Tensor, species: &Tensor) -> (Tensor, i64) {
        let n = positions.size()[0];
        let mut total = Tensor::zeros([1], (positions.kind(), positions.device()));
        let mut n_pairs = 0;
        for i in 0..n {
            let centre = positions.get(i);
            let mut features = Tensor::zeros([self.config.n_basis], (positions.kind(), positions.device()));
            for j in 0..n {
                if i == j {
                    continue;
                }
                let distance = (positions.get(j) - &centre).square().sum(Kind::Double).sqrt();
                if distance.double_value(&[]) >= self.config.cutoff {
                    continue;
                }
                n_pairs += 1;
                features += self.radial(&distance) * envelope(&distance, self.config.cutoff);
            }
            for (kind, network) in self.species.iter().enumerate() {
                if species.int64_value(&[i]) == kind as i64 {
                    total += network.forward(&features);
                }
            }
        }
        (total.sum(Kind::Double), n_pairs)
    }

    /// The radial functions of distances: Gaussians, evenly spaced up to the cutoff.
    fn radial(&self, distance: &Tensor) -> Tensor {
        let centres = Tensor::linspace(
            0.5,
            self.config.cutoff,
            self.config.n_basis,
            (distance.kind(), distance.device()),
        );
        (-(distance - centres).square() * 4.0).exp()
    }
}

/// Atoms at fixed places: the first two are nearer than 2.5, others are farther apart. Where no pair is
/// near, the energy does not depend on the positions, and Rust has no gradient.
pub fn atoms(n: i64, n_species: i64) -> HashMap<String, Tensor> {
    let numbers = Tensor::arange(3 * n, (Kind::Double, tch::Device::Cpu));
    let positions = ((numbers * 0.7).sin() * 1.5).view([n, 3]);
    let species = Tensor::arange(n, (Kind::Int64, tch::Device::Cpu)).remainder(n_species);
    HashMap::from([("positions".to_owned(), positions), ("species".to_owned(), species)])
}
