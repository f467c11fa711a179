//! Molecules to learn from.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use tch::{Device, Kind, Tensor};

/// Frames of one molecule, with energies and forces.
#[derive(Debug)]
pub struct Frames {
    /// \[frames, atoms, 3\], in Å.
    pub positions: Tensor,
    /// \[frames\], in eV and double precision.
    pub energy: Tensor,
    /// \[frames, atoms, 3\], in eV/Å.
    pub forces: Tensor,
}

/// A molecule, with frames to learn from and others to test.
#[derive(Debug)]
pub struct Molecules {
    /// The chemical symbol of each species.
    pub type_names: Vec<String>,
    /// The species of each atom.
    pub atom_types: Tensor,
    /// To learn from.
    pub train: Frames,
    /// To test.
    pub test: Frames,
}

/// Ethanol at 500 K, by GFN2-xTB: see `data/ethanol.py`.
const ETHANOL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/ethanol.safetensors");

const SYMBOLS: [(i64, &str); 3] = [(1, "H"), (6, "C"), (8, "O")];

impl Molecules {
    /// The frames in the repository: 1,000 to learn from, and 200 of another trajectory.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn ethanol() -> Result<Molecules> {
        Molecules::read(Path::new(ETHANOL))
    }

    fn read(path: &Path) -> Result<Molecules> {
        let tensors =
            Tensor::read_safetensors(path).with_context(|| format!("cannot read {}", path.display()))?;
        let tensors: HashMap<String, Tensor> = tensors.into_iter().collect();
        let get = |name: &str| {
            let tensor = tensors.get(name).with_context(|| format!("{} has no `{name}`", path.display()));
            Ok::<_, anyhow::Error>(tensor?.shallow_clone())
        };
        let frames = |split: &str| {
            Ok::<_, anyhow::Error>(Frames {
                positions: get(&format!("{split}.positions"))?,
                energy: get(&format!("{split}.energy"))?,
                forces: get(&format!("{split}.forces"))?,
            })
        };
        let numbers = Vec::<i64>::try_from(get("numbers")?)?;
        let type_of = |number: &i64| {
            let known = SYMBOLS.iter().position(|(it, _)| it == number);
            known.map(|it| it as i64).with_context(|| format!("no species has the atomic number {number}"))
        };
        let atom_types = numbers.iter().map(type_of).collect::<Result<Vec<i64>>>()?;
        Ok(Molecules {
            type_names: SYMBOLS.iter().map(|(_, name)| (*name).to_owned()).collect(),
            atom_types: Tensor::from_slice(&atom_types),
            train: frames("train")?,
            test: frames("test")?,
        })
    }

    /// The model's input for some frames as one batch.
    pub fn batch(&self, frames: &Frames, indices: &[i64], cutoff: f64) -> HashMap<String, Tensor> {
        let n_atoms = self.atom_types.size()[0];
        let pos = frames.positions.index_select(0, &Tensor::from_slice(indices));
        let n = indices.len() as i64;
        let edges: Vec<Tensor> = (0..n).map(|i| neighbours(&pos.get(i), cutoff) + i * n_atoms).collect();
        let batch =
            Tensor::arange(n, (Kind::Int64, Device::Cpu)).repeat_interleave_self_int(n_atoms, 0, None);
        HashMap::from([
            ("pos".to_owned(), pos.reshape([-1, 3])),
            ("atom_types".to_owned(), self.atom_types.repeat([n])),
            ("edge_index".to_owned(), Tensor::cat(&edges, 1)),
            ("batch".to_owned(), batch),
        ])
    }
}

impl Frames {
    /// How many.
    pub fn len(&self) -> i64 {
        self.energy.size()[0]
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The pairs of atoms that are nearer than the cutoff, in both directions: from \[atoms, 3\] to \[2, edges\].
pub fn neighbours(pos: &Tensor, cutoff: f64) -> Tensor {
    let distances = Tensor::cdist(pos, pos, 2.0, None::<i64>);
    let own = Tensor::eye(pos.size()[0], (Kind::Bool, pos.device()));
    distances.lt(cutoff).logical_and(&own.logical_not()).nonzero().tr().contiguous()
}
