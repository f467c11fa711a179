//! Several methods of one module, traced together.

#![allow(missing_docs)]

use integration_tests::agree;
use integration_tests::modules::call;
use integration_tests::tensors::randn;
use tch::{IValue, Kind, Tensor};
use tch_jit::{Compiler, Error, MethodInputs, ScriptType, Site, compile_mode, methods};

/// Its `forward` is scripted nowhere; `encode` has example inputs, `decode` is exported.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Autoencoder {
    weight: Tensor,
    gate: Gate,
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Gate;

#[methods]
impl Gate {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.shallow_clone() } else { -x }
    }
}

#[methods]
impl Autoencoder {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.decode(&self.encode(x, None))
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| randn(&[2, 3])).collect()
    }

    pub fn encode(&self, x: &Tensor, mask: Option<&Tensor>) -> Tensor {
        let code = self.gate.forward(&x.matmul(&self.weight));
        match mask {
            Some(mask) => code * mask,
            None => code,
        }
    }

    #[tracing_inputs(encode)]
    fn inputs_of_encode(&self, n: usize) -> Vec<(Tensor, Option<Tensor>)> {
        (0..n).flat_map(|_| [(randn(&[2, 3]), None), (randn(&[2, 3]), Some(randn(&[2, 2])))]).collect()
    }

    #[export]
    pub fn scaled(&self, x: &Tensor, by: f64) -> Tensor {
        x * by
    }

    #[export]
    pub fn decode(&self, code: &Tensor) -> Tensor {
        code.matmul(&self.weight.tr()).tanh()
    }
}

fn autoencoder() -> Autoencoder {
    Autoencoder { weight: randn(&[3, 2]).set_requires_grad(true), gate: Gate }
}

#[test]
fn methods_with_example_inputs_are_traced_beside_forward() {
    let module = autoencoder();
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    agree(&module, &compiled, &[(randn(&[2, 3]),), (-randn(&[2, 3]),)]);
    let names: Vec<_> = compiled.methods().into_iter().filter(|it| it.contains("code")).collect();
    assert_eq!(names, ["encode_without_mask", "encode_with_mask", "encode", "decode"]);
    for x in [randn(&[2, 3]), randn(&[2, 3]).abs(), -randn(&[2, 3]).abs()] {
        let mask = randn(&[2, 2]);
        // The branch of the gate survives.
        let arg = |it: &Tensor| IValue::Tensor(it.shallow_clone());
        let masked = compiled.call("encode", &[arg(&x), arg(&mask)]).unwrap();
        assert_eq!(Tensor::try_from(masked).unwrap(), module.encode(&x, Some(&mask)));
        let plain = Tensor::try_from(compiled.call("encode", &[arg(&x), IValue::None]).unwrap()).unwrap();
        assert_eq!(plain, module.encode(&x, None));
        assert_eq!(call(&compiled, "decode", &[&plain]), module.decode(&plain));
    }
}

#[test]
fn the_caller_says_what_is_traced() {
    let module = autoencoder();
    let inputs = MethodInputs::new().method("decode", randn(&[4, 2]));
    let compiled = tch_jit::trace_module(&module, inputs).unwrap_or_else(|error| panic!("{error}"));
    // What is exported and not asked for is scripted.
    assert_eq!(compiled.methods(), ["decode", "scaled"]);
    let code = randn(&[4, 2]);
    assert_eq!(call(&compiled, "decode", &[&code]), module.decode(&code));
    let error = compiled.forward(randn(&[2, 3])).unwrap_err().to_string();
    assert!(error.contains("`Autoencoder` has no method `forward`; it has: decode, scaled"), "{error}");
}

#[test]
fn inputs_may_be_several_sets_and_are_all_compared() {
    let module = autoencoder();
    let sets = vec![(randn(&[2, 3]), None), (randn(&[2, 3]), Some(randn(&[2, 2])))];
    let inputs = MethodInputs::new().method("forward", randn(&[2, 3])).method("encode", sets);
    tch_jit::trace_module(&module, inputs).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn other_inputs_than_the_methods_are_errors() {
    let module = autoencoder();
    let failed = |inputs| {
        let error = tch_jit::trace_module(&module, inputs).unwrap_err();
        let Error::Trace { site: Site { ty: "Autoencoder", method, .. }, message, .. } = error else {
            panic!("{error}")
        };
        (method, message)
    };
    let inputs = MethodInputs::new().method("encoder", randn(&[2, 3]));
    let expected = "it has no method `encoder` that can be traced; there are `forward`, `encode`, `scaled`, `decode`\n\
                    help: put `#[export]` on the method, or write a function with `#[tracing_inputs(encoder)]`";
    assert_eq!(failed(inputs), ("forward", expected.to_owned()));
    let inputs = MethodInputs::new().method("encode", randn(&[2, 3]));
    let expected = "it has 2 arguments, and inputs for 1";
    assert_eq!(failed(inputs), ("encode", expected.to_owned()));
    let inputs = MethodInputs::new().method("decode", (1.5,));
    let expected =
        "other inputs are given than its arguments: expected a value of type `Tensor`, found `float`";
    assert_eq!(failed(inputs), ("decode", expected.to_owned()));
    let inputs = MethodInputs::new().method("scaled", (randn(&[2]), 1.5));
    let expected = "a trace of one example would take its argument `by` for a constant\n\
                    help: give examples in which it differs, make it a tensor or a field of the module, or mark the \
                    module `#[compile_mode(script)]`";
    assert_eq!(failed(inputs), ("scaled", expected.to_owned()));
    let none: Vec<(Tensor,)> = vec![];
    let inputs = MethodInputs::new().method("decode", none);
    let error = tch_jit::trace_module(&module, inputs).unwrap_err();
    assert!(matches!(error, Error::NoTracingInputs { site: Site { method: "decode", .. }, .. }), "{error}");
}

#[test]
fn check_inputs_of_what_is_not_traced_are_errors() {
    let compiler = Compiler::new().check_inputs(MethodInputs::new().method("decode", randn(&[4, 2])));
    let error = compiler.trace(&autoencoder(), randn(&[2, 3])).unwrap_err();
    assert!(matches!(error, Error::Trace { site: Site { method: "decode", .. }, .. }), "{error}");
}

/// It branches on a size, which nobody sees.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Sign {
    limit: f64,
}

#[methods]
impl Sign {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.size()[0] as f64 > self.limit { x.relu() } else { x.shallow_clone() }
    }
}

#[test]
fn check_inputs_are_compared_and_not_recorded() {
    let module = Sign { limit: 2.5 };
    let (short, long) = (-randn(&[2]).abs(), -randn(&[3]).abs());
    tch_jit::trace(&module, &short).unwrap();
    let compiler = Compiler::new().check_inputs(MethodInputs::new().method("forward", &long));
    let error = compiler.trace(&module, &short).unwrap_err();
    assert!(
        matches!(error, Error::TraceMismatch { site: Site { ty: "Sign", method: "forward", .. }, .. }),
        "{error}"
    );
    let unknown = Compiler::new().check_inputs(MethodInputs::new().method("forwards", &long));
    assert!(unknown.trace(&module, &short).unwrap_err().to_string().contains("no method `forwards`"));
    let text = error.to_string();
    assert!(text.contains("on input 1, the output"), "{text}");
    assert!(text.contains("\n+ aten::relu(_) at tests/tests/trace_module.rs:"), "{text}");
}

/// A result with structure.
#[derive(ScriptType, Debug)]
pub struct Pair {
    first: Tensor,
    second: Tensor,
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct Structured;

pub trait Swaps {
    fn forward(&self, x: &Tensor) -> Tensor;
}

#[methods]
impl Swaps for Structured {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.swap(x, &(x * 2.0)).first
    }
}

/// In another block than the entry.
#[methods]
impl Structured {
    fn swap(&self, x: &Tensor, y: &Tensor) -> Pair {
        Pair { first: y.shallow_clone(), second: x + 1.0 }
    }

    #[tracing_inputs(swap)]
    fn pairs(&self, _: usize) -> Vec<(Tensor, Tensor)> {
        vec![(randn(&[2]), randn(&[3]))]
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![randn(&[2])]
    }
}

#[test]
fn methods_in_other_blocks_are_found() {
    let compiled = tch_jit::compile(&Structured).unwrap_or_else(|error| panic!("{error}"));
    let (x, y) = (randn(&[2]), randn(&[3]));
    let args = [IValue::Tensor(x.shallow_clone()), IValue::Tensor(y.shallow_clone())];
    let IValue::Tuple(parts) = compiled.call("swap", &args).unwrap() else { panic!("no tuple") };
    let expected = Structured.swap(&x, &y);
    assert_eq!(parts, [IValue::Tensor(expected.first), IValue::Tensor(expected.second)]);
}

/// A parent's trace calls the traced method of its child.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Parent {
    child: Autoencoder,
}

#[methods]
impl Parent {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.child.encode(x, None) + 1.0
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| randn(&[2, 3])).collect()
    }
}

#[test]
fn parents_call_traced_methods() {
    let module = Parent { child: autoencoder() };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    agree(&module, &compiled, &[(randn(&[2, 3]),), (randn(&[2, 3]).abs(),), (-randn(&[2, 3]).abs(),)]);
    let code = compiled.code();
    assert!(code.contains("(child).encode("), "{code}");
}
