//! The paths of a tensor product: which parts of the inputs are multiplied, how their copies are connected, and where the
//! result goes.

use std::fmt::{self, Display, Formatter};

use crate::irreps::{Irreps, MulIr};

/// How the copies of two parts are connected. In the names, `u` and `v` are the copies of the inputs and `w` those of
/// the output; a letter that is no index of the output is summed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionMode {
    /// `uvw`: each copy of the output is a weighted sum of all pairs.
    Uvw,
    /// `uvu`: summed over the copies of the second input.
    Uvu,
    /// `uvv`: summed over the copies of the first input.
    Uvv,
    /// `uuw`: weighted sums of the products copy by copy.
    Uuw,
    /// `uuu`: copy by copy.
    Uuu,
    /// `uvuv`: all pairs.
    Uvuv,
    /// `uvu<v`: all pairs with `u < v`, of two parts with as many copies.
    UvuLessV,
    /// `u<vw`: weighted sums of these.
    ULessVw,
}

/// One path of a tensor product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instruction {
    /// The part of the first input.
    pub i_in1: usize,
    /// The part of the second input.
    pub i_in2: usize,
    /// The part of the output.
    pub i_out: usize,
    /// How the copies are connected.
    pub mode: ConnectionMode,
    /// Whether the path has weights.
    pub has_weight: bool,
    /// The variance of the path, relative to others that lead to the same part.
    pub path_weight: f64,
}

/// Why there is no such path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstructionError {
    /// A part that there is not.
    #[error("path {path}: there is no part {index} of {of}, which are `{irreps}`")]
    Index {
        /// The path's number.
        path: usize,
        /// The part.
        index: usize,
        /// `irreps_in1`, `irreps_in2` or `irreps_out`.
        of: &'static str,
        /// What there is.
        irreps: Irreps,
    },
    /// The product of two irreps has no such part.
    #[error("path {path}: `{in1}` x `{in2}` has no part `{out}`")]
    Selection {
        /// The path's number.
        path: usize,
        /// A part of the first input.
        in1: MulIr,
        /// A part of the second input.
        in2: MulIr,
        /// A part of the output.
        out: MulIr,
    },
    /// The numbers of copies do not fit the connection.
    #[error("path {path}: copies of `{in1}`, `{in2}` and `{out}` cannot be connected as `{mode}`{reason}")]
    Copies {
        /// The path's number.
        path: usize,
        /// The connection.
        mode: ConnectionMode,
        /// A part of the first input.
        in1: MulIr,
        /// A part of the second input.
        in2: MulIr,
        /// A part of the output.
        out: MulIr,
        /// What the connection asks for.
        reason: &'static str,
    },
    /// Weights of the module are the same for each element of a batch.
    #[error("internal weights are shared: with `shared_weights` false, `internal_weights` is false")]
    Weights,
    /// The variances of parts do not count as many as there are.
    #[error("{given} variances are given for `{irreps}`, which has {wanted} parts")]
    Variances {
        /// How many there are.
        given: usize,
        /// Of what.
        irreps: Irreps,
        /// How many there should be.
        wanted: usize,
    },
    /// Two inputs of different lengths are multiplied copy by copy.
    #[error("`{in1}` and `{in2}` have different numbers of irreps")]
    Elementwise {
        /// The first input.
        in1: Irreps,
        /// The second input.
        in2: Irreps,
    },
}

/// The parts of a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub in1: MulIr,
    pub in2: MulIr,
    pub out: MulIr,
}

/// What of a Wigner 3j symbol has to be summed: with a scalar, it is a multiple of the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// All of it.
    Full,
    /// The first input is a scalar, so the output has the index of the second.
    Scalar1,
    /// The second input is.
    Scalar2,
    /// The output is, so the inputs have the same index.
    ScalarOut,
}

impl Parts {
    pub fn symbol(&self) -> Symbol {
        match [self.in1.ir.l, self.in2.ir.l, self.out.ir.l] {
            [0, _, _] => Symbol::Scalar1,
            [_, 0, _] => Symbol::Scalar2,
            [_, _, 0] => Symbol::ScalarOut,
            _ => Symbol::Full,
        }
    }
}

impl Instruction {
    /// A path of variance 1.
    pub fn new(
        i_in1: usize,
        i_in2: usize,
        i_out: usize,
        mode: ConnectionMode,
        has_weight: bool,
    ) -> Instruction {
        Instruction { i_in1, i_in2, i_out, mode, has_weight, path_weight: 1.0 }
    }

    /// The parts that it connects, checked.
    pub(super) fn parts(&self, path: usize, all: [&Irreps; 3]) -> Result<Parts, InstructionError> {
        let part = |index: usize, of, irreps: &Irreps| {
            irreps.get(index).copied().ok_or_else(|| InstructionError::Index {
                path,
                index,
                of,
                irreps: irreps.clone(),
            })
        };
        let in1 = part(self.i_in1, "irreps_in1", all[0])?;
        let in2 = part(self.i_in2, "irreps_in2", all[1])?;
        let out = part(self.i_out, "irreps_out", all[2])?;
        if !(in1.ir * in2.ir).contains(&out.ir) {
            return Err(InstructionError::Selection { path, in1, in2, out });
        }
        let (mode, [m1, m2, m3]) = (self.mode, [in1.mul, in2.mul, out.mul]);
        let misfit = match mode {
            ConnectionMode::Uvw if !self.has_weight => Some(" without weights"),
            ConnectionMode::Uvu if m1 != m3 => Some(": the output has as many as the first input"),
            ConnectionMode::Uvv if m2 != m3 => Some(": the output has as many as the second input"),
            ConnectionMode::Uuw if m1 != m2 => Some(": both inputs have as many"),
            ConnectionMode::Uuw if !self.has_weight && m3 != 1 => {
                Some(" without weights, unless the output has one")
            }
            ConnectionMode::Uuu if m1 != m2 || m2 != m3 => Some(": all have as many"),
            ConnectionMode::Uvuv if m1 * m2 != m3 => Some(": the output has one for each pair"),
            ConnectionMode::UvuLessV if m1 != m2 || m1 * (m1 - 1) / 2 != m3 => {
                Some(": the output has one for each pair, of equal inputs")
            }
            ConnectionMode::ULessVw if !self.has_weight => Some(" without weights"),
            ConnectionMode::ULessVw if m1 != m2 => Some(": both inputs have as many"),
            _ => None,
        };
        match misfit {
            Some(reason) => Err(InstructionError::Copies { path, mode, in1, in2, out, reason }),
            None => Ok(Parts { in1, in2, out }),
        }
    }
}

impl ConnectionMode {
    /// All of them.
    pub const ALL: [ConnectionMode; 8] = [
        ConnectionMode::Uvw,
        ConnectionMode::Uvu,
        ConnectionMode::Uvv,
        ConnectionMode::Uuw,
        ConnectionMode::Uuu,
        ConnectionMode::Uvuv,
        ConnectionMode::UvuLessV,
        ConnectionMode::ULessVw,
    ];

    /// The shape of a path's weights.
    pub(super) fn weight_shape(self, Parts { in1, in2, out }: Parts) -> Vec<i64> {
        let (m1, m2, m3) = (in1.mul, in2.mul, out.mul);
        match self {
            ConnectionMode::Uvw => vec![m1, m2, m3],
            ConnectionMode::Uvu | ConnectionMode::Uvv | ConnectionMode::Uvuv => vec![m1, m2],
            ConnectionMode::Uuw => vec![m1, m3],
            ConnectionMode::Uuu => vec![m1],
            ConnectionMode::UvuLessV => vec![m1 * (m2 - 1) / 2],
            ConnectionMode::ULessVw => vec![m1 * (m2 - 1) / 2, m3],
        }
    }

    /// How many products are summed into one copy of the output.
    pub(super) fn num_elements(self, Parts { in1, in2, .. }: Parts) -> i64 {
        match self {
            ConnectionMode::Uvw => in1.mul * in2.mul,
            ConnectionMode::Uvu => in2.mul,
            ConnectionMode::Uvv | ConnectionMode::Uuw => in1.mul,
            ConnectionMode::Uuu | ConnectionMode::Uvuv | ConnectionMode::UvuLessV => 1,
            ConnectionMode::ULessVw => in1.mul * (in2.mul - 1) / 2,
        }
    }

    /// Einstein's sums for it: of the inputs and the Wigner 3j symbol, and of that with the weights, which come last.
    /// `z` is the batch; only weights that are not shared have it.
    pub(super) fn equations(
        self,
        has_weight: bool,
        shared_weights: bool,
        symbol: Symbol,
    ) -> (String, String) {
        let z = if shared_weights { "" } else { "z" };
        let (product, indices, weights) = match (self, has_weight) {
            (ConnectionMode::Uvw, _) => ("zui,zvj->zuvk", "zuvk", "uvw->zwk"),
            (ConnectionMode::Uvu, true) => ("zui,zvj->zuvk", "zuvk", "uv->zuk"),
            (ConnectionMode::Uvu, false) => ("zui,zvj->zuk", "", ""),
            (ConnectionMode::Uvv, true) => ("zui,zvj->zuvk", "zuvk", "uv->zvk"),
            (ConnectionMode::Uvv, false) => ("zui,zvj->zvk", "", ""),
            (ConnectionMode::Uvuv, _) => ("zui,zvj->zuvk", "zuvk", "uv->zuvk"),
            // Pairs are chosen before, so that these go pair by pair.
            (ConnectionMode::Uuu | ConnectionMode::UvuLessV, _) => ("zui,zuj->zuk", "zuk", "u->zuk"),
            (ConnectionMode::Uuw, false) => ("zui,zuj->zk", "", ""),
            (ConnectionMode::Uuw | ConnectionMode::ULessVw, _) => ("zui,zuj->zuk", "zuk", "uw->zwk"),
        };
        let weighted = if has_weight { format!("{indices},{z}{weights}") } else { String::new() };
        match symbol {
            Symbol::Full => (product.replace("->", ",ijk->"), weighted),
            Symbol::Scalar1 => (product.replace('k', "j"), weighted),
            Symbol::Scalar2 => (product.replace('k', "i"), weighted),
            Symbol::ScalarOut => (product.replace('j', "i").replace('k', ""), weighted.replace('k', "")),
        }
    }

    /// Whether only pairs `u < v` are multiplied.
    pub(super) fn is_triangular(self) -> bool {
        matches!(self, ConnectionMode::UvuLessV | ConnectionMode::ULessVw)
    }
}

impl Display for ConnectionMode {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ConnectionMode::Uvw => "uvw",
            ConnectionMode::Uvu => "uvu",
            ConnectionMode::Uvv => "uvv",
            ConnectionMode::Uuw => "uuw",
            ConnectionMode::Uuu => "uuu",
            ConnectionMode::Uvuv => "uvuv",
            ConnectionMode::UvuLessV => "uvu<v",
            ConnectionMode::ULessVw => "u<vw",
        })
    }
}
