//! The ways to write a rotation agree. What they mean is compared with Python's numbers in `golden.rs`.

use e3nn::o3::{self, Angles};
use tch::{Device, Kind, Tensor};

const LIKE: (Kind, Device) = (Kind::Double, Device::Cpu);

#[track_caller]
fn assert_close(a: &Tensor, b: &Tensor) {
    assert_eq!(a.size(), b.size());
    let error = (a - b).abs().max().double_value(&[]);
    assert!(error < 1e-9, "they differ by {error}");
}

#[test]
fn angles_matrices_quaternions_and_axes() {
    tch::manual_seed(0);
    let matrix = o3::angles_to_matrix(&o3::rand_angles(&[100], LIKE));
    assert_close(&o3::angles_to_matrix(&o3::matrix_to_angles(&matrix)), &matrix);
    let quaternion = o3::rand_quaternion(&[100], LIKE);
    let matrix = o3::quaternion_to_matrix(&quaternion);
    let (axis, angle) = o3::quaternion_to_axis_angle(&quaternion);
    assert_close(&o3::axis_angle_to_matrix(&axis, &angle), &matrix);
    assert_close(&o3::axis_angle_to_quaternion(&(axis * 3.0), &angle), &quaternion);
    // On the axes, where one of the angles is free.
    for angles in [[0.3, 0.0, 0.5], [0.0, 0.0, 0.0], [0.3, std::f64::consts::PI, -0.2]] {
        let matrix = o3::angles_to_matrix(&Angles::new(angles[0], angles[1], angles[2]));
        assert_close(&o3::angles_to_matrix(&o3::matrix_to_angles(&matrix)), &matrix);
    }
}

#[test]
fn points_and_their_angles() {
    let points = Tensor::randn([50, 3], LIKE);
    let points = &points / points.norm_scalaropt_dim(2.0, [-1], true);
    let (alpha, beta) = o3::xyz_to_angles(&points);
    assert_close(&o3::angles_to_xyz(&alpha, &beta), &points);
    // They take the y axis to the point.
    let matrix = o3::angles_to_matrix(&Angles { gamma: alpha.zeros_like(), alpha, beta });
    assert_close(&matrix.select(-1, 1), &points);
    // A point without length has some angles, in single precision, too.
    let (alpha, beta) = o3::xyz_to_angles(&Tensor::zeros([3], (Kind::Float, Device::Cpu)));
    assert!(alpha.isfinite().logical_and(&beta.isfinite()).int64_value(&[]) == 1, "{alpha} {beta}");
}

#[test]
fn random_rotations_are_rotations() {
    let matrix = o3::rand_matrix(&[20], LIKE);
    assert_close(&matrix.matmul(&matrix.transpose(-1, -2)), &Tensor::eye(3, LIKE).expand([20, 3, 3], false));
    assert_close(&matrix.det(), &Tensor::ones([20], LIKE));
}

/// D matrices multiply as rotations do, to degree 11.
#[test]
fn d_matrices_are_a_representation() {
    let (a, b) = (o3::rand_matrix(&[], LIKE), o3::rand_matrix(&[], LIKE));
    for l in 0..=11 {
        let d = |matrix: &Tensor| o3::wigner_d(l, &o3::matrix_to_angles(matrix));
        assert_close(&d(&a).matmul(&d(&b)), &d(&a.matmul(&b)));
    }
}
