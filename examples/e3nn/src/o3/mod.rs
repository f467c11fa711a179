//! Operations on representations of O(3): `e3nn.o3`.

mod instruction;
mod linear;
mod norm;
mod products;
mod rotation;
mod spherical_harmonics;
mod tensor_product;
mod wigner;

pub use crate::nn::{Extract, ExtractIr};
pub use instruction::{ConnectionMode, Instruction, InstructionError};
pub use linear::{Linear, LinearInstruction, LinearOptions};
pub use norm::Norm;
pub use products::TensorSquare;
pub use rotation::{
    Angles, angles_to_matrix, angles_to_xyz, axis_angle_to_matrix, axis_angle_to_quaternion,
    matrix_to_angles, matrix_x, matrix_y, matrix_z, quaternion_to_axis_angle, quaternion_to_matrix,
    rand_angles, rand_matrix, rand_quaternion, xyz_to_angles,
};
pub use spherical_harmonics::{
    LMAX, SphericalHarmonics, SphericalHarmonicsError, SphericalNormalization, spherical_harmonics,
};
pub use tensor_product::{IrrepNormalization, PathNormalization, ProductOptions, TensorProduct};
pub use wigner::{wigner_3j, wigner_d};
