//! Trains a potential of ethanol, compiles it, and saves it for simulation engines.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use potential::{Errors, Molecules, Potential, Shape, Training, errors, export, train};
use tch::{Device, Tensor, nn};
use tch_jit::Compiled;

/// Trains a potential of ethanol, compiles it, and saves it for simulation engines.
#[derive(Parser)]
struct Args {
    /// How often each frame is seen
    #[arg(long, default_value_t = Training::default().epochs)]
    epochs: i64,
    /// Where the compiled model goes
    #[arg(long, default_value = "ethanol.pt")]
    out: PathBuf,
    /// Where frames go with what eager Rust predicts of them, as safetensors
    #[arg(long)]
    predictions: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    tch::manual_seed(0);
    let data = Molecules::ethanol()?;
    let vs = nn::VarStore::new(Device::Cpu);
    let shape = Shape { n_species: data.type_names.len() as i64, ..Default::default() };
    let model = Potential::new(&vs.root(), &shape);
    let n_weights: usize = vs.trainable_variables().iter().map(Tensor::numel).sum();
    println!("{} frames to train on, {} to test on, {n_weights} weights", data.train.len(), data.test.len());
    train(&vs, &model, &data, Training { epochs: args.epochs, ..Default::default() }, |epoch, test| {
        println!("epoch {epoch:2}: {}", shown(test));
    });

    export(&model, &data, &args.out).with_context(|| format!("cannot write {}", args.out.display()))?;
    let loaded = Compiled::<Potential>::load(&args.out)?;
    let run = |batch: &HashMap<_, _>| loaded.forward(batch).expect("the compiled model runs");
    println!("loaded:   {}", shown(errors(run, model.cutoff, &data, &data.test)));
    println!("saved {}", args.out.display());
    args.predictions.map_or(Ok(()), |path| save_predictions(&model, &data, &path))
}

fn shown(Errors { energy, forces }: Errors) -> String {
    format!("mean absolute errors {:.2} meV per atom, {:.1} meV/Å", 1e3 * energy, 1e3 * forces)
}

/// Ten of the test's frames.
fn save_predictions(model: &Potential, data: &Molecules, path: &Path) -> Result<()> {
    let indices: Vec<i64> = (0..10).map(|i| i * data.test.len() / 10).collect();
    let found = model.forward_t(&data.batch(&data.test, &indices, model.cutoff), false);
    let pos = data.test.positions.index_select(0, &Tensor::from_slice(&indices));
    let tensors = [
        ("atom_types", data.atom_types.shallow_clone()),
        ("total_energy", found["total_energy"].detach()),
        ("forces", found["forces"].reshape(pos.size())),
        ("pos", pos),
    ];
    Tensor::write_safetensors(&tensors, path).with_context(|| format!("cannot write {}", path.display()))
}
