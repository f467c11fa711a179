//! Structs and enums with `#[derive(ScriptType)]`, tch's states.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use integration_tests::agree::agree;
use integration_tests::tensors::floats;
use tch::nn::{GRUState, LSTMState, RNN};
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{ScriptModule, ScriptType, compile_mode, methods, script};

#[derive(Debug, ScriptType)]
struct Atoms {
    positions: Tensor,
    species: Vec<i64>,
    cell: Option<Tensor>,
}

#[derive(Debug, ScriptType)]
struct Output {
    energy: Tensor,
    n: i64,
    by_name: Vec<f64>,
}

#[derive(Clone, Debug, ScriptType)]
struct Config {
    eps: f64,
    sizes: Vec<i64>,
    inner: Inner,
    activation: Activation,
}

#[derive(Clone, Copy, Debug, ScriptType)]
struct Inner {
    flag: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, ScriptType)]
enum Activation {
    Relu,
    Gelu,
    None,
}

#[derive(Debug, ScriptType)]
struct Pair(Tensor, i64);

#[derive(Debug, ScriptType)]
struct Generic<T> {
    value: T,
}

#[compile_mode(script)]
#[derive(Debug)]
struct Model {
    config: Config,
    #[jit(constant)]
    activation: Activation,
}

#[script]
fn total(output: &Output) -> f64 {
    output.energy.double_value(&[]) + output.n as f64
}

#[methods]
impl Model {
    fn forward(&self, atoms: &Atoms, scale: Generic<f64>) -> (Output, Pair) {
        let Atoms { positions, species, .. } = atoms;
        let mut energy = positions.sum(Kind::Float) * self.config.eps * scale.value;
        if self.config.inner.flag {
            energy += 1.0;
        }
        if let Some(cell) = &atoms.cell {
            energy *= cell.sum(Kind::Float);
        }
        energy = match self.activation {
            Activation::Relu => energy.relu(),
            Activation::Gelu => energy.gelu("none"),
            Activation::None => energy,
        };
        if self.config.activation == Activation::Gelu {
            energy *= 2.0;
        }
        let n = self.config.sizes[0] + species.len() as i64;
        let output = Output { energy, n, by_name: vec![1.0, scale.value] };
        let pair = self.pair(&output);
        let Pair(y, m) = &pair;
        let z = y * *m + pair.1;
        (output, Pair(z, total(&Output { energy: t0(y), n: 3, by_name: vec![2.0] }) as i64))
    }

    fn pair(&self, output: &Output) -> Pair {
        Pair(&output.energy + 1.0, output.n * 2)
    }
}

#[script]
fn t0(x: &Tensor) -> Tensor {
    x * 2.0
}

fn model(flag: bool, activation: Activation) -> Model {
    let inner = Inner { flag };
    let config = Config { eps: 0.5, sizes: vec![3, 4], inner, activation };
    Model { config, activation }
}

fn atoms(cell: Option<Tensor>) -> Atoms {
    Atoms { positions: floats(&[1., -3., 0.5]), species: vec![1, 8], cell }
}

#[test]
fn structs_are_named_tuples() {
    for activation in [Activation::Relu, Activation::Gelu, Activation::None] {
        for flag in [true, false] {
            let module = model(flag, activation);
            let compiled = tch_jit::compile(&module).unwrap();
            for cell in [None, Some(floats(&[2., 3.]))] {
                let atoms = atoms(cell);
                let (expected, pair) = module.forward(&atoms, Generic { value: 2.5 });
                let (found, found_pair) = compiled.forward((&atoms, Generic { value: 2.5 })).unwrap();
                assert_eq!(format!("{expected:?}{pair:?}"), format!("{found:?}{found_pair:?}"));
            }
        }
    }
}

#[test]
fn they_survive_saving() {
    let module = model(true, Activation::Gelu);
    let compiled = tch_jit::compile(&module).unwrap();
    let file = std::env::temp_dir().join("tch_jit_named_tuples.pt");
    compiled.save(&file).unwrap();
    let loaded = tch_jit::Compiled::<Model>::load(&file).unwrap();
    let atoms = atoms(Some(floats(&[2.])));
    let (expected, _) = module.forward(&atoms, Generic { value: 1.0 });
    let (found, _) = loaded.forward((&atoms, Generic { value: 1.0 })).unwrap();
    assert_eq!(format!("{expected:?}"), format!("{found:?}"));
    let schema = compiled.code();
    assert!(schema.contains("NamedTuple") || schema.contains("Output"), "{schema}");
}

#[compile_mode(script)]
#[derive(Debug)]
struct Decoder {
    lstm: nn::LSTM,
    gru: nn::GRU,
}

#[methods]
impl Decoder {
    fn forward(&self, x: &Tensor, state: &LSTMState, other: GRUState) -> (Tensor, LSTMState, GRUState) {
        let next = self.lstm.step(x, state);
        let LSTMState((h, c)) = &next;
        let nn::GRUState(g) = self.gru.step(x, &other);
        let sum = h + c + next.h() * next.c() + state.0.0.tanh() + state.0.1.sin();
        let y = g + other.value() + &other.0;
        (sum, nn::LSTMState((y.shallow_clone(), next.c())), GRUState(y))
    }
}

#[test]
fn states_of_recurrent_layers() {
    let vs = nn::VarStore::new(Device::Cpu);
    let root = vs.root();
    let module = Decoder {
        lstm: nn::lstm(&root / "lstm", 3, 4, Default::default()),
        gru: nn::gru(&root / "gru", 3, 4, Default::default()),
    };
    let compiled = tch_jit::compile(&module).unwrap();
    let x = Tensor::randn([2, 3], (Kind::Float, Device::Cpu));
    let draw = || Tensor::randn([1, 2, 4], (Kind::Float, Device::Cpu));
    let (state, other) = (LSTMState((draw(), draw())), GRUState(draw()));
    let (y, lstm, gru) = module.forward(&x, &state, GRUState(other.value()));
    let (y_, lstm_, gru_) = compiled.forward((&x, &state, &other)).unwrap();
    for (a, b) in [(y, y_), (lstm.h(), lstm_.h()), (lstm.c(), lstm_.c()), (gru.0, gru_.0)] {
        assert!(a.allclose(&b, 1e-6, 1e-6, false));
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Affine;

#[methods]
impl Affine {
    fn forward(&self, first: Option<f64>, x: &Tensor, scale: Option<f64>, shift: Option<&Tensor>) -> Tensor {
        let x = x * scale.unwrap_or(1.0) + first.unwrap_or(0.0);
        match shift {
            Some(shift) => x + shift,
            None => x,
        }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Masked;

#[methods]
impl Masked {
    fn forward(&self, x: &Tensor, mask: Option<&Tensor>) -> Tensor {
        mask.map_or_else(|| x * 2.0, |mask| x * mask)
    }

    #[tracing_inputs]
    fn examples(&self, _n: usize) -> Vec<(Tensor, Option<Tensor>)> {
        vec![(floats(&[1.0, 2.0]), None), (floats(&[1.0, 2.0]), Some(floats(&[0.0, 1.0])))]
    }
}

/// As in PyTorch, where `None` is their default.
#[test]
fn options_at_the_end_may_be_left_out() {
    let call =
        |module: &ScriptModule, args: &[IValue]| Tensor::try_from(module.forward(args).unwrap()).unwrap();
    let x = || IValue::Tensor(floats(&[1.0, 2.0]));

    let affine = tch_jit::compile(&Affine).unwrap().into_script_module();
    assert_eq!(call(&affine, &[IValue::None, x()]), floats(&[1.0, 2.0]));
    assert_eq!(call(&affine, &[IValue::Double(1.0), x(), IValue::Double(3.0)]), floats(&[4.0, 7.0]));
    let error = affine.forward(&[IValue::None]).unwrap_err().to_string();
    assert!(error.contains("missing value for argument 'x'"), "{error}");

    let masked = tch_jit::compile(&Masked).unwrap().into_script_module();
    assert_eq!(call(&masked, &[x()]), floats(&[2.0, 4.0]));
    assert_eq!(call(&masked, &[x(), IValue::Tensor(floats(&[0.0, 1.0]))]), floats(&[0.0, 2.0]));

    let (affine, masked) = (tch_jit::compile(&Affine).unwrap(), tch_jit::compile(&Masked).unwrap());
    let (x, shift) = (floats(&[1.0, 2.0]), floats(&[5.0, 5.0]));
    assert_eq!(affine.forward((None::<f64>, &x)).unwrap(), x);
    assert_eq!(affine.forward((Some(1.0), &x, Some(3.0))).unwrap(), floats(&[4.0, 7.0]));
    assert_eq!(affine.forward((Some(1.0), &x, Some(3.0), Some(&shift))).unwrap(), floats(&[9.0, 12.0]));
    assert_eq!(masked.forward(&x).unwrap(), floats(&[2.0, 4.0]));
}

#[derive(Clone, Copy, Debug, PartialEq, ScriptType)]
enum Sign {
    Minus = -1,
    Plus = 1,
}

#[compile_mode(script)]
#[derive(Debug)]
struct Signed {
    sign: Sign,
}

#[methods]
impl Signed {
    fn forward(&self, other: Sign) -> (i64, Sign) {
        let product = self.sign as i64 * other as i64;
        (product, if product == 1 { Sign::Plus } else { Sign::Minus })
    }
}

/// Their numbers are those that Rust gives them.
#[test]
fn variants_have_the_numbers_that_are_written() {
    for sign in [Sign::Minus, Sign::Plus] {
        let module = Signed { sign };
        let compiled = tch_jit::compile(&module).unwrap();
        for other in [Sign::Minus, Sign::Plus] {
            assert_eq!(compiled.forward(other).unwrap(), module.forward(other));
        }
        assert_eq!(compiled.call("forward", &[IValue::Int(-1)]).unwrap(), {
            let (product, sign) = module.forward(Sign::Minus);
            IValue::Tuple(vec![IValue::Int(product), IValue::Int(sign as i64)])
        });
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Labelled {
    label: Cow<'static, str>,
}

#[methods]
impl Labelled {
    fn forward(&self, x: &Tensor) -> (Tensor, i64) {
        if self.label == "double" { (x * 2.0, self.label.len() as i64) } else { (x.shallow_clone(), 0) }
    }
}

#[test]
fn text_that_may_be_borrowed_is_text() {
    for label in [Cow::Borrowed("double"), Cow::Owned("other".to_owned())] {
        let module = Labelled { label };
        agree(&module, &tch_jit::compile(&module).unwrap(), &[(floats(&[1.0, 2.0]),)]);
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Counted;

#[methods]
impl Counted {
    fn forward(
        &self,
        by_number: &BTreeMap<i64, i64>,
        hashed: HashMap<i64, f64>,
    ) -> (i64, BTreeMap<i64, i64>) {
        let mut found: BTreeMap<i64, i64> = BTreeMap::new();
        let mut sum = 0;
        for (key, value) in by_number {
            sum = sum * 3 + key * value;
            if hashed.contains_key(key) {
                found.insert(*key, hashed[key] as i64);
            }
        }
        (sum, found)
    }
}

/// Only keys that were strings could be passed.
#[test]
fn maps_with_integer_keys_are_arguments() {
    let compiled = tch_jit::compile(&Counted).unwrap();
    for n in [0, 1, 30] {
        let by_number: BTreeMap<i64, i64> = (0..n).map(|i| (i * 7 % 31 - 5, i)).collect();
        let hashed: HashMap<i64, f64> = (0..n).map(|i| (i - 9, i as f64)).collect();
        let expected = Counted.forward(&by_number, hashed.clone());
        assert_eq!(compiled.forward((&by_number, &hashed)).unwrap(), expected);
        assert_eq!(compiled.forward((by_number, hashed)).unwrap(), expected);
    }
}
