//! Traces of bodies that handle the failure of an operator: what is recorded is what the body did instead.

use std::panic::{AssertUnwindSafe, catch_unwind};

use integration_tests::agree;
use tch::nn::{self, Module as _};
use tch::{CModule, Device, IndexOp, Kind, Tensor};
use tch_jit::{Compiler, Error, compile_mode, methods, script, trace_fn};

fn x() -> Tensor {
    Tensor::from_slice2(&[[1.0f32, -2.0, 3.0], [0.5, 0.0, -1.0]])
}

/// Bodies in which operators fail and are handled.
macro_rules! handled {
    ($($name:ident: |$x:ident| $body:expr;)*) => {
        $(
            #[compile_mode(trace)]
            #[derive(Debug)]
            struct $name;

            #[methods]
            impl $name {
                fn forward(&self, $x: &Tensor) -> Tensor {
                    $body
                }
            }
        )*

        #[test]
        fn a_trace_goes_on_after_a_handled_failure() {
            for locations in [true, false] {
                $(
                    let compiled = Compiler::new().record_locations(locations).trace(&$name, x());
                    let compiled = compiled.unwrap_or_else(|e| panic!("{}: {e}", stringify!($name)));
                    agree(&$name, &compiled, &[(x(),), (x() * -3.0,)]);
                )*
            }
        }
    };
}

/// `f`'s result; none where it panics. What the panic says is not printed.
fn caught<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(f)).ok()
}

handled! {
    Instead: |x| x.f_view([7, 9]).unwrap_or_else(|_| x * 2.0);
    First: |x| { let _ = x.f_view([7, 9]).ok(); x.exp() + 1.0 };
    Last: |x| { let y = x.exp() + 1.0; let _ = y.f_view([7, 9]).ok(); y };
    Only: |x| { let _ = x.f_view([7, 9]).ok(); x.shallow_clone() };
    TwoInARow: |x| { let _ = (x.f_view([7, 9]).ok(), x.f_matmul(x).ok()); x.exp() };
    TwoApart: |x| { let _ = x.f_view([7, 9]); let y = x.exp(); let _ = y.f_matmul(x); y * x };
    Caught: |x| caught(|| x.matmul(x)).unwrap_or_else(|| x * 2.0);
    CaughtLate: |x| { let mut y = x.exp(); let _ = caught(|| { y = &y * 2.0; y.matmul(x) }); y };
    Composite: |x| x.f_linear(x, Some(&x.exp())).unwrap_or_else(|_| x.sin());
    InPlace: |x| { let mut y = x.exp(); let _ = y.f_add_(&x.i((.., ..2))).is_err(); y * 2.0 };
    InPlaceAtLast: |x| { let mut y = x.exp(); let _ = y.f_copy_(&x.i((.., ..2))).is_err(); y };
    Lists: |x| Tensor::f_cat(&[x, &x.i(0)], 0).unwrap_or_else(|_| Tensor::cat(&[x, x], 0));
    NoGrad: |x| { let y = tch::no_grad(|| x.f_view([7, 9]).is_err()); if y { x.exp() } else { x.sin() } };
    ThenData: |x| { let _ = x.f_view([7, 9]).ok(); x * Tensor::from_slice(&[1.0f32, 2.0, 3.0]) };
    DataFails: |x| { let _ = Tensor::from_slice(&[1.0f32, 2.0]).f_view([7]).ok(); x.exp() };
    Index: |x| { let at = Tensor::from_slice(&[7i64]); x.f_index_select(0, &at).unwrap_or_else(|_| x.sin()) };
    Backward: |x| { let y = x.exp(); let failed = y.f_backward().is_err(); if failed { y } else { x.sin() } };
    Loads: |x| { let y = x.exp(); if CModule::load("no such file").is_err() { y } else { x.sin() } };
    InThread: |x| { let y = x.shallow_clone(); let failed = std::thread::spawn(move || y.f_view([7, 9]).is_err()); if failed.join().unwrap() { x.exp() } else { x.sin() } };
    Loop: |x| (0..3).fold(x.shallow_clone(), |y, n| y.f_narrow(0, n, 2).unwrap_or(y) + 1.0);
    Results: |x| (|| { let y = x.exp().f_add(&x.f_matmul(x)?)?; y.f_sin() })().unwrap_or_else(|_: tch::TchError| x.cos());
}

#[compile_mode]
#[derive(Debug)]
struct Inherits {
    linear: nn::Linear,
}

#[methods]
impl Inherits {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x.f_matmul(x).unwrap_or_else(|_| x.apply(&self.linear));
        let _ = y.f_view([7, 9]).ok();
        y
    }
}

#[compile_mode]
#[derive(Debug)]
struct Panics;

#[methods]
impl Panics {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.exp().matmul(x)
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Parent {
    inherits: Inherits,
    panics: Panics,
}

#[methods]
impl Parent {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = caught(|| self.panics.forward(x)).unwrap_or_else(|| x * 3.0);
        let y = self.inherits.forward(&y);
        caught(|| self.panics.forward(&y)).unwrap_or(y) + 1.0
    }
}

#[test]
fn children_that_inherit_may_fail() {
    let vs = nn::VarStore::new(Device::Cpu);
    let linear = nn::linear(vs.root() / "linear", 3, 3, Default::default());
    let module = Parent { inherits: Inherits { linear }, panics: Panics };
    let compiled = tch_jit::trace(&module, x()).unwrap_or_else(|e| panic!("{e}"));
    agree(&module, &compiled, &[(x(),), (x() * 2.0,)]);
}

/// It doubles its argument before it fails.
#[compile_mode(script)]
#[derive(Debug)]
struct Half;

#[methods]
impl Half {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        y *= 2.0;
        y.view([7, 9])
    }
}

#[script]
fn fails(x: &Tensor) -> Tensor {
    x.view([7, 9])
}

#[compile_mode(trace)]
#[derive(Debug)]
struct HandlesCall {
    half: Half,
}

#[methods]
impl HandlesCall {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x.exp();
        caught(|| self.half.forward(&y)).unwrap_or(y)
    }
}

/// What a failed call has done before it failed is not known.
#[test]
fn failed_calls_are_errors_where_they_are_handled() {
    let error = tch_jit::trace(&HandlesCall { half: Half }, x()).unwrap_err();
    let Error::Trace { message, .. } = &error else { panic!("{error}") };
    let (what, place) = ("it goes on after a failed call", "tests/tests/handled_failures.rs:");
    assert!(message.starts_with(what) && message.contains(place), "{message}");
    let error = trace_fn(x(), |x: &Tensor| caught(|| fails(x)).unwrap_or_else(|| x.sin())).unwrap_err();
    let Error::Trace { message, .. } = &error else { panic!("{error}") };
    assert!(message.starts_with(what) && message.contains(place), "{message}");
}

/// A failure that nobody handles is the error, at its line.
#[test]
fn failures_are_errors_where_nobody_handles_them() {
    let error = trace_fn(x(), |x: &Tensor| x.exp().matmul(x)).unwrap_err();
    let Error::Trace { message, .. } = &error else { panic!("{error}") };
    assert!(
        message.contains("cannot be multiplied") && message.contains("handled_failures.rs:"),
        "{message}"
    );
    let failed = |x: &Tensor| CModule::load("no such file").unwrap().forward_ts(&[x]).unwrap();
    let error = trace_fn(x(), failed).unwrap_err();
    assert!(matches!(&error, Error::Trace { .. }) && error.to_string().contains("no such file"), "{error}");
    let error = trace_fn(x(), |x: &Tensor| {
        x.detach().backward();
        x.exp()
    });
    let error = error.unwrap_err();
    assert!(matches!(&error, Error::Trace { .. }), "{error}");
    assert!(error.to_string().contains("does not require grad"), "{error}");
}

/// Reads of memory are still found where they are swallowed, also after a failure.
#[test]
fn reads_are_found_after_a_failure() {
    let error = trace_fn(x(), |x: &Tensor| {
        let _ = x.f_view([7, 9]).ok();
        let y = x.exp();
        let read = Vec::<f32>::try_from(y.i(0)).unwrap_or_default();
        y * f64::from(read.first().copied().unwrap_or(1.0))
    });
    let error = error.unwrap_err();
    assert!(matches!(error, Error::DataLeavesTrace { .. }), "{error}");
}

/// Several examples, of which each handles a failure.
#[test]
fn failures_and_formulas() {
    let examples: Vec<_> = [5, 8, 13].map(|n| (Tensor::randn([n, 3], (Kind::Float, Device::Cpu)),)).into();
    let f = |x: &Tensor| x.f_matmul(x).unwrap_or_else(|_| x.sum(Kind::Float) / x.size()[0] as f64);
    let module = trace_fn(examples, f).unwrap_or_else(|e| panic!("{e}"));
    let x = Tensor::randn([4, 3], (Kind::Float, Device::Cpu));
    let found: Tensor = module.forward(&[x.shallow_clone().into()]).unwrap().try_into().unwrap();
    assert!(found.allclose(&f(&x), 1e-5, 1e-6, false));
    let linear = nn::linear(nn::VarStore::new(Device::Cpu).root(), 3, 2, Default::default());
    let module =
        trace_fn(&x, |x: &Tensor| caught(|| x.matmul(x)).unwrap_or_else(|| linear.forward(x))).unwrap();
    let found: Tensor = module.forward(&[(&x * 2.0).into()]).unwrap().try_into().unwrap();
    assert!(found.allclose(&linear.forward(&(&x * 2.0)), 1e-5, 1e-6, false));
}
