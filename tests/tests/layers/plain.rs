//! Each layer but the recurrent and the opaque ones, configured in all ways that are not the
//! default's.

use integration_tests::method::assert_same;
use integration_tests::modules::reload;
use tch::nn::{self, ConvConfig, VarStore};
use tch::{Device, Kind, Tensor};
use tch_jit::{Compiled, ScriptModule, compile_mode, methods};

use crate::{alone, assert_shared, cpu, ivalue, names, randn, train};

/// A module with one layer.
trait Parent: Sized {
    type Layer;
    fn new(layer: Self::Layer) -> Self;
    fn into_layer(self) -> Self::Layer;
    fn compile(&self, x: &Tensor) -> ScriptModule;
    fn eager(&self, x: &Tensor, train: bool) -> Tensor;
}

macro_rules! parents {
    ($($module:ident: $ty:ty;)*) => {$(
        mod $module {
            use super::*;

            #[compile_mode(script)]
            #[derive(Debug)]
            pub struct Scripted {
                layer: $ty,
            }

            #[methods]
            impl Scripted {
                pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
                    x.apply_t(&self.layer, train)
                }
            }

            #[compile_mode(trace)]
            #[derive(Debug)]
            pub struct Traced {
                layer: $ty,
            }

            #[methods]
            impl Traced {
                pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
                    x.apply_t(&self.layer, train)
                }
            }

            impl Parent for Scripted {
                type Layer = $ty;

                fn new(layer: $ty) -> Self {
                    Self { layer }
                }

                fn into_layer(self) -> $ty {
                    self.layer
                }

                fn compile(&self, _: &Tensor) -> ScriptModule {
                    tch_jit::compile(self).map(Compiled::into_script_module).unwrap_or_else(|error| panic!("{error}"))
                }

                fn eager(&self, x: &Tensor, train: bool) -> Tensor {
                    self.forward_t(x, train)
                }
            }

            impl Parent for Traced {
                type Layer = $ty;

                fn new(layer: $ty) -> Self {
                    Self { layer }
                }

                fn into_layer(self) -> $ty {
                    self.layer
                }

                fn compile(&self, x: &Tensor) -> ScriptModule {
                    tch_jit::trace(self, x).map(Compiled::into_script_module).unwrap_or_else(|error| panic!("{error}"))
                }

                fn eager(&self, x: &Tensor, train: bool) -> Tensor {
                    self.forward_t(x, train)
                }
            }
        }
    )*};
}

parents! {
    linear: nn::Linear;
    conv1d: nn::Conv1D;
    conv2d: nn::Conv2D;
    conv3d: nn::Conv3D;
    conv_transpose1d: nn::ConvTranspose1D;
    conv_transpose2d: nn::ConvTranspose2D;
    conv_transpose3d: nn::ConvTranspose3D;
    batch_norm: nn::BatchNorm;
    layer_norm: nn::LayerNorm;
    group_norm: nn::GroupNorm;
    embedding: nn::Embedding;
    id: nn::Id;
}

/// In both parents, in training and in evaluation mode where these differ, for each input. `tensors` are the names of
/// parameters and buffers that a saved tree shows.
#[track_caller]
fn check<S: Parent, T: Parent<Layer = S::Layer>>(
    case: &str,
    vs: &VarStore,
    layer: S::Layer,
    class: &str,
    tensors: [&[&str]; 2],
    inputs: &[Tensor],
) {
    train(vs);
    let scripted = S::new(layer);
    check_in(&format!("{case}, scripted"), vs, &scripted, class, tensors, inputs);
    let traced = T::new(scripted.into_layer());
    check_in(&format!("{case}, traced"), vs, &traced, class, tensors, inputs);
}

#[track_caller]
fn check_in<P: Parent>(
    case: &str,
    vs: &VarStore,
    parent: &P,
    class: &str,
    [parameters, buffers]: [&[&str]; 2],
    inputs: &[Tensor],
) {
    let compiled = parent.compile(&inputs[0]);
    assert_shared(case, &compiled, vs);
    for module in [&compiled, &reload(&compiled)] {
        let layer = module.submodule("layer").expect("the layer is a submodule");
        assert_eq!(layer.original_name(), class, "{case}");
        assert_eq!(names(&layer.named_parameters()), parameters, "{case}");
        assert_eq!(names(&layer.named_buffers()), buffers, "{case}");
    }
    let layer = compiled.submodule("layer").expect("the layer is a submodule");
    let modes: &[bool] = if layer.methods().contains(&"forward_t".into()) { &[true, false] } else { &[true] };
    for x in inputs {
        for &training in modes {
            let case = format!("{case}, input {:?}, train {training}", x.size());
            if training {
                compiled.train()
            } else {
                compiled.eval()
            }
            for module in [&compiled, &layer] {
                assert_same(&case, module, "forward", &[ivalue(x)], || ivalue(&parent.eager(x, training)));
            }
        }
    }
}

const WEIGHT: [&[&str]; 2] = [&["weight"], &[]];
const WEIGHT_AND_BIAS: [&[&str]; 2] = [&["weight", "bias"], &[]];

fn with_bias(bias: bool) -> [&'static [&'static str]; 2] {
    if bias { WEIGHT_AND_BIAS } else { WEIGHT }
}

#[test]
fn linear_layers() {
    let _alone = alone();
    for bias in [true, false] {
        let vs = cpu();
        let layer = nn::linear(vs.root(), 3, 5, nn::LinearConfig { bias, ..Default::default() });
        let inputs = [randn(&[2, 3]), randn(&[4, 2, 3]), randn(&[3])];
        check::<linear::Scripted, linear::Traced>("linear", &vs, layer, "Linear", with_bias(bias), &inputs);
    }
}

/// What a convolution of any number of dimensions is configured with.
fn conv_configs() -> Vec<ConvConfig> {
    let default = ConvConfig::default();
    let padded = ConvConfig { padding: 2, ..default };
    vec![
        default,
        ConvConfig { bias: false, ..default },
        ConvConfig { stride: 2, padding: 1, ..default },
        ConvConfig { dilation: 3, padding: 3, ..default },
        ConvConfig { groups: 2, stride: 3, ..default },
        // Depthwise.
        ConvConfig { groups: 4, padding: 1, ..default },
        ConvConfig { padding_mode: nn::PaddingMode::Reflect, ..padded },
        ConvConfig { padding_mode: nn::PaddingMode::Replicate, ..padded },
        ConvConfig { padding_mode: nn::PaddingMode::Circular, groups: 2, bias: false, ..padded },
    ]
}

#[test]
fn convolutions() {
    let _alone = alone();
    for c in conv_configs() {
        let case = format!("{c:?}");
        let vs = cpu();
        let layer = nn::conv1d(vs.root(), 4, 8, 3, c);
        let inputs = [randn(&[2, 4, 9]), randn(&[1, 4, 12]), randn(&[4, 8])];
        check::<conv1d::Scripted, conv1d::Traced>(&case, &vs, layer, "Conv1d", with_bias(c.bias), &inputs);

        let vs = cpu();
        let layer = nn::conv2d(vs.root(), 4, 8, 3, c);
        let inputs = [randn(&[2, 4, 9, 8]), randn(&[1, 4, 7, 11]), randn(&[4, 8, 8])];
        check::<conv2d::Scripted, conv2d::Traced>(&case, &vs, layer, "Conv2d", with_bias(c.bias), &inputs);

        let vs = cpu();
        let layer = nn::conv3d(vs.root(), 4, 4, 2, c);
        let inputs = [randn(&[2, 4, 4, 5, 6]), randn(&[1, 4, 7, 4, 4])];
        check::<conv3d::Scripted, conv3d::Traced>(&case, &vs, layer, "Conv3d", with_bias(c.bias), &inputs);
    }
}

#[test]
fn convolutions_with_different_sides() {
    let _alone = alone();
    let vs = cpu();
    let c = nn::ConvConfigND {
        stride: [1, 2],
        padding: [0, 3],
        dilation: [2, 1],
        groups: 3,
        ..Default::default()
    };
    let layer = nn::conv(vs.root(), 6, 3, [1, 4], c);
    let inputs = [randn(&[2, 6, 3, 9]), randn(&[1, 6, 8, 4])];
    check::<conv2d::Scripted, conv2d::Traced>("sides", &vs, layer, "Conv2d", WEIGHT_AND_BIAS, &inputs);
}

/// libtorch's tracer shows the call inside: `_convolution`, with the flags of the backend.
#[test]
fn convolutions_are_recorded_as_they_are_called() {
    let _alone = alone();
    let vs = cpu();
    let c = ConvConfig { stride: 2, groups: 2, ..Default::default() };
    let parent = conv2d::Traced::new(nn::conv2d(vs.root() / "a", 4, 8, 3, c));
    let compiled = parent.compile(&randn(&[2, 4, 9, 9]));
    let call = "torch.conv2d(input, weight, bias, [2, 2], [0, 0], [1, 1], 2)";
    assert!(compiled.submodule("layer").unwrap().code().contains(call));
    // Training changes nothing, so there is one graph.
    assert_eq!(compiled.methods(), ["forward", "forward_t"]);
    assert!(compiled.code().contains("torch.conv2d("));
    assert!(!compiled.code().contains("_convolution"));

    let c = nn::ConvTransposeConfig { stride: 3, output_padding: 1, ..Default::default() };
    let parent = conv_transpose1d::Scripted::new(nn::conv_transpose1d(vs.root() / "b", 4, 8, 3, c));
    let code = parent.compile(&randn(&[2, 4, 9])).submodule("layer").unwrap().code();
    assert!(code.contains("torch.conv_transpose1d("), "{code}");
}

#[test]
fn transposed_convolutions() {
    let _alone = alone();
    let default = nn::ConvTransposeConfig::default();
    let configs = [
        default,
        nn::ConvTransposeConfig { bias: false, padding: 1, ..default },
        nn::ConvTransposeConfig { stride: 2, output_padding: 1, padding: 2, ..default },
        nn::ConvTransposeConfig { dilation: 3, groups: 2, ..default },
        nn::ConvTransposeConfig { groups: 4, stride: 3, ..default },
    ];
    for c in configs {
        let case = format!("{c:?}");
        let bias = with_bias(c.bias);
        let vs = cpu();
        let layer = nn::conv_transpose1d(vs.root(), 4, 8, 3, c);
        let inputs = [randn(&[2, 4, 5]), randn(&[1, 4, 9])];
        check::<conv_transpose1d::Scripted, conv_transpose1d::Traced>(
            &case,
            &vs,
            layer,
            "ConvTranspose1d",
            bias,
            &inputs,
        );

        let vs = cpu();
        let layer = nn::conv_transpose2d(vs.root(), 4, 8, 3, c);
        let inputs = [randn(&[2, 4, 5, 4]), randn(&[1, 4, 3, 7])];
        check::<conv_transpose2d::Scripted, conv_transpose2d::Traced>(
            &case,
            &vs,
            layer,
            "ConvTranspose2d",
            bias,
            &inputs,
        );

        let vs = cpu();
        let layer = nn::conv_transpose3d(vs.root(), 4, 4, 3, c);
        let inputs = [randn(&[2, 4, 3, 4, 3]), randn(&[1, 4, 5, 3, 3])];
        check::<conv_transpose3d::Scripted, conv_transpose3d::Traced>(
            &case,
            &vs,
            layer,
            "ConvTranspose3d",
            bias,
            &inputs,
        );
    }
}

#[test]
fn batch_norms() {
    let _alone = alone();
    let default = nn::BatchNormConfig::default();
    let configs = [
        default,
        nn::BatchNormConfig { eps: 0.3, momentum: 0.7, ..default },
        nn::BatchNormConfig { affine: false, cudnn_enabled: false, ..default },
    ];
    let buffers: &[&str] = &["running_mean", "running_var", "num_batches_tracked"];
    for c in configs {
        let case = format!("{c:?}");
        let tensors = [if c.affine { WEIGHT_AND_BIAS[0] } else { &[] }, buffers];
        let check = |vs: VarStore, layer, class, inputs: [Tensor; 2]| {
            check::<batch_norm::Scripted, batch_norm::Traced>(&case, &vs, layer, class, tensors, &inputs);
        };
        let (vs, inputs) = (cpu(), [randn(&[4, 3]), randn(&[2, 3, 5])]);
        let layer = nn::batch_norm1d(vs.root(), 3, c);
        check(vs, layer, "BatchNorm1d", inputs);
        let (vs, inputs) = (cpu(), [randn(&[2, 3, 4, 5]), randn(&[3, 3, 2, 1])]);
        let layer = nn::batch_norm2d(vs.root(), 3, c);
        check(vs, layer, "BatchNorm2d", inputs);
        let (vs, inputs) = (cpu(), [randn(&[2, 3, 2, 4, 5]), randn(&[3, 3, 1, 2, 1])]);
        let layer = nn::batch_norm3d(vs.root(), 3, c);
        check(vs, layer, "BatchNorm3d", inputs);
    }
}

#[test]
fn layer_norms() {
    let _alone = alone();
    let default = nn::LayerNormConfig::default();
    for c in [
        default,
        nn::LayerNormConfig { eps: 0.5, ..default },
        nn::LayerNormConfig { elementwise_affine: false, ..default },
    ] {
        let tensors = if c.elementwise_affine { WEIGHT_AND_BIAS } else { [&[][..]; 2] };
        for normalized in [vec![4], vec![3, 4]] {
            let vs = cpu();
            let layer = nn::layer_norm(vs.root(), normalized, c);
            let inputs = [randn(&[2, 3, 4]), randn(&[5, 2, 3, 4]), randn(&[3, 4])];
            check::<layer_norm::Scripted, layer_norm::Traced>(
                &format!("{c:?}"),
                &vs,
                layer,
                "LayerNorm",
                tensors,
                &inputs,
            );
        }
    }
}

#[test]
fn group_norms() {
    let _alone = alone();
    let default = nn::GroupNormConfig::default();
    for c in [
        default,
        nn::GroupNormConfig { eps: 0.5, ..default },
        nn::GroupNormConfig { affine: false, ..default },
    ] {
        let tensors = if c.affine { WEIGHT_AND_BIAS } else { [&[][..]; 2] };
        for groups in [1, 2, 6] {
            let vs = cpu();
            let layer = nn::group_norm(vs.root(), groups, 6, c);
            let inputs = [randn(&[2, 6, 3]), randn(&[3, 6, 2, 5]), randn(&[4, 6, 2])];
            check::<group_norm::Scripted, group_norm::Traced>(
                &format!("{c:?}"),
                &vs,
                layer,
                "GroupNorm",
                tensors,
                &inputs,
            );
        }
    }
}

#[test]
fn embeddings() {
    let _alone = alone();
    let default = nn::EmbeddingConfig::default();
    let configs = [
        default,
        nn::EmbeddingConfig { padding_idx: 2, ..default },
        nn::EmbeddingConfig { padding_idx: 0, scale_grad_by_freq: true, ..default },
        nn::EmbeddingConfig { sparse: true, ..default },
    ];
    for c in configs {
        let vs = cpu();
        let layer = nn::embedding(vs.root(), 5, 3, c);
        let inputs =
            [Tensor::from_slice(&[0i64, 2, 2, 4]), Tensor::from_slice(&[1i64, 2, 3, 0, 0, 2]).view([2, 3])];
        check::<embedding::Scripted, embedding::Traced>(
            &format!("{c:?}"),
            &vs,
            layer,
            "Embedding",
            WEIGHT,
            &inputs,
        );
    }
}

#[test]
fn identities() {
    let _alone = alone();
    check::<id::Scripted, id::Traced>(
        "id",
        &cpu(),
        nn::Id(),
        "Identity",
        [&[], &[]],
        &[randn(&[2]), randn(&[3, 1])],
    );
}

#[test]
fn layers_of_doubles() {
    let _alone = alone();
    let double = |shape: &[i64]| Tensor::randn(shape, (Kind::Double, Device::Cpu));
    let c =
        ConvConfig { groups: 2, padding: 1, padding_mode: nn::PaddingMode::Reflect, ..Default::default() };

    let mut vs = cpu();
    let layer = nn::linear(vs.root(), 3, 5, Default::default());
    vs.double();
    check::<linear::Scripted, linear::Traced>(
        "double",
        &vs,
        layer,
        "Linear",
        WEIGHT_AND_BIAS,
        &[double(&[2, 3])],
    );

    let mut vs = cpu();
    let layer = nn::conv2d(vs.root(), 4, 8, 3, c);
    vs.double();
    let x = double(&[2, 4, 5, 5]);
    check::<conv2d::Scripted, conv2d::Traced>("double", &vs, layer, "Conv2d", WEIGHT_AND_BIAS, &[x]);

    let mut vs = cpu();
    let layer = nn::batch_norm1d(vs.root(), 3, Default::default());
    vs.double();
    let tensors = [WEIGHT_AND_BIAS[0], &["running_mean", "running_var", "num_batches_tracked"]];
    let x = double(&[4, 3]);
    check::<batch_norm::Scripted, batch_norm::Traced>("double", &vs, layer, "BatchNorm1d", tensors, &[x]);

    // Without weights, the layer shows no kind.
    let vs = cpu();
    let c = nn::LayerNormConfig { elementwise_affine: false, ..Default::default() };
    let layer = nn::layer_norm(vs.root(), vec![4], c);
    let x = double(&[2, 4]);
    check::<layer_norm::Scripted, layer_norm::Traced>("double", &vs, layer, "LayerNorm", [&[], &[]], &[x]);
}
