//! Learning energies and forces.

use std::collections::HashMap;

use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::StdRng};
use tch::nn::{self, OptimizerConfig};
use tch::{Kind, Tensor};

use crate::data::{Frames, Molecules};
use crate::model::Potential;

/// How to learn.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// How often each frame is seen.
    pub epochs: i64,
    /// How many frames make a step.
    pub batch_size: usize,
    /// The first rate of Adam; the last one is a hundredth of it.
    pub learning_rate: f64,
    /// What the mean square error of energies per atom counts, beside that of forces; in Å⁻².
    pub energy_weight: f64,
}

impl Default for Training {
    fn default() -> Self {
        Training { epochs: 20, batch_size: 5, learning_rate: 1e-2, energy_weight: 10.0 }
    }
}

/// Mean absolute errors.
#[derive(Clone, Copy, Debug)]
pub struct Errors {
    /// In eV per atom.
    pub energy: f64,
    /// In eV/Å.
    pub forces: f64,
}

/// Trains the model, and tells after each epoch what errors it has on the test frames.
pub fn train(
    vs: &nn::VarStore,
    model: &Potential,
    data: &Molecules,
    how: Training,
    mut after_epoch: impl FnMut(i64, Errors),
) {
    set_scales(model, data);
    let mut optimizer = nn::Adam::default().build(vs, how.learning_rate).expect("the model has parameters");
    let mut rng = StdRng::seed_from_u64(0);
    let mut order: Vec<i64> = (0..data.train.len()).collect();
    let n_steps = how.epochs * (order.len().div_ceil(how.batch_size)) as i64;
    let mut step = 0;
    for epoch in 1..=how.epochs {
        order.shuffle(&mut rng);
        for indices in order.chunks(how.batch_size) {
            optimizer.set_lr(how.learning_rate * 0.01f64.powf(step as f64 / n_steps as f64));
            step += 1;
            let found = model.forward_t(&data.batch(&data.train, indices, model.cutoff), true);
            let (energy, forces) = differences(&found, &data.train, indices);
            let loss =
                energy.square().mean(Kind::Float) * how.energy_weight + forces.square().mean(Kind::Float);
            optimizer.backward_step(&loss);
        }
        after_epoch(epoch, errors(|batch| model.forward_t(batch, false), model.cutoff, data, &data.test));
    }
}

/// The energy of atoms alone is what makes the mean energy right, and the scale that of forces.
fn set_scales(model: &Potential, data: &Molecules) {
    let n_atoms = data.atom_types.size()[0] as f64;
    let shift = data.train.energy.mean(Kind::Double) / n_atoms;
    tch::no_grad(|| {
        model.shift.shallow_clone().copy_(&shift.expand_as(&model.shift));
        model
            .scale
            .shallow_clone()
            .copy_(&data.train.forces.square().mean(Kind::Float).sqrt().expand_as(&model.scale));
    });
}

/// Of energies per atom, and of forces.
fn differences(found: &HashMap<String, Tensor>, frames: &Frames, indices: &[i64]) -> (Tensor, Tensor) {
    let indices = Tensor::from_slice(indices);
    let n_atoms = frames.positions.size()[1];
    let energy = found["total_energy"].squeeze_dim(1) - frames.energy.index_select(0, &indices);
    let forces = &found["forces"] - frames.forces.index_select(0, &indices).reshape([-1, 3]);
    (energy / n_atoms, forces)
}

/// What a model, or what it compiled to, makes wrong.
pub fn errors(
    model: impl Fn(&HashMap<String, Tensor>) -> HashMap<String, Tensor>,
    cutoff: f64,
    data: &Molecules,
    frames: &Frames,
) -> Errors {
    let all: Vec<i64> = (0..frames.len()).collect();
    let mut sums = Errors { energy: 0.0, forces: 0.0 };
    for indices in all.chunks(50) {
        let (energy, forces) = differences(&model(&data.batch(frames, indices, cutoff)), frames, indices);
        let share = indices.len() as f64 / all.len() as f64;
        sums.energy += energy.abs().mean(Kind::Double).double_value(&[]) * share;
        sums.forces += forces.abs().mean(Kind::Double).double_value(&[]) * share;
    }
    sums
}
