//! The network.

use std::collections::HashMap;

use e3nn::o3::{Linear, SphericalHarmonics, SphericalNormalization};
use e3nn::{Irrep, Irreps, Parity, irreps};
use tch::{Kind, Tensor, nn};
use tch_jit::{compile_mode, methods};

use crate::data::neighbours;
use crate::interaction::{Interaction, InteractionShape};
use crate::radial::RadialBasis;

/// The size of the network.
#[derive(Clone, Debug)]
pub struct Shape {
    /// How many species there are.
    pub n_species: i64,
    /// Atoms farther apart do not interact, in Å.
    pub cutoff: f64,
    /// The features of an atom.
    pub hidden: Irreps,
    /// The highest degree of spherical harmonics.
    pub lmax: i64,
    /// How often atoms send messages.
    pub n_interactions: i64,
    /// How many radial functions.
    pub n_radial: i64,
    /// How many neighbours an atom has, on average.
    pub n_neighbours: f64,
}

impl Default for Shape {
    fn default() -> Self {
        Shape {
            n_species: 1,
            cutoff: 4.0,
            hidden: irreps("16x0e + 16x1o + 8x2e"),
            lmax: 2,
            n_interactions: 3,
            n_radial: 8,
            n_neighbours: 8.0,
        }
    }
}

/// Energy and forces of atoms.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Potential {
    n_species: i64,
    /// Atoms farther apart do not interact, in Å.
    pub cutoff: f64,
    harmonics: SphericalHarmonics,
    radial: RadialBasis,
    embedding: Linear,
    interactions: Vec<Interaction>,
    readout_1: Linear,
    readout_2: Linear,
    /// What the network's outputs are multiplied by, in eV: one number.
    pub scale: Tensor,
    /// The energy of each species alone, in eV and double precision: one of ethanol's atoms has 34 eV, and what counts
    /// are meV.
    pub shift: Tensor,
}

impl Potential {
    /// With random weights, scale 1 and shift 0.
    pub fn new(vs: &nn::Path, shape: &Shape) -> Self {
        let scalars = |n: i64| n * Irrep::new(0, Parity::Even);
        let linear =
            |name, from: &Irreps, to: &Irreps| Linear::new(&(vs / name), from, to, &Default::default());
        let edges = Irreps::spherical_harmonics(shape.lmax);
        let first = scalars(shape.hidden.count(Irrep::new(0, Parity::Even)));
        let (mut interactions, mut irreps_in): (Vec<Interaction>, _) = (vec![], first.clone());
        for i in 0..shape.n_interactions {
            let interaction = Interaction::new(
                &(vs / "interactions" / i),
                &InteractionShape {
                    irreps_in: &irreps_in,
                    hidden: &shape.hidden,
                    edges: &edges,
                    n_radial: shape.n_radial,
                    n_species: shape.n_species,
                    n_neighbours: shape.n_neighbours,
                },
            );
            irreps_in = interaction.irreps_out.clone();
            interactions.push(interaction);
        }
        let normalization = SphericalNormalization::Component;
        let shift = Tensor::zeros([shape.n_species], (Kind::Double, vs.device()));
        Potential {
            n_species: shape.n_species,
            cutoff: shape.cutoff,
            harmonics: SphericalHarmonics::new(
                &(vs / "harmonics"),
                &irreps("1o"),
                &edges,
                true,
                normalization,
            )
            .expect("degrees are low"),
            radial: RadialBasis::new(&(vs / "radial"), shape.cutoff, shape.n_radial),
            embedding: linear("embedding", &scalars(shape.n_species), &first),
            readout_1: linear("readout_1", &irreps_in, &scalars(8)),
            readout_2: linear("readout_2", &scalars(8), &scalars(1)),
            interactions,
            scale: vs.ones_no_train("scale", &[1]),
            shift: vs.add("shift", shift, false),
        }
    }
}

#[methods]
impl Potential {
    /// Takes and gives maps of tensors, with NequIP's names:
    ///
    /// | input | shape | |
    /// |---|---|---|
    /// | `pos` | \[atoms, 3\] | in Å |
    /// | `atom_types` | \[atoms\], integers | numbers of species |
    /// | `edge_index` | \[2, edges\], integers | pairs of neighbours, each in both directions; may be farther apart |
    /// | `cell`, `edge_cell_shift` | \[3, 3\], \[edges, 3\] | optional: lattice vectors, and how many of each an edge crosses |
    /// | `batch` | \[atoms\], integers | optional: to which of several frames an atom belongs |
    ///
    /// | output | shape | |
    /// |---|---|---|
    /// | `total_energy` | \[frames, 1\], double precision | in eV |
    /// | `atomic_energy` | \[atoms, 1\] | in eV, without the energies of atoms alone |
    /// | `forces` | \[atoms, 3\] | in eV/Å |
    pub fn forward_t(&self, data: &HashMap<String, Tensor>, train: bool) -> HashMap<String, Tensor> {
        let pos = data["pos"].detach().set_requires_grad(true);
        let (centres, others) = (data["edge_index"].get(0), data["edge_index"].get(1));
        let mut vectors = pos.index_select(0, &others) - pos.index_select(0, &centres);
        if data.contains_key("cell") {
            vectors += data["edge_cell_shift"].matmul(&data["cell"]);
        }
        let lengths = vectors.square().sum_dim_intlist([-1i64].as_slice(), false, vectors.kind()).sqrt();
        let (harmonics, radial) = (self.harmonics.forward(&vectors), self.radial.forward(&lengths));

        let types = &data["atom_types"];
        let species = types.one_hot(self.n_species).to_kind(pos.kind());
        let mut x = self.embedding.forward(&species, None, None);
        for interaction in &self.interactions {
            x = interaction.forward(&x, &species, &harmonics, &radial, &others, &centres);
        }
        let x = self.readout_1.forward(&x, None, None);
        let atomic = self.readout_2.forward(&x, None, None) * &self.scale;

        let alone = self.shift.index_select(0, types).unsqueeze(-1);
        let total = self.sum_by_frame(&(atomic.to_kind(Kind::Double) + alone), data);
        let gradients = Tensor::run_backward(&[&total.sum(Kind::Double)], &[&pos], train, train);
        let mut result: HashMap<String, Tensor> = HashMap::new();
        result.insert("total_energy".to_owned(), total);
        result.insert("atomic_energy".to_owned(), atomic);
        result.insert("forces".to_owned(), -&gradients[0]);
        result
    }

    fn sum_by_frame(&self, atomic: &Tensor, data: &HashMap<String, Tensor>) -> Tensor {
        if !data.contains_key("batch") {
            return atomic.sum_dim_intlist([0i64].as_slice(), true, Kind::Double);
        }
        let batch = &data["batch"];
        let n_frames = batch.max().int64_value(&[]) + 1;
        atomic.new_zeros([n_frames, 1], (atomic.kind(), atomic.device())).index_add(0, batch, atomic)
    }

    #[tracing_inputs]
    fn molecules(&self, n: usize) -> Vec<HashMap<String, Tensor>> {
        let molecule = |n_atoms: i64| {
            let like = (self.scale.kind(), self.scale.device());
            // Along a line, so that no two are at one place.
            let line = Tensor::arange(n_atoms, like).unsqueeze(1) * Tensor::from_slice(&[1.2, 0.0, 0.0]);
            let pos = (line + Tensor::rand([n_atoms, 3], like) * 0.8).to_kind(like.0);
            HashMap::from([
                ("edge_index".to_owned(), neighbours(&pos, self.cutoff)),
                ("atom_types".to_owned(), Tensor::randint(self.n_species, [n_atoms], (Kind::Int64, like.1))),
                ("pos".to_owned(), pos),
            ])
        };
        (0..n as i64).map(|i| molecule(4 + i)).collect()
    }

    #[auto_jitable(tolerance = 1e-3)]
    fn small(vs: &nn::Path) -> Self {
        let hidden = irreps("4x0e + 3x1o + 2x2e");
        Potential::new(vs, &Shape { n_species: 3, hidden, ..Default::default() })
    }
}
