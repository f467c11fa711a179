//! Which layers share a class, and which are one module.

use std::collections::HashMap;
use std::rc::Rc;

use integration_tests::method::assert_same;
use integration_tests::modules::reload;
use tch::Tensor;
use tch::nn::{self, ConvConfig, RNNConfig};
use tch_jit::{compile_mode, methods};

use crate::{alone, cpu, ivalue, randn};

#[compile_mode(script)]
#[derive(Debug)]
struct Several {
    a: nn::Linear,
    b: nn::Linear,
    no_bias: nn::Linear,
    conv: nn::Conv2D,
    same: nn::Conv2D,
    strided: nn::Conv2D,
    norm: nn::LayerNorm,
    other_eps: nn::LayerNorm,
    lstm: nn::LSTM,
    larger: nn::LSTM,
    reversed: nn::LSTM,
}

#[methods]
impl Several {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.a).apply(&self.b)
    }
}

#[test]
fn layers_that_do_the_same_share_a_class() {
    let _alone = alone();
    let vs = cpu();
    let p = vs.root();
    let no_bias = nn::LinearConfig { bias: false, ..Default::default() };
    let strided = ConvConfig { stride: 2, ..Default::default() };
    let eps = nn::LayerNormConfig { eps: 0.1, ..Default::default() };
    let reversed = RNNConfig { bidirectional: true, ..Default::default() };
    let compiled = tch_jit::compile(&Several {
        a: nn::linear(&p / "a", 2, 3, Default::default()),
        b: nn::linear(&p / "b", 3, 4, Default::default()),
        no_bias: nn::linear(&p / "no_bias", 2, 3, no_bias),
        conv: nn::conv2d(&p / "conv", 1, 2, 3, Default::default()),
        same: nn::conv2d(&p / "same", 4, 8, 5, Default::default()),
        strided: nn::conv2d(&p / "strided", 1, 2, 3, strided),
        norm: nn::layer_norm(&p / "norm", vec![3], Default::default()),
        other_eps: nn::layer_norm(&p / "other_eps", vec![3], eps),
        lstm: nn::lstm(&p / "lstm", 2, 3, Default::default()),
        larger: nn::lstm(&p / "larger", 4, 5, Default::default()),
        reversed: nn::lstm(&p / "reversed", 2, 3, reversed),
    })
    .unwrap();
    let layer = |name: &str| compiled.submodule(name).unwrap();
    for (a, b, same) in [
        ("a", "b", true),
        ("a", "no_bias", false),
        ("conv", "same", true),
        ("conv", "strided", false),
        ("norm", "other_eps", false),
        ("lstm", "larger", true),
        ("lstm", "reversed", false),
    ] {
        assert_eq!(layer(a).same_class(&layer(b)), same, "{a}, {b}");
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Tied {
    encoder: Rc<nn::Linear>,
    decoder: Rc<nn::Linear>,
}

#[methods]
impl Tied {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(self.encoder.as_ref()).tanh().apply(self.decoder.as_ref())
    }
}

#[test]
fn one_layer_behind_two_pointers_stays_one_module() {
    let _alone = alone();
    let vs = cpu();
    let linear = Rc::new(nn::linear(vs.root(), 3, 3, Default::default()));
    let module = Tied { encoder: linear.clone(), decoder: linear };
    let compiled = tch_jit::compile(&module).unwrap();
    for module in [&compiled, &reload(&compiled)] {
        let data: HashMap<_, _> =
            module.named_parameters().iter().map(|(name, it)| (name.clone(), it.data_ptr())).collect();
        assert_eq!(data["encoder.weight"], data["decoder.weight"]);
        assert_eq!(data["encoder.bias"], data["decoder.bias"]);
    }
    assert_eq!(compiled.submodule("decoder").unwrap().rust_type(), "tch::nn::Linear");
    let x = randn(&[2, 3]);
    assert_same("tied", &compiled, "forward", &[ivalue(&x)], || ivalue(&module.forward(&x)));
}
