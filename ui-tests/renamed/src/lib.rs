//! Names: of the runtime, which Cargo.toml renames, and of attributes, which may be imported or not; and `cfg`. All of this
//! compiles, and nothing of it is a warning.

#![deny(warnings)]

pub mod configured;
pub mod found;
pub mod imports;
pub mod told;
