//! Scripted bodies: the same Rust, run eagerly and compiled, gives the same results.
// The forms under test are not all what clippy would write.
#![allow(missing_docs, clippy::all)]

use tch::nn::Module as _;
use tch::{Device, Kind, Tensor, nn};
use tch_jit::{Compiled, compile_mode, methods};

const SCALE: f64 = 0.5;

/// Declares a scripted unit struct with one `forward`.
macro_rules! scripted {
    ($name:ident, $($forward:tt)*) => {
        #[compile_mode(script)]
        #[derive(Debug)]
        struct $name;
        #[methods]
        impl $name { $($forward)* }
    };
}

fn compiled<M: tch_jit::Compilable>(module: &M) -> Compiled<M> {
    tch_jit::compile(module).unwrap_or_else(|error| panic!("{error}"))
}

macro_rules! ints {
    ($module:expr, $(($($arg:expr),*)),* $(,)?) => {{
        let module = $module;
        let compiled = compiled(&module);
        for _ in 0..3 {
            $(assert_eq!(compiled.forward(($($arg,)*)).unwrap(), module.forward($($arg),*), "{:?}\n{}", ($($arg,)*), compiled.code());)*
        }
    }};
}

scripted!(
    Division,
    pub fn forward(&self, a: i64, b: i64) -> (i64, i64) {
        (a / b, a % b)
    }
);

#[test]
fn integer_division_truncates() {
    ints!(
        Division,
        (7, 2),
        (-7, 2),
        (7, -2),
        (-7, -2),
        (6, 3),
        (-6, 3),
        (0, 5),
        (i64::MAX, -1),
        (i64::MIN + 1, 7)
    );
    let error = compiled(&Division).forward((1, 0)).unwrap_err().to_string();
    assert!(error.contains("division by 0"), "{error}");
    assert!(error.contains("tests/tests/script.rs"), "{error}");
    assert!(error.contains("(a / b, a % b)"), "the Rust line is shown: {error}");
}

scripted!(
    FloatRemainder,
    pub fn forward(&self, a: f64, b: f64) -> f64 {
        a % b
    }
);

#[test]
fn float_remainder_has_the_sign_of_the_dividend() {
    ints!(FloatRemainder, (7.5, 2.0), (-7.5, 2.0), (7.5, -2.0));
}

scripted!(
    Shadowing,
    pub fn forward(&self, x: i64) -> i64 {
        let y = x + 1;
        let y = y * 2;
        let x = {
            let y = y - 3;
            y * y
        };
        let z = if x > 10 {
            let y = 1;
            x - y
        } else {
            y
        };
        z + y
    }
);

#[test]
fn shadowed_names_keep_their_own_values() {
    ints!(Shadowing, (0), (1), (5), (-4));
}

scripted!(
    Loops,
    pub fn forward(&self, n: i64) -> (i64, i64, i64, i64) {
        let mut sum = 0;
        for i in 0..n {
            if i % 2 == 0 {
                continue;
            }
            sum += i;
        }
        let mut down = 0;
        for i in (1..=n).rev() {
            down = down * 3 + i;
        }
        let mut k = 0;
        while k * k < n {
            k += 1;
        }
        let mut m = n;
        let found: i64 = loop {
            if m <= 0 {
                break -1;
            }
            if m % 7 == 0 {
                break m;
            }
            m -= 1;
        };
        for i in (0..n).step_by(3) {
            k += i;
        }
        (sum, down, k, found)
    }
);

#[test]
fn loops_run_as_in_rust() {
    ints!(Loops, (0), (1), (5), (20), (6));
}

scripted!(
    EarlyReturn,
    pub fn forward(&self, n: i64) -> i64 {
        if n < 0 {
            return -1;
        }
        for i in 2..n {
            if n % i == 0 {
                return i;
            }
        }
        n
    }
);

#[test]
fn early_returns_leave_loops() {
    ints!(EarlyReturn, (-5), (0), (7), (9), (91), (97));
}

scripted!(
    Logic,
    pub fn forward(&self, a: i64, b: i64) -> (bool, bool, i64) {
        let first = a > 0 && {
            let c = 100 / a;
            c > b
        };
        let second = a == 0 || !(b / a > 1);
        let bits = (a & b) | (a ^ 3);
        (first, second, !bits)
    }
);

#[test]
fn logic_short_circuits() {
    ints!(Logic, (0, 1), (3, 2), (-3, 2), (100, 50), (5, 30));
}

scripted!(
    Casts,
    pub fn forward(&self, a: f64, b: i64, c: bool) -> (i64, f64, i64, f64) {
        (a as i64, b as f64 / 2.0, c as i64, (b as usize as f32) as f64)
    }
);

#[test]
fn casts_convert() {
    ints!(Casts, (1.9, 3, true), (-1.9, 8, false));
}

scripted!(
    Order,
    pub fn forward(&self, a: i64) -> (i64, i64) {
        let mut x = a;
        let y = x + {
            x += 10;
            x * 2
        };
        (x, y)
    }
);

#[test]
fn operands_are_evaluated_from_left_to_right() {
    ints!(Order, (1), (5));
}

scripted!(
    Optional,
    pub fn forward(&self, x: &Tensor, scale: Option<f64>, bias: Option<&Tensor>) -> Tensor {
        let mut y = x * SCALE;
        if let Some(scale) = scale {
            y = y * scale;
        }
        if bias.is_some() { y + bias.unwrap() } else { y }
    }
);

#[test]
fn options_are_refined() {
    let compiled = compiled(&Optional);
    let x = Tensor::rand([3], tch::kind::FLOAT_CPU);
    for scale in [None, Some(2.0)] {
        for bias in [None, Some(&x)] {
            assert_eq!(compiled.forward((&x, scale, bias)).unwrap(), Optional.forward(&x, scale, bias));
        }
    }
}

scripted!(
    Ops,
    pub fn forward(&self, x: &Tensor, n: i64) -> Vec<Tensor> {
        let y = Tensor::zeros([2, n], (Kind::Float, x.device())) + 1.0;
        let z = x.view([-1, 2]).softmax(-1, Kind::Float).sum_dim_intlist(1, true, Kind::Float);
        let (values, indices) = x.max_dim(0, false);
        let b = x.size()[0];
        let c = x.narrow(0, 0, b - 1).transpose(0, 1).contiguous().flat_view();
        let d = 1.0 - x / 3 + 2.0 / (x.abs() + 1.0);
        let mut e = x.copy();
        e += 1.0;
        e *= x;
        e /= 2.0;
        let f = Tensor::cat(&[&y, &y], 0);
        let g = x.where_self(&x.gt(0.0), &Tensor::from(0.5f64).to_kind(Kind::Float));
        let h = Tensor::arange_start_step(0, n, 2, (Kind::Int64, Device::Cpu));
        let i = x.unbind(0).len() as f64 + x;
        vec![y, z, values, indices.to_kind(Kind::Float), c, d, e, f, g, h, i]
    }
);

#[test]
fn tensor_operators_give_what_tch_gives() {
    let compiled = compiled(&Ops);
    let x = Tensor::randn([4, 6], tch::kind::FLOAT_CPU);
    for _ in 0..3 {
        let found = compiled.forward((&x, 5)).unwrap();
        for (i, (found, expected)) in found.iter().zip(Ops.forward(&x, 5)).enumerate() {
            assert!(
                found.kind() == expected.kind() && found.allclose(&expected, 1e-6, 1e-6, false),
                "{i}: {found} {expected}"
            );
        }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Stack {
    layers: Vec<nn::Linear>,
    norm: Option<nn::LayerNorm>,
    weight: Tensor,
    rate: f64,
}

#[methods]
impl Stack {
    fn new(vs: &nn::Path, n: i64) -> Self {
        Stack {
            layers: (0..n).map(|i| nn::linear(vs / i, 4, 4, Default::default())).collect(),
            norm: None,
            weight: vs.var("weight", &[4], nn::Init::Const(2.0)),
            rate: 0.1,
        }
    }

    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut x = x.shallow_clone();
        for layer in &self.layers {
            x = layer.forward(&x).relu();
        }
        for (i, layer) in self.layers.iter().enumerate() {
            x = x.apply(layer) * (i as f64 + 1.0);
        }
        self.scale(&x) + Self::offset(2)
    }

    fn scale(&self, x: &Tensor) -> Tensor {
        x * &self.weight * self.rate
    }

    fn offset(n: i64) -> f64 {
        n as f64 / 4.0
    }
}

#[test]
fn module_lists_helpers_and_fields() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Stack::new(&vs.root(), 3);
    let compiled = compiled(&module);
    let x = Tensor::randn([2, 4], tch::kind::FLOAT_CPU);
    for _ in 0..3 {
        assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
    }
    compiled.forward(&x).unwrap().sum(Kind::Float).backward();
    assert!(module.weight.grad().defined());
    let names: Vec<String> = compiled.named_parameters().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 7);
    assert!(names.contains(&"weight".into()) && names.contains(&"layers.2.bias".into()), "{names:?}");
}

scripted!(
    Lists,
    pub fn forward(&self, xs: &[Tensor], n: i64) -> (Tensor, Vec<i64>) {
        let mut total = Tensor::zeros_like(&xs[0]);
        for (i, x) in xs.iter().enumerate() {
            total = total + x * (i as f64);
        }
        let mut sizes = vec![0; 2];
        sizes[0] = n;
        sizes.push(xs.len() as i64);
        for (x, y) in xs.iter().zip(xs.iter()) {
            total = total - x.dot(y);
        }
        assert!(sizes.len() == 3, "three");
        if n > 100 {
            panic!("too large");
        }
        (total, sizes)
    }
);

#[test]
fn lists() {
    let compiled = compiled(&Lists);
    let xs = [Tensor::rand([3], tch::kind::FLOAT_CPU), Tensor::rand([3], tch::kind::FLOAT_CPU)];
    let (total, sizes) = compiled.forward((&xs, 7)).unwrap();
    let (expected, expected_sizes) = Lists.forward(&xs, 7);
    assert!(total.allclose(&expected, 1e-6, 1e-6, false));
    assert_eq!(sizes, expected_sizes);
    let error = compiled.forward((&xs, 101)).unwrap_err().to_string();
    assert!(error.contains("too large") && error.contains("panic!(\"too large\")"), "{error}");
}

/// `forward_t` gets the module's flag.
#[compile_mode(script)]
#[derive(Debug)]
struct Dropped {
    norm: nn::BatchNorm,
    linear: nn::Linear,
}

#[methods]
impl nn::ModuleT for Dropped {
    fn forward_t(&self, xs: &Tensor, train: bool) -> Tensor {
        let xs = xs.apply(&self.linear).apply_t(&self.norm, train);
        if train { xs * 2.0 } else { xs.relu() }
    }
}

#[test]
fn training_flag_reaches_forward_t() {
    use tch::nn::ModuleT;
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Dropped {
        norm: nn::batch_norm1d(vs.root() / "norm", 4, Default::default()),
        linear: nn::linear(vs.root() / "linear", 4, 4, Default::default()),
    };
    let compiled = compiled(&module);
    let x = Tensor::randn([5, 4], tch::kind::FLOAT_CPU);
    compiled.eval();
    assert_eq!(compiled.forward(&x).unwrap(), module.forward_t(&x, false));
    compiled.train();
    let mean = module.norm.running_mean.copy();
    let found = compiled.forward(&x).unwrap();
    assert_ne!(module.norm.running_mean, mean, "the statistics are shared");
    assert!(found.allclose(&module.forward_t(&x, true), 1e-5, 1e-5, false));
}

#[compile_mode(script)]
#[derive(Debug)]
struct Generic<M: nn::Module> {
    inner: M,
}

#[methods]
impl<M: nn::Module + tch_jit::DynModule> Generic<M> {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.inner.forward(x) + 1.0
    }
}

#[test]
fn generic_modules() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Generic { inner: nn::linear(vs.root(), 4, 2, Default::default()) };
    let x = Tensor::randn([5, 4], tch::kind::FLOAT_CPU);
    assert_eq!(compiled(&module).forward(&x).unwrap(), module.forward(&x));
}

const LIMIT: i64 = 7;

scripted!(
    Matching,
    pub fn forward(&self, n: i64, m: Option<i64>) -> (i64, i64, i64, String) {
        let a = match n {
            0 => 10,
            1 | 2 => 20,
            LIMIT => 25,
            3..=9 => 30,
            k if k < 0 => -k,
            other => other * 2,
        };
        let b = match m {
            Some(0) => 1,
            Some(v) if v > 5 => v,
            Some(_) => 2,
            None => 3,
        };
        let c = match (n, m) {
            (0, None) => 100,
            (x, Some(y)) => x + y,
            _ => -1,
        };
        let Some(v) = m else {
            return (a, b, c, "none".to_owned());
        };
        let name = match v > 3 {
            true => "large",
            false => "small",
        };
        (a + v, b, c, name.to_owned())
    }
);

#[test]
fn matches() {
    let compiled = compiled(&Matching);
    for _ in 0..3 {
        for n in [-3, 0, 1, 2, 5, 7, 9, 10] {
            for m in [None, Some(0), Some(3), Some(6)] {
                assert_eq!(
                    compiled.forward((n, m)).unwrap(),
                    Matching.forward(n, m),
                    "{n} {m:?}\n{}",
                    compiled.code()
                );
            }
        }
    }
}

scripted!(
    Combinators,
    pub fn forward(&self, m: Option<i64>, xs: &[i64]) -> (i64, i64, Option<i64>, bool, i64, Vec<i64>, f64) {
        let a = m.map(|v| v * 2).unwrap_or(7);
        let b = m.map_or(-1, |v| {
            let w = v + 1;
            w * w
        });
        let c = m.and_then(|v| if v > 3 { Some(v) } else { None });
        let d = xs.iter().any(|&x| x > 2) && m.is_some_and(|v| v < 100);
        let e: i64 = xs.iter().map(|x| x * 3).filter(|&x| x % 2 == 0).fold(0, |acc, x| acc + x);
        let f: Vec<i64> = xs
            .iter()
            .enumerate()
            .filter(|(i, _)| i % 2 == 0)
            .map(|(_, x)| {
                let y = x + 1;
                y * y
            })
            .collect();
        let g: f64 =
            (0..4).map(|i| i as f64 * 0.5).sum::<f64>() + xs.iter().map(|x| x * 2).sum::<i64>() as f64;
        (a, b, c, d, e, f, g)
    }
);

#[test]
fn combinators_and_chains() {
    let compiled = compiled(&Combinators);
    for _ in 0..3 {
        for m in [None, Some(0), Some(5)] {
            for xs in [vec![], vec![1, 2, 3, 4], vec![6]] {
                assert_eq!(
                    compiled.forward((m, &xs)).unwrap(),
                    Combinators.forward(m, &xs),
                    "{m:?} {xs:?}\n{}",
                    compiled.code()
                );
            }
        }
    }
}

scripted!(
    Indexed,
    pub fn forward(&self, x: &Tensor, index: &Tensor) -> Vec<Tensor> {
        use tch::IndexOp;
        let rows: Tensor = x.unbind(0).iter().map(|row| row * 2.0).sum();
        vec![
            x.i(0),
            x.i((.., 1)),
            x.i((1..3, ..2)),
            x.i((..=1, -1)),
            x.i(index),
            x.i((NewAxis, 0, 1..)),
            rows,
        ]
    }
);
use tch::NewAxis;

#[test]
fn tensors_are_indexed_as_by_index_op() {
    let compiled = compiled(&Indexed);
    let x = Tensor::randn([4, 5], tch::kind::FLOAT_CPU);
    let index = Tensor::from_slice(&[2i64, 0]);
    for (found, expected) in compiled.forward((&x, &index)).unwrap().iter().zip(Indexed.forward(&x, &index)) {
        assert_eq!(found.size(), expected.size());
        assert_eq!(*found, expected);
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct OptionalChild {
    norm: Option<nn::LayerNorm>,
    layers: Vec<nn::Linear>,
}

#[methods]
impl OptionalChild {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let x = x.apply_opt(&self.norm);
        let x = self.layers.iter().fold(x, |x, layer| layer.forward(&x).relu());
        match &self.norm {
            Some(norm) => norm.forward(&x),
            None => x * 2.0,
        }
    }
}

#[test]
fn optional_children_are_decided_while_compiling() {
    let vs = nn::VarStore::new(Device::Cpu);
    let norm = || Some(nn::layer_norm(vs.root(), vec![4], Default::default()));
    let x = Tensor::randn([2, 4], tch::kind::FLOAT_CPU);
    for norm in [None, norm()] {
        let layers = (0..2).map(|_| nn::linear(vs.root(), 4, 4, Default::default())).collect();
        let module = OptionalChild { norm, layers };
        let compiled = compiled(&module);
        assert!(!compiled.graph().contains("prim::If"), "{}", compiled.graph());
        assert!(compiled.forward(&x).unwrap().allclose(&module.forward(&x), 1e-6, 1e-6, false));
    }
}

scripted!(
    Fallible,
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, tch::TchError> {
        let (rows, columns) = x.size2()?;
        if rows != columns {
            return Err(tch::TchError::Torch("not square".to_owned()));
        }
        Ok(x.f_matmul(x)?)
    }
);

#[test]
fn results_are_their_values_and_errors_are_raised() {
    let compiled = compiled(&Fallible);
    let square = Tensor::randn([3, 3], tch::kind::FLOAT_CPU);
    assert_eq!(compiled.forward(&square).unwrap().unwrap(), Fallible.forward(&square).unwrap());
    let error = compiled.forward(&Tensor::zeros([2, 3], tch::kind::FLOAT_CPU)).unwrap_err().to_string();
    assert!(error.contains("not square"), "{error}");
    assert!(compiled.forward(&Tensor::zeros([2, 3, 3], tch::kind::FLOAT_CPU)).is_err());
}

#[compile_mode(script)]
#[derive(Debug)]
struct Tied {
    encode: nn::Linear,
    norm: nn::LayerNorm,
}

#[methods]
impl Tied {
    /// Weights of layers are read by their names in Rust, and the same ones are used twice.
    fn forward(&self, x: &Tensor) -> Tensor {
        let hidden = x.apply(&self.encode).apply(&self.norm);
        let decoded = hidden.matmul(&self.encode.ws);
        match (&self.encode.bs, &self.norm.ws) {
            (Some(bias), Some(scale)) => decoded + bias.sum(Kind::Float) * scale.sum(Kind::Float),
            _ => decoded,
        }
    }
}

#[test]
fn weights_of_layers_are_read_by_their_names() {
    let vs = nn::VarStore::new(Device::Cpu);
    let encode = nn::linear(vs.root(), 4, 3, Default::default());
    let module = Tied { encode, norm: nn::layer_norm(vs.root(), vec![3], Default::default()) };
    let x = Tensor::randn([2, 4], tch::kind::FLOAT_CPU);
    let compiled = compiled(&module);
    assert!(compiled.forward(&x).unwrap().allclose(&module.forward(&x), 1e-6, 1e-6, false));
}

scripted!(
    Sentinel,
    pub fn forward(&self, n: usize) -> bool {
        n < usize::MAX
    }
);

scripted!(
    Below,
    pub fn forward(&self, n: usize, limits: Vec<Option<usize>>) -> bool {
        limits.iter().all(|limit| n < limit.unwrap_or(9))
    }
);

scripted!(
    Seeds,
    pub fn forward(&self, n: i64) -> i64 {
        const SEEDS: [u64; 2] = [1, 0x9e37_79b9_7f4a_7c15];
        n + SEEDS[0] as i64
    }
);

/// `usize::MAX` would be -1.
#[test]
fn integers_that_torchscript_lacks_are_refused() {
    for error in [tch_jit::compile(&Sentinel).unwrap_err(), tch_jit::compile(&Seeds).unwrap_err()] {
        let error = error.to_string();
        assert!(error.contains("TorchScript has no integers above 2^63 - 1"), "{error}");
        assert!(error.contains("tests/script.rs") && error.contains("i64::MAX as usize"), "{error}");
    }
    let below = tch_jit::compile(&Below).unwrap();
    assert!(below.forward((3, vec![Some(i64::MAX as usize)])).unwrap());
    for beyond in [(usize::MAX, vec![]), (3, vec![None, Some(usize::MAX)])] {
        let error = below.forward(beyond).unwrap_err().to_string();
        assert!(error.contains("above 2^63 - 1"), "{error}");
    }
}

#[compile_mode(script)]
struct EagerBeside {}

#[methods]
impl EagerBeside {
    fn forward(&self, n: usize) -> bool {
        self.is_below(n)
    }
}

#[methods]
impl EagerBeside {
    fn is_below(&self, n: usize) -> bool {
        n < usize::MAX
    }
}

/// rustc is asked less strictly about a method that may be for eager use alone.
#[test]
fn integers_that_torchscript_lacks_are_refused_in_other_blocks() {
    let error = tch_jit::compile(&EagerBeside {}).unwrap_err().to_string();
    assert!(error.contains("`usize::MAX`") || error.contains("`usize :: MAX`"), "{error}");
    assert!(EagerBeside {}.forward(3));
}
