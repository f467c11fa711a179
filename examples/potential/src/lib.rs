//! An interatomic potential in the manner of [NequIP](https://doi.org/10.1038/s41467-022-29939-5) (Batzner et al., 2022):
//! atoms send each other messages, which are tensor products of their features with spherical harmonics of the vector
//! between them, weighted by the distance. The energy is invariant under rotations; the forces are its gradient.
//!
//! ```
//! use potential::{Potential, Shape, neighbours};
//! use std::collections::HashMap;
//! use tch::{Device, Kind, Tensor, nn};
//!
//! # fn main() -> anyhow::Result<()> {
//! let vs = nn::VarStore::new(Device::Cpu);
//! let model = Potential::new(&vs.root(), &Shape { n_species: 3, ..Default::default() });
//! let compiled = tch_jit::compile(&model)?;
//!
//! let pos = Tensor::randn([9, 3], (Kind::Float, Device::Cpu));
//! let data = HashMap::from([
//!     ("edge_index".to_owned(), neighbours(&pos, 4.0)),
//!     ("atom_types".to_owned(), Tensor::randint(3, [9], (Kind::Int64, Device::Cpu))),
//!     ("pos".to_owned(), pos),
//! ]);
//! assert_eq!(compiled.forward(&data)?["forces"].size(), [9, 3]);
//! # Ok(())
//! # }
//! ```
//!
//! Lengths are in Å and energies in eV, as in the data that it is trained on.

mod data;
mod export;
mod interaction;
mod model;
mod radial;
mod train;

pub use data::{Frames, Molecules, neighbours};
pub use export::export;
pub use interaction::{Interaction, InteractionShape};
pub use model::{Potential, Shape};
pub use radial::RadialBasis;
pub use train::{Errors, Training, errors, train};
