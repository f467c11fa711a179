//! Free functions with `#[script]`, exported and unused methods.

use integration_tests::agree::agree;
use integration_tests::modules::reload;
use integration_tests::tensors::floats;
use tch::{IValue, Kind, Tensor};
use tch_jit::{compile_mode, methods, script, script_if_tracing};

mod gates {
    use tch::{Kind, Tensor};
    use tch_jit::script;

    /// Negates what sums to a negative number.
    #[script]
    pub fn positive(x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.shallow_clone() } else { -x }
    }

    #[script]
    pub fn power(x: &Tensor, n: i64) -> Tensor {
        let mut y = x.ones_like();
        for _ in 0..n {
            y *= x;
        }
        y
    }
}

use gates::positive;

#[script]
fn both(x: &Tensor, n: i64) -> (Tensor, i64) {
    (gates::power(&positive(x), n), n + 1)
}

#[compile_mode(script)]
#[derive(Debug)]
struct Scripted {
    n: i64,
}

#[methods]
impl Scripted {
    fn forward(&self, x: &Tensor) -> Tensor {
        let (y, m) = both(x, self.n);
        y * m + crate::gates::power(x, 2)
    }
}

#[test]
fn scripted_methods_call_functions() {
    let module = Scripted { n: 3 };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(floats(&[1., 2.]),), (floats(&[1., -2.]),)]);
    let code = compiled.code();
    assert!(code.contains("both"), "{code}");
}

#[script_if_tracing]
fn clamped(x: &Tensor, limit: f64) -> Tensor {
    if x.max().double_value(&[]) > limit { x * limit } else { x.shallow_clone() }
}

/// The branch in the function survives the trace.
#[compile_mode(trace)]
#[derive(Debug)]
struct Traced {
    gate: Scripted,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = clamped(&(x + 1.0), 2.0);
        positive(&y) + self.gate.forward(&clamped(&y, 1.0))
    }

    #[tracing_inputs]
    fn inputs(&self, _n: usize) -> Vec<Tensor> {
        vec![floats(&[1., 2.])]
    }
}

#[test]
fn functions_keep_their_branches_in_traces() {
    let module = Traced { gate: Scripted { n: 2 } };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(floats(&[1., 2.]),), (floats(&[-1., -2.]),), (floats(&[-5., 0.]),)]);
}

/// Called from Rust, they are Rust.
#[test]
fn functions_run_eagerly() {
    assert_eq!(both(&floats(&[-2.]), 2), (floats(&[4.]), 3));
}

#[script]
fn failing(x: &Tensor, n: i64) -> Tensor {
    x.view([n, 7])
}

#[compile_mode(script)]
#[derive(Debug)]
struct Failing;

#[methods]
impl Failing {
    fn forward(&self, x: &Tensor) -> Tensor {
        failing(x, 3)
    }
}

#[test]
fn errors_underline_the_function() {
    let compiled = tch_jit::compile(&Failing).unwrap();
    let error = compiled.forward(floats(&[1.])).unwrap_err().to_string();
    assert!(error.contains("x.view([n, 7])"), "{error}");
    assert!(error.contains("functions.rs"), "{error}");
}

/// Exported in every mode, and called as compiled methods by a traced parent.
#[compile_mode(script)]
#[derive(Debug)]
struct Codec {
    weight: Tensor,
}

impl Codec {
    fn new() -> Self {
        Codec { weight: floats(&[2., 3.]).set_requires_grad(true) }
    }
}

#[methods]
impl Codec {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.decode(&self.encode(x))
    }

    #[export]
    fn encode(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x * &self.weight } else { x - &self.weight }
    }

    #[export]
    fn scale(&self, x: &Tensor, n: i64) -> Tensor {
        self.helper(x) * n
    }

    fn helper(&self, x: &Tensor) -> Tensor {
        x + &self.weight
    }
}

/// A second block.
#[methods]
impl Codec {
    #[export]
    fn decode(&self, x: &Tensor) -> Tensor {
        positive(x) / &self.weight
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct AroundCodec {
    codec: Codec,
}

#[methods]
impl AroundCodec {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.codec.decode(&self.codec.encode(x)) + 1.0
    }

    #[tracing_inputs]
    fn inputs(&self, _n: usize) -> Vec<Tensor> {
        vec![floats(&[1., 2.])]
    }

    #[export]
    fn twice(&self, x: &Tensor, flag: bool) -> Tensor {
        if flag { self.forward(&self.forward(x)) } else { self.codec.scale(x, 3) }
    }
}

#[test]
fn exported_methods_are_compiled() {
    let module = Codec::new();
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(floats(&[1., 2.]),), (floats(&[-1., -2.]),)]);
    for module_ in [&compiled as &tch_jit::ScriptModule, &reload(&compiled)] {
        let x = floats(&[1., -4.]);
        let found = module_.call("scale", &[IValue::Tensor(x.shallow_clone()), IValue::Int(3)]).unwrap();
        assert_eq!(Tensor::try_from(found).unwrap(), module.scale(&x, 3));
        let found = module_.call("decode", &[IValue::Tensor(x.shallow_clone())]).unwrap();
        assert_eq!(Tensor::try_from(found).unwrap(), module.decode(&x));
        assert!(module_.call("helper_that_is_not_there", &[]).is_err());
    }
}

#[test]
fn traced_parents_call_exported_methods() {
    let module = AroundCodec { codec: Codec::new() };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(floats(&[1., 2.]),), (floats(&[-1., -2.]),)]);
    let x = floats(&[-1., -4.]);
    for flag in [true, false] {
        let found = compiled.call("twice", &[IValue::Tensor(x.shallow_clone()), IValue::Bool(flag)]).unwrap();
        assert_eq!(Tensor::try_from(found).unwrap(), module.twice(&x, flag), "{}", compiled.code());
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct WithUnused {
    verbose: bool,
}

#[methods]
impl WithUnused {
    fn forward(&self, x: &Tensor) -> Tensor {
        if self.verbose { self.report(x) } else { x + 1.0 }
    }

    #[unused]
    fn report(&self, x: &Tensor) -> Tensor {
        println!("{:?}", std::time::Instant::now());
        x + 1.0
    }
}

#[test]
fn unused_methods_fail_when_they_are_called() {
    let module = WithUnused { verbose: false };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(floats(&[1., 2.]),)]);
    let compiled = tch_jit::compile(&WithUnused { verbose: true }).unwrap();
    let error = compiled.forward(floats(&[1.])).unwrap_err().to_string();
    assert!(error.contains("`report` is marked `#[unused]`"), "{error}");
}

fn plain(x: &Tensor) -> Tensor {
    x * 3.0
}

/// What a traced module, and one that inherits, calls is its own affair.
#[compile_mode(trace)]
#[derive(Debug)]
struct Anything {
    count: std::rc::Rc<NotCompiled>,
    child: Inherits,
}

#[derive(Debug, Default)]
#[compile_mode]
struct NotCompiled {
    #[jit(skip)]
    n: std::cell::Cell<i64>,
}

#[methods]
impl NotCompiled {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.n.set(self.n.get() + 1);
        plain(x)
    }
}

#[compile_mode]
#[derive(Debug)]
struct Inherits;

#[methods]
impl Inherits {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.not_annotated(&plain(&positive(x)))
    }
}

impl Inherits {
    fn not_annotated(&self, x: &Tensor) -> Tensor {
        x - 1.0
    }
}

impl Anything {
    fn not_annotated(&self, x: &Tensor) -> Tensor {
        x + std::time::Duration::from_secs(2).as_secs_f64()
    }
}

#[methods]
impl Anything {
    fn forward(&self, x: &Tensor) -> Tensor {
        let path: std::path::PathBuf = std::path::PathBuf::new();
        self.count.n.set(self.count.n.get() + path.iter().count() as i64);
        self.not_annotated(&plain(x)) + self.child.forward(&self.count.forward(x))
    }

    #[tracing_inputs]
    fn inputs(&self, _n: usize) -> Vec<Tensor> {
        vec![floats(&[1., 2.])]
    }
}

#[test]
fn traced_modules_may_call_anything() {
    let module = Anything { count: Default::default(), child: Inherits };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(floats(&[1., 2.]),), (floats(&[-1., -2.]),)]);
}

const WIDE: u128 = 7;

#[compile_mode(trace)]
#[derive(Debug)]
struct TypesOfItsOwn;

#[methods]
impl TypesOfItsOwn {
    fn forward(&self, x: &Tensor) -> Tensor {
        let wide: u128 = WIDE;
        x * wide as f64
    }

    #[tracing_inputs]
    fn inputs(&self, _n: usize) -> Vec<Tensor> {
        vec![floats(&[1., 2.])]
    }
}

#[test]
fn traced_modules_may_have_types_that_torchscript_lacks() {
    let compiled = tch_jit::compile(&TypesOfItsOwn).unwrap();
    agree(&TypesOfItsOwn, &compiled, &[(floats(&[1., 2.]),), (floats(&[-1., -2.]),)]);
    let error = tch_jit::script(&TypesOfItsOwn).unwrap_err().to_string();
    assert!(error.contains("`u128` is not a type of TorchScript"), "{error}");
}
