//! Representations of O(3) as sums of irreducible ones. Pure data: no tensors but in [`Irreps::randn`].

mod parse;

use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter};
use std::iter::Sum;
use std::ops::{Add, Deref, Mul, Range};

use tch::{Device, Kind, Tensor};
use tch_jit::{Draw, ExampleInput, ScriptType};

pub use parse::{ParseIrrepsError, irreps};

/// What an inversion of space does to a representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ScriptType)]
pub enum Parity {
    /// It changes the sign: `o`.
    Odd = -1,
    /// Nothing: `e`.
    Even = 1,
}

/// An irreducible representation of O(3): its degree and its parity. Displays as `1o`.
///
/// Ordered by degree, odd before even, as in e3nn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ScriptType)]
pub struct Irrep {
    /// The degree.
    pub l: i64,
    /// The parity.
    pub p: Parity,
}

/// A number of copies of an irreducible representation. Displays as `2x1o`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ScriptType)]
pub struct MulIr {
    /// How many copies; may be 0.
    pub mul: i64,
    /// Of what.
    pub ir: Irrep,
}

/// A direct sum of irreducible representations: how the last dimension of a tensor transforms. Displays as
/// `2x0e+1x1o`, and is read from that.
///
/// ```
/// # use e3nn::{Irreps, irreps};
/// let irreps: Irreps = "4x0e + 2x1o + 2e".parse()?;
/// assert_eq!(irreps.dim(), 4 + 2 * 3 + 5);
/// assert_eq!(irreps.to_string(), "4x0e+2x1o+1x2e");
/// # Ok::<(), e3nn::ParseIrrepsError>(())
/// ```
///
/// As a field `irreps_in` of a module, it says what the module's example inputs look like: [`Irreps::randn`] with a
/// free batch dimension. Compiled modules keep it as an attribute, which Python
/// reads as e3nn does: `o3.Irreps(*module.irreps_in)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, ScriptType)]
pub struct Irreps(pub(crate) Vec<MulIr>);

/// How random vectors of irreps are normalized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Normalization {
    /// Each component has variance 1.
    #[default]
    Component,
    /// Each copy is a vector of length 1.
    Norm,
}

/// What [`Irreps::sort`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sorted {
    /// The irreps in order.
    pub irreps: Irreps,
    /// The new position of each old one.
    pub p: Vec<usize>,
    /// The old position of each new one.
    pub inv: Vec<usize>,
}

impl Parity {
    /// 1 for even, -1 for odd.
    pub fn sign(self) -> i64 {
        self as i64
    }
}

impl Mul for Parity {
    type Output = Parity;

    fn mul(self, other: Parity) -> Parity {
        if self == other { Parity::Even } else { Parity::Odd }
    }
}

impl Irrep {
    /// Of degree `l`, which is not negative.
    pub fn new(l: i64, p: Parity) -> Irrep {
        assert!(l >= 0, "the degree of an irrep is not negative, and {l} is");
        Irrep { l, p }
    }

    /// Of the parity that a polynomial of vectors of that degree has.
    pub fn spherical(l: i64) -> Irrep {
        Irrep::new(l, if l % 2 == 0 { Parity::Even } else { Parity::Odd })
    }

    /// 2 l + 1.
    pub fn dim(self) -> i64 {
        2 * self.l + 1
    }

    /// Whether it is invariant under rotations and inversion: `0e`.
    pub fn is_scalar(self) -> bool {
        self == Irrep::new(0, Parity::Even)
    }

    /// `0e`, `0o`, `1o`, `1e`, `2e`, …, up to degree `lmax`: for each degree, that of spherical harmonics first.
    pub fn iterator(lmax: i64) -> impl Iterator<Item = Irrep> {
        (0..=lmax).flat_map(|l| {
            let first = Irrep::spherical(l);
            [first, Irrep::new(l, first.p * Parity::Odd)]
        })
    }
}

/// The irreps in a tensor product of two: |l1 - l2|, …, l1 + l2.
impl Mul for Irrep {
    type Output = Vec<Irrep>;

    fn mul(self, other: Irrep) -> Vec<Irrep> {
        let degrees = (self.l - other.l).abs()..=self.l + other.l;
        degrees.map(|l| Irrep::new(l, self.p * other.p)).collect()
    }
}

/// So many copies.
impl Mul<Irrep> for i64 {
    type Output = Irreps;

    fn mul(self, ir: Irrep) -> Irreps {
        Irreps(vec![MulIr { mul: self, ir }])
    }
}

impl Ord for Irrep {
    fn cmp(&self, other: &Irrep) -> Ordering {
        (self.l, self.p).cmp(&(other.l, other.p))
    }
}

impl PartialOrd for Irrep {
    fn partial_cmp(&self, other: &Irrep) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl MulIr {
    /// `mul` copies of `ir`.
    pub fn new(mul: i64, ir: Irrep) -> MulIr {
        assert!(mul >= 0, "the number of copies is not negative, and {mul} is");
        MulIr { mul, ir }
    }

    /// The dimension of all copies.
    pub fn dim(self) -> i64 {
        self.mul * self.ir.dim()
    }
}

impl Irreps {
    /// Of these parts, in this order.
    pub fn new(parts: impl IntoIterator<Item = MulIr>) -> Irreps {
        Irreps(parts.into_iter().collect())
    }

    /// One copy of each degree up to `lmax`, with the parity of spherical harmonics.
    pub fn spherical_harmonics(lmax: i64) -> Irreps {
        (0..=lmax).map(Irrep::spherical).collect()
    }

    /// The length of a vector.
    pub fn dim(&self) -> i64 {
        self.iter().map(|it| it.dim()).sum()
    }

    /// How many irreps there are, copies counted.
    pub fn num_irreps(&self) -> i64 {
        self.iter().map(|it| it.mul).sum()
    }

    /// The degree of each copy.
    pub fn ls(&self) -> Vec<i64> {
        self.iter().flat_map(|it| (0..it.mul).map(|_| it.ir.l)).collect()
    }

    /// The largest degree; none of no irreps.
    pub fn lmax(&self) -> Option<i64> {
        self.ls().into_iter().max()
    }

    /// Where each part lies in a vector.
    pub fn slices(&self) -> Vec<Range<i64>> {
        let mut start = 0;
        let slice = |it: &MulIr| {
            let slice = start..start + it.dim();
            start = slice.end;
            slice
        };
        self.iter().map(slice).collect()
    }

    /// How many copies of `ir` there are.
    pub fn count(&self, ir: Irrep) -> i64 {
        self.iter().filter(|it| it.ir == ir).map(|it| it.mul).sum()
    }

    /// Whether there is a part of that kind; it may have no copies.
    pub fn has(&self, ir: Irrep) -> bool {
        self.iter().any(|it| it.ir == ir)
    }

    /// All of them `n` times, one after the other.
    #[must_use]
    pub fn repeat(&self, n: usize) -> Irreps {
        Irreps(self.0.repeat(n))
    }

    /// Without parts that have no copies.
    #[must_use]
    pub fn remove_zero_multiplicities(&self) -> Irreps {
        self.iter().copied().filter(|it| it.mul > 0).collect()
    }

    /// Neighbours of one kind become one part, and what has no copies is left out. Nothing is reordered.
    #[must_use]
    pub fn simplify(&self) -> Irreps {
        let mut parts: Vec<MulIr> = vec![];
        for &part in self.iter().filter(|it| it.mul > 0) {
            match parts.last_mut() {
                Some(last) if last.ir == part.ir => last.mul += part.mul,
                _ => parts.push(part),
            }
        }
        Irreps(parts)
    }

    /// By degree and parity, odd before even; equal ones stay in their order.
    pub fn sort(&self) -> Sorted {
        let mut inv: Vec<usize> = (0..self.len()).collect();
        inv.sort_by_key(|&i| self[i].ir);
        let mut p = vec![0; inv.len()];
        for (new, &old) in inv.iter().enumerate() {
            p[old] = new;
        }
        Sorted { irreps: inv.iter().map(|&i| self[i]).collect(), p, inv }
    }

    /// Sorted and simplified.
    #[must_use]
    pub fn regroup(&self) -> Irreps {
        self.sort().irreps.simplify()
    }

    /// The parts that `keep` is true of.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(MulIr) -> bool) -> Irreps {
        self.iter().copied().filter(|it| keep(*it)).collect()
    }

    /// The copies from `range.start` to `range.end`, counted over all parts.
    #[must_use]
    pub fn slice_by_mul(&self, range: Range<i64>) -> Irreps {
        let mut start = 0;
        let part = |it: &MulIr| {
            let of_part = (range.start - start).clamp(0, it.mul)..(range.end - start).clamp(0, it.mul);
            start += it.mul;
            MulIr::new((of_part.end - of_part.start).max(0), it.ir)
        };
        self.iter().map(part).filter(|it| it.mul > 0).collect()
    }

    /// Normal random vectors, of shape \[`size`, `self.dim()`\].
    pub fn randn(&self, size: &[i64], normalization: Normalization, options: (Kind, Device)) -> Tensor {
        let vectors = |it: &MulIr| {
            let size = [size, &[it.mul, it.ir.dim()]].concat();
            let vectors = Tensor::randn(&size[..], options);
            let vectors = match normalization {
                Normalization::Component => vectors,
                Normalization::Norm => &vectors / vectors.norm_scalaropt_dim(2.0, [-1], true),
            };
            vectors.flatten(-2, -1)
        };
        let parts: Vec<Tensor> = self.iter().map(vectors).collect();
        if parts.is_empty() {
            return Tensor::zeros([size, &[0]].concat(), options);
        }
        Tensor::cat(&parts, -1)
    }
}

impl ExampleInput for Irreps {
    type Input = Tensor;

    fn example_input(&self, draw: &Draw) -> Tensor {
        self.randn(&[draw.batch()], Normalization::Component, (draw.kind(), draw.device()))
    }
}

impl Deref for Irreps {
    type Target = [MulIr];

    fn deref(&self) -> &[MulIr] {
        &self.0
    }
}

impl FromIterator<MulIr> for Irreps {
    fn from_iter<I: IntoIterator<Item = MulIr>>(parts: I) -> Irreps {
        Irreps::new(parts)
    }
}

/// One copy of each.
impl FromIterator<Irrep> for Irreps {
    fn from_iter<I: IntoIterator<Item = Irrep>>(irreps: I) -> Irreps {
        irreps.into_iter().map(|ir| MulIr::new(1, ir)).collect()
    }
}

impl<'a> IntoIterator for &'a Irreps {
    type Item = &'a MulIr;
    type IntoIter = std::slice::Iter<'a, MulIr>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl From<Irrep> for Irreps {
    fn from(ir: Irrep) -> Irreps {
        1 * ir
    }
}

impl From<MulIr> for Irreps {
    fn from(part: MulIr) -> Irreps {
        Irreps(vec![part])
    }
}

impl Add for Irreps {
    type Output = Irreps;

    fn add(mut self, other: Irreps) -> Irreps {
        self.0.extend(other.0);
        self
    }
}

impl Add<&Irreps> for &Irreps {
    type Output = Irreps;

    fn add(self, other: &Irreps) -> Irreps {
        self.clone() + other.clone()
    }
}

impl Sum for Irreps {
    fn sum<I: Iterator<Item = Irreps>>(all: I) -> Irreps {
        all.fold(Irreps::default(), Add::add)
    }
}

impl Display for Irrep {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let p = if self.p == Parity::Even { "e" } else { "o" };
        write!(f, "{}{p}", self.l)
    }
}

impl Display for MulIr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.mul, self.ir)
    }
}

impl Display for Irreps {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.iter().map(ToString::to_string).collect();
        f.write_str(&parts.join("+"))
    }
}
