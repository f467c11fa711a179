//! What is changed in place while a tuple, a list, an option, a map or a struct holds it. libtorch removes such changes
//! where it compiles a function, and again where a file is loaded.

#![allow(missing_docs)]
// What people write.
#![allow(clippy::assign_op_pattern, clippy::useless_vec, clippy::vec_init_then_push)]

use std::collections::HashMap;

use tch::{CModule, IValue, Kind, Tensor};
use tch_jit::{Compiled, ScriptType, compile_mode, methods, script};

#[derive(Debug, ScriptType)]
struct State {
    h: Tensor,
    n: i64,
}

#[derive(Clone, Debug, PartialEq, ScriptType)]
struct Numbers {
    all: Vec<i64>,
    n: i64,
}

#[methods]
impl Numbers {
    fn with(mut self, n: i64) -> Self {
        self.all.push(n);
        self.n += n;
        self
    }
}

#[script]
fn change(x: &Tensor) -> i64 {
    let mut y = x.shallow_clone();
    y += 100.0;
    1
}

/// Each module gives numbers of what it computes: eager, compiled, loaded, and in libtorch's own executor at each of
/// three calls.
macro_rules! same {
    ($($name:ident: |$x:ident, $n:ident| $body:block)*) => {$(
        #[test]
        fn $name() {
            #[compile_mode(script)]
            #[derive(Debug)]
            struct Root {}

            #[methods]
            impl Root {
                fn forward(&self, $x: &Tensor, $n: i64) -> Vec<f64> $body
            }

            let compiled = tch_jit::compile(&Root {}).unwrap();
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("root.pt");
            compiled.save(&path).unwrap();
            let loaded = Compiled::<Root>::load(&path).unwrap();
            let of_tch = CModule::load(&path).unwrap();
            for n in [2, 0, 1] {
                let x = || Tensor::from_slice(&[1.0f32, 2.0, 4.0]);
                let eager = Root {}.forward(&x(), n);
                assert_eq!(eager, compiled.forward((&x(), n)).unwrap(), "compiled\n{}", compiled.code());
                assert_eq!(eager, loaded.forward((&x(), n)).unwrap(), "loaded\n{}", loaded.code());
                for call in 0..3 {
                    let inputs = [IValue::Tensor(x()), IValue::Int(n)];
                    let found = of_tch.method_is("forward", &inputs).unwrap();
                    assert_eq!(IValue::DoubleList(eager.clone()), found, "call {call} in tch");
                }
            }
        }
    )*};
}

fn sum(x: &Tensor) -> f64 {
    x.sum(Kind::Double).double_value(&[])
}

same! {
    a_tuple: |x, n| {
        let mut y = x * 2.0;
        let pair = (y.shallow_clone(), n);
        y += 1.0;
        vec![pair.0.sum(Kind::Double).double_value(&[]), pair.1 as f64]
    }
    a_list: |x, n| {
        let mut y = x * 2.0;
        let all = vec![y.shallow_clone(), x * n];
        y += 1.0;
        vec![Tensor::stack(&all, 0).sum(Kind::Double).double_value(&[])]
    }
    a_list_that_is_used_before: |x, n| {
        let mut y = x * 2.0;
        let mut all = vec![y.shallow_clone()];
        all.push(x * n);
        y += 1.0;
        vec![Tensor::stack(&all, 0).sum(Kind::Double).double_value(&[])]
    }
    an_element_that_is_added: |x, n| {
        let mut y = x * 2.0;
        let mut all = vec![x * n];
        all.push(y.shallow_clone());
        y += 1.0;
        vec![Tensor::stack(&all, 0).sum(Kind::Double).double_value(&[])]
    }
    an_element_that_is_set: |x, n| {
        let mut y = x * 2.0;
        let mut all = vec![x * n, x * 3.0];
        all[1] = y.shallow_clone();
        let _ = y.g_add_scalar_(1.0);
        vec![Tensor::stack(&all, 0).sum(Kind::Double).double_value(&[])]
    }
    an_option: |x, n| {
        let mut y = x * 2.0;
        let some = if n > 0 { Some(y.shallow_clone()) } else { None };
        y += 1.0;
        vec![some.map(|it| it.sum(Kind::Double).double_value(&[])).unwrap_or(-1.0)]
    }
    a_map: |x, n| {
        let mut y = x * 2.0;
        let mut map = HashMap::from([("y".to_string(), y.shallow_clone())]);
        map.insert("z".to_string(), x * n);
        y += 1.0;
        vec![map["y"].sum(Kind::Double).double_value(&[]), map["z"].sum(Kind::Double).double_value(&[])]
    }
    a_struct: |x, n| {
        let mut y = x * 2.0;
        let state = State { h: y.shallow_clone(), n };
        y += 1.0;
        vec![state.h.sum(Kind::Double).double_value(&[]), state.n as f64]
    }
    a_view: |x, n| {
        let y = x * 2.0;
        let pair = (y.shallow_clone(), n);
        let mut first = y.get(0);
        first += 10.0;
        vec![pair.0.sum(Kind::Double).double_value(&[]), pair.1 as f64]
    }
    in_a_branch: |x, n| {
        let mut y = x * 2.0;
        let pair = (y.shallow_clone(), n);
        if n > 0 {
            y += 1.0;
        } else {
            y *= 5.0;
        }
        vec![pair.0.sum(Kind::Double).double_value(&[]), pair.1 as f64]
    }
    in_a_loop: |x, n| {
        let mut y = x * 2.0;
        let mut all = vec![x * 0.0];
        for _ in 0..n {
            all.push(y.shallow_clone());
            y += 1.0;
        }
        vec![Tensor::stack(&all, 0).sum(Kind::Double).double_value(&[])]
    }
    made_in_a_loop: |x, n| {
        let mut total = 0.0;
        for i in 0..n {
            let mut y = x * (i + 1);
            let pair = (y.shallow_clone(), i);
            y += 1.0;
            total += pair.0.sum(Kind::Double).double_value(&[]) + pair.1 as f64;
        }
        vec![total]
    }
    twice: |x, n| {
        let mut y = x * 2.0;
        let pair = (y.shallow_clone(), n);
        let both = (pair, n);
        y += 1.0;
        y *= 3.0;
        vec![both.0.0.sum(Kind::Double).double_value(&[]), both.1 as f64]
    }
    a_list_of_lists: |x, n| {
        let mut inner = vec![x.size()[0], n];
        let mut all = vec![inner.clone(), vec![1]];
        inner.push(5);
        all[0].push(n);
        all[1].push(7);
        all.iter().map(|it| it.len() as f64 + it.iter().sum::<i64>() as f64).collect()
    }
    a_tuple_of_lists: |x, n| {
        let mut pair = (vec![n], x.size()[0]);
        pair.0.push(n);
        pair.0.push(3);
        pair.1 += pair.0.len() as i64;
        let (list, m) = pair;
        vec![list.iter().sum::<i64>() as f64, m as f64, list.len() as f64]
    }
    a_method_of_data: |x, n| {
        let it = Numbers { all: vec![n], n };
        let twice = it.clone().with(n).with(x.size()[0]);
        vec![it.all.len() as f64, twice.all.len() as f64, twice.n as f64, twice.all[1] as f64]
    }
    what_a_function_changes: |x, n| {
        let y = x * 2.0;
        let pair = (y.shallow_clone(), n);
        let m = change(&y);
        vec![pair.0.sum(Kind::Double).double_value(&[]), (pair.1 + m) as f64]
    }
    an_argument: |x, n| {
        let pair = (x.shallow_clone(), n);
        let mut y = x.shallow_clone();
        y += 1.0;
        vec![pair.0.sum(Kind::Double).double_value(&[]), pair.1 as f64]
    }
    nothing_reads_it: |x, n| {
        let mut y = x * 2.0;
        y += 1.0;
        vec![x.sum(Kind::Double).double_value(&[]), n as f64]
    }
}

/// What leaves the function holds it, and the caller reads it.
#[script]
fn pair_of(x: &Tensor) -> (Tensor, i64) {
    let mut y = x * 2.0;
    let pair = (y.shallow_clone(), 1);
    y += 1.0;
    pair
}

#[script]
fn list_of(x: &Tensor) -> Vec<Tensor> {
    let mut y = x * 2.0;
    let mut all = vec![];
    all.push(y.shallow_clone());
    y += 1.0;
    all
}

#[script]
fn numbers_of(n: i64) -> (Vec<i64>, i64) {
    let mut pair = (vec![1], n);
    pair.0.push(n);
    pair
}

#[script]
fn map_of(n: i64) -> (HashMap<String, i64>, i64) {
    let mut pair = (HashMap::from([("a".to_string(), 1)]), n);
    pair.0.insert("b".to_string(), n);
    pair
}

same! {
    results_of_functions: |x, n| {
        let (y, m) = pair_of(x);
        let z = list_of(x);
        let (numbers, _) = numbers_of(n);
        let map = map_of(n).0;
        let parts = [y.sum(Kind::Double).double_value(&[]), z[0].sum(Kind::Double).double_value(&[])];
        vec![parts[0], parts[1], m as f64, numbers.len() as f64, numbers.iter().sum::<i64>() as f64, map.len() as f64]
    }
}

/// A plain body has no branch that it does not need.
#[compile_mode(script)]
#[derive(Debug)]
struct Plain {}

#[methods]
impl Plain {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        let mut y = x * 2.0;
        let pair = (y.shallow_clone(), x.shallow_clone());
        y += 1.0;
        pair
    }
}

#[test]
fn a_tuple_is_made_where_it_is_used() {
    let compiled = tch_jit::compile(&Plain {}).unwrap();
    let code = compiled.code();
    assert!(!code.contains("raise") && !code.contains("if "), "{code}");
    let x = Tensor::from_slice(&[1.0f32, 2.0]);
    assert_eq!(sum(&compiled.forward(&x).unwrap().0), 8.0);
}
