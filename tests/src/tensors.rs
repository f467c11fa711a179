//! Tensors that tests use as arguments.

use tch::Tensor;
use tch::kind::FLOAT_CPU;

/// Normally distributed numbers, of this size.
pub fn randn(size: &[i64]) -> Tensor {
    Tensor::randn(size, FLOAT_CPU)
}

/// 0, 1, 2, … of this size.
pub fn counting(size: &[i64]) -> Tensor {
    Tensor::arange(size.iter().product::<i64>(), FLOAT_CPU).view(size)
}

/// A row of these floats.
pub fn floats(values: &[f32]) -> Tensor {
    Tensor::from_slice(values)
}

/// A row of these integers.
pub fn ints(values: &[i64]) -> Tensor {
    Tensor::from_slice(values)
}
