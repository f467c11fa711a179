//! Maps among the arguments and results of traces: the order of a `HashMap`, which is random, decides nothing.

#![allow(missing_docs)]

use std::collections::{BTreeMap, HashMap};

use integration_tests::modules::reload_typed;
use tch::{Kind, Tensor};
use tch_jit::{Compiler, Error, ScriptModule, ScriptType, compile_mode, export, methods};

fn rows(n: i64, factor: f64) -> Tensor {
    Tensor::arange(n * 3, (Kind::Float, tch::Device::Cpu)).reshape([n, 3]) * factor
}

/// `a`, `b`, … with tensors that differ.
fn map(n_keys: u8, n_rows: i64) -> HashMap<String, Tensor> {
    let key = |i: u8| char::from(b'a' + i).to_string();
    (0..n_keys).map(|i| (key(i), rows(n_rows, 1.0 + f64::from(i)))).collect()
}

/// How many fresh maps, each with an order of its own, a test tries.
const TRIES: usize = 12;

#[compile_mode(trace)]
#[derive(Debug)]
struct Weighted {
    n: i64,
}

#[methods]
impl Weighted {
    /// Differs for each order of the values.
    fn forward(&self, named: &HashMap<String, Tensor>, x: &Tensor) -> Tensor {
        let mut y = x * 1.0;
        for i in 0..self.n {
            let key = char::from(b'a' + u8::try_from(i).unwrap()).to_string();
            y = y * 2.0 + &named[&key];
        }
        y / (x.size()[0] as f64)
    }
}

#[test]
fn examples_with_maps_are_generalized() {
    for n_keys in [1, 2, 3, 8] {
        for _ in 0..TRIES {
            let module = Weighted { n: i64::from(n_keys) };
            let examples = vec![(map(n_keys, 2), rows(2, 1.0)), (map(n_keys, 5), rows(5, 1.0))];
            let compiled = tch_jit::trace(&module, examples).unwrap();
            let (named, x) = (map(n_keys, 7), rows(7, 0.5));
            let expected = module.forward(&named, &x);
            assert_eq!(compiled.forward((&named, &x)).unwrap(), expected);
            assert_eq!(reload_typed(&compiled).forward((&named, &x)).unwrap(), expected);
        }
    }
}

#[derive(Debug, ScriptType)]
struct Batch {
    nested: HashMap<String, HashMap<String, Tensor>>,
    lists: Vec<(HashMap<String, Tensor>, Tensor)>,
}

impl Batch {
    fn new(n_rows: i64) -> Batch {
        let nested = ["x", "y", "z"].map(|key| (key.to_owned(), map(4, n_rows)));
        Batch {
            nested: HashMap::from(nested),
            lists: vec![(map(3, n_rows), rows(n_rows, 1.0)), (map(2, n_rows), rows(n_rows, 3.0))],
        }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Nested;

#[methods]
impl Nested {
    fn forward(&self, batch: Batch) -> Tensor {
        let mut y = &batch.nested["x"]["a"] - &batch.nested["z"]["d"] * 2.0;
        for (i, (named, x)) in batch.lists.iter().enumerate() {
            y += &named["b"] * x * (i as f64 + 0.5);
        }
        y * (batch.lists[0].1.size()[0] as f64)
    }
}

#[test]
fn maps_in_maps_lists_tuples_and_structs() {
    for _ in 0..TRIES {
        let compiled = tch_jit::trace(&Nested, vec![(Batch::new(2),), (Batch::new(4),)]).unwrap();
        let expected = Nested.forward(Batch::new(5));
        assert_eq!(compiled.forward((Batch::new(5),)).unwrap(), expected);
        assert_eq!(reload_typed(&compiled).forward((Batch::new(5),)).unwrap(), expected);
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Walking;

#[methods]
impl Walking {
    /// Walks the map, in its own order.
    fn forward(&self, named: &HashMap<String, Tensor>, owned: HashMap<String, Tensor>) -> Tensor {
        let walk = |of: &HashMap<String, Tensor>| {
            of.values().fold(Tensor::zeros([1], (Kind::Float, tch::Device::Cpu)), |sum, it| {
                sum + it.sum(Kind::Float)
            })
        };
        walk(named) + walk(&owned)
    }
}

#[test]
fn a_body_that_walks_a_map_meets_equal_keys_in_one_order() {
    for _ in 0..TRIES {
        let examples = vec![(map(8, 2), map(5, 2)), (map(8, 3), map(5, 3)), (map(8, 4), map(5, 1))];
        let compiled = tch_jit::trace(&Walking, examples).unwrap();
        let expected = Walking.forward(&map(8, 6), map(5, 6));
        let found = compiled.forward((&map(8, 6), map(5, 6))).unwrap();
        assert!(found.allclose(&expected, 1e-6, 0.0, false));
    }
}

#[test]
fn equal_bodies_give_equal_graphs() {
    let code = || tch_jit::trace(&Weighted { n: 8 }, (map(8, 2), rows(2, 1.0))).unwrap().code();
    let first = code();
    for _ in 0..TRIES {
        assert_eq!(code(), first);
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Returning;

#[methods]
impl Returning {
    fn forward(&self, x: &Tensor) -> HashMap<String, Tensor> {
        (0..6).map(|i| (format!("out_{i}"), x * f64::from(i))).collect()
    }
}

#[test]
fn results_are_in_the_order_of_their_keys() {
    for _ in 0..TRIES {
        let compiler = Compiler::new().strict(false);
        let compiled = compiler.trace(&Returning, vec![(rows(2, 1.0),), (rows(3, 1.0),)]).unwrap();
        let code = compiled.code();
        let keys: Vec<usize> = (0..6).map(|i| code.find(&format!("out_{i}")).unwrap()).collect();
        assert!(keys.is_sorted(), "{code}");
        assert_eq!(compiled.forward(rows(4, 1.0)).unwrap(), Returning.forward(&rows(4, 1.0)));
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Holding {
    by_name: HashMap<String, f64>,
    by_number: HashMap<i64, f64>,
    #[jit(constant)]
    fixed: HashMap<i64, bool>,
}

#[methods]
impl Holding {
    fn forward(&self, key: i64) -> f64 {
        if self.fixed[&key] { self.by_number[&key] + self.by_name["one"] } else { 0.0 }
    }

    #[export]
    fn all(&self) -> (HashMap<String, f64>, HashMap<i64, f64>) {
        (self.by_name.clone(), self.by_number.clone())
    }
}

#[test]
fn fields_are_saved_in_the_order_of_their_keys() {
    let holding = || Holding {
        by_name: ["one", "two", "three", "four"].map(|key| (key.to_owned(), key.len() as f64)).into(),
        by_number: (-4..5).map(|i| (i, i as f64)).collect(),
        fixed: (-4..5).map(|i| (i, i > 0)).collect(),
    };
    let shown = || {
        let compiled = tch_jit::compile(&holding()).unwrap();
        assert_eq!(compiled.forward(3).unwrap(), holding().forward(3));
        assert_eq!(compiled.forward(-3).unwrap(), holding().forward(-3));
        let of = |module: &ScriptModule| format!("{:?}", module.call("all", &[]).unwrap());
        let shown = of(&compiled);
        assert_eq!(of(&reload_typed(&compiled)), shown);
        shown
    };
    let first = shown();
    for _ in 0..TRIES {
        assert_eq!(shown(), first);
    }
}

#[test]
fn different_keys_are_refused() {
    let of = |keys: &[&str]| -> HashMap<String, Tensor> {
        keys.iter().map(|key| ((*key).to_owned(), rows(keys.len() as i64, 1.0))).collect()
    };
    for (first, second, shown) in [
        (of(&["a", "b"]), of(&["a", "c"]), "`\"a\"`, `\"b\"` and `\"a\"`, `\"c\"`"),
        (of(&["a"]), of(&["a", "b"]), "`\"a\"` and `\"a\"`, `\"b\"`"),
        (of(&["a"]), of(&[]), "`\"a\"` and none"),
    ] {
        let examples = vec![(first, rows(2, 1.0)), (second, rows(3, 1.0))];
        let error = tch_jit::trace(&Weighted { n: 1 }, examples).unwrap_err();
        let Error::Trace { site, message } = &error else { panic!("{error}") };
        assert_eq!(site.method, "forward");
        assert!(message.contains("its argument `named`") && message.contains(shown), "{message}");
        assert!(message.contains("help: give examples with equal keys"), "{message}");
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Ordered;

#[methods]
impl Ordered {
    fn forward(&self, named: &BTreeMap<String, Tensor>) -> Tensor {
        named.values().fold(Tensor::zeros([1], (Kind::Float, tch::Device::Cpu)), |sum, it| {
            sum * 2.0 + it.sum(Kind::Float)
        })
    }
}

#[test]
fn ordered_maps_keep_their_order() {
    let ordered = |n| map(6, n).into_iter().collect::<BTreeMap<_, _>>();
    let compiled = tch_jit::trace(&Ordered, vec![(ordered(1),), (ordered(2),)]).unwrap();
    assert_eq!(compiled.forward(ordered(3)).unwrap(), Ordered.forward(&ordered(3)));
}
