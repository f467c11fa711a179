//! Methods of what is no module: structs and enums with `#[derive(ScriptType)]`, and tensors by extension traits.

#![allow(missing_docs)]

use std::fmt::Debug;

use integration_tests::tensors::{floats, linear};
use tch::{IValue, Kind, Tensor, nn};
use tch_jit::{Compiled, Module, ScriptType, compile_mode, methods, script};

/// The module's `forward`, compiled and loaded again, agrees with Rust's for each input.
macro_rules! agrees {
    ($module:expr, $($input:expr),+ $(,)?) => {{
        let module = $module;
        let compiled = tch_jit::compile(&module).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("module.pt");
        compiled.save(&path).unwrap();
        let loaded = Compiled::load(&path).unwrap();
        for (compiled, name) in [(&compiled, "compiled"), (&loaded, "loaded")] {
            for input in [$($input),+] {
                let eager = module.forward(input.clone());
                let ours = compiled.forward(input).unwrap();
                assert_eq!(eager, ours, "{name}");
            }
        }
    }};
}

#[derive(Clone, Debug, PartialEq, ScriptType)]
struct Config {
    width: i64,
    rate: f64,
    name: String,
}

#[methods]
impl Config {
    const DEPTH: i64 = 3;

    // Named as methods of lists and tensors.
    fn len(&self) -> i64 {
        self.width * 100
    }

    fn norm(&self) -> i64 {
        self.len() + self.max(7)
    }

    fn max(&self, other: i64) -> i64 {
        other - self.width
    }

    fn new(width: i64, rate: f64) -> Self {
        Self { width, rate, name: format!("w{width}") }
    }

    fn area(&self) -> i64 {
        self.width * self.height() * Self::DEPTH
    }

    fn height(&self) -> i64 {
        self.width + 1
    }

    fn scaled(mut self, by: f64) -> Self {
        self.rate *= by;
        self
    }

    fn longest<'c>(&'c self, other: &'c Config) -> &'c Config {
        if self.name.len() >= other.name.len() { self } else { other }
    }

    fn apply_rate(&self, x: &Tensor) -> Tensor {
        x * self.rate
    }

    fn steps(&self) -> Vec<f64> {
        (0..self.width).map(|i| i as f64 * self.rate).collect()
    }

    fn checked(&self, limit: i64) -> Result<i64, String> {
        if self.width > limit {
            return Err(format!("{} is more than {limit}", self.width));
        }
        Ok(limit - self.width)
    }

    fn all_norms(&self, by: i64) -> i64 {
        self.norm() * by
    }

    fn wrapped(&self) -> u8 {
        self.width as u8 + 250
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct UsesConfig {
    config: Config,
    nested: (i64, Config),
}

#[methods]
impl UsesConfig {
    fn forward(&self, n: i64) -> (i64, f64, String, Vec<f64>, i64) {
        let made = Config::new(n, 0.5);
        let longest = made.longest(&self.config).name.clone();
        let mut scaled = made.clone().scaled(2.0);
        scaled.width += self.config.area();
        let steps = self.config.steps();
        let twice = Config::new(1, 1.0).scaled(3.0).scaled(2.0).rate;
        let configs = vec![made, scaled];
        let mut total = self.nested.1.area();
        for config in &configs {
            total += config.area();
        }
        let sum: i64 = configs.iter().map(|it| it.height()).sum();
        total += configs[0].all_norms(self.nested.0);
        // Of a variable that the text says the type of.
        let own = Config::new(n, 0.5);
        total += own.norm() + own.len() + own.max(3);
        (total + sum, twice + configs[1].rate, longest, steps, configs[0].wrapped() as i64)
    }
}

fn config() -> Config {
    Config { width: 4, rate: 0.25, name: "long".into() }
}

#[test]
fn structs() {
    agrees!(UsesConfig { config: config(), nested: (1, Config::new(2, 3.0)) }, 0, 3, -2, 1000);
}

#[compile_mode(script)]
#[derive(Debug)]
struct Fallible {}

#[methods]
impl Fallible {
    fn forward(&self, n: i64) -> Result<i64, String> {
        let config = Config::new(n, 1.0);
        Ok(config.checked(5)? + 1)
    }
}

#[test]
fn errors() {
    let compiled = tch_jit::compile(&Fallible {}).unwrap();
    assert_eq!(compiled.forward(3).unwrap(), Ok(3));
    let error = compiled.forward(7).unwrap_err().to_string();
    assert!(error.contains("7 is more than 5") && error.contains("data_methods.rs"), "{error}");
}

/// The methods of parameters, and of what `match` and closures bind.
#[compile_mode(script)]
#[derive(Debug)]
struct Parameters {
    linear: nn::Linear,
}

#[methods]
impl Parameters {
    fn forward(&self, x: &Tensor, config: &Config, other: Option<Config>) -> (Tensor, i64) {
        let y = config.apply_rate(&self.run(x, config));
        let area = match &other {
            Some(it) if it.area() > 10 => it.area(),
            Some(it) => it.height(),
            None => helper(config),
        };
        let best = other.as_ref().map(|it| it.height()).unwrap_or(-1);
        (y, area + best)
    }

    fn run(&self, x: &Tensor, config: &Config) -> Tensor {
        config.apply_rate(&x.apply(&self.linear))
    }
}

#[script]
fn helper(config: &Config) -> i64 {
    config.area() - 1
}

#[test]
fn parameters() {
    let module = Parameters { linear: linear() };
    let compiled = tch_jit::compile(&module).unwrap();
    let x = floats(&[1.0, -2.0, 0.5, 3.0]);
    for other in [None, Some(config()), Some(Config::new(1, 1.0))] {
        let eager = module.forward(&x, &config(), other.clone());
        let ours = compiled.forward((&x, &config(), other)).unwrap();
        assert_eq!(eager.1, ours.1);
        assert!(eager.0.equal(&ours.0));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ScriptType)]
enum Activation {
    Relu,
    Gelu,
    Scaled,
}

#[methods]
impl Activation {
    fn activate(self, x: &Tensor) -> Tensor {
        match self {
            Activation::Relu => x.relu(),
            Self::Gelu => x.gelu("none"),
            _ => x * 2.0,
        }
    }

    // Named as tch's, which takes a module.
    fn apply(&self, x: &Tensor) -> Tensor {
        self.activate(&(x + 1.0))
    }

    fn is_smooth(&self) -> bool {
        matches!(self, Activation::Gelu | Activation::Scaled)
    }

    fn next(self) -> Self {
        match self {
            Self::Relu => Self::Gelu,
            Self::Gelu => Self::Scaled,
            Self::Scaled => Self::Relu,
        }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Activated {
    activation: Activation,
    all: Vec<Activation>,
    none: Vec<Activation>,
}

#[methods]
impl Activated {
    fn forward(&self, x: &Tensor, extra: Activation) -> (Tensor, i64) {
        let mut y = self.activation.activate(x) + self.activation.apply(x) + extra.apply(x);
        let mut n = 0;
        for it in &self.all {
            y = it.activate(&y);
            if it.is_smooth() {
                n += 1;
            }
        }
        for it in &self.none {
            y = it.activate(&y);
        }
        y = extra.next().activate(&y);
        let centered = y.centered();
        y = self.activation.apply(&y) + extra.apply(&centered);
        if self.activation.next() == extra {
            n += 10;
        }
        (y, n)
    }
}

#[test]
fn enums() {
    use Activation::{Gelu, Relu, Scaled};
    for activation in [Relu, Gelu, Scaled] {
        let module = Activated { activation, all: vec![Gelu, Scaled, Relu], none: vec![] };
        let compiled = tch_jit::compile(&module).unwrap();
        let x = floats(&[1.5, -0.5]);
        for extra in [Relu, Gelu, Scaled] {
            let (eager, ours) = (module.forward(&x, extra), compiled.forward((&x, extra)).unwrap());
            assert!(eager.0.allclose(&ours.0, 1e-6, 1e-6, false));
            assert_eq!(eager.1, ours.1);
        }
    }
}

/// A cache of a decoder.
#[derive(Clone, Debug, PartialEq, ScriptType)]
enum Cache {
    Empty,
    Keys(Vec<i64>),
    Pair { keys: Vec<i64>, n: i64 },
}

#[methods]
impl Cache {
    fn with(self, key: i64) -> Self {
        match self {
            Cache::Empty => Cache::Keys(vec![key]),
            Cache::Keys(mut keys) => {
                keys.push(key);
                Self::Pair { keys, n: 1 }
            }
            Cache::Pair { keys, n } => Self::Pair { keys, n: n + key },
        }
    }

    fn total(&self) -> i64 {
        match self {
            Self::Empty => 0,
            Self::Keys(keys) => keys.iter().sum(),
            Self::Pair { keys, n } => keys.iter().sum::<i64>() * n,
        }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Cached {}

#[methods]
impl Cached {
    fn forward(&self, n: i64) -> i64 {
        let mut cache = Cache::Empty;
        let mut total = 0;
        for i in 0..n {
            cache = cache.with(i + 1);
            total = total * 3 + cache.total();
        }
        total
    }
}

#[test]
fn enums_with_fields() {
    agrees!(Cached {}, 0, 1, 2, 5);
}

/// A tuple struct, and one that names its fields as methods.
#[derive(Clone, Copy, Debug, PartialEq, ScriptType)]
struct Meters(f64, f64);

#[methods]
impl Meters {
    fn to_feet(self) -> f64 {
        self.0 * 3.28084 + self.1
    }

    fn plus(&self, other: Meters) -> Meters {
        Meters(self.0 + other.0, self.1 - other.1)
    }
}

#[derive(Clone, Debug, PartialEq, ScriptType)]
struct Named {
    scale: f64,
    shift: f64,
}

#[methods]
impl Named {
    fn scale(&self) -> f64 {
        self.scale * 10.0
    }

    fn shift(&self, x: f64) -> f64 {
        x + self.shift + self.scale()
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Small {
    meters: Meters,
    named: Named,
}

#[methods]
impl Small {
    fn forward(&self, x: f64) -> f64 {
        let here = Meters(x, 0.5);
        let sum = self.meters.plus(here).plus(Meters(1.0, 2.0));
        self.named.shift(sum.to_feet()) + self.named.scale + self.named.scale()
    }
}

#[test]
fn tuple_structs_and_fields() {
    agrees!(Small { meters: Meters(2.0, 3.0), named: Named { scale: 0.5, shift: 0.25 } }, 0.0, -3.5);
}

/// What extension traits add to types of other crates.
trait TensorExt {
    fn centered(&self) -> Tensor;
    fn lerp_to(&self, other: &Tensor, by: f64) -> Tensor;
    fn n_rows(&self) -> i64;
}

#[methods]
impl TensorExt for Tensor {
    fn centered(&self) -> Tensor {
        self - self.mean(None)
    }

    fn lerp_to(&self, other: &Tensor, by: f64) -> Tensor {
        let mut y = self.centered();
        for _ in 0..self.n_rows() {
            y = &y + (other - &y) * by;
        }
        y
    }

    fn n_rows(&self) -> i64 {
        self.size()[0]
    }
}

trait Halved {
    fn halved(self) -> f64;
}

#[methods]
impl Halved for f64 {
    fn halved(self) -> f64 {
        self / 2.0
    }
}

trait Longest {
    fn longest(&self) -> i64;
}

#[methods]
impl Longest for Vec<i64> {
    fn longest(&self) -> i64 {
        let mut best = 0;
        for x in self {
            if *x > best {
                best = *x;
            }
        }
        best
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Extended {
    weight: Tensor,
    half: f64,
}

#[methods]
impl Extended {
    fn forward(&self, x: &Tensor, by: f64) -> Tensor {
        let y = self.weight.centered() * x.n_rows() + self.half.halved();
        let n = x.size().longest();
        x.lerp_to(&y, by.halved()).centered() + (x * 2.0).n_rows() + n
    }
}

#[test]
fn extension_traits() {
    let module = Extended { weight: floats(&[1.0, 2.0, 4.0]), half: 3.0 };
    let compiled = tch_jit::compile(&module).unwrap();
    for n in 1..4 {
        let x = Tensor::arange(n * 3, (Kind::Float, tch::Device::Cpu)).view([n, 3]);
        let (eager, ours) = (module.forward(&x, 0.3), compiled.forward((&x, 0.3)).unwrap());
        assert!(eager.allclose(&ours, 1e-6, 1e-6, false), "{eager} {ours}");
    }
}

/// The type's own trait, with an associated type.
trait Area {
    type Output;
    fn area_of(&self, by: i64) -> Self::Output;
}

#[derive(Clone, Debug, PartialEq, ScriptType)]
struct Square {
    side: i64,
}

#[methods]
impl Area for Square {
    type Output = (i64, f64);

    fn area_of(&self, by: i64) -> Self::Output {
        (self.side * self.side * by, 0.5)
    }
}

/// A generic type.
#[derive(Clone, Debug, PartialEq, ScriptType)]
struct Pair<T> {
    first: T,
    second: T,
}

#[methods]
impl<T: tch_jit::ScriptOutput + Clone + 'static> Pair<T> {
    fn swapped(&self) -> Self {
        Self { first: self.second.clone(), second: self.first.clone() }
    }

    fn twice(first: T) -> Self {
        let list = vec![];
        let mut list = list;
        list.push(first.clone());
        Pair::<T> { first: list[0].clone(), second: first }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Generic {
    square: Square,
}

#[methods]
impl Generic {
    fn forward(&self, n: i64) -> (i64, String) {
        let pair = Pair::<i64> { first: n, second: 2 }.swapped();
        let text = Pair::<String>::twice("a".to_string()).swapped();
        let square = Square { side: pair.second };
        let (a, _) = square.area_of(pair.first);
        (a + self.square.area_of(1).0, text.first + &text.second)
    }
}

#[test]
fn traits_and_generics() {
    agrees!(Generic { square: Square { side: 3 } }, 1, 4);
}

/// A child with methods in a second block, which is still a module's.
#[compile_mode(script)]
#[derive(Debug)]
struct Child {
    weight: f64,
}

#[methods]
impl Child {
    fn forward(&self, x: f64) -> f64 {
        x * self.weight
    }
}

#[methods]
impl Child {
    fn doubled(&self, x: f64) -> f64 {
        self.forward(x) * 2.0
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Both {
    child: Child,
    children: Vec<Child>,
    config: Config,
}

#[methods]
impl Both {
    fn forward(&self, x: f64) -> f64 {
        let mut y = self.child.doubled(x) + self.config.area() as f64;
        for child in &self.children {
            y = child.doubled(y);
        }
        y
    }
}

#[test]
fn modules_beside_data() {
    let module =
        Both { child: Child { weight: 0.5 }, children: vec![Child { weight: 2.0 }], config: config() };
    agrees!(module, 1.0, -2.0);
}

/// A traced module runs the methods as Rust.
#[compile_mode(trace)]
#[derive(Debug)]
struct Traced {
    activation: Activation,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.activation.activate(&x.centered())
    }
}

#[test]
fn traced() {
    let module = Traced { activation: Activation::Scaled };
    let x = floats(&[1.0, 5.0]);
    let compiled = tch_jit::trace(&module, (&x,)).unwrap();
    assert!(compiled.forward(&x).unwrap().equal(&module.forward(&x)));
}

/// A module of no declared mode: rustc is asked less about it.
#[compile_mode]
#[derive(Debug)]
struct Inherits {
    config: Config,
}

#[methods]
impl Inherits {
    fn forward(&self, x: &Tensor, config: &Config) -> Tensor {
        config.apply_rate(x) * config.area() + self.config.height()
    }
}

#[test]
fn in_a_module_of_no_declared_mode() {
    let module = Inherits { config: config() };
    let compiled = tch_jit::script(&module).unwrap();
    let x = floats(&[1.0, 5.0]);
    let other = Config::new(3, 0.5);
    assert!(compiled.forward((&x, &other)).unwrap().equal(&module.forward(&x, &other)));
}

fn refused<M: tch_jit::Scriptable + Module + Debug>(module: &M) -> String {
    tch_jit::script(module).unwrap_err().to_string()
}

/// What cannot be scripted is refused where the method stands, and only if it is called.
#[derive(Clone, Debug, PartialEq, ScriptType)]
struct Odd {
    n: i64,
}

#[methods]
impl Odd {
    fn from_file(path: &std::path::Path) -> Self {
        Odd { n: path.as_os_str().len() as i64 }
    }

    fn again(&self, n: i64) -> i64 {
        if n > 0 { self.again(n - 1) } else { self.n }
    }

    fn grow(&mut self) {
        self.n += 1;
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Recursive {}

#[methods]
impl Recursive {
    fn forward(&self, n: i64) -> i64 {
        Odd { n: 1 }.again(n)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Grows {}

#[methods]
impl Grows {
    fn forward(&self, n: i64) -> i64 {
        let mut odd = Odd { n };
        odd.grow();
        odd.n
    }
}

#[test]
fn refusals() {
    assert_eq!(Odd::from_file(std::path::Path::new("abc")).n, 3);
    let error = refused(&Recursive {});
    assert!(error.contains("TorchScript has no recursion"), "{error}");
    let error = refused(&Grows {});
    assert!(error.contains("take `mut self`, return it") && error.contains("data_methods.rs"), "{error}");
}

/// An extension trait that the compiler does not know.
trait Unknown {
    fn softened(&self) -> Tensor;
}

impl Unknown for Tensor {
    fn softened(&self) -> Tensor {
        self.softmax(-1, None)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct CallsUnknown {}

#[methods]
impl CallsUnknown {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.softened()
    }
}

#[test]
fn extension_traits_without_attribute() {
    let error = refused(&CallsUnknown {});
    let expected = "CallsUnknown::forward cannot be scripted: method `softened` is not known to the compiler";
    assert!(error.starts_with(expected), "{error}");
    assert!(error.contains("put `#[methods]` on the impl of that for this type"), "{error}");
}

#[test]
fn names_in_the_code() {
    let module = UsesConfig { config: config(), nested: (1, Config::new(2, 3.0)) };
    let compiled = tch_jit::compile(&module).unwrap();
    let code = compiled.code();
    assert!(code.contains("made = __torch__.data_methods.Config_new(n, 0.5, )"), "{code}");
    assert_eq!(compiled.call("forward", (2,)).unwrap(), {
        let (a, b, c, d, e) = module.forward(2);
        IValue::Tuple(vec![
            IValue::Int(a),
            IValue::Double(b),
            IValue::String(c),
            IValue::DoubleList(d),
            IValue::Int(e),
        ])
    });
}
