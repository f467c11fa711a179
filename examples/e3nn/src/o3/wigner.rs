//! Wigner's 3j symbols and D matrices, in the real basis of e3nn: for l = 1 that is (x, y, z).
//!
//! The complex Clebsch-Gordan coefficients are those of Racah's formula (Varshalovich, Moskalev, Khersonskii, Quantum
//! Theory of Angular Momentum, 8.2.1), whose alternating sum is one of products of binomials, hence exact in integers. The
//! change to the real basis is e3nn's `change_basis_real_to_complex`.

use tch::{Device, Kind, Tensor};

use super::rotation::{Angles, matrix_to_angles};
use crate::irreps::{Irrep, Irreps, Parity};

/// A complex number.
#[derive(Clone, Copy, Default)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn times(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    fn scaled(self, factor: f64) -> Complex {
        Complex { re: self.re * factor, im: self.im * factor }
    }

    fn conj(self) -> Complex {
        Complex { re: self.re, im: -self.im }
    }
}

fn factorial(n: i64) -> f64 {
    (1..=n).map(|it| it as f64).product()
}

/// n over k; 0 where there is none.
fn binomial(n: i64, k: i64) -> i128 {
    if k < 0 || k > n {
        0
    } else {
        (0..k).fold(1, |product, i| product * i128::from(n - i) / i128::from(i + 1))
    }
}

/// <j1 m1, j2 m2 | j3 m3> of SU(2), for integers.
fn clebsch_gordan([j1, m1]: [i64; 2], [j2, m2]: [i64; 2], [j3, m3]: [i64; 2]) -> f64 {
    if m3 != m1 + m2 {
        return 0.0;
    }
    let [a, b, c] = [j1 + j2 - j3, j1 - j2 + j3, j2 + j3 - j1];
    let term = |k: i64| {
        let term = binomial(a, k) * binomial(b, j1 - m1 - k) * binomial(c, j2 + m2 - k);
        if k % 2 == 0 { term } else { -term }
    };
    let sum: i128 = (0..=a).map(term).sum();
    let product = |of: &[i64]| of.iter().map(|&n| factorial(n)).product::<f64>();
    let square = (2 * j3 + 1) as f64 * product(&[j1 + m1, j1 - m1, j2 + m2, j2 - m2, j3 + m3, j3 - m3])
        / product(&[j1 + j2 + j3 + 1, a, b, c]);
    sum as f64 * square.sqrt()
}

/// Rows are of the complex basis, columns of the real one, from -l to l.
fn real_to_complex(l: i64) -> Vec<Vec<Complex>> {
    let dim = (2 * l + 1) as usize;
    let mut q = vec![vec![Complex::default(); dim]; dim];
    let half = std::f64::consts::FRAC_1_SQRT_2;
    for m in -l..0 {
        q[(l + m) as usize][(l - m) as usize] = Complex { re: half, im: 0.0 };
        q[(l + m) as usize][(l + m) as usize] = Complex { re: 0.0, im: -half };
    }
    q[l as usize][l as usize] = Complex { re: 1.0, im: 0.0 };
    for m in 1..=l {
        let sign = if m % 2 == 0 { half } else { -half };
        q[(l + m) as usize][(l + m) as usize] = Complex { re: sign, im: 0.0 };
        q[(l + m) as usize][(l - m) as usize] = Complex { re: 0.0, im: sign };
    }
    // (-i)^l makes the coefficients real.
    let phase = [(1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (0.0, 1.0)][(l % 4) as usize];
    let phase = Complex { re: phase.0, im: phase.1 };
    q.iter().map(|row| row.iter().map(|it| it.times(phase)).collect()).collect()
}

/// The invariant tensor of three representations, of shape \[2 l1 + 1, 2 l2 + 1, 2 l3 + 1\] and norm 1, in double
/// precision: `e3nn.o3.wigner_3j`.
///
/// # Panics
///
/// Unless |l1 - l2| <= l3 <= l1 + l2.
pub fn wigner_3j(l1: i64, l2: i64, l3: i64) -> Tensor {
    assert!((l1 - l2).abs() <= l3 && l3 <= l1 + l2, "there is no Wigner 3j symbol of {l1}, {l2}, {l3}");
    let [n1, n2, n3] = [l1, l2, l3].map(|l| (2 * l + 1) as usize);
    let (q1, q2, q3) = (real_to_complex(l1), real_to_complex(l2), real_to_complex(l3));
    let mut real = vec![0.0; n1 * n2 * n3];
    for m1 in -l1..=l1 {
        for m2 in (-l2..=l2).filter(|m2| (m1 + m2).abs() <= l3) {
            let m3 = m1 + m2;
            let coefficient = clebsch_gordan([l1, m1], [l2, m2], [l3, m3]);
            let [i, k, n] = [l1 + m1, l2 + m2, l3 + m3].map(|it| it as usize);
            // In each basis a row has two entries at most.
            for (j, a) in q1[i].iter().enumerate().filter(|(_, it)| it.re != 0.0 || it.im != 0.0) {
                for (l, b) in q2[k].iter().enumerate().filter(|(_, it)| it.re != 0.0 || it.im != 0.0) {
                    for (m, c) in q3[n].iter().enumerate().filter(|(_, it)| it.re != 0.0 || it.im != 0.0) {
                        real[(j * n2 + l) * n3 + m] += a.times(*b).times(c.conj()).scaled(coefficient).re;
                    }
                }
            }
        }
    }
    let norm = real.iter().map(|it| it * it).sum::<f64>().sqrt();
    real.iter_mut().for_each(|it| *it /= norm);
    Tensor::from_slice(&real).view([n1 as i64, n2 as i64, n3 as i64])
}

/// The three generators of rotations in the real basis, each of shape \[2 l + 1, 2 l + 1\]: `e3nn.o3.so3_generators`.
fn generators(l: i64) -> [Tensor; 3] {
    if l == 0 {
        return [0, 1, 2].map(|_| Tensor::zeros([1, 1], (Kind::Double, Device::Cpu)));
    }
    // They are the structure constants of 1 x l -> l, up to a factor: the squares of all three sum to l (l + 1) (2 l + 1).
    let constants = wigner_3j(1, l, l) * ((l * (l + 1) * (2 * l + 1)) as f64).sqrt();
    let [x, y, z] = [0, 1, 2].map(|i| constants.select(0, i));
    // [X0, X1] = X2, which a change of all signs breaks.
    let commutator = x.matmul(&y) - y.matmul(&x);
    let sign = (commutator * &z).sum(Kind::Double).sign();
    [x, y, z].map(|it| it * &sign)
}

/// The matrices by which vectors of degree `l` rotate, of shape \[…, 2 l + 1, 2 l + 1\], in double precision:
/// `exp(alpha X1) exp(beta X0) exp(gamma X1)`, as `e3nn.o3.wigner_D`.
pub fn wigner_d(l: i64, Angles { alpha, beta, gamma }: &Angles) -> Tensor {
    let [x, y, _] = generators(l);
    let rotation = |angle: &Tensor, generator: &Tensor| {
        (angle.to_kind(Kind::Double).unsqueeze(-1).unsqueeze(-1) * generator).matrix_exp()
    };
    rotation(alpha, &y).matmul(&rotation(beta, &x)).matmul(&rotation(gamma, &y))
}

impl Irrep {
    /// The matrix by which it transforms under a rotation, and an inversion if `k` is 1.
    pub fn d_from_angles(self, angles: &Angles, k: i64) -> Tensor {
        let sign = if self.p == Parity::Odd && k % 2 != 0 { -1.0 } else { 1.0 };
        wigner_d(self.l, angles) * sign
    }
}

impl Irreps {
    /// The matrix by which vectors transform under a rotation, and an inversion if `k` is 1: of shape
    /// \[`dim`, `dim`\], in double precision.
    pub fn d_from_angles(&self, angles: &Angles, k: i64) -> Tensor {
        let blocks: Vec<Tensor> = self
            .iter()
            .flat_map(|it| {
                let block = it.ir.d_from_angles(angles, k);
                (0..it.mul).map(move |_| block.shallow_clone())
            })
            .collect();
        if blocks.is_empty() {
            return Tensor::zeros([0, 0], (Kind::Double, Device::Cpu));
        }
        Tensor::block_diag(&blocks)
    }

    /// The same for an orthogonal matrix of shape \[3, 3\], whose determinant is 1 or -1.
    pub fn d_from_matrix(&self, matrix: &Tensor) -> Tensor {
        let matrix = matrix.to_kind(Kind::Double);
        let determinant = matrix.det().sign();
        let k = if determinant.double_value(&[]) < 0.0 { 1 } else { 0 };
        self.d_from_angles(&matrix_to_angles(&(matrix * determinant)), k)
    }
}
