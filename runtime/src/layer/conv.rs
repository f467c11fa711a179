//! Convolutions. Their weights say the channels of the input up to the number of groups, and not
//! how far padding and dilation reach, so several inputs are tried.

use tch::Tensor;
use tch::nn::{Conv, ConvTransposeND, Module};

use super::{Behaviour, Layer, TchLayer, address, optional_parameter, parameter, zeros_like};

macro_rules! conv {
    ($($n:literal)*) => {$(
        impl TchLayer for Conv<[i64; $n]> {
            fn layer(&self) -> Layer<'_> {
                Layer {
                    ty: concat!("tch::nn::Conv", $n, "D"),
                    class: concat!("conv.Conv", $n, "d").into(),
                    address: address(self),
                    tensors: vec![parameter("weight", &self.ws), optional_parameter("bias", self.bs.as_ref())],
                    behaviour: Behaviour::forward(conv_examples(&self.ws), |input| self.forward(input)),
                }
            }
        }

        impl TchLayer for ConvTransposeND<[i64; $n]> {
            fn layer(&self) -> Layer<'_> {
                Layer {
                    ty: concat!("tch::nn::ConvTranspose", $n, "D"),
                    class: concat!("conv.ConvTranspose", $n, "d").into(),
                    address: address(self),
                    tensors: vec![parameter("weight", &self.ws), optional_parameter("bias", self.bs.as_ref())],
                    behaviour: Behaviour::forward(transposed_examples(&self.ws), |input| self.forward(input)),
                }
            }
        }
    )*};
}

conv!(1 2 3);

/// Sides of the input, as multiples of the kernel's: enough for dilations up to 64.
const SIDES: [i64; 5] = [1, 4, 16, 64, 128];

/// weight: (out, in / groups, k…); input: (1, in, side…). libtorch accepts exactly the right
/// number of channels.
fn conv_examples(weight: &Tensor) -> Vec<Tensor> {
    let shape = weight.size();
    let (out, per_group, kernel) = (shape[0], shape[1], &shape[2..]);
    let groups = (1..=out).filter(|groups| out % groups == 0);
    let mut examples = vec![];
    for groups in groups {
        for side in SIDES {
            examples.push(example(weight, per_group * groups, kernel, side));
            // Three-dimensional inputs of the largest sides would fill the memory.
            if kernel.len() == 3 && side >= 16 {
                break;
            }
        }
    }
    examples
}

/// weight: (in, out / groups, k…); input: (1, in, side…).
fn transposed_examples(weight: &Tensor) -> Vec<Tensor> {
    let shape = weight.size();
    SIDES[..3].iter().map(|&side| example(weight, shape[0], &shape[2..], side)).collect()
}

fn example(weight: &Tensor, channels: i64, kernel: &[i64], side: i64) -> Tensor {
    let mut shape = vec![1, channels];
    shape.extend(kernel.iter().map(|k| k * side + 1));
    zeros_like(weight, &shape)
}
