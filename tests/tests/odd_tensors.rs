//! Tensors that are no plain arrays in memory, in every place where a module may hold one: compiling gives what eager
//! Rust gives, or an error that says what is wrong.

#![allow(missing_docs)]

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use integration_tests::alone;
use tch::{Device, IValue, Kind, Tensor};
use tch_jit::{Error, ScriptModule, compile_mode, methods};

fn x() -> Tensor {
    Tensor::from_slice2(&[[0.5f32, 0.0, 2.0], [0.0, -1.5, 0.0]])
}

fn complex() -> Tensor {
    Tensor::complex(&x(), &(x() + 1.0))
}

/// What a function of TorchScript gives for `x()`: for tensors that tch has no constructor of.
fn by_script(body: &str) -> Tensor {
    let unit = tch_jit::compile_source(&format!("def f(x: Tensor):\n    return {body}")).unwrap();
    match unit.call("f", &[IValue::Tensor(x())]).unwrap() {
        IValue::Tensor(tensor) => tensor,
        other => panic!("{other:?}"),
    }
}

/// A text of all that is in a tensor.
fn contents(tensor: &Tensor) -> String {
    if !tensor.defined() {
        return "undefined".into();
    }
    let dense = by_contents(tensor);
    format!("{:?} {:?} {:?}", tensor.f_kind().ok(), tensor.size(), dense)
}

fn by_contents(tensor: &Tensor) -> Option<Vec<f64>> {
    let dense = tensor
        .f_dequantize()
        .or_else(|_| tensor.f_to_dense(None, false))
        .unwrap_or_else(|_| tensor.shallow_clone());
    let dense = if dense.is_complex() { dense.resolve_conj().view_as_real() } else { dense };
    let flat = dense.f_to_kind(Kind::Double).and_then(|it| it.f_reshape(-1)).ok()?;
    Vec::<f64>::try_from(flat).ok()
}

/// What came of a case.
#[derive(Debug, PartialEq)]
enum Outcome {
    Agrees,
    Fails(String),
    /// Another result than that of eager Rust.
    Differs(String),
    Panics(String),
}

type Compiled = Result<ScriptModule, Error>;

fn untyped<M>(compiled: Result<tch_jit::Compiled<M>, Error>) -> Compiled {
    compiled.map(|it| (*it).clone())
}

/// Compiles by `compile`, and compares a call with `eager`.
fn outcome(compile: impl FnOnce() -> Compiled, args: &[IValue], eager: impl FnOnce() -> Tensor) -> Outcome {
    let run = || {
        let compiled = match compile() {
            Ok(compiled) => compiled,
            Err(error) => return Outcome::Fails(error.to_string()),
        };
        let expected = catch_unwind(AssertUnwindSafe(eager)).map(|it| contents(&it));
        match (compiled.forward(args), expected) {
            (Ok(IValue::Tensor(found)), Ok(expected)) if contents(&found) == expected => Outcome::Agrees,
            (Ok(found), expected) => Outcome::Differs(format!("{found:?} is not {expected:?}")),
            (Err(error), Ok(_)) => Outcome::Differs(error.to_string()),
            (Err(error), Err(_)) => Outcome::Fails(error.to_string()),
        }
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        Outcome::Panics(payload.downcast_ref::<String>().cloned().unwrap_or_default())
    })
}

/// Modules that hold `$make` in each place, scripted and traced, in all of which `$read` reads it. `$y` is a tensor, and
/// `$odd` the odd one.
macro_rules! kinds {
    ($($kind:ident: $make:expr, |$y:ident, $odd:ident| $read:expr;)*) => {
        $(mod $kind {
            use super::*;
            kinds!(modules script $y $odd $read);
            kinds!(modules trace $y $odd $read);

            pub fn outcomes() -> Vec<(String, Outcome)> {
                let odd = || -> Tensor { $make };
                let arg = || IValue::Tensor(x());
                let mut found = script::outcomes(&odd);
                found.extend(trace::outcomes(&odd));
                let captured = odd();
                #[allow(unused_variables)]
                let f = |y: &Tensor| { let ($y, $odd) = (y, &captured); $read };
                found.push(("captured, trace".into(), outcome(|| tch_jit::trace_fn(&x(), f), &[arg()], || f(&x()))));
                let f = |y: &Tensor| { let _unread = &captured; y * 2.0 };
                found.push(("captured unread, trace".into(), outcome(|| tch_jit::trace_fn(&x(), f), &[arg()], || f(&x()))));
                found.into_iter().map(|(place, it)| (format!("{} as {place}", stringify!($kind)), it)).collect()
            }
        })*

        fn all() -> Vec<(String, Outcome)> {
            [$($kind::outcomes()),*].into_iter().flatten().collect()
        }
    };
    (modules $mode:ident $y:ident $odd:ident $read:expr) => {
        mod $mode {
            use super::super::*;

            kinds!(holder Parameter (parameter) $mode $y $odd $read);
            kinds!(holder Buffer (buffer) $mode $y $odd $read);
            kinds!(holder Constant (constant) $mode $y $odd $read);
            kinds!(holder UnreadParameter (parameter) $mode $y $odd $y * 2.0);
            kinds!(holder UnreadBuffer (buffer) $mode $y $odd $y * 2.0);
            kinds!(holder UnreadConstant (constant) $mode $y $odd $y * 2.0);
            kinds!(holder Returned (buffer) $mode $y $odd $odd.shallow_clone());

            #[compile_mode($mode)]
            #[derive(Debug)]
            pub struct Argument;

            #[methods]
            impl Argument {
                pub fn forward(&self, $y: &Tensor, $odd: &Tensor) -> Tensor {
                    $read
                }
            }

            pub fn outcomes(odd: &dyn Fn() -> Tensor) -> Vec<(String, Outcome)> {
                let args = [IValue::Tensor(x()), IValue::Tensor(odd())];
                let mode = stringify!($mode);
                let compile = || -> Compiled {
                    if mode == "trace" {
                        untyped(tch_jit::trace(&Argument, (x(), odd())))
                    } else {
                        untyped(tch_jit::compile(&Argument))
                    }
                };
                vec![
                    ("argument".to_owned(), outcome(compile, &args, || Argument.forward(&x(), &odd()))),
                    ("parameter".to_owned(), Parameter::outcome(odd)),
                    ("buffer".to_owned(), Buffer::outcome(odd)),
                    ("constant".to_owned(), Constant::outcome(odd)),
                    ("unread parameter".to_owned(), UnreadParameter::outcome(odd)),
                    ("unread buffer".to_owned(), UnreadBuffer::outcome(odd)),
                    ("unread constant".to_owned(), UnreadConstant::outcome(odd)),
                    ("result".to_owned(), Returned::outcome(odd)),
                ]
                .into_iter()
                .map(|(place, it)| (format!("{place}, {mode}"), it))
                .collect()
            }
        }
    };
    (holder $name:ident ($how:ident) $mode:ident $y:ident $odd:ident $read:expr) => {
        #[compile_mode($mode)]
        #[derive(Debug)]
        pub struct $name {
            #[jit($how)]
            odd: Tensor,
        }

        #[methods]
        impl $name {
            #[allow(unused_variables, clippy::let_and_return)]
            pub fn forward(&self, $y: &Tensor) -> Tensor {
                let $odd = &self.odd;
                let result = $read;
                result
            }

            #[tracing_inputs]
            fn inputs(&self, n: usize) -> Vec<Tensor> {
                (0..n).map(|_| x()).collect()
            }
        }

        impl $name {
            fn outcome(odd: &dyn Fn() -> Tensor) -> Outcome {
                let module = $name { odd: odd() };
                let compile = || -> Compiled { untyped(tch_jit::compile(&module)) };
                outcome(compile, &[IValue::Tensor(x())], || module.forward(&x()))
            }
        }
    };
}

kinds! {
    sparse: x().to_sparse_sparse_dim(2), |y, odd| y + odd.to_dense(None, false);
    sparse_csr: x().to_sparse_csr(None), |y, odd| y + odd.to_dense(None, false);
    quantized: x().quantize_per_tensor(0.1, 0, Kind::QInt8), |y, odd| y + odd.dequantize();
    quantized_by_channel: x().quantize_per_channel(
        &Tensor::from_slice(&[0.1, 0.2]), &Tensor::from_slice(&[0i64, 1]), 0, Kind::QInt8
    ), |y, odd| y + odd.dequantize();
    mkldnn: x().to_mkldnn(), |y, odd| y + odd.to_dense(None, false);
    meta: by_script("x.to('meta')"), |y, odd| odd * 2.0;
    undefined: Tensor::new(), |y, odd| y + odd;
    expanded: Tensor::from(2.0f32).expand([2, 3], false), |y, odd| y + odd;
    conjugated: complex().conj(), |y, odd| y * odd;
    negated: complex().conj().imag(), |y, odd| y * odd;
    empty: Tensor::zeros([0, 3], tch::kind::FLOAT_CPU), |y, odd| Tensor::cat(&[y, odd], 0);
    zero_dim: Tensor::from(3.0f32), |y, odd| y * odd;
    half: x().to_kind(Kind::Half), |y, odd| y * odd;
    float8: x().to_kind(Kind::Float8e5m2), |y, odd| y + odd.to_kind(Kind::Float);
    uint16: by_script("x.abs().to(27)"), |y, odd| y + odd.to_kind(Kind::Float);
}

#[test]
fn odd_tensors_work_or_are_refused() {
    let _alone = alone();
    let wrong: Vec<String> = all()
        .into_iter()
        .filter(|(case, it)| match it {
            Outcome::Agrees => REFUSED.iter().any(|(known, _)| known == case),
            Outcome::Fails(message) => {
                !REFUSED.iter().any(|(known, why)| known == case && message.contains(why))
            }
            Outcome::Differs(_) | Outcome::Panics(_) => true,
        })
        .map(|(case, it)| format!("{case}: {it:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The cases that are refused, with a part of the message.
const REFUSED: &[(&str, &str)] = &[
    ("sparse as result, trace", "no plain tensor"),
    ("sparse_csr as result, trace", "no plain tensor"),
    ("mkldnn as result, trace", "no plain tensor"),
    ("undefined as argument, script", "undefined Tensor"),
    ("undefined as argument, trace", "undefined Tensor"),
    ("undefined as captured, trace", "undefined Tensor"),
    ("undefined as parameter, script", "help: make the field an `Option<Tensor>`"),
    ("undefined as parameter, trace", "help: make the field an `Option<Tensor>`"),
    ("undefined as buffer, script", "help: make the field an `Option<Tensor>`"),
    ("undefined as buffer, trace", "help: make the field an `Option<Tensor>`"),
    ("undefined as constant, script", "help: make the field an `Option<Tensor>`"),
    ("undefined as constant, trace", "help: make the field an `Option<Tensor>`"),
    ("undefined as unread parameter, script", "help: make the field an `Option<Tensor>`"),
    ("undefined as unread parameter, trace", "help: make the field an `Option<Tensor>`"),
    ("undefined as unread buffer, script", "help: make the field an `Option<Tensor>`"),
    ("undefined as unread buffer, trace", "help: make the field an `Option<Tensor>`"),
    ("undefined as unread constant, script", "help: make the field an `Option<Tensor>`"),
    ("undefined as unread constant, trace", "help: make the field an `Option<Tensor>`"),
    ("undefined as result, script", "help: make the field an `Option<Tensor>`"),
    ("undefined as result, trace", "help: make the field an `Option<Tensor>`"),
];

/// Tensors of 10^9 elements that are one in memory; copied as they look, each would be 4 GB.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Expanded {
    weight: Tensor,
    buffer: Tensor,
    #[jit(constant)]
    constant: Tensor,
}

#[methods]
impl Expanded {
    pub fn forward(&self, x: &Tensor, other: &Tensor) -> Tensor {
        let first = |it: &Tensor| it.narrow(0, 0, 3);
        // The first element is all of them.
        let _ = self.buffer.narrow(0, 0, 1).g_add_scalar_(1.0);
        x * first(&self.weight) + first(&self.buffer) * first(&self.constant) - first(other)
    }
}

fn billion(value: f32) -> Tensor {
    Tensor::from_slice(&[value]).expand([1_000_000_000], false)
}

/// The most memory that this process has had, in bytes.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn an_expanded_tensor_stays_one_in_memory() {
    let _alone = alone();
    let module = Expanded {
        weight: billion(2.0).set_requires_grad(true),
        buffer: billion(3.0),
        constant: billion(4.0),
    };
    let captured = billion(5.0);
    let before = peak();
    let compiled = tch_jit::trace(&module, (x(), billion(6.0))).unwrap();
    assert_eq!(module.buffer.double_value(&[0]), 3.0, "the buffer is as before");
    let found = compiled.forward((x(), billion(7.0))).unwrap();
    assert_eq!(module.buffer.double_value(&[999_999_999]), 4.0, "the call changes it");
    assert_eq!(found, x() * 2.0 + 16.0 - 7.0);
    tch_jit::trace_fn(&x(), |y: &Tensor| y + captured.narrow(0, 0, 3)).unwrap();
    let used = peak() - before;
    assert!(used < 1 << 30, "{used} bytes");
}

/// Takes a device.
#[compile_mode(script)]
#[derive(Debug)]
pub struct OnDevice;

#[methods]
impl OnDevice {
    pub fn forward(&self, x: &Tensor, device: Device) -> Tensor {
        x.to_device(device)
    }
}

/// Has a device.
#[compile_mode(script)]
#[derive(Debug)]
pub struct HasDevice {
    device: Device,
}

#[methods]
impl HasDevice {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.to_device(self.device)
    }
}

#[test]
fn a_device_that_cannot_be_is_an_error_with_its_name() {
    let _alone = alone();
    for index in [128, 300, usize::MAX] {
        let name = format!("cuda:{index}");
        let compiled = tch_jit::compile(&OnDevice).unwrap();
        for error in [
            compiled.forward((x(), Device::Cuda(index))).unwrap_err(),
            compiled.call("forward", &[x().into(), IValue::Device(Device::Cuda(index))]).unwrap_err(),
            tch_jit::compile(&HasDevice { device: Device::Cuda(index) }).unwrap_err(),
            compiled.to(Device::Cuda(index)).unwrap_err(),
        ] {
            assert!(error.to_string().contains(&name), "{name}: {error}");
        }
    }
}

/// Changes a tensor without plain memory in place.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct ChangesSparse {
    #[jit(buffer)]
    odd: Tensor,
}

#[methods]
impl ChangesSparse {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let _ = self.odd.shallow_clone().g_mul_scalar_(2.0);
        x + self.odd.to_dense(None, false)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

#[test]
fn a_sparse_buffer_that_runs_change_is_afterwards_as_before() {
    let _alone = alone();
    let module = ChangesSparse { odd: x().to_sparse_sparse_dim(2) };
    let before = contents(&module.odd);
    let compiled = tch_jit::compile(&module).unwrap();
    assert_eq!(contents(&module.odd), before);
    assert_eq!(compiled.forward(x()).unwrap(), x() * 3.0);
    assert_ne!(contents(&module.odd), before, "the call changes it");
}

/// Gives another imaginary part each time.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct ImaginaryCounts {
    #[jit(skip)]
    runs: Cell<f64>,
}

#[methods]
impl ImaginaryCounts {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.runs.set(self.runs.get() + 1.0);
        Tensor::complex(x, &(x.zeros_like() + self.runs.get()))
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

#[test]
fn a_trace_with_another_imaginary_part_is_refused() {
    let _alone = alone();
    let module = ImaginaryCounts { runs: Cell::new(0.0) };
    let error = tch_jit::Compiler::new().generalize(false).compile(&module).unwrap_err();
    assert!(matches!(error, Error::TraceMismatch { .. }), "{error}");
    assert!(error.to_string().contains("at index [0, 0, 1] it is 1, expected 2"), "{error}");
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Factor {
    #[jit(constant)]
    factor: Tensor,
}

#[methods]
impl Factor {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x * &self.factor
    }
}

/// Two constants in one memory, of which one is a lazy view with other values.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Factors {
    plain: Factor,
    lazy: Factor,
}

#[methods]
impl Factors {
    pub fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        (self.plain.forward(x), self.lazy.forward(x))
    }
}

#[test]
fn a_lazy_view_is_another_constant_than_its_memory() {
    let _alone = alone();
    let (number, imaginary) = (complex(), complex().imag());
    for (plain, lazy) in [(&number, number.conj()), (&imaginary, imaginary.internal_neg_view())] {
        let plain = plain.shallow_clone();
        let module = Factors { plain: Factor { factor: plain }, lazy: Factor { factor: lazy } };
        let (plain, lazy) = tch_jit::compile(&module).unwrap().forward(x()).unwrap();
        let (expected_plain, expected_lazy) = module.forward(&x());
        assert_eq!(contents(&plain), contents(&expected_plain));
        assert_eq!(contents(&lazy), contents(&expected_lazy));
    }
}
