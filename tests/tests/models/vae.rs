//! A variational auto-encoder, with its loss as a function.

use integration_tests::tensors::randn;
use integration_tests::{agree, alone};
use tch::nn::{self, Module};
use tch::{Device, Kind, Tensor};
use tch_jit::{compile_mode, methods, script};

#[compile_mode(script)]
#[derive(Debug)]
struct Vae {
    fc1: nn::Linear,
    fc21: nn::Linear,
    fc22: nn::Linear,
    fc3: nn::Linear,
    fc4: nn::Linear,
}

#[methods]
impl Vae {
    fn new(vs: &nn::Path) -> Self {
        Vae {
            fc1: nn::linear(vs / "fc1", 16, 8, Default::default()),
            fc21: nn::linear(vs / "fc21", 8, 3, Default::default()),
            fc22: nn::linear(vs / "fc22", 8, 3, Default::default()),
            fc3: nn::linear(vs / "fc3", 3, 8, Default::default()),
            fc4: nn::linear(vs / "fc4", 8, 16, Default::default()),
        }
    }

    fn encode(&self, xs: &Tensor) -> (Tensor, Tensor) {
        let h1 = xs.apply(&self.fc1).relu();
        (self.fc21.forward(&h1), self.fc22.forward(&h1))
    }

    fn decode(&self, zs: &Tensor) -> Tensor {
        zs.apply(&self.fc3).relu().apply(&self.fc4).sigmoid()
    }

    fn forward(&self, xs: &Tensor) -> (Tensor, Tensor, Tensor) {
        let (mu, logvar) = self.encode(&xs.view([-1, 16]));
        let std = (&logvar * 0.5).exp();
        let eps = std.randn_like();
        (self.decode(&(&mu + eps * std)), mu, logvar)
    }
}

// Reconstruction and Kullback-Leibler divergence, summed over all elements and the batch.
#[script]
fn loss(recon_x: &Tensor, x: &Tensor, mu: &Tensor, logvar: &Tensor) -> Tensor {
    let bce = recon_x.binary_cross_entropy::<Tensor>(&x.view([-1, 16]), None, tch::Reduction::Sum);
    let kld = -0.5 * (1i64 + logvar - mu.pow_tensor_scalar(2) - logvar.exp()).sum(Kind::Float);
    bce + kld
}

#[compile_mode(script)]
#[derive(Debug)]
struct Trained {
    vae: Vae,
}

#[methods]
impl Trained {
    fn forward(&self, xs: &Tensor) -> Tensor {
        let (recon, mu, logvar) = self.vae.forward(xs);
        loss(&recon, xs, &mu, &logvar)
    }
}

#[test]
fn vae() {
    let _alone = alone();
    let vs = nn::VarStore::new(Device::Cpu);
    let model = Trained { vae: Vae::new(&vs.root()) };
    let compiled = tch_jit::compile(&model).unwrap_or_else(|error| panic!("{error}"));
    agree(&model, &compiled, &[(randn(&[2, 4, 4]).sigmoid(),), (randn(&[3, 4, 4]).sigmoid(),)]);
}
