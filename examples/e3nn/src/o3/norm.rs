//! Norms of irreps: `e3nn.o3.Norm`.

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

use super::instruction::{ConnectionMode, Instruction};
use super::tensor_product::{ProductOptions, TensorProduct};
use crate::irreps::{Irrep, Irreps, MulIr, Parity, irreps};

/// The norm of each copy. From \[…, `irreps_in.dim()`\] to \[…, `irreps_out.dim()`\], which are scalars.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Norm {
    /// The input, simplified.
    pub irreps_in: Irreps,
    /// The output, simplified.
    pub irreps_out: Irreps,
    #[jit(skip)]
    squared: bool,
    tp: TensorProduct,
}

#[methods]
impl Norm {
    /// `x` of shape \[…, `irreps_in.dim()`\].
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let squares = self.tp.forward(x, x, None);
        // The gradient of relu at zero is zero.
        if self.squared { squares } else { squares.relu().sqrt() }
    }

    #[auto_jitable]
    fn small(vs: &nn::Path) -> Self {
        Norm::new(vs, &irreps("2x0e+1x1o"), false)
    }
}

impl Norm {
    /// Of these irreps; `squared` gives the squares of the norms.
    pub fn new(vs: &nn::Path, irreps_in: &Irreps, squared: bool) -> Self {
        let irreps_in = irreps_in.simplify();
        let scalar = Irrep::new(0, Parity::Even);
        let irreps_out: Irreps = irreps_in.iter().map(|it| MulIr::new(it.mul, scalar)).collect();
        let square = |(i, it): (usize, &MulIr)| Instruction {
            path_weight: it.ir.dim() as f64,
            ..Instruction::new(i, i, i, ConnectionMode::Uuu, false)
        };
        let instructions: Vec<_> = irreps_in.iter().enumerate().map(square).collect();
        let options = ProductOptions::default();
        let tp =
            TensorProduct::new(&(vs / "tp"), &irreps_in, &irreps_in, &irreps_out, &instructions, &options);
        let tp = tp.expect("each irrep has a square that is a scalar");
        Norm { irreps_in, irreps_out: irreps_out.simplify(), squared, tp }
    }
}
