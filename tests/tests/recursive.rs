//! Modules that may hold one of their own type, and fields and traits without a counterpart in TorchScript.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use integration_tests::tensors::floats;
use tch::{Device, IValue, Tensor, nn};
use tch_jit::{ScriptModule, compile, compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct UNet {
    down: nn::Linear,
    inner: Option<Box<UNet>>,
    up: nn::Linear,
}

#[methods]
impl UNet {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x.apply(&self.down).relu();
        let y = match &self.inner {
            Some(inner) => inner.forward(&y) + self.skip(inner, &y),
            None => y,
        };
        y.apply(&self.up) + x
    }

    fn skip(&self, inner: &UNet, x: &Tensor) -> Tensor {
        inner.scaled(x)
    }

    #[export]
    fn scaled(&self, x: &Tensor) -> Tensor {
        match &self.inner {
            Some(inner) => inner.scaled(x) * 2.0,
            None => x * 0.5,
        }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct TracedTree {
    lin: nn::Linear,
    children: Vec<TracedTree>,
    named: BTreeMap<String, Self>,
}

#[methods]
impl TracedTree {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.apply(&self.lin);
        for child in &self.children {
            y = child.forward(&y).tanh();
        }
        for child in self.named.values() {
            y = child.forward(&y) + x;
        }
        y
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (Tensor::rand([3, 2], tch::kind::FLOAT_CPU),)).collect()
    }
}

/// A trait of the user's, with an associated type.
trait Layer {
    type Output;
    fn forward(&self, x: &Tensor) -> Self::Output;
}

struct Marker;

#[compile_mode(script)]
struct Marked {
    lin: nn::Linear,
    marker: PhantomData<Marker>,
}

#[methods]
impl Layer for Marked {
    type Output = Tensor;
    fn forward(&self, x: &Tensor) -> Self::Output {
        x.apply(&self.lin).relu()
    }
}

fn linear(path: nn::Path) -> nn::Linear {
    nn::linear(path, 2, 2, Default::default())
}

fn unet(p: &nn::Path, depth: i64) -> UNet {
    UNet {
        down: linear(p / "down"),
        inner: (depth > 0).then(|| Box::new(unet(&(p / "inner"), depth - 1))),
        up: linear(p / "up"),
    }
}

fn tree(p: &nn::Path, depth: i64) -> TracedTree {
    let children = (0..depth).map(|i| tree(&(p / i), depth - 1)).collect();
    let named = (depth > 1).then(|| ("last".to_owned(), tree(&(p / "last"), 0))).into_iter().collect();
    TracedTree { lin: linear(p / "lin"), children, named }
}

#[test]
fn modules_in_modules_of_their_type() {
    tch::manual_seed(7);
    for depth in 0..4 {
        let vs = nn::VarStore::new(Device::Cpu);
        let module = unet(&vs.root(), depth);
        let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
        let mut file = vec![];
        compiled.save_to_writer(&mut file).unwrap();
        let loaded = ScriptModule::load_from_reader(&file[..], None, &[]).unwrap().0;
        for x in [floats(&[1., -2.]).reshape([1, 2]), floats(&[-1., 2., -3., 9., 1., 1.]).reshape([3, 2])] {
            let rust = module.forward(&x);
            assert_eq!(compiled.forward(&x).unwrap(), rust);
            assert_eq!(loaded.forward(&x).unwrap(), IValue::Tensor(rust));
        }
    }
    let vs = nn::VarStore::new(Device::Cpu);
    let module = tree(&vs.root(), 2);
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = floats(&[1., -2.]).reshape([1, 2]);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}

#[test]
fn markers_and_associated_types() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Marked { lin: linear(vs.root()), marker: PhantomData };
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = floats(&[1., -2.]).reshape([1, 2]);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}
