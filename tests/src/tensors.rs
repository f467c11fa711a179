//! Tensors, and a layer of them, that tests use as arguments and fields.

use tch::kind::FLOAT_CPU;
use tch::{Device, Tensor, nn};

/// A tensor of this size with normally distributed numbers.
pub fn randn(size: &[i64]) -> Tensor {
    Tensor::randn(size, FLOAT_CPU)
}

/// A tensor of this size with the numbers 0, 1, 2, ….
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

/// A trainable tensor of four numbers.
pub fn parameter() -> Tensor {
    randn(&[4]).set_requires_grad(true)
}

/// A linear layer from four numbers to four.
pub fn linear() -> nn::Linear {
    nn::linear(nn::VarStore::new(Device::Cpu).root(), 4, 4, Default::default())
}
