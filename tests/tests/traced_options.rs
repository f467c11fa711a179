//! Options among the arguments of traced methods: those that all examples give, those that none gives, and others.

use integration_tests::modules::{reload, reload_typed};
use integration_tests::tensors::{linear, randn};
use tch::{IValue, Tensor, nn};
use tch_jit::{Compiled, Compiler, Error, MethodInputs, compile_mode, methods};

/// Given, missing and changing options.
#[compile_mode(trace)]
#[derive(Debug)]
struct Masked {
    linear: nn::Linear,
}

#[methods]
impl Masked {
    fn forward_t(
        &self,
        past: Option<(Tensor, Tensor)>,
        x: &Tensor,
        mask: Option<Tensor>,
        bias: Option<&Tensor>,
        train: bool,
    ) -> Tensor {
        let mut y = x.apply(&self.linear).dropout(0.5, train);
        if let Some((a, b)) = past {
            y += a * b;
        }
        if let Some(mask) = mask {
            y *= mask;
        }
        match bias {
            Some(bias) => y + bias,
            None => y,
        }
    }

    #[export]
    fn scaled(&self, x: &Tensor, by: Option<Tensor>) -> Tensor {
        match by {
            Some(by) => x * by,
            None => x * 2.0,
        }
    }
}

fn masked() -> Masked {
    Masked { linear: linear() }
}

type Set = (Option<(Tensor, Tensor)>, Tensor, Option<Tensor>, Option<Tensor>);

/// Which of `past`, `mask` and `bias` are given.
fn set(n: i64, given: [bool; 3]) -> Set {
    let [past, mask, bias] = given;
    let x = || randn(&[n, 4]);
    (past.then(|| (x(), x())), x(), mask.then(x), bias.then(|| randn(&[4])))
}

fn sets(given: &[[bool; 3]]) -> Vec<Set> {
    given.iter().flat_map(|given| [2, 5, 3].map(|n| set(n, *given))).collect()
}

fn copy(set: &Set) -> Set {
    let copy = |it: &Option<Tensor>| it.as_ref().map(Tensor::copy);
    let past = set.0.as_ref().map(|(a, b)| (a.copy(), b.copy()));
    (past, set.1.copy(), copy(&set.2), copy(&set.3))
}

#[track_caller]
fn agrees(module: &Masked, compiled: &Compiled<Masked>, given: [bool; 3]) {
    for n in [1, 2, 7] {
        let args = set(n, given);
        let (past, x, mask, bias) = copy(&args);
        let expected = module.forward_t(past, &x, mask, bias.as_ref(), false);
        for it in [compiled, &reload_typed(compiled)] {
            it.eval();
            assert_eq!(it.forward(copy(&args)).unwrap(), expected);
            assert_eq!(it.forward_t(copy(&args), false).unwrap(), expected);
        }
    }
}

#[track_caller]
fn refuses(compiled: &Compiled<Masked>, given: [bool; 3], test: &str) {
    for it in [compiled, &reload_typed(compiled)] {
        let Err(Error::Call(message)) = it.forward(set(2, given)) else { panic!("{given:?}") };
        assert!(message.contains(&format!("where `{test}` only: add an example")), "{message}");
    }
}

#[test]
fn an_option_that_all_examples_give_is_plain() {
    let module = masked();
    let compiled = tch_jit::trace(&module, sets(&[[true, true, true]])).unwrap();
    let schema = compiled.schema("forward");
    assert!(schema.contains("(Tensor, Tensor) past, Tensor x, Tensor mask, Tensor bias)"), "{schema}");
    agrees(&module, &compiled, [true, true, true]);
    refuses(&compiled, [true, false, true], "mask is not None");
    let fixed = &compiled.report().methods[0].fixed;
    assert!(fixed.iter().any(|it| it.name == "mask" && it.value == "given"), "{fixed:?}");
    let graph = compiled.inlined_graph();
    assert!(!graph.contains("unwrap") && !graph.contains("RaiseException"), "{graph}");
}

#[test]
fn an_option_that_no_example_gives_is_left_out() {
    let module = masked();
    let compiled = tch_jit::trace(&module, sets(&[[false, false, false]])).unwrap();
    let schema = compiled.schema("forward");
    assert!(schema.contains("self, Tensor x)"), "{schema}");
    agrees(&module, &compiled, [false, false, false]);
    refuses(&compiled, [true, false, false], "past is None");
    // Untyped calls take the arguments of Rust, and those of the file.
    let x = randn(&[3, 4]);
    let args = [IValue::None, IValue::Tensor(x.copy()), IValue::None, IValue::None];
    let it = reload(&compiled);
    it.eval();
    let expected = IValue::Tensor(module.forward_t(None, &x, None, None, false));
    assert_eq!(it.forward(&args).unwrap(), expected);
    assert_eq!(it.forward(&x).unwrap(), expected);
}

#[test]
fn an_option_that_some_examples_give_stays_one() {
    let module = masked();
    let compiled = tch_jit::trace(&module, sets(&[[true, true, false], [true, false, false]])).unwrap();
    let schema = compiled.schema("forward");
    assert!(schema.contains("(Tensor, Tensor) past, Tensor x, Tensor? mask=None)"), "{schema}");
    agrees(&module, &compiled, [true, true, false]);
    agrees(&module, &compiled, [true, false, false]);
    refuses(&compiled, [true, true, true], "bias is None");
    assert!(!compiled.code_of("forward_eval_with_mask").unwrap().contains("unwrap"));
}

#[test]
fn evaluation_only() {
    let module = masked();
    let compiled = Compiler::new().eval_only(true).trace(&module, sets(&[[false, true, false]])).unwrap();
    agrees(&module, &compiled, [false, true, false]);
    refuses(&compiled, [false, false, false], "mask is not None");
    assert!(!compiled.inlined_graph().contains("prim::If"));
}

#[test]
fn several_methods() {
    let module = masked();
    let x = || randn(&[2, 4]);
    let inputs = MethodInputs::new()
        .method("forward", sets(&[[false, false, true]]))
        .method("scaled", vec![(x(), None::<Tensor>), (randn(&[3, 4]), None)]);
    let compiled = tch_jit::trace_module(&module, inputs).unwrap_or_else(|error| panic!("{error}"));
    agrees(&module, &compiled, [false, false, true]);
    let x = x();
    for it in [&*compiled, &reload(&compiled)] {
        let found = it.call("scaled", &[IValue::Tensor(x.copy()), IValue::None]).unwrap();
        assert_eq!(found, IValue::Tensor(module.scaled(&x, None)));
        let error = it.call("scaled", &[IValue::Tensor(x.copy()), IValue::Tensor(x.copy())]).unwrap_err();
        assert!(error.to_string().contains("`by is None` only"), "{error}");
    }
}

/// Check inputs with another set of options.
#[test]
fn check_inputs_are_of_the_same_options() {
    let given = MethodInputs::new().method("forward", sets(&[[false, false, false]]));
    let compiler = Compiler::new().check_inputs(given);
    let error = compiler.trace(&masked(), sets(&[[false, true, false]])).unwrap_err().to_string();
    assert!(error.contains("`mask is not None` only"), "{error}");
}

/// Children keep their options, which callers pass.
#[compile_mode(trace)]
#[tracing_inputs(x = [_, 4])]
#[derive(Debug)]
struct Child {
    linear: nn::Linear,
}

#[methods]
impl Child {
    fn forward(&self, x: &Tensor, mask: Option<&Tensor>) -> Tensor {
        let y = x.apply(&self.linear);
        match mask {
            Some(mask) => y * mask,
            None => y,
        }
    }
}

macro_rules! parents {
    ($($name:ident($mode:ident))*) => {$(
        #[compile_mode($mode)]
        #[tracing_inputs(x = [_, 4])]
        #[derive(Debug)]
        struct $name {
            child: Child,
        }

        #[methods]
        impl $name {
            fn forward(&self, x: &Tensor) -> Tensor {
                self.child.forward(x, None) + 1.0
            }
        }
    )*};
}

parents! {
    Scripts(script)
    Traces(trace)
}

#[test]
fn children() {
    let child = || Child { linear: linear() };
    let x = randn(&[3, 4]);
    let scripts = Scripts { child: child() };
    assert_eq!(tch_jit::compile(&scripts).unwrap().forward(&x).unwrap(), scripts.forward(&x));
    let traces = Traces { child: child() };
    assert_eq!(tch_jit::compile(&traces).unwrap().forward(&x).unwrap(), traces.forward(&x));
}
