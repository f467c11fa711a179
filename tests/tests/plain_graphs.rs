//! Graphs of plain bodies have what Python's scripts of the same have: converters that read graphs know no more.

use std::collections::HashMap;

use integration_tests::agree;
use integration_tests::tensors::floats;
use tch::{Kind, Tensor, nn};
use tch_jit::{compile_mode, methods};

/// What no plain body needs.
const ODD: &[&str] = &[
    "aten::list",
    "aten::__range_length",
    "aten::__derive_index",
    "prim::RaiseException",
    "aten::_unwrap_optional",
    "prim::CallFunction",
];

#[compile_mode(script)]
#[derive(Debug)]
struct Plain {
    linear: nn::Linear,
    heads: i64,
}

#[methods]
impl Plain {
    fn forward(&self, x: &Tensor, mask: Option<Tensor>) -> (Tensor, Tensor) {
        let (rows, columns) = (x.size()[0], x.size()[1]);
        let half = columns / 2;
        let mut y = x.apply(&self.linear);
        for i in 0..rows {
            let even = if i % 2 == 0 { 1.0 } else { -1.0 };
            y += x.get(i) * even;
        }
        for _ in 0..self.heads {
            y = y.narrow(1, 0, half).repeat([1, 2]);
        }
        if let Some(mask) = mask {
            y = mask * y;
        }
        let mut out = HashMap::from([("y".to_owned(), y.shallow_clone())]);
        out.insert("total".to_owned(), y.sum(Kind::Float) / (rows * columns));
        (out["y"].shallow_clone(), out["total"].shallow_clone())
    }
}

#[test]
fn plain_bodies_have_plain_graphs() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let module = Plain { linear: nn::linear(vs.root(), 4, 4, Default::default()), heads: 2 };
    let compiled = tch_jit::compile(&module).unwrap();
    let x = floats(&[0.0, 1.0, 2.0, 3.0, -4.0, 5.0, 6.0, -7.0, 8.0, 9.0, 1.0, 0.5]).view([3, 4]);
    agree(&module, &compiled, &[(x.shallow_clone(), None), (x.shallow_clone(), Some(x.ge(0.0)))]);
    // Nothing was inlined.
    assert!(!compiled.code().contains("tch_jit"), "{}", compiled.code());
    let graph = compiled.inlined_graph();
    for odd in ODD {
        assert!(!graph.contains(odd), "{odd}:\n{graph}");
    }
}

/// A list that grows before it becomes a map is no literal.
#[compile_mode(script)]
#[derive(Debug)]
struct Grown {}

#[methods]
impl Grown {
    fn forward(&self, x: &Tensor, n: i64) -> (Tensor, Vec<i64>, i64) {
        let mut pairs = vec![(0, x.shallow_clone())];
        if n > 1 {
            pairs.push((n, x * n));
        }
        let twice = HashMap::from([(n, 1), (n, 2)]);
        let tensors: HashMap<i64, Tensor> = pairs.into_iter().collect();
        let squares: HashMap<i64, i64> = (0..n).map(|i| (i, i * i)).collect();
        let all = (0..n).map(|i| squares[&i]).collect();
        (tensors[&0].shallow_clone() * tensors.len() as i64, all, twice[&n] * 10 + twice.len() as i64)
    }
}

#[test]
fn maps_of_lists_that_grow() {
    let compiled = tch_jit::compile(&Grown {}).unwrap();
    let x = floats(&[1.0, 2.0]);
    agree(&Grown {}, &compiled, &[(x.shallow_clone(), 0), (x.shallow_clone(), 3)]);
}
