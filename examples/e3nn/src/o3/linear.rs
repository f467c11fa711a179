//! Linear maps between irreps: `e3nn.o3.Linear`.

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

use super::tensor_product::PathNormalization;
use crate::check::{last_dimension, leading, weights, with_batch};
use crate::irreps::{Irreps, irreps};

/// A path of a linear map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearInstruction {
    /// The part of the input.
    pub i_in: usize,
    /// The part of the output, of the same irrep.
    pub i_out: usize,
}

/// The arguments of [`Linear::new`] that have defaults.
#[derive(Clone, Debug, Default)]
pub struct LinearOptions {
    /// Features beside the irreps: how many come in and how many go out. The tensors have a dimension for them before
    /// the last.
    pub features: Option<(i64, i64)>,
    /// The paths; by default all there are.
    pub instructions: Option<Vec<LinearInstruction>>,
    /// Whether scalars of the output have biases.
    pub biases: bool,
    /// [`PathNormalization::None`] is taken as `Element`, which e3nn's `Linear` does not know.
    pub path_normalization: PathNormalization,
    /// Whether the module has the weights; by default it does if they are shared.
    pub internal_weights: Option<bool>,
    /// Whether the weights are the same for the whole batch; they are by default.
    pub shared_weights: Option<bool>,
}

/// A linear map that keeps irreps apart: `e3nn.o3.Linear`. From \[…, `irreps_in.dim()`\] to \[…, `irreps_out.dim()`\].
///
/// Copy `w` of a part of the output is the sum over paths of `c W(u, w) x(u)`, with `c = n^(-1/2)`: n is the number of
/// copies that are summed, over all paths to that part, or, where paths count the same, of the path times their number.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Linear {
    /// The input.
    pub irreps_in: Irreps,
    /// The output.
    pub irreps_out: Irreps,
    /// How many weights there are.
    pub weight_numel: i64,
    /// How many biases there are.
    pub bias_numel: i64,
    #[jit(constant)]
    shared_weights: bool,
    #[jit(constant)]
    has_features: bool,
    features_out: i64,
    /// Of shape \[`weight_numel`\], with features \[in, out, `weight_numel`\].
    pub weight: Tensor,
    /// Of shape \[`bias_numel`\], with features \[out, `bias_numel`\].
    pub bias: Tensor,
    /// 1 where a path leads to, else 0.
    pub output_mask: Tensor,
    outputs: Vec<LinearOutput>,
}

/// A part of the output.
#[compile_mode(script)]
#[derive(Debug)]
struct LinearOutput {
    mul: i64,
    dim: i64,
    #[jit(constant)]
    has_bias: bool,
    start_bias: i64,
    paths: Vec<LinearPath>,
}

/// A path.
#[compile_mode(script)]
#[derive(Debug)]
struct LinearPath {
    start: i64,
    mul: i64,
    dim: i64,
    mul_out: i64,
    start_weight: i64,
    coefficient: f64,
    equation: String,
}

#[methods]
impl LinearPath {
    /// `x` (n, \[in,\] dim), `weight` (\[n,\] \[in, out,\] weights).
    fn forward(&self, x: &Tensor, weight: &Tensor) -> Tensor {
        let x = x.narrow(-1, self.start, self.mul * self.dim);
        let x = x.reshape([&leading(&x)[..], &[self.mul, self.dim]].concat());
        let weight = weight.narrow(-1, self.start_weight, self.mul * self.mul_out);
        let weight = weight.reshape([&leading(&weight)[..], &[self.mul, self.mul_out]].concat());
        Tensor::einsum(&self.equation, &[&x, &weight], None::<i64>) * self.coefficient
    }
}

#[methods]
impl LinearOutput {
    fn forward(&self, x: &Tensor, weight: &Tensor, bias: &Tensor, size: &[i64]) -> Tensor {
        let mut sum = x.new_zeros([size, &[self.mul, self.dim]].concat(), (x.kind(), x.device()));
        for path in &self.paths {
            sum += path.forward(x, weight);
        }
        if self.has_bias {
            sum += bias.narrow(-1, self.start_bias, self.mul).unsqueeze(-1);
        }
        sum.flatten(-2, -1)
    }
}

#[methods]
impl Linear {
    /// `x` of shape \[…, `irreps_in.dim()`\], with features \[…, in, `irreps_in.dim()`\]. `weight` and `bias` are given
    /// where the module has none; they begin with the dimensions of the batch where they are not shared.
    ///
    /// # Panics
    ///
    /// Where the shapes are others, or there are no weights.
    pub fn forward(&self, x: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>) -> Tensor {
        let x = last_dimension(x, &self.irreps_in, "x");
        let weight = weights(weight, &self.weight, self.weight_numel, "weight");
        let bias = weights(bias, &self.bias, self.bias_numel, "bias");
        let n_kept = if self.has_features { 2 } else { 1 };
        let size = x.size();
        let batch = &size[..size.len() - n_kept];
        let n: i64 = batch.iter().product();
        let x = with_batch(&x, n, n_kept as i64);
        let weight = if self.shared_weights || self.weight_numel == 0 {
            weight
        } else {
            with_batch(&weight, n, if self.has_features { 3 } else { 1 })
        };
        let bias = if self.shared_weights || self.bias_numel == 0 {
            bias
        } else {
            with_batch(&bias, n, n_kept as i64)
        };
        let size = if self.has_features { vec![n, self.features_out] } else { vec![n] };
        let mut parts = vec![x.new_zeros([&size[..], &[0]].concat(), (x.kind(), x.device()))];
        for output in &self.outputs {
            parts.push(output.forward(&x, &weight, &bias, &size));
        }
        let result = Tensor::cat(&parts, -1);
        let result_size = result.size();
        result.reshape([batch, &result_size[1..]].concat())
    }

    #[auto_jitable(tolerance = 1e-4)]
    fn small(vs: &nn::Path) -> Self {
        let options = LinearOptions { biases: true, ..Default::default() };
        Linear::new(vs, &irreps("4x0e+3x1o+2x0e"), &irreps("2x1o+3x0e"), &options)
    }
}

impl Linear {
    /// Between these irreps.
    ///
    /// # Panics
    ///
    /// Where an instruction names a part that there is not, or parts of two irreps; where weights are the module's and
    /// not shared.
    #[track_caller]
    pub fn new(vs: &nn::Path, irreps_in: &Irreps, irreps_out: &Irreps, options: &LinearOptions) -> Self {
        let all = || {
            let pairs =
                (0..irreps_in.len()).flat_map(|i_in| (0..irreps_out.len()).map(move |i_out| (i_in, i_out)));
            let equal = pairs.filter(|&(i_in, i_out)| irreps_in[i_in].ir == irreps_out[i_out].ir);
            equal.map(|(i_in, i_out)| LinearInstruction { i_in, i_out }).collect()
        };
        let instructions: Vec<LinearInstruction> = options.instructions.clone().unwrap_or_else(all);
        for &LinearInstruction { i_in, i_out } in &instructions {
            assert!(i_in < irreps_in.len(), "{i_in} is not a valid index for irreps_in");
            assert!(i_out < irreps_out.len(), "{i_out} is not a valid index for irreps_out");
            assert_eq!(
                irreps_in[i_in].ir, irreps_out[i_out].ir,
                "{i_in} and {i_out} do not have the same irrep"
            );
        }
        let shared_weights = options.shared_weights.unwrap_or(true);
        let internal_weights = options.internal_weights.unwrap_or(shared_weights);
        assert!(shared_weights || !internal_weights, "internal weights are shared");
        let n_features_in = options.features.map_or(1, |(n, _)| n);
        let equation = match (options.features.is_some(), shared_weights) {
            (false, true) => "zui,uw->zwi",
            (false, false) => "zui,zuw->zwi",
            (true, true) => "zfui,fguw->zgwi",
            (true, false) => "zfui,zfguw->zgwi",
        };

        let slices = irreps_in.slices();
        let (mut weight_numel, mut bias_numel) = (0, 0);
        let mut outputs: Vec<LinearOutput> = vec![];
        for it in irreps_out {
            let has_bias = options.biases && it.ir.is_scalar();
            outputs.push(LinearOutput {
                mul: it.mul,
                dim: it.ir.dim(),
                has_bias,
                start_bias: bias_numel,
                paths: vec![],
            });
            bias_numel += if has_bias { it.mul } else { 0 };
        }
        for &LinearInstruction { i_in, i_out } in &instructions {
            let beside = instructions.iter().filter(|it| it.i_out == i_out);
            let copies = match options.path_normalization {
                PathNormalization::Path => beside.map(|_| irreps_in[i_in].mul).sum::<i64>(),
                PathNormalization::Element | PathNormalization::None => {
                    beside.map(|it| irreps_in[it.i_in].mul).sum()
                }
            };
            let copies = copies * n_features_in;
            let (mul, mul_out) = (irreps_in[i_in].mul, irreps_out[i_out].mul);
            let start_weight = weight_numel;
            weight_numel += mul * mul_out;
            if mul * mul_out == 0 {
                continue;
            }
            outputs[i_out].paths.push(LinearPath {
                start: slices[i_in].start,
                mul,
                dim: irreps_in[i_in].ir.dim(),
                mul_out,
                start_weight,
                coefficient: (copies.max(1) as f64).powf(-0.5),
                equation: equation.to_owned(),
            });
        }

        let kind = (vs.kind(), vs.device());
        let none = |name| vs.add(name, Tensor::zeros([0], kind), false);
        let (features_in, features_out) = match options.features {
            Some((n, m)) => (vec![n, m], vec![m]),
            None => (vec![], vec![]),
        };
        let weight = if internal_weights && weight_numel > 0 {
            vs.randn_standard("weight", &[&features_in[..], &[weight_numel]].concat())
        } else {
            none("weight")
        };
        let bias = if internal_weights && bias_numel > 0 {
            vs.zeros("bias", &[&features_out[..], &[bias_numel]].concat())
        } else {
            none("bias")
        };
        let mask = outputs.iter().map(|it| {
            let is_reached = !it.paths.is_empty() || it.has_bias;
            Tensor::full([it.mul * it.dim], if is_reached { 1.0 } else { 0.0 }, kind)
        });
        let empty = Tensor::zeros([0], kind);
        let output_mask = Tensor::cat(&std::iter::once(empty).chain(mask).collect::<Vec<_>>(), 0);
        Linear {
            irreps_in: irreps_in.clone(),
            irreps_out: irreps_out.clone(),
            weight_numel,
            bias_numel,
            shared_weights,
            has_features: options.features.is_some(),
            features_out: options.features.map_or(1, |(_, m)| m),
            weight,
            bias,
            output_mask: vs.add("output_mask", output_mask, false),
            outputs,
        }
    }
}
