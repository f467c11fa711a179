//! `#[cfg]` and `#[cfg_attr]` inside of annotated items: what rustc removes is not compiled.
//!
//! The macros once saw all of it: a removed `let` was compiled, and two methods under opposite `cfg`s were refused.

#![allow(missing_docs, unexpected_cfgs, clippy::non_minimal_cfg)]

use integration_tests::agree::agree as assert_agree;
use integration_tests::modules::{names, reload};
use integration_tests::tensors::floats;
use integration_tests::{agree, both_fail};
use tch::nn::Module;
use tch::{IValue, Tensor, nn};
use tch_jit::{ScriptType, compile_mode, export, methods, script, script_if_tracing, tracing_inputs};

agree! {
    fn a_removed_let_that_shadows(a: i64) -> i64 { let b = a + 1; #[cfg(any())] let b = b * 0; b } on (3);
    fn a_kept_let_that_shadows(a: i64) -> i64 { let b = a + 1; #[cfg(all())] let b = b * 2; b } on (3);
    fn lets_under_opposite_cfgs(a: i64) -> i64 { #[cfg(any())] let b = a; #[cfg(not(any()))] let b = a * 10; b } on (3);
    fn expression_statements(a: i64) -> i64 { let mut b = a; #[cfg(any())] { b += 1; } #[cfg(all())] { b += 10; } #[cfg(any())] if b > 0 { return 0; } #[cfg(all())] if b > 100 { return 1; } b } on (3) (200);
    fn assignments_and_loops(a: i64) -> i64 { let mut b = a; #[cfg(all())] for i in 0..3 { b += i; #[cfg(any())] break; } #[cfg(any())] while b > 0 { b -= 1; } b } on (3);
    fn blocks_as_values(a: i64) -> i64 { #[cfg(any())] { a } #[cfg(not(any()))] { a + 1 } } on (3);
    fn returns(a: i64) -> i64 { #[cfg(any())] return 7; #[cfg(all())] return a + 1; } on (3);
    fn match_arms(a: i64) -> i64 { match a { #[cfg(any())] 1 => 10, #[cfg(all())] 1 => 20, #[cfg(any())] _ => 30, #[cfg(not(any()))] _ => { #[cfg(any())] let a = 0; a } } } on (1) (2);
    fn arms_with_guards(o: Option<i64>) -> i64 { match o { #[cfg(any())] Some(x) if x > 0 => -x, #[cfg(all())] Some(x) if x > 1 => x, Some(_) => 1, None => 0 } } on (Some(5)) (Some(1)) (None::<i64>);
    fn call_arguments(a: i64) -> i64 { i64::max(#[cfg(any())] 100, a, #[cfg(all())] 2) } on (1) (3);
    fn elements_of_arrays_and_tuples(a: i64) -> ([i64; 2], (i64, i64)) { ([a, #[cfg(any())] 5, 1], (#[cfg(any())] 7, a, #[cfg(all())] 2)) } on (3);
    fn closures(v: Vec<i64>) -> Vec<i64> { v.iter().map(|x| { #[cfg(any())] let x = &0; let y = x + 1; #[cfg(all())] let y = y * 2; y }).collect() } on (vec![1, 2]);
    fn conditions(a: i64) -> i64 { let b = if cfg!(any()) { a } else { a + 1 }; if cfg!(all()) && !cfg!(any()) && b > 0 { b } else { 0 } } on (3);
    fn builds(a: i64) -> (bool, bool, i64) { #[cfg(debug_assertions)] let a = a + 1; #[cfg(not(debug_assertions))] let a = a - 1; #[cfg(test)] let a = a * 10; #[cfg(not(test))] let a = a * 20; (cfg!(test), cfg!(debug_assertions), a) } on (3);
    fn features_that_the_crate_lacks(a: i64) -> i64 { #[cfg(feature = "profile")] let timer = std::time::Instant::now(); let b = a + 1; #[cfg(feature = "profile")] eprintln!("{:?}", timer.elapsed()); b } on (3);
    fn cfg_attr_with_cfg(a: i64) -> i64 { let b = a; #[cfg_attr(all(), cfg(any()))] let b = 0; #[cfg_attr(any(), cfg(any()))] let b = b + 1; b } on (3);
    fn several_predicates(a: i64) -> i64 { #[cfg(all())] #[cfg(any())] let a = 0; #[cfg(all())] #[cfg(not(any()))] let a = a + 1; a } on (3);
    fn local_constants(a: i64) -> i64 { #[cfg(any())] const K: i64 = 1; #[cfg(not(any()))] const K: i64 = 2; #[cfg(any())] use nowhere::K as L; a * K } on (3);
    fn deep_inside(a: i64) -> i64 { let mut b = vec![a]; for i in 0..2 { if i == 1 { match i { 1 => { #[cfg(any())] b.clear(); b.push(1) } _ => {} } } } b.iter().sum::<i64>() } on (3);
    fn code_that_cannot_be_scripted(a: i64) -> i64 { #[cfg(any())] let a = unsafe { std::mem::transmute::<i64, i64>(a) }; #[cfg(any())] std::fs::write("a", "b").unwrap(); a } on (3);
    fn assertions_of_debug_builds(a: i64) -> i64 { debug_assert!(a > 0, "{a}"); debug_assert_eq!(a, 3); debug_assert_ne!(a, 4); a } on (3);
    fn macros_inside(a: i64) -> i64 { #[cfg(any())] assert!(a < 0, "removed"); #[cfg(all())] assert!(a > 0); #[cfg(any())] println!("removed"); a } on (3);
}

#[cfg(debug_assertions)]
both_fail! {
    fn failing_assertions_of_debug_builds(a: i64) -> i64 { debug_assert!(a > 0); debug_assert_eq!(a, 3); a } on (0) (4);
}

#[cfg(not(debug_assertions))]
agree! {
    fn assertions_that_release_builds_leave_out(a: i64) -> i64 { debug_assert!(a > 0); debug_assert_eq!(a, 3); a } on (0) (4);
}

#[derive(ScriptType, Debug)]
pub struct Out {
    #[cfg(all())]
    pub x: Tensor,
    #[cfg(any())]
    pub removed: std::fs::File,
    #[cfg_attr(all(), doc = "The count.")]
    pub n: i64,
}

#[derive(ScriptType, Debug, Clone, Copy, PartialEq)]
pub enum Level {
    Low,
    #[cfg(any())]
    Middle,
    #[cfg(all())]
    High,
}

/// Fields, methods, attributes of both, and code in the bodies.
#[compile_mode(script)]
#[derive(Debug)]
#[cfg_attr(all(), derive(Default))]
pub struct Model {
    #[cfg(any())]
    linear: std::net::TcpStream,
    #[cfg(not(any()))]
    linear: Option<nn::Linear>,
    #[cfg(test)]
    scale: f64,
    #[cfg_attr(all(), jit(rename = "renamed"))]
    bias: f64,
    #[cfg_attr(any(), jit(skip))]
    shift: i64,
    #[cfg_attr(all(), jit(skip))]
    #[allow(dead_code)]
    path: std::path::PathBuf,
}

#[methods]
impl Model {
    #[cfg(any())]
    fn forward(&self) -> std::fs::File {
        self.linear
    }

    #[cfg(all())]
    fn forward(&self, x: &Tensor, #[cfg(any())] removed: std::fs::File, n: i64) -> (Tensor, i64) {
        let out = self.out(x, n);
        (out.x, out.n)
    }

    fn out(&self, x: &Tensor, n: i64) -> Out {
        let y = match &self.linear {
            Some(linear) => linear.forward(x),
            None => x.shallow_clone(),
        };
        #[cfg(any())]
        let y = y * 0.0;
        #[cfg(test)]
        let y = y * self.scale;
        let y = self.activate(&y);
        let level = if n > 2 { Level::High } else { Level::Low };
        Out {
            x: y + self.bias,
            #[cfg(any())]
            removed: n,
            #[cfg(not(any()))]
            n: n + self.shift + level as i64,
        }
    }

    #[cfg(any())]
    fn activate(&self, x: &Tensor) -> Tensor {
        x.relu()
    }

    #[cfg(not(any()))]
    fn activate(&self, x: &Tensor) -> Tensor {
        x.tanh()
    }

    #[cfg_attr(all(), export)]
    fn exported(&self, x: &Tensor) -> Tensor {
        x * self.scale
    }

    #[cfg_attr(any(), export)]
    #[allow(dead_code)]
    fn not_exported(&self, x: &Tensor) -> Tensor {
        x * 3.0
    }

    #[cfg(any())]
    #[export]
    fn removed(&self, x: &Tensor) -> Tensor {
        x * 3.0
    }
}

fn model() -> Model {
    let vs = nn::VarStore::new(tch::Device::Cpu);
    let linear = Some(nn::linear(vs.root(), 2, 2, Default::default()));
    Model { linear, scale: 2.0, bias: 0.5, shift: 7, path: "a".into() }
}

#[test]
fn fields_methods_and_their_attributes() {
    let module = model();
    let compiled = tch_jit::compile(&module).unwrap();
    assert_agree(&module, &compiled, &[(floats(&[1., -2.]), 1), (floats(&[0.5, 2.]), 3)]);
    let x = floats(&[1., -2.]);
    for module in [&*compiled, &reload(&compiled)] {
        let y = module.call("exported", &[IValue::Tensor(x.shallow_clone())]).unwrap();
        assert_eq!(Tensor::try_from(y).unwrap(), &x * 2.0);
        assert!(module.call("not_exported", &[IValue::Tensor(x.shallow_clone())]).is_err());
        assert!(module.call("removed", &[IValue::Tensor(x.shallow_clone())]).is_err());
    }
    assert_eq!(names(&compiled.named_parameters()), ["linear.weight", "linear.bias"]);
    let graph = compiled.inlined_graph();
    assert!(
        graph.contains("name=\"renamed\"") && graph.contains("tanh") && !graph.contains("relu"),
        "{graph}"
    );
}

/// Its attributes come through `cfg_attr`, in front of and behind the mode.
#[cfg_attr(all(), tracing_inputs(x = [_, self.dim]))]
#[compile_mode(trace)]
#[cfg_attr(any(), tracing_inputs(x = [_, 7]))]
#[derive(Debug)]
pub struct Traced<#[cfg(any())] T> {
    dim: i64,
    #[cfg(all())]
    weight: Tensor,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        #[cfg(any())]
        let x = &(x * 0.0);
        self.chosen(x) * &self.weight
    }

    #[cfg(any())]
    fn chosen(&self, x: &Tensor) -> Tensor {
        x.shallow_clone()
    }

    #[cfg(all())]
    fn chosen(&self, x: &Tensor) -> Tensor {
        x + 1.0
    }

    #[export]
    fn encode(&self, x: &Tensor) -> Tensor {
        #[cfg(any())]
        return x * 0.0;
        #[cfg(all())]
        return x * 5.0;
    }

    #[cfg_attr(all(), tracing_inputs(encode))]
    #[cfg_attr(any(), tracing_inputs)]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| floats(&[1., 2.])).collect()
    }
}

#[test]
fn example_inputs_of_traces() {
    let module = Traced { dim: 2, weight: floats(&[2., 3.]) };
    let compiled = tch_jit::compile(&module).unwrap();
    assert_agree(
        &module,
        &compiled,
        &[(floats(&[1., -2.]).view([1, 2]),), (Tensor::ones([3, 2], tch::kind::FLOAT_CPU),)],
    );
    let x = floats(&[1., -2.]);
    let y = compiled.call("encode", &[IValue::Tensor(x.shallow_clone())]).unwrap();
    assert_eq!(Tensor::try_from(y).unwrap(), module.encode(&x));
}

/// An enum of modules.
#[compile_mode(script)]
#[derive(Debug)]
pub enum Layer {
    #[cfg(any())]
    Removed(std::fs::File),
    Linear(nn::Linear),
    #[cfg(all())]
    Scale {
        #[cfg(any())]
        removed: std::fs::File,
        by: f64,
    },
}

#[methods]
impl Layer {
    fn forward(&self, x: &Tensor) -> Tensor {
        match self {
            #[cfg(any())]
            Layer::Removed(_) => x.shallow_clone(),
            Layer::Linear(linear) => linear.forward(x),
            #[cfg(all())]
            Layer::Scale {
                #[cfg(any())]
                removed,
                by,
            } => x * *by,
        }
    }
}

#[test]
fn variants_of_an_enum_of_modules() {
    let module = Layer::Scale { by: 3.0 };
    assert_agree(&module, &tch_jit::compile(&module).unwrap(), &[(floats(&[1., -2.]),)]);
    let module = Layer::Linear(model().linear.unwrap());
    assert_agree(&module, &tch_jit::compile(&module).unwrap(), &[(floats(&[1., -2.]),)]);
}

/// Generic, with a `where` clause.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Around<M>
where
    M: Module,
{
    #[cfg(all())]
    inner: M,
    #[cfg(any())]
    inner: (),
}

#[methods]
impl<M: Module> Module for Around<M>
where
    M: nn::Module,
{
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x.apply(&self.inner);
        #[cfg(any())]
        let y = -y;
        #[cfg(all())]
        let y = y + 1.0;
        y
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Inner;

#[methods]
impl Module for Inner {
    #[cfg_attr(all(), allow(clippy::let_and_return))]
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = x * 2.0;
        #[cfg(any())]
        let y = x * 3.0;
        y
    }
}

#[test]
fn generic_modules_and_implemented_traits() {
    let module = Around { inner: Inner };
    assert_agree(&module, &tch_jit::compile(&module).unwrap(), &[(floats(&[1., -2.]),)]);
}

#[script]
fn gate(x: &Tensor, #[cfg(any())] removed: std::fs::File, n: i64) -> Tensor {
    #[cfg(any())]
    let n = 100;
    if n > 2 { x * 2.0 } else { x * 3.0 }
}

#[script_if_tracing]
fn kept(x: &Tensor) -> Tensor {
    #[cfg(any())]
    return x.shallow_clone();
    #[cfg(all())]
    if x.size()[0] > 2 { x * 2.0 } else { x * 3.0 }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Calls;

#[methods]
impl Calls {
    fn forward(&self, x: &Tensor, n: i64) -> Tensor {
        gate(x, n) + kept(x)
    }
}

#[test]
fn functions() {
    let (three, one) = (floats(&[1., -2., 5.]), floats(&[4.]));
    assert_agree(
        &Calls,
        &tch_jit::compile(&Calls).unwrap(),
        &[(three.shallow_clone(), 1), (one.shallow_clone(), 3)],
    );
    let traced = tch_jit::trace_fn(&three, |x: &Tensor| kept(x)).unwrap();
    for x in [&three, &one] {
        let y = traced.forward(&[IValue::Tensor(x.shallow_clone())]).unwrap();
        assert_eq!(Tensor::try_from(y).unwrap(), kept(x));
    }
}

/// Items that come out of a macro, with `cfg`s of the macro and of its arguments.
macro_rules! module {
    ($(#[$attr:meta])* $name:ident, $value:expr, $shift:block, $(#[$kept:meta])* let $factor:ident) => {
        #[compile_mode(script)]
        $(#[$attr])*
        pub struct $name {
            #[cfg(any())]
            removed: (),
            #[cfg(all())]
            by: f64,
        }

        #[methods]
        impl $name {
            fn forward(&self, x: &Tensor) -> Tensor {
                let $factor = self.by;
                $(#[$kept])*
                let $factor = 0.0;
                let shift = $shift;
                #[cfg(any())]
                let x = &(x * 0.0);
                x * $value * $factor + shift
            }
        }
    };
}

module!(
    #[cfg_attr(all(), derive(Debug))]
    Generated,
    { #[cfg(any())] let a = 0.0; #[cfg(all())] let a = 4.0; a },
    { #[cfg(any())] return x.shallow_clone(); 1.0 },
    #[cfg(any())] let factor
);

#[test]
fn items_of_macros() {
    let module = Generated { by: 3.0 };
    let x = floats(&[1., -2.]);
    assert_eq!(module.forward(&x), &x * 12.0 + 1.0);
    assert_agree(&module, &tch_jit::compile(&module).unwrap(), &[(x,)]);
    assert!(format!("{module:?}").starts_with("Generated"));
}

/// Two items of one function, each on the detour.
#[test]
fn local_items() {
    #[compile_mode(script)]
    struct Local {
        #[cfg(all())]
        n: i64,
    }

    #[methods]
    impl Local {
        fn forward(&self, x: &Tensor) -> Tensor {
            #[cfg(any())]
            let x = &(x * 0.0);
            x * self.n
        }
    }

    let module = Local { n: 3 };
    assert_agree(&module, &tch_jit::compile(&module).unwrap(), &[(floats(&[1., -2.]),)]);
}

/// An item that rustc removes as a whole.
#[compile_mode(script)]
#[cfg(any())]
pub struct Removed {
    #[cfg(all())]
    a: std::fs::File,
}

#[methods]
#[cfg(any())]
impl Removed {
    #[cfg(all())]
    fn forward(&self) {}
}

/// The text behind an error of the compiled code is the user's, with the lines that rustc removed.
#[test]
fn errors_point_to_the_source() {
    #[compile_mode(script)]
    struct Fails;

    #[methods]
    impl Fails {
        fn forward(&self, x: &Tensor) -> Tensor {
            #[cfg(any())]
            let x = &(x * 0.0);
            x.view([7, 7])
        }
    }
    let line = line!() - 3;
    let compiled = tch_jit::compile(&Fails).unwrap();
    let error = compiled.forward(floats(&[1., 2.])).expect_err("a wrong size").to_string();
    assert!(error.contains("x.view([7, 7])") && error.contains(&format!("cfg.rs\", line {line}")), "{error}");
}
