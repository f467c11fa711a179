//! Equivariant neural networks in Rust: [e3nn](https://e3nn.org)'s representations, `o3` and `nn`, with Python's
//! parameters, order and normalization, compiled to TorchScript by `tch-jit`.
//!
//! ```
//! use e3nn::{irreps, o3::TensorProduct};
//! use tch::{Device, Kind, nn};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let vs = nn::VarStore::new(Device::Cpu);
//! let (x, sh, out) = (irreps("8x0e+4x1o"), irreps("1x0e+1x1o+1x2e"), irreps("8x0e+4x1o+2x2e"));
//! let product = TensorProduct::fully_connected(&vs.root(), &x, &sh, &out, Default::default())?;
//! let compiled = tch_jit::compile(&product)?;
//! # Ok(())
//! # }
//! ```
//!
//! Modules are made of variables of a `VarStore`, at a path, in its kind: `vs.set_kind(Kind::Double)` before is for
//! double precision. The names are those of a Python `state_dict`.

pub mod check;
mod irreps;
pub mod nn;
pub mod o3;
pub mod testing;

pub use irreps::{Irrep, Irreps, MulIr, Normalization, Parity, ParseIrrepsError, Sorted, irreps};
