//! Tensor products whose paths follow from the irreps: `e3nn.o3.FullyConnectedTensorProduct`,
//! `ElementwiseTensorProduct`, `FullTensorProduct` and `TensorSquare`.

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

use super::instruction::{ConnectionMode, Instruction, InstructionError};
use super::tensor_product::{IrrepNormalization, ProductOptions, TensorProduct};
use crate::irreps::{Irrep, Irreps, MulIr, irreps};

impl TensorProduct {
    /// All paths from the inputs to the output, each with weights: `e3nn.o3.FullyConnectedTensorProduct`.
    ///
    /// # Errors
    ///
    /// Weights that are the module's and not shared.
    pub fn fully_connected(
        vs: &nn::Path,
        irreps_in1: &Irreps,
        irreps_in2: &Irreps,
        irreps_out: &Irreps,
        options: ProductOptions,
    ) -> Result<Self, InstructionError> {
        let mut instructions = vec![];
        for (i_1, in1) in irreps_in1.iter().enumerate() {
            for (i_2, in2) in irreps_in2.iter().enumerate() {
                for (i_out, out) in irreps_out.iter().enumerate() {
                    if (in1.ir * in2.ir).contains(&out.ir) {
                        instructions.push(Instruction::new(i_1, i_2, i_out, ConnectionMode::Uvw, true));
                    }
                }
            }
        }
        TensorProduct::new(vs, irreps_in1, irreps_in2, irreps_out, &instructions, &options)
    }

    /// The inputs multiplied copy by copy, without weights: `e3nn.o3.ElementwiseTensorProduct`. The inputs are
    /// simplified; `filter_ir_out` says which irreps the output has, all by default.
    ///
    /// # Errors
    ///
    /// Inputs of different numbers of irreps.
    pub fn elementwise(
        vs: &nn::Path,
        irreps_in1: &Irreps,
        irreps_in2: &Irreps,
        filter_ir_out: Option<&[Irrep]>,
        options: ProductOptions,
    ) -> Result<Self, InstructionError> {
        let (in1, in2) = (irreps_in1.simplify(), irreps_in2.simplify());
        if in1.num_irreps() != in2.num_irreps() {
            return Err(InstructionError::Elementwise { in1, in2 });
        }
        // Parts are cut where a part of the other input ends.
        let (in1, in2) = (cut(&in1, &in2), cut(&in2, &in1));
        let (mut out, mut instructions) = (vec![], vec![]);
        for (i, (a, b)) in in1.iter().zip(&in2).enumerate() {
            for ir in products(*a, *b, filter_ir_out) {
                instructions.push(Instruction::new(i, i, out.len(), ConnectionMode::Uuu, false));
                out.push(MulIr::new(a.mul, ir));
            }
        }
        TensorProduct::new(vs, &in1, &in2, &Irreps::new(out), &instructions, &options)
    }

    /// All products of copies of the inputs, without weights: `e3nn.o3.FullTensorProduct`. The inputs are simplified,
    /// the output is sorted.
    ///
    /// # Errors
    ///
    /// Variances of other numbers than there are parts.
    pub fn full(
        vs: &nn::Path,
        irreps_in1: &Irreps,
        irreps_in2: &Irreps,
        filter_ir_out: Option<&[Irrep]>,
        options: ProductOptions,
    ) -> Result<Self, InstructionError> {
        let (in1, in2) = (irreps_in1.simplify(), irreps_in2.simplify());
        let (mut out, mut instructions) = (vec![], vec![]);
        for (i_1, a) in in1.iter().enumerate() {
            for (i_2, b) in in2.iter().enumerate() {
                for ir in products(*a, *b, filter_ir_out) {
                    instructions.push(Instruction::new(i_1, i_2, out.len(), ConnectionMode::Uvuv, false));
                    out.push(MulIr::new(a.mul * b.mul, ir));
                }
            }
        }
        let (out, instructions) = sorted(out, instructions);
        TensorProduct::new(vs, &in1, &in2, &out, &instructions, &options)
    }
}

/// The irreps in the product of two parts, among those that are kept.
fn products(a: MulIr, b: MulIr, keep: Option<&[Irrep]>) -> impl Iterator<Item = Irrep> {
    (a.ir * b.ir).into_iter().filter(move |it| keep.is_none_or(|keep| keep.contains(it)))
}

/// `irreps`, with each part cut where a part of `other` ends.
fn cut(irreps: &Irreps, other: &Irreps) -> Irreps {
    let ends = |irreps: &Irreps| {
        let mut end = 0;
        let ends = irreps.iter().map(|it| {
            end += it.mul;
            end
        });
        ends.collect::<Vec<i64>>()
    };
    let mut all = [ends(irreps), ends(other)].concat();
    all.sort_unstable();
    all.dedup();
    let of = |end: i64| ends(irreps).iter().position(|it| end <= *it).map(|i| irreps[i].ir);
    let mut start = 0;
    let part = |&end: &i64| {
        let mul = end - start;
        start = end;
        Some(MulIr::new(mul, of(end)?))
    };
    all.iter().filter_map(part).collect()
}

/// The output's parts in order, and the instructions that lead there.
fn sorted(out: Vec<MulIr>, mut instructions: Vec<Instruction>) -> (Irreps, Vec<Instruction>) {
    let sorted = Irreps::new(out).sort();
    instructions.iter_mut().for_each(|it| it.i_out = sorted.p[it.i_out]);
    (sorted.irreps, instructions)
}

/// The tensor product of a vector with itself: `e3nn.o3.TensorSquare`. From \[…, `irreps_in.dim()`\] to
/// \[…, `irreps_out.dim()`\].
#[compile_mode(script)]
#[derive(Debug)]
pub struct TensorSquare {
    /// The input.
    pub irreps_in: Irreps,
    /// The output.
    pub irreps_out: Irreps,
    product: TensorProduct,
}

#[methods]
impl TensorSquare {
    /// `x` of shape \[…, `irreps_in.dim()`\]; `weight` as in [`TensorProduct::forward`].
    pub fn forward(&self, x: &Tensor, weight: Option<&Tensor>) -> Tensor {
        self.product.forward(x, x, weight)
    }

    #[auto_jitable(tolerance = 1e-4)]
    fn small(vs: &nn::Path) -> Self {
        TensorSquare::full(vs, &irreps("2x0e+2x1o"), None, IrrepNormalization::Component)
            .expect("all paths there are")
    }

    #[auto_jitable(tolerance = 1e-4)]
    fn small_with_weights(vs: &nn::Path) -> Self {
        let options = ProductOptions::default();
        TensorSquare::fully_connected(vs, &irreps("3x0e+2x1o"), &irreps("2x0e+1e+2e"), options)
            .expect("all paths there are")
    }
}

impl TensorSquare {
    /// All products of two copies, without weights.
    ///
    /// # Errors
    ///
    /// None so far.
    pub fn full(
        vs: &nn::Path,
        irreps_in: &Irreps,
        filter_ir_out: Option<&[Irrep]>,
        normalization: IrrepNormalization,
    ) -> Result<Self, InstructionError> {
        let irreps_in = irreps_in.simplify();
        let (mut out, mut instructions) = (vec![], vec![]);
        for (i_1, a) in irreps_in.iter().enumerate() {
            for (i_2, b) in irreps_in.iter().enumerate().skip(i_1) {
                for ir in products(*a, *b, filter_ir_out) {
                    let mut add = |mode, mul, path_weight| {
                        let path = Instruction::new(i_1, i_2, out.len(), mode, false);
                        instructions.push(Instruction { path_weight, ..path });
                        out.push(MulIr::new(mul, ir));
                    };
                    let of_pairs = of_pairs(*a, *b, ir, normalization);
                    if i_1 < i_2 {
                        add(ConnectionMode::Uvuv, a.mul * b.mul, of_pairs);
                        continue;
                    }
                    if a.mul > 1 {
                        add(ConnectionMode::UvuLessV, a.mul * (a.mul - 1) / 2, of_pairs);
                    }
                    if ir.l % 2 == 0 {
                        add(ConnectionMode::Uuu, a.mul, of_squares(*a, ir, normalization));
                    }
                }
            }
        }
        let (irreps_out, instructions) = sorted(out, instructions);
        TensorSquare::new(vs, irreps_in, irreps_out, &instructions, ProductOptions::default())
    }

    /// All paths to the output, which is simplified, each with weights.
    ///
    /// # Errors
    ///
    /// Weights that are the module's and not shared.
    pub fn fully_connected(
        vs: &nn::Path,
        irreps_in: &Irreps,
        irreps_out: &Irreps,
        options: ProductOptions,
    ) -> Result<Self, InstructionError> {
        let (irreps_in, irreps_out) = (irreps_in.simplify(), irreps_out.simplify());
        let normalization = options.irrep_normalization;
        let mut instructions = vec![];
        for (i_1, a) in irreps_in.iter().enumerate() {
            for (i_2, b) in irreps_in.iter().enumerate().skip(i_1) {
                for (i_out, out) in
                    irreps_out.iter().enumerate().filter(|(_, it)| (a.ir * b.ir).contains(&it.ir))
                {
                    let mut add = |mode, path_weight| {
                        let path = Instruction::new(i_1, i_2, i_out, mode, true);
                        instructions.push(Instruction { path_weight, ..path });
                    };
                    let of_pairs = of_pairs(*a, *b, out.ir, normalization);
                    if i_1 < i_2 {
                        add(ConnectionMode::Uvw, of_pairs);
                        continue;
                    }
                    if a.mul > 1 {
                        add(ConnectionMode::ULessVw, of_pairs);
                    }
                    if out.ir.l % 2 == 0 {
                        add(ConnectionMode::Uuw, of_squares(*a, out.ir, normalization));
                    }
                }
            }
        }
        TensorSquare::new(vs, irreps_in, irreps_out, &instructions, options)
    }

    fn new(
        vs: &nn::Path,
        irreps_in: Irreps,
        irreps_out: Irreps,
        instructions: &[Instruction],
        options: ProductOptions,
    ) -> Result<Self, InstructionError> {
        // The paths' weights hold it.
        let options = ProductOptions { irrep_normalization: IrrepNormalization::None, ..options };
        let product = TensorProduct::new(vs, &irreps_in, &irreps_in, &irreps_out, instructions, &options)?;
        Ok(TensorSquare { irreps_in, irreps_out, product })
    }
}

/// The variance of products of different copies.
fn of_pairs(a: MulIr, b: MulIr, out: Irrep, normalization: IrrepNormalization) -> f64 {
    match normalization {
        IrrepNormalization::Component => out.dim() as f64,
        IrrepNormalization::Norm => (a.ir.dim() * b.ir.dim()) as f64,
        IrrepNormalization::None => 1.0,
    }
}

/// The variance of the square of a copy, which has no odd parts.
fn of_squares(a: MulIr, out: Irrep, normalization: IrrepNormalization) -> f64 {
    let (dim, dim_out) = (a.ir.dim() as f64, out.dim() as f64);
    match normalization {
        IrrepNormalization::Component if out.l == 0 => dim_out / (dim + 2.0),
        IrrepNormalization::Component => dim_out / 2.0,
        IrrepNormalization::Norm if out.l == 0 => dim_out * dim,
        IrrepNormalization::Norm => dim * (dim + 2.0) / 2.0,
        IrrepNormalization::None => 1.0,
    }
}
