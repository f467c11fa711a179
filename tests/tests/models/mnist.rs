//! A convolutional network for digits, with dropout.

use integration_tests::tensors::randn;
use integration_tests::{agree, alone};
use tch::nn::{self, ModuleT};
use tch::{Device, Tensor};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Net {
    conv1: nn::Conv2D,
    conv2: nn::Conv2D,
    fc1: nn::Linear,
    fc2: nn::Linear,
}

impl Net {
    fn new(vs: &nn::Path) -> Net {
        let conv1 = nn::conv2d(vs, 1, 4, 5, Default::default());
        let conv2 = nn::conv2d(vs, 4, 8, 5, Default::default());
        let fc1 = nn::linear(vs, 128, 16, Default::default());
        let fc2 = nn::linear(vs, 16, 10, Default::default());
        Net { conv1, conv2, fc1, fc2 }
    }
}

#[methods]
impl nn::ModuleT for Net {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Tensor {
        xs.view([-1, 1, 28, 28])
            .apply(&self.conv1)
            .max_pool2d_default(2)
            .apply(&self.conv2)
            .max_pool2d_default(2)
            .view([-1, 128])
            .apply(&self.fc1)
            .relu()
            .dropout(0.5, train)
            .apply(&self.fc2)
    }
}

#[test]
fn mnist() {
    let _alone = alone();
    let vs = nn::VarStore::new(Device::Cpu);
    let net = Net::new(&vs.root());
    let compiled = tch_jit::compile(&net).unwrap_or_else(|error| panic!("{error}"));
    for train in [true, false] {
        if train {
            compiled.train()
        } else {
            compiled.eval()
        }
        agree(&net, &compiled, &[(randn(&[2, 784]),), (randn(&[1, 784]),)]);
    }
    let _ = net.forward_t(&randn(&[1, 784]), false);
}
