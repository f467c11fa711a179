//! Whatever `save` accepts, `load` gives back: names, literals, constants, optimized modules.
//!
//! libtorch writes methods as Python's text. It once read some of it as something else (a float 1e10 as an integer), or
//! not at all (a carriage return in a text).

#![allow(missing_docs)]
#![allow(clippy::all, clippy::pedantic)]

use std::collections::HashMap;

use integration_tests::agree;
use integration_tests::modules::{reload, reload_typed};
use tch::nn::RNN as _;
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{Error, ScriptModule, ScriptType, compile_mode, methods, script};

fn rows(n: i64) -> Tensor {
    Tensor::arange(n * 3, tch::kind::FLOAT_CPU).view([n, 3]) / 10.0
}

/// Defines a module with fields, methods and variables of these names.
macro_rules! names {
    ($($name:ident)*) => {
        #[compile_mode(script)]
        #[derive(Debug)]
        #[allow(non_snake_case)]
        pub struct Named {
            $($name: f64,)*
            below: Below,
        }

        #[methods]
        #[allow(non_snake_case)]
        impl Named {
            fn forward(&self, x: &Tensor) -> Tensor {
                let mut y = x.shallow_clone();
                $(
                    let $name = self.$name(self.$name, 2.0);
                    y = y * $name + self.$name;
                )*
                let both = Both { $($name: self.$name,)* };
                $(y = y + both.$name;)*
                self.below.forward(&y)
            }

            $(
                fn $name(&self, $name: f64, other: f64) -> f64 {
                    $name * other + self.$name
                }
            )*
        }

        /// A named tuple with fields of these names.
        #[derive(Debug, ScriptType)]
        #[allow(non_snake_case)]
        pub struct Both {
            $($name: f64,)*
        }

        /// Children of these names.
        #[compile_mode(script)]
        #[derive(Debug)]
        #[allow(non_snake_case)]
        pub struct Below {
            $($name: Scale,)*
        }

        #[methods]
        #[allow(non_snake_case)]
        impl Below {
            fn forward(&self, x: &Tensor) -> Tensor {
                let y = x.shallow_clone();
                $(let y = self.$name.forward(&y);)*
                y
            }
        }

        #[test]
        fn all_names() {
            let mut by = 0.5;
            let mut next = || { by += 0.125; by };
            let module = Named {
                $($name: next(),)*
                below: Below { $($name: Scale { weight: Tensor::from(next() as f32) },)* },
            };
            let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
            let loaded = reload(&reload(&compiled));
            let x = rows(1).to_kind(Kind::Double);
            let found = Tensor::try_from(loaded.forward(&[IValue::Tensor(x.shallow_clone())]).unwrap()).unwrap();
            assert!(found.allclose(&module.forward(&x), 1e-6, 1e-8, true), "{found} {}", module.forward(&x));
            let names = |module: &ScriptModule| {
                module.named_buffers().into_iter().map(|it| it.0).collect::<Vec<_>>()
            };
            assert_eq!(names(&loaded), names(&compiled));
            assert_eq!(names(&loaded), [$(concat!("below.", stringify!($name), ".weight")),*]);
        }
    };
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Scale {
    weight: Tensor,
}

#[methods]
impl Scale {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * &self.weight
    }
}

names! {
    torch abs all any annotate bin bool chr complex dict divmod enumerate float getattr hasattr hash hex id inf int
    isinstance len list max min nan oct ord pow print range rangelist reversed round sorted str sum tuple type_ zip ops
    fork uninitialized unchecked_cast prim aten collections object property cls exec code graph parameters modules
    children named_parameters state_dict train eval to copy save call number values keys items count index weight
    original_name device dtype layout value data slice size self_ forward_ variant open input exception
}

/// Names that begin with a capital or with `_`, which no variable and no field of a tuple has.
#[compile_mode(script)]
#[derive(Debug)]
#[allow(non_snake_case)]
pub struct Capital {
    CONSTANTS: f64,
    Tensor: Scale,
    List: f64,
    Optional: Scale,
    Final: f64,
    Exception: f64,
    RuntimeError: f64,
    __torch__: f64,
    _c: f64,
    __len__: f64,
    __init__: Scale,
    _modules: f64,
    T: f64,
}

#[methods]
#[allow(non_snake_case)]
impl Capital {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.Optional.forward(&self.Tensor.forward(&self.__init__.forward(x)));
        let sum =
            self.CONSTANTS + self.List + self.Final + self.Exception + self.RuntimeError + self.__torch__;
        y * (sum + self._c + self.__len__ + self._modules + self.T)
            + self.NoneType()
            + self.Ellipsis(2.0)
            + self.T()
    }

    fn NoneType(&self) -> f64 {
        1.5
    }

    fn Ellipsis(&self, by: f64) -> f64 {
        by * 2.5
    }

    fn T(&self) -> f64 {
        3.5
    }
}

#[test]
fn capital_names() {
    let scale = |by: f32| Scale { weight: Tensor::from(by) };
    let module = Capital {
        CONSTANTS: 1.0,
        Tensor: scale(2.0),
        List: 3.0,
        Optional: scale(4.0),
        Final: 5.0,
        Exception: 6.0,
        RuntimeError: 7.0,
        __torch__: 8.0,
        _c: 9.0,
        __len__: 10.0,
        __init__: scale(11.0),
        _modules: 12.0,
        T: 13.0,
    };
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    agree(&module, &compiled, &[(rows(2),)]);
    reload(&reload(&compiled));
}

/// Types with names of TorchScript's own, in modules with such names.
pub mod torch {
    #[allow(non_snake_case)]
    pub mod NoneType {
        use super::super::*;

        #[compile_mode(script)]
        #[derive(Debug)]
        pub struct Tensor {
            pub none: super::super::Optional,
        }

        #[methods]
        impl Tensor {
            fn forward(&self, x: &tch::Tensor) -> tch::Tensor {
                let int = int { a: 1.5 };
                self.none.forward(x) + int.a + ellipsis(x)
            }
        }

        #[derive(Debug, ScriptType)]
        #[allow(non_camel_case_types)]
        pub struct int {
            a: f64,
        }

        #[script]
        fn float(x: &tch::Tensor) -> tch::Tensor {
            x * 2.0
        }

        #[script]
        fn ellipsis(x: &tch::Tensor) -> tch::Tensor {
            float(x) + 1.0
        }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Optional {
    weight: Tensor,
}

#[methods]
impl Optional {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * &self.weight
    }
}

#[test]
fn names_of_types_and_functions() {
    let module = torch::NoneType::Tensor { none: Optional { weight: Tensor::from(2.0f32) } };
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    agree(&module, &compiled, &[(rows(2),)]);
    reload(&reload(&compiled));
}

mod named_alike {
    use tch_jit::script;

    #[script]
    pub fn annotate(n: i64) -> Vec<i64> {
        let mut found: Vec<i64> = Vec::new();
        for i in 0..n {
            found.push(i);
        }
        found
    }

    #[script]
    pub fn float(n: i64) -> f64 {
        n as f64 / 2.0
    }

    #[script]
    pub fn range(n: i64) -> i64 {
        (0..n).fold(0, |sum, i| sum * 2 + i)
    }

    #[script]
    pub fn inf(x: f64) -> f64 {
        if x > 1.0 { f64::INFINITY } else { x }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct CallsBuiltins;

#[methods]
impl CallsBuiltins {
    fn forward(&self, n: i64) -> (Vec<i64>, f64, i64) {
        (named_alike::annotate(n), named_alike::inf(named_alike::float(n)), named_alike::range(n))
    }
}

/// Once, such a function called itself in the saved file, which could not be read.
#[test]
fn functions_with_names_of_what_they_call() {
    let compiled = tch_jit::script(&CallsBuiltins).unwrap_or_else(|e| panic!("{e}"));
    let loaded = reload_typed(&reload_typed(&compiled));
    for n in 0..4 {
        assert_eq!(compiled.forward(n).unwrap(), CallsBuiltins.forward(n));
        assert_eq!(loaded.forward(n).unwrap(), CallsBuiltins.forward(n));
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Keyed {
    layers: HashMap<String, Scale>,
}

#[methods]
impl Keyed {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for (_, layer) in &self.layers {
            y = layer.forward(&y);
        }
        y
    }
}

/// A key names a child.
#[test]
fn keys_of_maps_are_given_back_or_refused() {
    let keys = [
        "a b",
        "1",
        "x-y",
        "float",
        "torch",
        "self",
        "__init__",
        "print",
        "'",
        "#",
        "training",
        "forward",
        "forward_t",
        "class",
        "None",
        "NoneType",
        "Ellipsis",
        "",
        "a.b",
        "\"",
        "\\",
        "\n",
        "\r",
        "é",
        "\0",
    ];
    let mut n_saved = 0;
    for key in keys {
        let module =
            Keyed { layers: HashMap::from([(key.to_owned(), Scale { weight: Tensor::from(2.0f32) })]) };
        match tch_jit::script(&module) {
            Ok(compiled) => {
                n_saved += 1;
                agree(&module, &compiled, &[(rows(2),)]);
                let name = reload(&reload(&compiled)).named_buffers().remove(0).0;
                assert_eq!(name, format!("layers.{key}.weight"));
            }
            Err(error) => assert!(matches!(error, Error::Name { .. }), "{key:?}: {error}"),
        }
    }
    assert!(n_saved >= 9, "{n_saved} of {}", keys.len());
}

/// Texts in every place where a body may have one.
macro_rules! texts {
    ($($name:ident $text:literal)*) => {
        $(mod $name {
            use super::*;

            #[compile_mode(script)]
            #[derive(Debug)]
            pub struct Texts {
                attribute: String,
                #[jit(constant)]
                constant: String,
                #[jit(constant)]
                list: Vec<String>,
                #[jit(constant)]
                pair: (String, f64),
            }

            const NAMED: &str = $text;

            #[methods]
            impl Texts {
                fn forward(&self, x: &str) -> Vec<String> {
                    assert!(x.len() < 100, $text);
                    let mut texts = vec![x.to_owned() + $text, $text.to_owned()];
                    texts.push(format!("{}{}", x, $text));
                    texts.push(NAMED.to_owned());
                    let map = HashMap::from([($text.to_owned(), 1), ("b".to_owned(), 2)]);
                    if map.contains_key($text) {
                        texts.push(map[$text].to_string());
                    }
                    if x == $text {
                        texts.push("same".to_owned());
                    }
                    texts.push(self.attribute.clone());
                    texts.push(self.constant.clone());
                    texts.push(self.list[1].clone());
                    texts.push(self.pair.0.clone());
                    texts.push(match x {
                        $text => "matches".to_owned(),
                        _ => "not".to_owned(),
                    });
                    texts
                }
            }

            #[test]
            fn is_given_back() {
                let text = $text.to_owned();
                let module = Texts {
                    attribute: text.clone(),
                    constant: text.clone(),
                    list: vec!["a".to_owned(), text.clone()],
                    pair: (text.clone(), 1.0),
                };
                let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
                for loaded in [reload(&compiled), reload(&reload(&compiled)), reload(&frozen(&compiled))] {
                    for x in ["x", $text] {
                        let found = loaded.forward(&[IValue::String(x.to_owned())]).unwrap();
                        assert_eq!(texts_of(found), module.forward(x), "{}", loaded.code());
                        assert_eq!(compiled.forward((x,)).unwrap(), module.forward(x));
                    }
                    let long = IValue::String("long".repeat(40));
                    assert!(loaded.forward(&[long]).is_err());
                }
            }
        })*
    };
}

fn texts_of(value: IValue) -> Vec<String> {
    match value {
        IValue::StringList(texts) => texts,
        other => panic!("{other:?}"),
    }
}

/// A frozen copy; only a module in evaluation can be frozen.
fn frozen(module: &ScriptModule) -> ScriptModule {
    let copy = module.deep_copy().expect("it is copied");
    copy.eval();
    copy.freeze().expect("it is frozen")
}

texts! {
    plain "abc"
    carriage_return "a\rb"
    only_carriage_returns "\r\r"
    carriage_return_and_digits "\r12\r"
    windows_lines "a\r\nb\r\n"
    zero "a\0b"
    zero_and_digits "\012"
    controls "\x01\x02\x07\x08\x0b\x0c\x1b\x7f"
    quotes "\"'\"\"\"'''"
    backslashes "\\n\\\\r\\"
    separators "\u{2028}\u{2029}\u{85}"
    accents_and_carriage_return "é\r\n"
    percent "%s%d"
    empty ""
    emoji "\u{1f980}"
    tab "\t\n"
    python "\\x41 \\u0041 \\101 # 'a' \\N"
}

#[script]
fn with_return(x: &str) -> String {
    x.to_owned() + "a\rb"
}

/// Calls functions that hold a carriage return: one of the shim, and one of the user.
#[compile_mode(script)]
#[derive(Debug)]
struct CallsFunctions;

#[methods]
impl CallsFunctions {
    fn forward(&self, x: &str) -> String {
        with_return(x.trim()) + x.trim_start() + x.trim_end()
    }
}

/// Once, only methods were written in a way that can be read, and functions after loading were not.
#[test]
fn functions_with_carriage_returns_are_saved_twice() {
    let compiled = tch_jit::script(&CallsFunctions).unwrap_or_else(|e| panic!("{e}"));
    let mut module = reload(&compiled);
    for _ in 0..2 {
        module = reload(&module);
        for x in ["", "\r\x0b\x0c a\r", " b"] {
            let found = module.forward(&[IValue::String(x.to_owned())]).unwrap();
            assert_eq!(found, IValue::String(CallsFunctions.forward(x)));
        }
    }
}

#[derive(Debug, PartialEq, ScriptType)]
struct Label {
    text: String,
    n: i64,
}

#[derive(Debug, PartialEq, ScriptType)]
struct Labels {
    first: Label,
    others: Vec<Label>,
    pair: (Label, String),
}

#[compile_mode(script)]
#[derive(Debug)]
struct Labelling;

#[methods]
impl Labelling {
    fn forward(&self, short: bool) -> Labels {
        let ascii = Label { text: "e".to_owned(), n: 2 };
        let accent = Label { text: "é".to_owned(), n: 1 };
        let pair = (Label { text: "a".to_owned(), n: 3 }, "è".to_owned());
        let others = if short { vec![ascii] } else { vec![ascii, Label { text: "ê\r".to_owned(), n: 4 }] };
        Labels { first: accent, others, pair }
    }
}

/// Once, a struct of constants became a tuple without a name, where a text had an accent.
#[test]
fn structs_of_constants_with_accents_are_given_back() {
    let compiled = tch_jit::script(&Labelling).unwrap_or_else(|e| panic!("{e}"));
    let loaded = reload_typed(&reload_typed(&compiled));
    for short in [true, false] {
        assert_eq!(loaded.forward(short).unwrap(), Labelling.forward(short));
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Long {
    #[jit(constant)]
    text: String,
}

#[methods]
impl Long {
    fn forward(&self, x: &str) -> String {
        x.to_owned() + &self.text
    }
}

#[test]
fn a_very_long_text() {
    let module = Long { text: "0123456789\r\\\"é".repeat(20_000) };
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    let found = reload(&compiled).forward(&[IValue::String("x".to_owned())]).unwrap();
    assert_eq!(found, IValue::String(module.forward("x")));
}

/// Floats as literals, constants of Rust and of the class, elements of lists, and factors of an integer tensor, whose
/// kind tells a float from an integer.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Floats {
    #[jit(constant)]
    constant: f64,
    #[jit(constant)]
    list: Vec<f64>,
    #[jit(constant)]
    pair: (f64, Vec<f64>),
}

const BIG: f64 = 1e12;
const BIGS: [f64; 3] = [1e10, 0.5, -4e15];

#[methods]
impl Floats {
    fn forward(&self, x: &Tensor) -> (Vec<f64>, Vec<Tensor>) {
        let mut floats = vec![
            1e10,
            -1e10,
            9999999999.0,
            1e16,
            1e17,
            1e18,
            1e308,
            -1e308,
            5e-324,
            2.2250738585072014e-308,
            0.0,
            0.1,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::EPSILON,
            123456789012345.0,
            9007199254740993.0,
            4503599627370497.5,
            BIG,
            self.constant,
            self.list[0],
            self.pair.0,
            self.pair.1[1],
        ];
        for big in BIGS {
            floats.push(big);
        }
        floats.push(f64::NAN);
        floats.push(12345678901.0 / 2.0);
        let tensors = vec![
            x * 1e10,
            x + 20000000000.0,
            x * BIG,
            x * self.constant,
            x * self.list[0],
            x / 1e11,
            x.pow_tensor_scalar(1e10),
            x.clamp(-1e15, 1e15),
            Tensor::from_slice(&[1e10, 2.0]),
        ];
        (floats, tensors)
    }
}

#[test]
fn floats_are_given_back() {
    let module = Floats { constant: 3e10, list: vec![4e11, 1.0], pair: (1e10, vec![0.5, 5e13]) };
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = Tensor::from_slice(&[1i64, 2, 3]);
    let (floats, tensors) = module.forward(&x);
    for loaded in [reload(&compiled), reload(&reload(&compiled)), reload(&frozen(&compiled))] {
        let IValue::Tuple(found) = loaded.forward(&[IValue::Tensor(x.shallow_clone())]).unwrap() else {
            panic!("a pair");
        };
        let IValue::DoubleList(found_floats) = &found[0] else { panic!("{:?}", found[0]) };
        // The sign of a NaN is none of its value.
        let bits = |floats: &[f64]| {
            floats.iter().map(|it| if it.is_nan() { 0 } else { it.to_bits() }).collect::<Vec<_>>()
        };
        assert_eq!(bits(found_floats), bits(&floats), "{found_floats:?}\n{floats:?}");
        let IValue::TensorList(found_tensors) = &found[1] else { panic!("{:?}", found[1]) };
        assert_eq!(found_tensors.len(), tensors.len());
        for (found, expected) in found_tensors.iter().zip(&tensors) {
            assert_eq!(found.kind(), expected.kind());
            assert!(
                found.equal(expected) || found.allclose(expected, 1e-12, 0.0, true),
                "{found} {expected}"
            );
        }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Ints {
    #[jit(constant)]
    constant: i64,
}

#[methods]
impl Ints {
    fn forward(&self, x: i64) -> Vec<i64> {
        vec![i64::MIN, i64::MAX, -1, 0, self.constant, x, 10000000000, i64::MIN + 1]
    }
}

#[test]
fn integers_are_given_back() {
    for constant in [i64::MIN, i64::MAX, -1] {
        let module = Ints { constant };
        let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
        let found = reload(&reload(&compiled)).forward(&[IValue::Int(7)]).unwrap();
        assert_eq!(found, IValue::IntList(module.forward(7)));
    }
}

/// Alone: libtorch takes it for equal to 0.0, and makes one constant of both where a body has both.
#[compile_mode(script)]
#[derive(Debug)]
pub struct NegativeZero;

#[methods]
impl NegativeZero {
    fn forward(&self) -> f64 {
        -0.0
    }
}

#[test]
fn negative_zero_is_given_back() {
    let compiled = tch_jit::script(&NegativeZero).unwrap_or_else(|e| panic!("{e}"));
    let IValue::Double(found) = reload(&reload(&compiled)).forward(&[]).unwrap() else { panic!("a float") };
    assert!(found == 0.0 && found.is_sign_negative());
}

/// The numbers of a trace.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct TracedNumbers;

#[methods]
impl TracedNumbers {
    fn forward(&self, x: &Tensor) -> Tensor {
        (x * 1e10 + 20000000000.0).clamp(-1e15, 1e16) / 1e12
    }

    #[tracing_inputs]
    fn inputs(&self, _n: usize) -> Vec<Tensor> {
        vec![Tensor::from_slice(&[1i64, 2, 3])]
    }
}

#[test]
fn numbers_of_a_trace_are_given_back() {
    let compiled = tch_jit::compile(&TracedNumbers).unwrap_or_else(|e| panic!("{e}"));
    let x = Tensor::from_slice(&[1i64, 2, 3]);
    let expected = TracedNumbers.forward(&x);
    let found = reload(&reload(&compiled)).forward(&[IValue::Tensor(x)]).unwrap();
    let found = Tensor::try_from(found).unwrap();
    assert_eq!(found.kind(), expected.kind());
    assert!(found.equal(&expected), "{found} {expected}");
}

/// Defines tests that optimize a layer, and save it where that is possible.
macro_rules! optimized {
    ($($name:ident $layer:ty = $new:expr, $size:expr, $is_saved:literal;)*) => {$(mod $name {
        use super::*;

        #[compile_mode(script)]
        #[derive(Debug)]
        struct Net {
            layer: $layer,
        }

        #[methods]
        impl Net {
            fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
                x.apply_t(&self.layer, train).relu()
            }
        }

        #[test]
        fn is_saved_or_refused() {
            let vs = nn::VarStore::new(Device::Cpu);
            let new: fn(nn::Path<'_>) -> $layer = $new;
            let module = Net { layer: new(vs.root()) };
            let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
            compiled.eval();
            let optimized = compiled.optimize_for_inference().unwrap();
            let x = Tensor::randn($size, tch::kind::FLOAT_CPU);
            let expected = module.forward_t(&x, false);
            let run = |module: &ScriptModule| {
                Tensor::try_from(module.forward(&[IValue::Tensor(x.shallow_clone())]).unwrap()).unwrap()
            };
            assert!(run(&optimized).allclose(&expected, 1e-4, 1e-5, false));
            assert!(run(&reload(&compiled.freeze().unwrap())).allclose(&expected, 1e-4, 1e-5, false));
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("net.pt");
            compiled.save(&path).unwrap();
            let before = std::fs::read(&path).unwrap();
            match optimized.save(&path) {
                Ok(()) => assert!(run(&ScriptModule::load(&path).unwrap()).allclose(&expected, 1e-4, 1e-5, false)),
                Err(error) => {
                    let text = error.to_string();
                    assert!(text.contains("oneDNN") && text.contains("help: save the module"), "{text}");
                    assert!(std::fs::read(&path).unwrap() == before);
                    assert!(matches!(optimized.save_to_writer(vec![]), Err(Error::File { action: "save", .. })));
                }
            }
            assert_eq!(optimized.save(&path).is_ok(), $is_saved);
        }
    })*};
}

optimized! {
    linear nn::Linear = |vs| nn::linear(vs, 3, 4, Default::default()), [2, 3], true;
    conv1d nn::Conv1D = |vs| nn::conv1d(vs, 3, 4, 3, Default::default()), [2, 3, 8], true;
    conv2d nn::Conv2D = |vs| nn::conv2d(vs, 3, 4, 3, Default::default()), [2, 3, 8, 8], false;
    conv3d nn::Conv3D = |vs| nn::conv3d(vs, 3, 4, 3, Default::default()), [2, 3, 8, 8, 8], false;
    batch_norm nn::BatchNorm = |vs| nn::batch_norm2d(vs, 3, Default::default()), [2, 3, 8, 8], true;
    layer_norm nn::LayerNorm = |vs| nn::layer_norm(vs, vec![3], Default::default()), [2, 3], true;
}

#[compile_mode(script)]
#[derive(Debug)]
struct Recurrent {
    layer: nn::LSTM,
}

#[methods]
impl Recurrent {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.layer.seq(x).0
    }
}

#[test]
fn an_optimized_lstm_is_saved() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Recurrent { layer: nn::lstm(vs.root(), 3, 4, Default::default()) };
    let compiled = tch_jit::script(&module).unwrap_or_else(|e| panic!("{e}"));
    compiled.eval();
    let loaded = reload(&compiled.optimize_for_inference().unwrap());
    let x = Tensor::randn([2, 5, 3], tch::kind::FLOAT_CPU);
    let found = Tensor::try_from(loaded.forward(&[IValue::Tensor(x.shallow_clone())]).unwrap()).unwrap();
    assert!(found.allclose(&module.forward(&x), 1e-4, 1e-5, false));
}

/// The file's own extra file is not replaced by a user's, and names are those that are read back.
#[test]
fn extra_files_that_no_archive_can_hold() {
    let compiled = tch_jit::compile(&TracedNumbers).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("module.pt");
    let error = compiled.save_with_extra_files(&path, &[("tch_jit.json", b"{}")]).expect_err("it is refused");
    let text = error.to_string();
    assert!(text.contains("`tch_jit.json`") && text.contains("help: give yours another name"), "{text}");
    assert!(!path.exists());
    // What no file can be loaded with.
    let long = "x".repeat(600);
    for names in [&["../x"][..], &["a\\b"], &["a\nb"], &["A", "a"], &[&long]] {
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, &b"1"[..])).collect();
        let error = compiled.save_with_extra_files(&path, &files).expect_err("it is refused").to_string();
        assert!(error.starts_with("cannot save") && error.contains("it holds"), "{error}");
    }
    compiled.save_with_extra_files(&path, &[("tch_jit.txt", b"{}")]).unwrap();
}
