//! Parts of irreps: `e3nn.nn.Extract` and `ExtractIr`.

use tch::{Tensor, nn};
use tch_jit::{ScriptType, compile_mode, methods};

use crate::check::last_dimension;
use crate::irreps::{Irrep, Irreps, irreps};

/// Where a part lies in the input.
#[derive(Clone, Debug, ScriptType)]
struct Slice {
    start: i64,
    len: i64,
}

/// Several vectors, each of parts of the input: `e3nn.nn.Extract`. From \[…, `irreps_in.dim()`\] to one tensor
/// \[…, `irreps_outs[i].dim()`\] for each output.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Extract {
    /// The input.
    pub irreps_in: Irreps,
    /// The outputs.
    pub irreps_outs: Vec<Irreps>,
    /// The parts of each output, in order.
    slices: Vec<Vec<Slice>>,
}

#[methods]
impl Extract {
    /// `x` of shape \[…, `irreps_in.dim()`\].
    pub fn forward(&self, x: &Tensor) -> Vec<Tensor> {
        let x = last_dimension(x, &self.irreps_in, "x");
        let mut outputs = vec![];
        for slices in &self.slices {
            let mut parts = vec![x.narrow(-1, 0, 0)];
            for slice in slices {
                parts.push(x.narrow(-1, slice.start, slice.len));
            }
            outputs.push(Tensor::cat(&parts, -1));
        }
        outputs
    }

    #[auto_jitable]
    fn small() -> Self {
        Extract::new(&irreps("1e+0e+0e"), &[irreps("0e"), irreps("0e+1e")], &[vec![1], vec![2, 0]])
    }
}

impl Extract {
    /// Output `i` is of the parts `instructions[i]` of the input.
    ///
    /// # Panics
    ///
    /// Where there are no such parts, or they are others than `irreps_outs` says.
    #[track_caller]
    pub fn new(irreps_in: &Irreps, irreps_outs: &[Irreps], instructions: &[Vec<usize>]) -> Self {
        assert_eq!(irreps_outs.len(), instructions.len(), "each output has instructions");
        for (irreps_out, parts) in irreps_outs.iter().zip(instructions) {
            let found: Irreps = parts.iter().map(|&i| irreps_in[i]).collect();
            assert_eq!(*irreps_out, found, "the output is not of these parts of `{irreps_in}`");
        }
        let all = irreps_in.slices();
        let slice = |&i: &usize| Slice { start: all[i].start, len: all[i].end - all[i].start };
        let slices = instructions.iter().map(|parts| parts.iter().map(slice).collect()).collect();
        let (irreps_in, irreps_outs) = (irreps_in.clone(), irreps_outs.to_vec());
        Extract { irreps_in, irreps_outs, slices }
    }
}

/// All copies of one irrep: `e3nn.nn.ExtractIr`.
#[compile_mode(script)]
#[derive(Debug)]
pub struct ExtractIr {
    /// The input.
    pub irreps_in: Irreps,
    /// The output.
    pub irreps_out: Irreps,
    extract: Extract,
}

#[methods]
impl ExtractIr {
    /// `x` of shape \[…, `irreps_in.dim()`\].
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let parts = self.extract.forward(x);
        parts[0].shallow_clone()
    }

    #[auto_jitable]
    fn small(_vs: &nn::Path) -> Self {
        ExtractIr::new(&irreps("1e+2x0e+0e"), Irrep::new(0, crate::Parity::Even))
    }
}

impl ExtractIr {
    /// All copies of `ir` in these irreps.
    pub fn new(irreps_in: &Irreps, ir: Irrep) -> Self {
        let parts: Vec<usize> = (0..irreps_in.len()).filter(|&i| irreps_in[i].ir == ir).collect();
        let irreps_out: Irreps = parts.iter().map(|&i| irreps_in[i]).collect();
        let extract = Extract::new(irreps_in, std::slice::from_ref(&irreps_out), &[parts]);
        ExtractIr { irreps_in: irreps_in.clone(), irreps_out, extract }
    }
}
