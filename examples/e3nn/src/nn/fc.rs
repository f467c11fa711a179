//! Networks of scalars: `e3nn.nn.FullyConnectedNet`.

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

use super::act::{Act, activate};
use crate::check::n_features;

/// The arguments of [`FullyConnectedNet::new`] that have defaults.
#[derive(Clone, Copy, Debug)]
pub struct FullyConnectedOptions {
    /// The variance of the inputs; 1 by default.
    pub variance_in: f64,
    /// The variance of the outputs; 1 by default.
    pub variance_out: f64,
    /// Whether the last layer has the function, too.
    pub out_act: bool,
}

impl Default for FullyConnectedOptions {
    fn default() -> Self {
        FullyConnectedOptions { variance_in: 1.0, variance_out: 1.0, out_act: false }
    }
}

/// A network of layers without biases, normalized so that variances stay 1: `e3nn.nn.FullyConnectedNet`. From
/// \[…, `hs[0]`\] to \[…, `hs[n - 1]`\].
#[compile_mode(script)]
#[tracing_inputs(x = [_, self.layers[0].weight.size()[0]])]
#[derive(Debug)]
pub struct FullyConnectedNet {
    layers: Vec<Layer>,
}

/// A layer.
#[compile_mode(script)]
#[tracing_inputs(x = [_, self.weight.size()[0]])]
#[derive(Debug)]
struct Layer {
    /// Of shape \[in, out\]; variables `layer0.weight`, `layer1.weight`, …
    weight: Tensor,
    #[jit(constant)]
    has_act: bool,
    act: Act,
    /// What the weights are multiplied by.
    scale: f64,
    /// What the function is multiplied by.
    factor: f64,
}

#[methods]
impl Layer {
    fn forward(&self, x: &Tensor) -> Tensor {
        let x = n_features(x, self.weight.size()[0], "x").matmul(&(&self.weight * self.scale));
        if self.has_act { activate(&x, self.act) * self.factor } else { x }
    }

    #[auto_jitable]
    fn small(vs: &nn::Path) -> Self {
        let weight = vs.randn_standard("weight", &[3, 4]);
        Layer { weight, has_act: true, act: Act::Tanh, scale: 0.5, factor: 2.0 }
    }
}

#[methods]
impl FullyConnectedNet {
    /// `x` of shape \[…, `hs[0]`\].
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut x = x.shallow_clone();
        for layer in &self.layers {
            x = layer.forward(&x);
        }
        x
    }

    #[auto_jitable]
    fn small(vs: &nn::Path) -> Self {
        FullyConnectedNet::new(vs, &[3, 4, 2], Some(Act::Silu), Default::default())
    }
}

impl FullyConnectedNet {
    /// With the numbers of inputs, of units of the layers between, and of outputs.
    pub fn new(vs: &nn::Path, hs: &[i64], act: Option<Act>, options: FullyConnectedOptions) -> Self {
        let n = hs.len().saturating_sub(1);
        let mut var_in = options.variance_in;
        let mut layers = vec![];
        for i in 0..n {
            let is_last = i == n - 1;
            let var_out = if is_last { options.variance_out } else { 1.0 };
            let act = act.filter(|_| !is_last || options.out_act);
            let fan = hs[i] as f64 * var_in;
            layers.push(Layer {
                weight: (vs / format!("layer{i}")).randn_standard("weight", &[hs[i], hs[i + 1]]),
                has_act: act.is_some(),
                act: act.unwrap_or(Act::Identity),
                scale: if act.is_some() { fan.powf(-0.5) } else { (fan / var_out).powf(-0.5) },
                factor: act.map_or(1.0, Act::normalize2mom) * var_out.sqrt(),
            });
            var_in = var_out;
        }
        FullyConnectedNet { layers }
    }
}
