//! Batch normalization of irreps: `e3nn.nn.BatchNorm`, which Python's e3nn cannot compile.

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

use crate::check::{dim, is_scalar, last_dimension};
use crate::irreps::{Irreps, Normalization, irreps};

/// How the norms of samples become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduce {
    /// Their mean.
    #[default]
    Mean,
    /// The largest.
    Max,
}

/// The arguments of [`BatchNorm::new`] that have defaults.
#[derive(Clone, Copy, Debug)]
pub struct BatchNormOptions {
    /// Added to variances; 1e-5 by default.
    pub eps: f64,
    /// The weight of a batch in the running statistics; 0.1 by default.
    pub momentum: f64,
    /// Whether there are weights; there are by default.
    pub affine: bool,
    /// How the norms of samples become one.
    pub reduce: Reduce,
    /// Whether each element of the batch is normalized for itself.
    pub instance: bool,
    /// Whether scalars have biases, beside weights; they have by default.
    pub include_bias: bool,
    /// What a variance is of: components or norms.
    pub normalization: Normalization,
}

impl Default for BatchNormOptions {
    fn default() -> Self {
        BatchNormOptions {
            eps: 1e-5,
            momentum: 0.1,
            affine: true,
            reduce: Reduce::Mean,
            instance: false,
            include_bias: true,
            normalization: Normalization::Component,
        }
    }
}

/// Normalizes irreps by their norms, and scalars by their means as well: `e3nn.nn.BatchNorm`. From
/// \[batch, …, `irreps_in.dim()`\] to the same.
#[compile_mode(script)]
#[derive(Debug)]
pub struct BatchNorm {
    /// Input and output.
    pub irreps_in: Irreps,
    eps: f64,
    momentum: f64,
    #[jit(constant)]
    instance: bool,
    #[jit(constant)]
    is_mean: bool,
    #[jit(constant)]
    is_component: bool,
    /// One for each scalar.
    pub running_mean: Option<Tensor>,
    /// One for each irrep.
    pub running_var: Option<Tensor>,
    /// One for each irrep.
    pub weight: Option<Tensor>,
    /// One for each scalar.
    pub bias: Option<Tensor>,
}

#[methods]
impl BatchNorm {
    /// `x` of shape \[batch, …, `irreps_in.dim()`\].
    pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let x = last_dimension(x, &self.irreps_in, "x");
        let (size, batch) = (x.size(), x.size()[0]);
        let x = x.reshape([batch, -1, size[size.len() - 1]]);
        let by_batch = train || self.instance;
        let mut fields = vec![x.narrow(2, 0, 0)];
        let (mut start, mut n_scalars, mut n_irreps) = (0, 0, 0);
        for part in &self.irreps_in.0 {
            let (mul, dim) = (part.mul, dim(&part.ir));
            let field = x.narrow(2, start, mul * dim).reshape([batch, -1, mul, dim]);
            let centred = if is_scalar(&part.ir) {
                let mean = if by_batch {
                    self.mean(&field, n_scalars, mul)
                } else {
                    running(self.running_mean.as_ref(), n_scalars, mul)
                };
                field - mean.reshape([-1, 1, mul, 1])
            } else {
                field
            };
            let var = if by_batch {
                self.variance(&centred, n_irreps, mul)
            } else {
                running(self.running_var.as_ref(), n_irreps, mul)
            };
            let scale = (var + self.eps).pow_tensor_scalar(-0.5);
            let scale = match &self.weight {
                Some(weight) => scale * weight.narrow(0, n_irreps, mul),
                None => scale,
            };
            let mut scaled = centred * scale.reshape([-1, 1, mul, 1]);
            if is_scalar(&part.ir) {
                if let Some(bias) = &self.bias {
                    scaled += bias.narrow(0, n_scalars, mul).reshape([mul, 1]);
                }
                n_scalars += mul;
            }
            n_irreps += mul;
            start += mul * dim;
            fields.push(scaled.reshape([batch, -1, mul * dim]));
        }
        Tensor::cat(&fields, 2).reshape(size)
    }

    /// The mean of scalars, of the batch or of each of its elements; notes the first.
    fn mean(&self, field: &Tensor, start: i64, mul: i64) -> Tensor {
        if self.instance {
            return field.mean_dim([1i64].as_slice(), false, field.kind()).reshape([-1, mul]);
        }
        let mean = field.mean_dim([0i64, 1].as_slice(), false, field.kind()).reshape([mul]);
        if let Some(running) = &self.running_mean {
            update(running, &mean, start, mul, self.momentum);
        }
        mean
    }

    /// The variance of irreps, in the same way.
    fn variance(&self, field: &Tensor, start: i64, mul: i64) -> Tensor {
        let squares = field.square();
        let norms = if self.is_component {
            squares.mean_dim([3i64].as_slice(), false, field.kind())
        } else {
            squares.sum_dim_intlist([3i64].as_slice(), false, field.kind())
        };
        let norms = if self.is_mean {
            norms.mean_dim([1i64].as_slice(), false, field.kind())
        } else {
            norms.amax([1i64].as_slice(), false)
        };
        if self.instance {
            return norms;
        }
        let var = norms.mean_dim([0i64].as_slice(), false, field.kind());
        if let Some(running) = &self.running_var {
            update(running, &var, start, mul, self.momentum);
        }
        var
    }

    #[auto_jitable(tolerance = 1e-4)]
    fn small(vs: &nn::Path) -> Self {
        BatchNorm::new(vs, &irreps("3x0e+2x1o+1x0o"), Default::default())
    }
}

/// The statistics of a part.
#[tch_jit::script]
fn running(statistics: Option<&Tensor>, start: i64, mul: i64) -> Tensor {
    statistics.expect("there are running statistics").narrow(0, start, mul)
}

/// Moves the statistics of a part.
#[tch_jit::script]
fn update(statistics: &Tensor, value: &Tensor, start: i64, mul: i64, momentum: f64) {
    let mut part = statistics.narrow(0, start, mul);
    let moved = &part * (1.0 - momentum) + value.detach() * momentum;
    part.copy_(&moved);
}

impl BatchNorm {
    /// For these irreps.
    pub fn new(vs: &nn::Path, irreps_in: &Irreps, options: BatchNormOptions) -> Self {
        let n_scalars: i64 = irreps_in.iter().filter(|it| it.ir.is_scalar()).map(|it| it.mul).sum();
        let n_irreps = irreps_in.num_irreps();
        let BatchNormOptions { eps, momentum, affine, reduce, instance, include_bias, normalization } =
            options;
        BatchNorm {
            irreps_in: irreps_in.clone(),
            eps,
            momentum,
            instance,
            is_mean: reduce == Reduce::Mean,
            is_component: normalization == Normalization::Component,
            running_mean: (!instance).then(|| vs.zeros_no_train("running_mean", &[n_scalars])),
            running_var: (!instance).then(|| vs.ones_no_train("running_var", &[n_irreps])),
            weight: affine.then(|| vs.ones("weight", &[n_irreps])),
            bias: (affine && include_bias).then(|| vs.zeros("bias", &[n_scalars])),
        }
    }
}
