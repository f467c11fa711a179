//! Names that Rust has and Python or TorchScript lacks: keywords, letters beyond ASCII, names of builtins.
//!
//! A method's name is made in one place. Where another place made it in another way, a call was not recorded, and
//! a trace silently followed one branch of the child.

#![allow(missing_docs, non_snake_case, uncommon_codepoints)]

use integration_tests::agree;
use integration_tests::method::assert_same;
use integration_tests::modules::reload;
use tch::{IValue, Kind, Tensor};
use tch_jit::{Compiler, Error, MethodInputs, compile_mode, methods};

fn rows(n: i64) -> Tensor {
    Tensor::arange(n * 3, tch::kind::FLOAT_CPU).view([n, 3])
}

/// Each method has control flow, so that a trace through it would be wrong for other sizes.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Scripted;

#[methods]
impl Scripted {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.lambda(x)
    }

    #[export]
    fn lambda(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 4 { x * 2.0 } else { x * 3.0 }
    }

    #[export]
    fn r#match(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 4 { x + 2.0 } else { x + 3.0 }
    }

    #[export]
    fn é(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 4 { x - 2.0 } else { x - 3.0 }
    }

    #[export]
    fn è(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 4 { x * 5.0 } else { x * 7.0 }
    }

    #[export]
    fn from(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 4 { x * 11.0 } else { x * 13.0 }
    }

    #[export]
    fn None_(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 4 { x + 17.0 } else { x + 19.0 }
    }

    #[export]
    fn print(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 4 { x * 23.0 } else { x * 29.0 }
    }

    #[export]
    fn len(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 4 { x * 31.0 } else { x * 37.0 }
    }
}

/// Calls all of them.
fn all(child: &Scripted, x: &Tensor) -> Tensor {
    let x = child.r#match(&child.lambda(x));
    let x = child.from(&child.è(&child.é(&x)));
    child.len(&child.print(&child.None_(&x)))
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct Traced {
    child: Scripted,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        all(&self.child, x)
    }
}

#[test]
fn a_trace_records_calls_of_such_methods() {
    let module = Traced { child: Scripted };
    let compiled = Compiler::new().trace(&module, rows(3)).expect("it compiles");
    agree(&module, &compiled, &[(rows(3),), (rows(6),), (rows(5),)]);
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Caller {
    child: Scripted,
}

#[methods]
impl Caller {
    fn forward(&self, x: &Tensor) -> Tensor {
        let x = self.child.r#match(&self.child.lambda(x));
        let x = self.child.from(&self.child.è(&self.child.é(&x)));
        self.child.len(&self.child.print(&self.child.None_(&x)))
    }
}

#[test]
fn a_script_calls_such_methods() {
    let module = Caller { child: Scripted };
    let compiled = tch_jit::script(&module).expect("it compiles");
    agree(&module, &compiled, &[(rows(3),), (rows(6),)]);
}

#[test]
fn such_methods_are_called_by_their_names_in_torchscript() {
    let compiled = tch_jit::script(&Scripted).expect("it compiles");
    type Eager = fn(&Scripted, &Tensor) -> Tensor;
    let eager: [(&str, Eager); 8] = [
        ("_lambda", Scripted::lambda),
        ("match", Scripted::r#match),
        ("_xe9_", Scripted::é),
        ("_xe8_", Scripted::è),
        ("_from", Scripted::from),
        ("None_", Scripted::None_),
        ("print", Scripted::print),
        ("len", Scripted::len),
    ];
    for (name, eager) in eager {
        for n in [3, 6] {
            let x = rows(n);
            let args = [IValue::Tensor(x.shallow_clone())];
            assert_same(name, &compiled, name, &args, || IValue::Tensor(eager(&Scripted, &x)));
        }
    }
}

/// Its methods are traced, and called from a script.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct TracedChild {
    weight: Tensor,
}

#[methods]
impl TracedChild {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.lambda(x)
    }

    fn lambda(&self, x: &Tensor) -> Tensor {
        x * &self.weight
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| rows(3)).collect()
    }

    #[tracing_inputs(lambda)]
    fn inputs_of_lambda(&self, n: usize) -> Vec<Tensor> {
        self.inputs(n)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Parent {
    child: TracedChild,
}

#[methods]
impl Parent {
    fn forward(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 4 { self.child.lambda(x) } else { self.child.forward(x) + 1.0 }
    }
}

#[test]
fn a_traced_method_is_called_from_a_script() {
    let module = Parent { child: TracedChild { weight: Tensor::from(2.0f32) } };
    let compiled = tch_jit::script(&module).expect("it compiles");
    agree(&module, &compiled, &[(rows(3),), (rows(6),)]);
}

/// Exported, and traced on inputs that a caller gives under either name.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Exported;

#[methods]
impl Exported {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.sin()
    }

    #[export]
    fn lambda(&self, from: &Tensor, é: &Tensor) -> Tensor {
        from * 2.0 + é
    }
}

#[test]
fn inputs_are_given_under_either_name() {
    for name in ["lambda", "_lambda"] {
        let inputs = MethodInputs::new().method("forward", rows(3)).method(name, (&rows(3), &rows(3)));
        let compiled = tch_jit::trace_module(&Exported, inputs).expect("it compiles");
        assert!(compiled.schema("_lambda").contains("Tensor _from, Tensor _xe9_"));
        let (x, y) = (rows(6), rows(6) + 1.0);
        let args = [IValue::Tensor(x.shallow_clone()), IValue::Tensor(y.shallow_clone())];
        assert_same(name, &compiled, "_lambda", &args, || IValue::Tensor(Exported.lambda(&x, &y)));
    }
}

/// A field and a method may be named by one keyword.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Beside {
    #[jit(rename = "lambda_")]
    lambda: f64,
}

#[methods]
impl Beside {
    fn forward(&self, lambda: &Tensor) -> Tensor {
        self.lambda(lambda) * self.lambda
    }

    fn lambda(&self, x: &Tensor) -> Tensor {
        x + self.lambda
    }
}

#[test]
fn a_method_may_be_named_as_a_field() {
    let module = Beside { lambda: 2.0 };
    let compiled = tch_jit::script(&module).expect("it compiles");
    agree(&module, &compiled, &[(rows(3),), (rows(6),)]);
    let value = reload(&compiled).call("forward", &[IValue::Tensor(rows(2))]).expect("it runs");
    let value = Tensor::try_from(value).expect("a tensor");
    assert_eq!(
        value.sum(Kind::Float).double_value(&[]),
        module.forward(&rows(2)).sum(Kind::Float).double_value(&[])
    );
}

/// `lambda` and `_lambda` would be one method in TorchScript. In one block that is an error of the macro.
#[compile_mode(script)]
#[derive(Debug)]
pub struct TwoBlocks;

#[methods]
impl TwoBlocks {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.lambda(x) + self._lambda(x)
    }

    fn lambda(&self, x: &Tensor) -> Tensor {
        x * 2.0
    }
}

#[methods]
impl TwoBlocks {
    fn _lambda(&self, x: &Tensor) -> Tensor {
        x * 3.0
    }
}

#[test]
fn two_methods_of_one_name_are_refused() {
    let error = tch_jit::script(&TwoBlocks).expect_err("one name");
    assert!(matches!(error, Error::NotScriptable { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("`lambda`") && text.contains("`_lambda`"), "{text}");
}

/// `forward_t` is called by the name of `forward`, and so are its example inputs. Under its own name they were
/// once found by nobody.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct WithMode;

#[methods]
impl WithMode {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        if train { x * 2.0 } else { x * 3.0 }
    }

    #[tracing_inputs(forward_t)]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| rows(3)).collect()
    }
}

#[test]
fn inputs_of_forward_t_are_those_of_forward() {
    assert_eq!(tch_jit::tracing_inputs(&WithMode, 2).expect("inputs").len(), 2);
    let compiled = tch_jit::compile(&WithMode).expect("it compiles");
    agree(&WithMode, &compiled, &[(rows(3),), (rows(6),)]);
}
