//! Bodies whose types rustc infers, in all the places where a body may stand.

use std::collections::{BTreeMap, HashMap};

use integration_tests::tensors::floats;
use tch::{Kind, TchError, Tensor, nn};
use tch_jit::{compile_mode, methods, script};

/// A body with everything that the copy for rustc has to bear: lifetimes, a generic block, constants, labels, macros,
/// early returns, and names that generated code might use as well.
#[derive(Debug)]
#[compile_mode(script)]
struct Odd<const N: usize> {
    scale: nn::Linear,
    order: Vec<i64>,
}

#[script]
fn types(x: i64) -> i64 {
    x + 1
}

#[script]
fn functions(x: i64) -> i64 {
    x + 2
}

#[script]
fn defs(x: i64) -> i64 {
    x + 3
}

#[script]
fn inferred(n: i64) -> i64 {
    let mut v = vec![];
    for i in 0..n {
        v.push(i * 2);
    }
    v.len() as i64 + v.iter().sum::<i64>()
}

#[script]
fn constants(n: i64) -> i64 {
    n + 1
}

#[script]
fn longest<'a>(a: &'a str, b: &'a str) -> String {
    let mut best: Option<&'a str> = None;
    let mut seen = vec![];
    for part in [a, b] {
        seen.push(part.len());
        if best.map_or(0, |it| it.len()) < part.len() {
            best = Some(part);
        }
    }
    format!("{} of {}", best.unwrap_or("none"), seen.len())
}

#[methods]
impl<const N: usize> Odd<N> {
    const LIMIT: i64 = 3;

    fn helper<'a>(&'a self, xs: &'a [Tensor], defs: i64) -> Result<Tensor, TchError> {
        const STEP: i64 = 2;
        let mut any = vec![];
        let mut constants = None;
        let mut functions = BTreeMap::<i64, f64>::new();
        'outer: for (i, x) in xs.iter().enumerate() {
            let mut inner = Vec::new();
            for k in &self.order {
                if *k > Self::LIMIT + STEP {
                    continue 'outer;
                }
                inner.push(*k as f64);
            }
            functions.insert(i as i64, inner.iter().sum());
            any.push(x.f_add_scalar(defs)?);
            constants = Some(i as i64);
        }
        if any.is_empty() {
            return Err(TchError::Kind("none".into()));
        }
        let first = constants.unwrap_or(0);
        Ok(Tensor::stack(&any, 0) + first + functions[&0])
    }

    fn forward(&self, xs: Vec<Tensor>, mut n: i64) -> Result<(Tensor, String, i64), TchError> {
        n += 1;
        let steps = loop {
            if n > 10 {
                break n;
            }
            n += inferred(n);
        };
        let y = self.helper(&xs, steps)?.apply(&self.scale);
        n = constants(n) + types(n) + functions(n) + defs(n);
        let name = longest("a", "bcd");
        Ok((y, name, n))
    }
}

#[test]
fn a_body_of_everything() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let scale = nn::linear(vs.root(), 2, 3, Default::default());
    let odd = Odd::<4> { scale, order: vec![1, 2, 5] };
    let compiled = tch_jit::compile(&odd).unwrap();
    for n in [0, 3, 20] {
        let xs = vec![floats(&[1., 2.]), floats(&[3., 4.])];
        let (rust, name, sum) = odd.forward(vec![xs[0].shallow_clone(), xs[1].shallow_clone()], n).unwrap();
        let (ours, same_name, same_sum) = compiled.forward((xs, n)).unwrap().unwrap();
        assert!(rust.allclose(&ours, 1e-6, 1e-6, false));
        assert_eq!((name, sum), (same_name, same_sum));
    }
    assert!(compiled.forward((Vec::<Tensor>::new(), 1)).is_err());
}

/// Numbers whose types are rustc's fallback, and what references hide.
#[compile_mode(script)]
struct Fallback {}

#[methods]
impl Fallback {
    fn forward(&self, words: Vec<String>) -> (usize, f64, i64, String) {
        let mut numbers = vec![];
        let mut halves = vec![];
        if words.len() < 100 {
            numbers.push(1);
            halves.push(0.5);
            halves.push(2.0);
        }
        let mut longest = None;
        let mut by_length = HashMap::new();
        for word in &words {
            by_length.insert(word.len(), word.as_str());
            longest = Some(word);
        }
        let last = longest.cloned().unwrap_or_default();
        (numbers.len() + halves.len(), halves[0] + halves[1], by_length.len() as i64, last)
    }
}

#[test]
fn fallbacks_and_references() {
    let compiled = tch_jit::compile(&Fallback {}).unwrap();
    for words in [vec![], vec!["a".to_owned(), "bb".to_owned(), "c".to_owned()]] {
        assert_eq!(compiled.forward((words.clone(),)).unwrap(), Fallback {}.forward(words));
    }
}

/// A traced module may use what TorchScript has no type for.
#[compile_mode(trace)]
struct Traced {
    layers: Vec<nn::Linear>,
}

#[derive(Clone, Copy)]
struct NoScriptType(i64);

#[methods]
impl Traced {
    fn order(&self) -> Vec<i64> {
        let mut order = vec![];
        for i in 0..self.layers.len() {
            order.push(NoScriptType(i as i64));
        }
        order.iter().map(|it| it.0).collect()
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        let mut used = Vec::new();
        let mut last = None;
        for &i in &self.order() {
            let layer = &self.layers[i as usize];
            used.push(layer);
            last = Some(layer);
        }
        let mut y = x.shallow_clone();
        for layer in used {
            y = y.apply(layer);
        }
        y + last.map_or(0, |it| it.ws.size()[0])
    }
}

#[test]
fn traced_bodies_are_not_asked() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let layers = vec![
        nn::linear(vs.root() / 0, 2, 3, Default::default()),
        nn::linear(vs.root() / 1, 3, 2, Default::default()),
    ];
    let module = Traced { layers };
    let x = Tensor::rand([3, 2], (Kind::Float, tch::Device::Cpu));
    let traced = tch_jit::trace(&module, &x).unwrap();
    assert!(module.forward(&x).allclose(&traced.forward(&x).unwrap(), 1e-6, 1e-6, false));
}

macro_rules! modules {
    ($($name:ident $($value:expr),*;)*) => {$(
        #[compile_mode(script)]
        struct $name {}

        #[methods]
        impl $name {
            fn forward(&self, n: i64) -> i64 {
                let mut all = vec![];
                $(if n > 0 { all.push(vec![]); all[0].push($value); })*
                let mut last = None;
                for one in &all { last = one.first().copied(); }
                last.map_or(-1, |it| it as i64)
            }
        }
    )*};
}

modules! {
    Ints 1i64, 2;
    Floats 0.5, 7.25;
}

#[test]
fn bodies_that_a_macro_makes() {
    for n in [0, 1] {
        assert_eq!(tch_jit::compile(&Ints {}).unwrap().forward(n).unwrap(), Ints {}.forward(n));
        assert_eq!(tch_jit::compile(&Floats {}).unwrap().forward(n).unwrap(), Floats {}.forward(n));
    }
}

/// A child that is there or not decides what an option without a type is, and with it what is compiled.
#[compile_mode(script)]
struct Perhaps {
    child: Option<nn::Linear>,
}

#[methods]
impl Perhaps {
    fn forward(&self, x: &Tensor) -> Tensor {
        let rows = if self.child.is_some() { Some(x.size()[0]) } else { None };
        let mut scale = None;
        if let Some(rows) = rows {
            let y = x.apply(self.child.as_ref().unwrap());
            scale = Some(y * rows);
        }
        match scale {
            Some(scale) => scale + 1.0,
            None => x * 2.0,
        }
    }
}

#[test]
fn options_that_the_tree_decides() {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let x = floats(&[1., 2.]).view([1, 2]);
    for child in [None, Some(nn::linear(vs.root(), 2, 3, Default::default()))] {
        let module = Perhaps { child };
        let compiled = tch_jit::compile(&module).unwrap();
        assert!(module.forward(&x).allclose(&compiled.forward(&x).unwrap(), 1e-6, 1e-6, false));
    }
}

#[compile_mode(script)]
struct TwoBlocks {}

#[methods]
impl TwoBlocks {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.stacked(x)
    }
}

#[methods]
impl TwoBlocks {
    fn stacked(&self, x: &Tensor) -> Tensor {
        let mut parts = vec![];
        for i in 0..3 {
            parts.push(x * i);
        }
        Tensor::stack(&parts, 0)
    }
}

/// What nothing in its block needs may be for eager use alone.
#[test]
fn other_blocks_are_not_asked() {
    let error = tch_jit::compile(&TwoBlocks {}).unwrap_err().to_string();
    assert!(error.contains("a type that is not written is looked up only where `forward`"), "{error}");
    assert!(error.contains("write the type, or put `#[export]` on the method"), "{error}");
    let x = floats(&[1.0]);
    assert_eq!(TwoBlocks {}.forward(&x).size(), [3, 1]);
}
