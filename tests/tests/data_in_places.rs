//! Methods of data that fields, lists, options and maps hold; of types in other files, in macros and in blocks.

#![allow(missing_docs)]
// What people write.
#![allow(clippy::non_minimal_cfg, clippy::for_kv_map)]

use std::collections::BTreeMap;

use tch::{Kind, Tensor};
use tch_jit::{Compiled, ScriptType, compile_mode, methods};

pub mod types {
    use tch_jit::{ScriptType, methods};

    #[derive(Clone, Debug, PartialEq, ScriptType)]
    pub struct Inner {
        pub n: i64,
    }

    #[methods]
    impl Inner {
        pub const TEN: i64 = 10;

        pub fn of(n: i64) -> Inner {
            Inner { n }
        }

        pub fn double(&self) -> i64 {
            self.n * 2
        }

        #[cfg(any())]
        pub fn twin(&self) -> i64 {
            unknown()
        }

        #[cfg(all())]
        pub fn twin(&self) -> i64 {
            if self.n > 3 {
                return 7;
            }
            let next = |x: i64| x + self.n;
            next(1)
        }

        pub fn r#match(&self) -> i64 {
            3
        }

        pub fn lambda(&self, def: i64) -> i64 {
            def + self.n
        }

        pub fn many(all: &[Inner]) -> Vec<Inner> {
            all.iter().map(|it| Inner::of(it.double())).collect()
        }

        pub fn maybe(&self, n: i64) -> Option<Self> {
            if n > 0 { Some(Self { n }) } else { None }
        }

        pub fn pair(self) -> (Self, i64) {
            let n = self.n;
            (self, n)
        }

        pub fn question(&self, n: i64) -> Option<i64> {
            let it = self.maybe(n)?;
            Some(it.double())
        }

        pub fn search(&self) -> i64 {
            'rows: for i in 0..10 {
                for j in 0..10 {
                    if i * j == self.n {
                        break 'rows;
                    }
                    if i + j > 15 {
                        return i;
                    }
                }
            }
            self.n % 7
        }

        // Named as what iterators and locks have.
        pub fn step(&self) -> i64 {
            self.n + 1000
        }
    }

    #[derive(Clone, Debug, PartialEq, ScriptType)]
    pub struct Outer {
        pub inner: Inner,
        pub all: Vec<Inner>,
    }

    #[methods]
    impl Outer {
        pub fn total(&self) -> i64 {
            let mut total = self.inner.double();
            for it in &self.all {
                total += it.double() + it.twin();
            }
            total + self.all.len() as i64
        }

        pub fn double(&self) -> i64 {
            -1
        }

        pub fn with(mut self, n: i64) -> Self {
            self.inner.n += n;
            self.all.push(Inner::of(n));
            self
        }
    }
}

use types::{Inner, Outer};

macro_rules! make {
    ($name:ident, $method:ident, $k:literal) => {
        #[derive(Clone, Debug, PartialEq, ScriptType)]
        struct $name {
            v: i64,
        }

        #[methods]
        impl $name {
            fn $method(&self) -> i64 {
                self.v + $k
            }

            fn make(v: i64) -> Self {
                Self { v }
            }
        }
    };
}

make!(Made, go, 5);
make!(MadeToo, go, 50);

#[compile_mode(script)]
#[derive(Debug)]
struct Root {
    outer: Outer,
    maybe: Option<Inner>,
    none: Option<Inner>,
    map: BTreeMap<String, Inner>,
    list: Vec<Outer>,
    empty: Vec<Outer>,
}

#[methods]
impl Root {
    fn forward(&self, n: i64) -> (Vec<i64>, Vec<Inner>) {
        let outer = self.outer.total() + self.outer.double() + self.outer.inner.double() * Inner::TEN;
        let mut held = self.map["x"].double();
        if let Some(it) = &self.maybe {
            held += it.double() + it.step();
        }
        if let Some(it) = &self.none {
            held += it.double() * 1000;
        }
        for (_, it) in &self.map {
            held += it.twin() + it.r#match() + it.lambda(2);
        }
        for it in &self.list {
            held += it.total();
            for i in &it.all {
                held += i.double();
            }
        }
        for it in &self.empty {
            held += it.total();
        }
        let many = Inner::many(&self.outer.all);
        let (it, m) = many[0].clone().pair();
        let found = it.question(n).unwrap_or(-5) + m + it.search() + it.step();
        let made = types::Inner::of(n).search() + Made::make(n).go() + MadeToo::make(n).go();
        let changed = self.outer.clone().with(n).with(2).total() + self.list[0].double();
        let of_many = many.iter().map(|it| it.double()).sum::<i64>() + many.last().unwrap().twin();
        (vec![outer, held, found, made, changed, of_many], many)
    }
}

#[test]
fn everywhere() {
    let inner = |n| Inner { n };
    let module = Root {
        outer: Outer { inner: inner(4), all: vec![inner(1), inner(9)] },
        maybe: Some(inner(8)),
        none: None,
        map: BTreeMap::from([("x".into(), inner(11)), ("y".into(), inner(2))]),
        list: vec![Outer { inner: inner(3), all: vec![inner(5)] }],
        empty: vec![],
    };
    let compiled = tch_jit::compile(&module).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("root.pt");
    compiled.save(&path).unwrap();
    let loaded = Compiled::<Root>::load(&path).unwrap();
    for n in [-3, 0, 1, 5, 100] {
        assert_eq!(module.forward(n), compiled.forward(n).unwrap());
        assert_eq!(module.forward(n), loaded.forward(n).unwrap());
    }
}

/// Two types of one name, with methods of one name.
macro_rules! in_a_block {
    ($k:literal) => {{
        #[derive(Clone, Debug, ScriptType)]
        struct Local {
            v: i64,
        }

        #[methods]
        impl Local {
            fn f(&self) -> i64 {
                self.v * $k
            }
        }

        #[compile_mode(script)]
        #[derive(Debug)]
        struct Module {
            local: Local,
        }

        #[methods]
        impl Module {
            fn forward(&self, n: i64) -> i64 {
                self.local.f() + Local { v: n }.f()
            }
        }

        let module = Module { local: Local { v: 3 } };
        assert_eq!(module.forward(2), tch_jit::compile(&module).unwrap().forward(2).unwrap());
    }};
}

#[test]
fn local_types_of_one_name() {
    in_a_block!(1);
    in_a_block!(100);
}

#[derive(Debug, ScriptType)]
struct State {
    h: Tensor,
    c: Tensor,
}

#[methods]
impl State {
    fn step(&self, x: &Tensor) -> State {
        let h = (&self.h * x).tanh() + &self.c;
        State { c: &h * 0.5, h }
    }

    fn mixed(&self, other: &State) -> Tensor {
        self.both() * other.both()
    }

    fn both(&self) -> Tensor {
        &self.h + &self.c
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Cell {
    w: Tensor,
}

#[methods]
impl Cell {
    fn forward(&self, x: &Tensor, n: i64) -> Tensor {
        let mut state = State { h: x * &self.w, c: x.zeros_like() };
        for _ in 0..n {
            state = state.step(x);
        }
        let next = state.step(x);
        next.mixed(&state)
    }
}

#[test]
fn gradients() {
    let module = Cell { w: Tensor::from_slice(&[0.3f32, -0.7]).set_requires_grad(true) };
    let compiled = tch_jit::compile(&module).unwrap();
    for n in 0..4 {
        let of = |forward: &dyn Fn(&Tensor) -> Tensor| {
            let x = Tensor::from_slice(&[1.5f32, 0.2]).set_requires_grad(true);
            let y = forward(&x);
            let gradients = Tensor::run_backward(&[y.sum(Kind::Float)], &[&x, &module.w], false, false);
            std::iter::once(y).chain(gradients).collect::<Vec<_>>()
        };
        let eager = of(&|x| module.forward(x, n));
        let ours = of(&|x| compiled.forward((x, n)).unwrap());
        for (a, b) in eager.iter().zip(&ours) {
            assert!(a.allclose(b, 1e-6, 1e-6, false), "{n}: {a} {b}");
        }
    }
}
