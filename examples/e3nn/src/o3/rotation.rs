//! Rotations, as matrices, Euler angles, axis and angle, and quaternions. The angles are those of e3nn: about y, then x,
//! then y, in radians. All tensors are of shape \[…\] for angles, \[…, 3\] for axes, \[…, 4\] for quaternions with the
//! real part first, \[…, 3, 3\] for matrices.

use std::f64::consts::PI;

use tch::{Device, Kind, Tensor};

/// Euler angles of a rotation `R = Y(alpha) X(beta) Y(gamma)`.
#[derive(Debug)]
pub struct Angles {
    /// The last rotation, about y.
    pub alpha: Tensor,
    /// About x.
    pub beta: Tensor,
    /// The first rotation, about y.
    pub gamma: Tensor,
}

impl Angles {
    /// Of one rotation, in double precision.
    pub fn new(alpha: f64, beta: f64, gamma: f64) -> Angles {
        Angles { alpha: Tensor::from(alpha), beta: Tensor::from(beta), gamma: Tensor::from(gamma) }
    }
}

fn stack_matrix(rows: [[&Tensor; 3]; 3]) -> Tensor {
    let rows: Vec<Tensor> = rows.iter().map(|row| Tensor::stack(row, -1)).collect();
    Tensor::stack(&rows, -2)
}

/// The rotation about x by an angle.
pub fn matrix_x(angle: &Tensor) -> Tensor {
    let (c, s, o, z) = (angle.cos(), angle.sin(), angle.ones_like(), angle.zeros_like());
    let minus_s = -&s;
    stack_matrix([[&o, &z, &z], [&z, &c, &minus_s], [&z, &s, &c]])
}

/// The rotation about y by an angle.
pub fn matrix_y(angle: &Tensor) -> Tensor {
    let (c, s, o, z) = (angle.cos(), angle.sin(), angle.ones_like(), angle.zeros_like());
    let minus_s = -&s;
    stack_matrix([[&c, &z, &s], [&z, &o, &z], [&minus_s, &z, &c]])
}

/// The rotation about z by an angle.
pub fn matrix_z(angle: &Tensor) -> Tensor {
    let (c, s, o, z) = (angle.cos(), angle.sin(), angle.ones_like(), angle.zeros_like());
    let minus_s = -&s;
    stack_matrix([[&c, &minus_s, &z], [&s, &c, &z], [&z, &z, &o]])
}

/// `Y(alpha) X(beta) Y(gamma)`.
pub fn angles_to_matrix(Angles { alpha, beta, gamma }: &Angles) -> Tensor {
    matrix_y(alpha).matmul(&matrix_x(beta)).matmul(&matrix_y(gamma))
}

/// Euler angles of rotation matrices.
pub fn matrix_to_angles(matrix: &Tensor) -> Angles {
    // Where the y axis goes to.
    let axis = matrix.select(-1, 1);
    let (alpha, beta) = xyz_to_angles(&axis);
    let without = angles_to_matrix(&Angles {
        alpha: alpha.shallow_clone(),
        beta: beta.shallow_clone(),
        gamma: alpha.zeros_like(),
    });
    let rest = without.transpose(-1, -2).matmul(matrix);
    let gamma = rest.select(-2, 0).select(-1, 2).atan2(&rest.select(-2, 0).select(-1, 0));
    Angles { alpha, beta, gamma }
}

/// The angles alpha and beta of points: `(x, y, z) = Y(alpha) X(beta) (0, 1, 0)`.
pub fn xyz_to_angles(xyz: &Tensor) -> (Tensor, Tensor) {
    let xyz = xyz / xyz.norm_scalaropt_dim(2.0, [-1], true).clamp_min(1e-12);
    let xyz = xyz.clamp(-1.0, 1.0);
    let (x, y, z) = (xyz.select(-1, 0), xyz.select(-1, 1), xyz.select(-1, 2));
    (x.atan2(&z), y.acos())
}

/// The points of the unit sphere at these angles.
pub fn angles_to_xyz(alpha: &Tensor, beta: &Tensor) -> Tensor {
    Tensor::stack(&[beta.sin() * alpha.sin(), beta.cos(), beta.sin() * alpha.cos()], -1)
}

/// Quaternions of rotations by `angle` about `axis`, which need not be of length 1.
pub fn axis_angle_to_quaternion(axis: &Tensor, angle: &Tensor) -> Tensor {
    let axis = axis / axis.norm_scalaropt_dim(2.0, [-1], true);
    let half = (angle / 2.0).unsqueeze(-1);
    Tensor::cat(&[half.cos(), half.sin() * axis], -1)
}

/// Axis and angle of rotations.
pub fn quaternion_to_axis_angle(q: &Tensor) -> (Tensor, Tensor) {
    let angle = q.select(-1, 0).clamp(-1.0, 1.0).acos() * 2.0;
    let axis = q.narrow(-1, 1, 3);
    (&axis / axis.norm_scalaropt_dim(2.0, [-1], true).clamp_min(1e-12), angle)
}

/// Rotation matrices of quaternions of length 1.
pub fn quaternion_to_matrix(q: &Tensor) -> Tensor {
    let [w, x, y, z] = [0, 1, 2, 3].map(|i| q.select(-1, i));
    let one = w.ones_like();
    let (xx, yy, zz) = (&x * &x, &y * &y, &z * &z);
    let (xy, xz, yz) = (&x * &y, &x * &z, &y * &z);
    let (wx, wy, wz) = (&w * &x, &w * &y, &w * &z);
    stack_matrix([
        [&(&one - (&yy + &zz) * 2.0), &((&xy - &wz) * 2.0), &((&xz + &wy) * 2.0)],
        [&((&xy + &wz) * 2.0), &(&one - (&xx + &zz) * 2.0), &((&yz - &wx) * 2.0)],
        [&((&xz - &wy) * 2.0), &((&yz + &wx) * 2.0), &(&one - (&xx + &yy) * 2.0)],
    ])
}

/// Rotation matrices by axis and angle.
pub fn axis_angle_to_matrix(axis: &Tensor, angle: &Tensor) -> Tensor {
    quaternion_to_matrix(&axis_angle_to_quaternion(axis, angle))
}

/// Quaternions of length 1 that are spread evenly over all rotations.
pub fn rand_quaternion(size: &[i64], options: (Kind, Device)) -> Tensor {
    let q = Tensor::randn([size, &[4]].concat(), options);
    &q / q.norm_scalaropt_dim(2.0, [-1], true)
}

/// Rotation matrices that are spread evenly over all rotations.
pub fn rand_matrix(size: &[i64], options: (Kind, Device)) -> Tensor {
    quaternion_to_matrix(&rand_quaternion(size, options))
}

/// Euler angles that are spread evenly over all rotations.
pub fn rand_angles(size: &[i64], options: (Kind, Device)) -> Angles {
    let uniform = |scale: f64| Tensor::rand(size, options) * scale;
    Angles { alpha: uniform(2.0 * PI), beta: (uniform(2.0) - 1.0).acos(), gamma: uniform(2.0 * PI) }
}
