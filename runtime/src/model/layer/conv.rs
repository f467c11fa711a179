//! Convolutions. The shape of the weight gives the input's channels only up to the number of groups, which is read from
//! a call of the operator, and does not say how far padding and dilation reach, so examples are large.

use tch::Tensor;
use tch::nn::{Conv, ConvTransposeND, Module};

use super::{Contents, Inside, Layer, TchLayer, optional_parameter, parameter, zeros_like};
use crate::ffi;
use crate::identity::Object;

macro_rules! conv {
    ($($n:literal)*) => {$(
        impl TchLayer for Conv<[i64; $n]> {
            fn layer(&self) -> Layer<'_> {
                Layer {
                    object: Object::named(self, concat!("tch::nn::Conv", $n, "D")),
                    class: concat!("torch.nn.modules.conv.Conv", $n, "d"),
                    inside: Inside::known(|| {
                        // weight: (out, in / groups, k…)
                        let per_group = self.ws.size()[1];
                        let unknown = example::<$n>(&self.ws, per_group);
                        let groups = groups(concat!("aten::conv", $n, "d"), || self.forward(&unknown))?;
                        let tensors = vec![parameter("weight", &self.ws), optional_parameter("bias", self.bs.as_ref())];
                        let example = example::<$n>(&self.ws, per_group * groups);
                        Ok(Contents::forward(tensors, example, |input| self.forward(input)))
                    }),
                }
            }
        }

        impl TchLayer for ConvTransposeND<[i64; $n]> {
            fn layer(&self) -> Layer<'_> {
                Layer {
                    object: Object::named(self, concat!("tch::nn::ConvTranspose", $n, "D")),
                    class: concat!("torch.nn.modules.conv.ConvTranspose", $n, "d"),
                    inside: Inside::known(|| {
                        // weight: (in, out / groups, k…)
                        let example = example::<$n>(&self.ws, self.ws.size()[0]);
                        let tensors = vec![parameter("weight", &self.ws), optional_parameter("bias", self.bs.as_ref())];
                        Ok(Contents::forward(tensors, example, |input| self.forward(input)))
                    }),
                }
            }
        }
    )*};
}

conv!(1 2 3);

/// The side of an example image: larger than any kernel reaches, since the input's size limits reflection padding and
/// dilation, and output sizes must not be negative.
const SIDE: i64 = 1 << 16;

/// An empty batch of big images: (0, channels, side…).
fn example<const N: usize>(weight: &Tensor, channels: i64) -> Tensor {
    let mut shape = vec![0, channels];
    shape.extend([SIDE; N]);
    zeros_like(weight, &shape)
}

/// The number of groups: the last argument of the convolution that `forward` calls. The call is made even for an input
/// with a wrong number of channels.
fn groups(operator: &str, forward: impl FnOnce() -> Tensor) -> Result<i64, String> {
    let arguments = ffi::intercept(operator, forward).map_err(|failure| failure.to_string())?;
    arguments.last().and_then(ffi::Value::as_int).ok_or_else(|| format!("{operator} has no groups"))
}
