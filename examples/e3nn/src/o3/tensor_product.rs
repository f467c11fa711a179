//! Tensor products with paths: `e3nn.o3.TensorProduct`. What a path does is decided when the module is built, as
//! Einstein's sums; the module is a list of its outputs' parts, each a list of the paths that lead there.

use tch::{Kind, Tensor, nn};
use tch_jit::{compile_mode, methods};

use super::instruction::{Instruction, InstructionError, Parts, Symbol};
use super::wigner::wigner_3j;
use crate::check::{broadcast, last_dimension, leading, weights};
use crate::irreps::{Irreps, irreps};

/// What the irreps of inputs and outputs are normalized by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IrrepNormalization {
    /// Each component has variance 1.
    #[default]
    Component,
    /// Each copy has length 1.
    Norm,
    /// The Wigner 3j symbols are taken as they are.
    None,
}

/// What paths are weighted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathNormalization {
    /// Each pair of copies counts the same.
    #[default]
    Element,
    /// Each path counts the same.
    Path,
    /// Nothing.
    None,
}

/// The arguments of [`TensorProduct::new`] that have defaults.
#[derive(Clone, Debug, Default)]
pub struct ProductOptions {
    /// See there.
    pub irrep_normalization: IrrepNormalization,
    /// See there.
    pub path_normalization: PathNormalization,
    /// Whether the module has the weights. By default it does if they are shared and there are any.
    pub internal_weights: Option<bool>,
    /// Whether the weights are the same for the whole batch. They are by default.
    pub shared_weights: Option<bool>,
    /// The variance of each part of the first input; 1 by default.
    pub in1_var: Option<Vec<f64>>,
    /// Of the second input.
    pub in2_var: Option<Vec<f64>>,
    /// Of the output.
    pub out_var: Option<Vec<f64>>,
}

/// A tensor product with paths, and weights on them: `e3nn.o3.TensorProduct`.
///
/// From \[…, `irreps_in1.dim()`\] and \[…, `irreps_in2.dim()`\] to \[…, `irreps_out.dim()`\]; the dimensions before the
/// last are broadcast. The weights of all paths lie in one vector, `weight`, in the order of the instructions.
///
/// Part `k` of the output is the sum over paths of `c w C(l1, l2, l3) x y`, with the Wigner 3j symbol `C` and
/// `c = sqrt(alpha out_var path_weight / n)`: alpha is 2 l3 + 1 for component normalization, (2 l1 + 1) (2 l2 + 1) for
/// norm, and 1 for none; n is the number of products that are summed, weighted by the variances of the inputs, over all
/// paths to that part, or, where paths count the same, of the path times their number.
#[compile_mode(script)]
#[derive(Debug)]
pub struct TensorProduct {
    /// The first input.
    pub irreps_in1: Irreps,
    /// The second input.
    pub irreps_in2: Irreps,
    /// The output.
    pub irreps_out: Irreps,
    /// The paths.
    #[jit(skip)]
    pub instructions: Vec<Instruction>,
    /// How many weights there are.
    pub weight_numel: i64,
    /// Whether the module has them.
    #[jit(constant)]
    pub internal_weights: bool,
    /// Whether they are the same for the whole batch.
    #[jit(constant)]
    pub shared_weights: bool,
    dim1: i64,
    dim2: i64,
    /// Of shape \[`weight_numel`\], or \[0\] where the weights are given with the inputs.
    pub weight: Tensor,
    /// 1 where a path leads to, else 0.
    pub output_mask: Tensor,
    outputs: Vec<Output>,
}

/// A part of the output.
#[compile_mode(script)]
#[derive(Debug)]
struct Output {
    dim: i64,
    paths: Vec<Path>,
}

/// A path.
#[compile_mode(script)]
#[derive(Debug)]
struct Path {
    #[jit(constant)]
    has_weight: bool,
    #[jit(constant)]
    is_triangular: bool,
    #[jit(constant)]
    shared_weights: bool,
    start1: i64,
    mul1: i64,
    dim1: i64,
    start2: i64,
    mul2: i64,
    dim2: i64,
    dim_out: i64,
    start_weight: i64,
    weight_shape: Vec<i64>,
    /// The sum of the inputs and the Wigner 3j symbol, and of that and the weights.
    product: String,
    weighted: String,
    /// The Wigner 3j symbol, with the path's coefficient; where it is a multiple of the identity, there is the multiple.
    wigner: Option<Tensor>,
    multiple: f64,
    /// The symbol is first multiplied by the input with fewer copies.
    order: Vec<i64>,
}

#[methods]
impl Path {
    /// `x` (n, dim1), `y` (n, dim2), `weight` (weights) or (n, weights).
    fn forward(&self, x: &Tensor, y: &Tensor, weight: &Tensor) -> Tensor {
        let n = x.size()[0];
        let mut x = x.narrow(1, self.start1, self.mul1 * self.dim1).reshape([n, self.mul1, self.dim1]);
        let mut y = y.narrow(1, self.start2, self.mul2 * self.dim2).reshape([n, self.mul2, self.dim2]);
        if self.is_triangular {
            let pairs = Tensor::triu_indices(self.mul1, self.mul2, 1, (Kind::Int64, x.device()));
            x = x.index_select(1, &pairs.select(0, 0));
            y = y.index_select(1, &pairs.select(0, 1));
        }
        let product = match &self.wigner {
            Some(wigner) => Tensor::einsum(&self.product, &[&x, &y, wigner], &self.order[..]),
            None => Tensor::einsum(&self.product, &[&(x * self.multiple), &y], None::<i64>),
        };
        let product = if self.has_weight {
            let mut shape: Vec<i64> = if self.shared_weights { vec![] } else { vec![n] };
            let mut numel = 1;
            for size in &self.weight_shape {
                shape.push(*size);
                numel *= *size;
            }
            let weight = weight.narrow(-1, self.start_weight, numel).reshape(shape);
            Tensor::einsum(&self.weighted, &[&product, &weight], None::<i64>)
        } else {
            product
        };
        product.reshape([n, self.dim_out])
    }
}

#[methods]
impl Output {
    fn forward(&self, x: &Tensor, y: &Tensor, weight: &Tensor) -> Tensor {
        let mut sum = x.new_zeros([x.size()[0], self.dim], (x.kind(), x.device()));
        for path in &self.paths {
            sum += path.forward(x, y, weight);
        }
        sum
    }
}

#[methods]
impl TensorProduct {
    /// `x` of shape \[…, `irreps_in1.dim()`\], `y` of shape \[…, `irreps_in2.dim()`\]; `weight` of shape
    /// \[`weight_numel`\], or \[…, `weight_numel`\] where weights are not shared.
    ///
    /// # Panics
    ///
    /// Where the shapes are others, or there are no weights.
    pub fn forward(&self, x: &Tensor, y: &Tensor, weight: Option<&Tensor>) -> Tensor {
        let x = last_dimension(x, &self.irreps_in1, "x");
        let y = last_dimension(y, &self.irreps_in2, "y");
        let weight = self.weights(weight);
        let mut size = broadcast(&leading(&x), &leading(&y));
        if !self.shared_weights {
            size = broadcast(&size, &leading(&weight));
        }
        let n: i64 = size.iter().product();
        let x = x.expand([&size[..], &[self.dim1]].concat(), false).reshape([n, self.dim1]);
        let y = y.expand([&size[..], &[self.dim2]].concat(), false).reshape([n, self.dim2]);
        let weight = if self.shared_weights {
            weight
        } else {
            weight.expand([&size[..], &[self.weight_numel]].concat(), false).reshape([n, self.weight_numel])
        };
        let mut parts = vec![x.narrow(1, 0, 0)];
        for output in &self.outputs {
            parts.push(output.forward(&x, &y, &weight));
        }
        let result = Tensor::cat(&parts, 1);
        let dim_out = result.size()[1];
        result.reshape([&size[..], &[dim_out]].concat())
    }

    /// The matrices that `y` multiplies the first input by: of shape \[…, `irreps_in1.dim()`, `irreps_out.dim()`\].
    ///
    /// # Panics
    ///
    /// As [`TensorProduct::forward`].
    #[export]
    pub fn right(&self, y: &Tensor, weight: Option<&Tensor>) -> Tensor {
        let basis = Tensor::eye(self.dim1, (y.kind(), y.device()));
        let weight = self.weights(weight);
        let weight = if self.shared_weights { weight } else { weight.unsqueeze(-2) };
        self.forward(&basis, &y.unsqueeze(-2), Some(&weight))
    }

    fn weights(&self, weight: Option<&Tensor>) -> Tensor {
        let weight = weights(weight, &self.weight, self.weight_numel, "weight");
        assert!(
            self.weight_numel == 0 || (weight.dim() > 1) != self.shared_weights,
            "Invalid weight shape: weights have a batch where, and only where, they are not shared"
        );
        weight
    }

    #[auto_jitable(tolerance = 1e-4)]
    fn small(vs: &nn::Path) -> Self {
        let (in1, in2, out) = (irreps("2x0e+3x1o"), irreps("0e+1o+2e"), irreps("2x0e+2x1o+1e+2e"));
        TensorProduct::fully_connected(vs, &in1, &in2, &out, Default::default()).expect("all paths there are")
    }

    #[auto_jitable(tolerance = 1e-4)]
    fn small_elementwise(vs: &nn::Path) -> Self {
        let (in1, in2) = (irreps("2x0e+1o"), irreps("1e+2x2e"));
        TensorProduct::elementwise(vs, &in1, &in2, None, Default::default()).expect("both have three irreps")
    }

    #[auto_jitable(tolerance = 1e-4)]
    fn small_full(vs: &nn::Path) -> Self {
        TensorProduct::full(vs, &irreps("2x0e+1o"), &irreps("1e+2e"), None, Default::default())
            .expect("all paths")
    }
}

impl TensorProduct {
    /// With these paths.
    ///
    /// # Errors
    ///
    /// Paths that there are not, and weights that are the module's and not shared.
    pub fn new(
        vs: &nn::Path,
        irreps_in1: &Irreps,
        irreps_in2: &Irreps,
        irreps_out: &Irreps,
        instructions: &[Instruction],
        options: &ProductOptions,
    ) -> Result<Self, InstructionError> {
        let all = [irreps_in1, irreps_in2, irreps_out];
        let connect = |(i, it): (usize, &Instruction)| it.parts(i, all);
        let parts: Vec<Parts> = instructions.iter().enumerate().map(connect).collect::<Result<_, _>>()?;
        let coefficients = coefficients(instructions, &parts, all, options)?;

        let shared_weights = options.shared_weights.unwrap_or(true);
        let any_weights = instructions.iter().any(|it| it.has_weight);
        let internal_weights = options.internal_weights.unwrap_or(shared_weights && any_weights);
        if internal_weights && !shared_weights {
            return Err(InstructionError::Weights);
        }

        let (slices1, slices2) = (irreps_in1.slices(), irreps_in2.slices());
        let mut outputs: Vec<Output> =
            irreps_out.iter().map(|it| Output { dim: it.dim(), paths: vec![] }).collect();
        let mut weight_numel = 0;
        for (i, ((it, of), coefficient)) in instructions.iter().zip(&parts).zip(coefficients).enumerate() {
            let weight_shape = it.mode.weight_shape(*of);
            let numel: i64 = weight_shape.iter().product();
            let start_weight = weight_numel;
            if it.has_weight {
                weight_numel += numel;
            }
            // Python builds no code for a path without copies.
            if weight_shape.contains(&0) || of.out.mul == 0 || of.in1.mul == 0 || of.in2.mul == 0 {
                continue;
            }
            let (l1, l2, l3, symbol) = (of.in1.ir.l, of.in2.ir.l, of.out.ir.l, of.symbol());
            let (product, weighted) = it.mode.equations(it.has_weight, shared_weights, symbol);
            let wigner = (symbol == Symbol::Full).then(|| {
                let wigner = wigner_3j(l1, l2, l3) * coefficient;
                vs.add(&format!("wigner{i}"), wigner.to_kind(vs.kind()), false)
            });
            outputs[it.i_out].paths.push(Path {
                has_weight: it.has_weight,
                is_triangular: it.mode.is_triangular(),
                shared_weights,
                start1: slices1[it.i_in1].start,
                mul1: of.in1.mul,
                dim1: of.in1.ir.dim(),
                start2: slices2[it.i_in2].start,
                mul2: of.in2.mul,
                dim2: of.in2.ir.dim(),
                dim_out: of.out.dim(),
                start_weight,
                weight_shape,
                product,
                weighted,
                wigner,
                // All three are of norm 1, and two of them of the same dimension.
                multiple: coefficient / ((2 * l1.max(l2) + 1) as f64).sqrt(),
                order: if of.in1.mul < of.in2.mul { vec![0, 2, 0, 1] } else { vec![1, 2, 0, 1] },
            });
        }
        let options = (vs.kind(), vs.device());
        let weight = if internal_weights && weight_numel > 0 {
            vs.randn_standard("weight", &[weight_numel])
        } else {
            vs.add("weight", Tensor::zeros([0], options), false)
        };
        let is_reached = |i_out: usize| {
            let reaches = |(it, of): (&Instruction, &Parts)| {
                it.i_out == i_out && it.path_weight != 0.0 && !it.mode.weight_shape(*of).contains(&0)
            };
            instructions.iter().zip(&parts).any(reaches)
        };
        let mask = irreps_out.iter().enumerate().map(|(i, it)| {
            let value = if is_reached(i) { 1.0 } else { 0.0 };
            Tensor::full([it.dim()], value, options)
        });
        let none = Tensor::zeros([0], options);
        let output_mask = Tensor::cat(&std::iter::once(none).chain(mask).collect::<Vec<_>>(), 0);
        Ok(TensorProduct {
            irreps_in1: irreps_in1.clone(),
            irreps_in2: irreps_in2.clone(),
            irreps_out: irreps_out.clone(),
            instructions: instructions.to_vec(),
            weight_numel,
            internal_weights,
            shared_weights,
            dim1: irreps_in1.dim(),
            dim2: irreps_in2.dim(),
            weight,
            output_mask: vs.add("output_mask", output_mask, false),
            outputs,
        })
    }

    /// The weights of each path that has any, as views of `weight`, of the shape of its connection.
    pub fn weight_views(&self, weight: &Tensor) -> Vec<(usize, Tensor)> {
        let mut start = 0;
        let mut views = vec![];
        for (i, it) in self.instructions.iter().enumerate().filter(|(_, it)| it.has_weight) {
            let parts = it.parts(i, [&self.irreps_in1, &self.irreps_in2, &self.irreps_out]);
            let shape = it.mode.weight_shape(parts.expect("the paths were checked"));
            let numel: i64 = shape.iter().product();
            let size = weight.size();
            let shape = [&size[..size.len() - 1], &shape].concat();
            views.push((i, weight.narrow(-1, start, numel).view(&shape[..])));
            start += numel;
        }
        views
    }
}

/// The factor of each path, see [`TensorProduct`].
fn coefficients(
    instructions: &[Instruction],
    parts: &[Parts],
    [in1, in2, out]: [&Irreps; 3],
    options: &ProductOptions,
) -> Result<Vec<f64>, InstructionError> {
    let variances = |given: &Option<Vec<f64>>, irreps: &Irreps| match given {
        Some(given) if given.len() != irreps.len() => Err(InstructionError::Variances {
            given: given.len(),
            irreps: irreps.clone(),
            wanted: irreps.len(),
        }),
        Some(given) => Ok(given.clone()),
        None => Ok(vec![1.0; irreps.len()]),
    };
    let var1 = variances(&options.in1_var, in1)?;
    let var2 = variances(&options.in2_var, in2)?;
    let var_out = variances(&options.out_var, out)?;
    let elements =
        |(it, of): (&Instruction, &Parts)| var1[it.i_in1] * var2[it.i_in2] * it.mode.num_elements(*of) as f64;
    let coefficient = |(it, of): (&Instruction, &Parts)| {
        let alpha = match options.irrep_normalization {
            IrrepNormalization::Component => of.out.ir.dim() as f64,
            IrrepNormalization::Norm => (of.in1.ir.dim() * of.in2.ir.dim()) as f64,
            IrrepNormalization::None => 1.0,
        };
        let beside = || instructions.iter().zip(parts).filter(|(other, _)| other.i_out == it.i_out);
        let n = match options.path_normalization {
            PathNormalization::Element => beside().map(elements).sum(),
            PathNormalization::Path => elements((it, of)) * beside().count() as f64,
            PathNormalization::None => 1.0,
        };
        let alpha = if n > 0.0 { alpha / n } else { alpha };
        (alpha * var_out[it.i_out] * it.path_weight).sqrt()
    };
    Ok(instructions.iter().zip(parts).map(coefficient).collect())
}
