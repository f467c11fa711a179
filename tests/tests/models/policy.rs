//! Actor and critic of a reinforcement learner: A2C's convolutions with a shared trunk, and how an action
//! is drawn.

use integration_tests::tensors::randn;
use integration_tests::{agree, alone};
use tch::{Device, Kind, Tensor, nn};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Policy {
    c1: nn::Conv2D,
    c2: nn::Conv2D,
    l1: nn::Linear,
    critic: nn::Linear,
    actor: nn::Linear,
    device: Device,
}

impl Policy {
    fn new(p: &nn::Path, nact: i64) -> Self {
        let stride = |s| nn::ConvConfig { stride: s, ..Default::default() };
        Policy {
            c1: nn::conv2d(p / "c1", 2, 4, 4, stride(2)),
            c2: nn::conv2d(p / "c2", 4, 4, 3, stride(1)),
            l1: nn::linear(p / "l1", 36, 8, Default::default()),
            critic: nn::linear(p / "cl", 8, 1, Default::default()),
            actor: nn::linear(p / "al", 8, nact, Default::default()),
            device: p.device(),
        }
    }
}

#[methods]
impl Policy {
    fn forward(&self, xs: &Tensor) -> (Tensor, Tensor) {
        let xs = xs.to_device(self.device);
        let xs = xs.apply(&self.c1).relu().apply(&self.c2).relu().flat_view().apply(&self.l1).relu();
        (xs.apply(&self.critic), xs.apply(&self.actor))
    }

    /// Values and drawn actions.
    #[export]
    fn act(&self, obs: &Tensor) -> (Tensor, Tensor) {
        let (critic, actor) = self.forward(obs);
        let probs = actor.softmax(-1, Kind::Float);
        let actions = probs.multinomial(1, true).squeeze_dim(-1);
        (critic, actions)
    }

    /// The loss of a step: policy gradient, value and entropy.
    #[export]
    fn loss(&self, obs: &Tensor, actions: &Tensor, returns: &Tensor) -> Tensor {
        let (critic, actor) = self.forward(obs);
        let log_probs = actor.log_softmax(-1, Kind::Float);
        let probs = actor.softmax(-1, Kind::Float);
        let action_log_probs = log_probs.gather(1, &actions.unsqueeze(-1), false).squeeze_dim(-1);
        let dist_entropy =
            (-log_probs * probs).sum_dim_intlist([-1].as_slice(), false, Kind::Float).mean(Kind::Float);
        let advantages = returns - critic.squeeze_dim(-1);
        let value_loss = (&advantages * &advantages).mean(Kind::Float);
        let action_loss = (-advantages.detach() * action_log_probs).mean(Kind::Float);
        value_loss * 0.5 + action_loss - dist_entropy * 0.01
    }
}

#[test]
fn policy() {
    let _alone = alone();
    let vs = nn::VarStore::new(Device::Cpu);
    let model = Policy::new(&vs.root(), 3);
    let compiled = tch_jit::compile(&model).unwrap_or_else(|error| panic!("{error}"));
    agree(&model, &compiled, &[(randn(&[2, 2, 12, 12]),), (randn(&[1, 2, 12, 12]),)]);

    let obs = randn(&[2, 2, 12, 12]);
    let (actions, returns) = (Tensor::from_slice(&[0i64, 2]), randn(&[2]));
    let value = |tensor: &Tensor| tch::IValue::Tensor(tensor.shallow_clone());
    let found = compiled.call("loss", &[value(&obs), value(&actions), value(&returns)]).unwrap();
    let expected = model.loss(&obs, &actions, &returns);
    assert!(Tensor::try_from(found).unwrap().allclose(&expected, 1e-5, 1e-6, false));
    tch::manual_seed(3);
    let (_, drawn) = model.act(&obs);
    tch::manual_seed(3);
    let found = <(Tensor, Tensor)>::try_from(compiled.call("act", &[value(&obs)]).unwrap()).unwrap();
    assert_eq!(found.1, drawn);
}
