//! How compiled modules are run: as they are written, with eager gradients, from the first call on, in many threads.

use std::thread;

use integration_tests::calls::each_call;
use integration_tests::modules::reload;
use integration_tests::{Agree, form};
use tch::{IValue, Kind, Tensor, nn};
use tch_jit::{Compiler, compile_mode, methods};

/// Compares values and gradients of the body with Rust's.
macro_rules! gradients {
    ($($(#[doc = $doc:literal])* fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty { $($body:tt)* } on $(($($value:expr),*))+;)*) => {$(
        $(#[doc = $doc])*
        #[test]
        fn $name() {
            form!(($($arg: $ty),*) -> $out { $($body)* });
            let compiled = tch_jit::compile(&Form).unwrap_or_else(|e| panic!("{e}"));
            // libtorch's own formulas are wrong for most of these.
            let agree = Agree { symbolic_gradients: false, ..Agree::default() };
            agree.on(&Form, &compiled, &[$(($($value,)*)),+]);
        }
    )*};
}

fn doubles(values: &[f64]) -> Tensor {
    Tensor::from_slice(values)
}

gradients! {
    fn bounds_of_hardtanh(x: &Tensor) -> Tensor { x.hardtanh() * x } on (doubles(&[-2.0, -1.0, 0.0, 1.0, 2.0]));
    fn bounds_of_relu6_and_clamp(x: &Tensor) -> Tensor { x.relu6() + x.clamp(-1.0, 1.0) * 2.0 + x.hardsigmoid() } on (doubles(&[-3.0, -1.0, 0.0, 1.0, 3.0, 6.0]));
    fn powers_of_zero(x: &Tensor, y: &Tensor) -> Tensor { x.pow(y) + x.pow_tensor_scalar(2.0) + x.pow_tensor_scalar(0.0) } on (doubles(&[0.0, 1.0, 2.0]), doubles(&[0.0, 2.0, 0.0]));
    fn kinks(x: &Tensor) -> Tensor { x.abs() + x.relu() + x.leaky_relu() + x.elu() + x.threshold(0.0, 1.0) + x.softshrink() } on (doubles(&[-0.5, 0.0, 0.5]));
    fn equal_maxima(x: &Tensor) -> Tensor { x.max() + x.amax([0], false) + x.max_dim(0, false).0 + x.median() } on (doubles(&[1.0, 1.0, 0.0]));
    fn minima_of_equal_tensors(x: &Tensor, y: &Tensor) -> Tensor { x.minimum(y) * 2.0 + x.maximum(y) * 3.0 + x.fmax(y) } on (doubles(&[1.0, 2.0]), doubles(&[1.0, 1.0]));
    fn norms_of_zero(x: &Tensor) -> Tensor { x.norm() + x.norm_scalaropt_dim(2.0, [0], false) } on (doubles(&[0.0, 0.0]));
    fn divisions(x: &Tensor, y: &Tensor) -> Tensor { x / y + x.divide_scalar_mode(3.0, "floor") + x.fmod(2.0) + x.remainder(2.0) } on (doubles(&[1.0, -5.0]), doubles(&[2.0, 4.0]));
    fn broadcasts(x: &Tensor, y: &Tensor) -> Tensor { x * y + x.expand([2, 2], false) } on (doubles(&[1.0, 2.0]), doubles(&[1.0, 2.0, 3.0, 4.0]).view([2, 2]));
}

/// Complex numbers: results and gradients of each call.
#[test]
fn complex_gradients() {
    form!((x: &Tensor) -> Tensor {
        let z = Tensor::view_as_complex(x);
        let a = (&z * z.conj() + 1.0).real();
        let b = (&z * &z).imag() + z.abs() + z.angle();
        let c = Tensor::view_as_real(&(&z / (&z + 2.0))).sum_dim_intlist(-1, false, Kind::Double);
        a + b * 2.0 + c
    });
    let compiled = tch_jit::compile(&Form).unwrap();
    let x = || doubles(&[1.0, 2.0, -3.0, 0.5, 0.3, -0.2]).view([3, 2]);
    // libtorch's executor fails on these.
    for call in 1..=4 {
        let gradient = |f: &dyn Fn(&Tensor) -> Tensor| {
            let x = x().set_requires_grad(true);
            let y = f(&x);
            y.sum(Kind::Double).backward();
            (y.detach(), x.grad())
        };
        let (expected, slope) = gradient(&|x| Form.forward(x));
        let (found, found_slope) = gradient(&|x| compiled.forward(x).unwrap());
        assert_eq!(found, expected, "call {call}");
        assert_eq!(found_slope, slope, "gradient of call {call}");
    }
}

#[compile_mode(script)]
struct Counter {
    linear: nn::Linear,
    #[jit(buffer)]
    count: Tensor,
}

#[methods]
impl Counter {
    fn forward(&self, x: &Tensor, n: i64) -> Tensor {
        let mut h = x.apply(&self.linear);
        for i in 0..n {
            h = self.step(&h, i);
        }
        let _ = self.count.shallow_clone().g_add_(&Tensor::from(1.0f32));
        h * &self.count
    }

    fn step(&self, h: &Tensor, i: i64) -> Tensor {
        if i % 2 == 0 { h.tanh() } else { h + i }
    }
}

fn counter() -> Counter {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let linear = nn::linear(vs.root(), 3, 3, Default::default());
    Counter { linear, count: Tensor::from(0.0f32) }
}

/// Both executors, chosen when compiling or later, also for a file and for a child.
#[test]
fn the_executor_is_a_choice() {
    let module = counter();
    let x = Tensor::ones([2, 3], tch::kind::FLOAT_CPU);
    for optimized in [false, true] {
        let compiled =
            Compiler::new().optimized_execution(optimized).deep_copy(true).compile(&module).unwrap();
        let reloaded = reload(&compiled);
        reloaded.set_optimized_execution(optimized);
        for call in 1..=4 {
            let h = module.step(&module.step(&module.step(&x.apply(&module.linear), 0), 1), 2);
            let expected = h * call;
            let close = |found: Tensor| found.allclose(&expected, 1e-5, 1e-6, false);
            assert!(close(compiled.forward((&x, 3)).unwrap()), "call {call}");
            let IValue::Tensor(found) =
                reloaded.forward(&[x.shallow_clone().into(), IValue::Int(3)]).unwrap()
            else {
                panic!("a tensor")
            };
            assert!(close(found), "call {call} of the file");
        }
    }
}

/// The first calls of many threads: all make the plan, and agree.
#[test]
fn threads_share_a_plan() {
    form!((x: &Tensor, n: i64) -> Tensor {
        let mut h = x.shallow_clone();
        for i in 0..n { h = if i % 2 == 0 { h.tanh() } else { h + i }; }
        h
    });
    let compiled = tch_jit::compile(&Form).unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let expected = Form.forward(&Tensor::ones([3], tch::kind::FLOAT_CPU), 5);
                for _ in 0..50 {
                    let found = compiled.forward((&Tensor::ones([3], tch::kind::FLOAT_CPU), 5)).unwrap();
                    assert!(found.allclose(&expected, 1e-6, 1e-6, false));
                }
            });
        }
    });
}

/// Parameters and flags are read when the module runs.
#[test]
fn a_plan_holds_no_state() {
    let module = counter();
    let compiled = tch_jit::compile(&module).unwrap();
    let x = Tensor::ones([2, 3], tch::kind::FLOAT_CPU);
    for _ in 0..3 {
        each_call(&compiled, |call| {
            tch::no_grad(|| {
                let _ = module.linear.ws.shallow_clone().g_add_(&Tensor::from(0.125f32));
            });
            let count = module.count.copy();
            let expected = module.forward(&x, 3);
            module.count.shallow_clone().copy_(&count);
            assert_eq!(compiled.forward((&x, 3)).unwrap(), expected, "{call}");
        });
    }
}

/// A wrong argument, and a failure inside, are errors with the Rust place, and the next call runs.
#[test]
fn failures_leave_the_plan_as_it_was() {
    form!((x: &Tensor, n: i64) -> Tensor {
        let mut h = x.shallow_clone();
        for _ in 0..n { h = h.matmul(&x.tr()); }
        h
    });
    let compiled = tch_jit::compile(&Form).unwrap();
    let ones = |shape: [i64; 2]| Tensor::ones(shape, tch::kind::FLOAT_CPU);
    for _ in 0..3 {
        let error = compiled.forward((&ones([2, 3]), 3)).unwrap_err().to_string();
        assert!(
            error.contains("tests/tests/execution.rs") && error.contains("cannot be multiplied"),
            "{error}"
        );
        assert_eq!(compiled.forward((&ones([2, 2]), 1)).unwrap(), Form.forward(&ones([2, 2]), 1));
        let error = compiled.call("forward", &[IValue::Int(1), IValue::Int(1)]).unwrap_err().to_string();
        assert!(error.contains("Expected a value of type 'Tensor'"), "{error}");
    }
}
