//! Lists of modules, which are unrolled, under the adapters of iterators.

use tch::{Device, Tensor, kind::FLOAT_CPU, nn};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Layers {
    layers: Vec<nn::Linear>,
    last: nn::Linear,
}

#[methods]
impl Layers {
    #[allow(clippy::all)]
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for layer in self.layers.iter().rev() {
            y = y.apply(layer) * 2.0;
        }
        for layer in self.layers.iter().skip(1) {
            y = y.apply(layer).relu() + 1.0;
        }
        for layer in self.layers.iter().take(2) {
            y = y.apply(layer);
        }
        for (i, layer) in self.layers.iter().rev().enumerate() {
            y = y.apply(layer) + i as f64;
        }
        for (a, b) in self.layers.iter().zip(self.layers.iter().rev()) {
            y = y.apply(a).apply(b);
        }
        for layer in self.layers.iter().chain(self.layers.iter()) {
            y = y.apply(layer);
        }
        if let Some(first) = self.layers.first() {
            y = y.apply(first);
        }
        if let Some(last) = self.layers.last() {
            y = y.apply(last);
        }
        if let Some(missing) = self.layers.get(7) {
            y = y.apply(missing);
        }
        let outs: Vec<Tensor> = self.layers.iter().map(|layer| y.apply(layer)).collect();
        let layers = &self.layers;
        for layer in layers.iter() {
            y = y.apply(layer);
        }
        Tensor::stack(&outs, 0) + y.apply(&self.last)
    }
}

#[test]
fn adapters_of_lists_of_modules() {
    let vs = nn::VarStore::new(Device::Cpu);
    let p = vs.root();
    let module = Layers {
        layers: (0..3).map(|i| nn::linear(&p / i, 2, 2, Default::default())).collect(),
        last: nn::linear(&p / "last", 2, 2, Default::default()),
    };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = Tensor::rand([3, 2], FLOAT_CPU);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}
