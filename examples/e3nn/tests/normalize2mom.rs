//! The factors of functions are those of the million numbers that PyTorch draws. Alone in its process: others would draw
//! from the same generator.

use e3nn::nn::{Act, activate};
use serde_json::Value;
use tch::{Device, Kind, Tensor};

#[test]
fn normalize2mom() {
    let golden: Value = serde_json::from_str(include_str!("data/golden.json")).expect("the file is JSON");
    tch::manual_seed(0);
    let z = Tensor::randn([1_000_000], (Kind::Double, Device::Cpu));
    for act in Act::ALL {
        let golden = golden["normalize2mom"][format!("{act:?}").to_lowercase()].as_f64().expect("a constant");
        let computed =
            activate(&z, act).square().mean(Kind::Double).pow_tensor_scalar(-0.5).double_value(&[]);
        assert!((act.normalize2mom() - golden).abs() < 1e-10, "{act:?}");
        assert!((computed - golden).abs() < 1e-10, "{act:?}");
    }
}
