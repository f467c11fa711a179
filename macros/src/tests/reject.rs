//! Mistakes and what is said about them, with the place: `line:column-column`, counted from the text in the table.
//! What rustc makes of it is in `ui-tests`.

use expect_test::{Expect, expect};
use proc_macro2::TokenStream;

use super::{assert_style, parse_methods, render};
use crate::errors::{Error, Errors};

#[track_caller]
fn assert_errors(text: &str, errors: &[Error], line_offset: usize, expected: &Expect) {
    assert!(!errors.is_empty(), "nothing is wrong with\n{text}");
    errors.iter().for_each(assert_style);
    let errors: Vec<String> = errors.iter().map(|error| render(error, line_offset)).collect();
    expected.assert_eq(&errors.join("\n"));
}

/// Bodies of a method with `x, y: &Tensor`, `a, b: i64`, `s: f64`, `p: bool`, `list: Vec<i64>` and
/// `maybe: Option<Tensor>`.
#[track_caller]
pub(super) fn bodies<const N: usize>(cases: [(&str, Expect); N]) {
    for (body, expected) in cases {
        let function = format!(
            "fn f(&self, x: &Tensor, y: &Tensor, a: i64, b: i64, s: f64, p: bool, list: Vec<i64>, maybe: Option<Tensor>) -> R {{\n{body}\n}}"
        );
        let (_, errors) = parse_methods(&function);
        assert_errors(body, &errors, 2, &expected);
    }
}

/// Functions of a `#[methods]` block.
#[track_caller]
fn functions<const N: usize>(cases: [(&str, Expect); N]) {
    for (functions, expected) in cases {
        let (_, errors) = parse_methods(functions);
        assert_errors(functions, &errors, 1, &expected);
    }
}

/// `#[compile_mode(args)]` on a struct.
#[track_caller]
fn structs<const N: usize>(cases: [(&str, &str, Expect); N]) {
    for (args, item, expected) in cases {
        let args: TokenStream = args.parse().expect("tokens");
        let mut item_struct = syn::parse_str(item).expect("a struct");
        let mut errors = Errors::default();
        crate::module::parse(args, &mut item_struct, &mut errors);
        assert_errors(item, &errors.into_vec(), 0, &expected);
    }
}

#[test]
fn expressions() {
    bodies([
        (
            "let f = |x| x;",
            expect![[r#"
            1:9-13: closures are not supported in scripted methods
                help: use a `for` loop; closures are translated in `map`, `filter`, `fold` and their like only"#]],
        ),
        (
            "unsafe { x.relu() }",
            expect![[r#"
            1:1-19: `unsafe` blocks are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`"#]],
        ),
        (
            "async { x.relu() }",
            expect![[r#"
            1:1-18: `async` code is not supported in scripted methods
                help: mark the module `#[compile_mode(unsupported)]`"#]],
        ),
        (
            "self.next().await",
            expect![[r#"
            1:1-17: `async` code is not supported in scripted methods
                help: mark the module `#[compile_mode(unsupported)]`"#]],
        ),
        (
            "Pair { a, ..b }",
            expect![[r#"
                1:13-13: `..` in a struct literal is not supported in scripted methods
                    help: write all fields"#]],
        ),
        (
            "let r = 0..a; 1",
            expect![[r#"
            1:9-12: ranges outside of `for` and of an index are not supported in scripted methods
                help: use the range where it is needed"#]],
        ),
        (
            "const { 1 + 1 }",
            expect![[r#"
            1:1-15: `const` blocks are not supported in scripted methods
                help: move the value into a constant of the module"#]],
        ),
        (
            "_",
            expect![[r#"
            1:1-1: `_` expressions are not supported in scripted methods
                help: name the value"#]],
        ),
        (
            "x.relu() as Tensor",
            expect![[r#"
            1:13-18: casts go to integers and floats in scripted methods
                help: cast to `i64` or `f64`; a tensor is converted by `to_kind`"#]],
        ),
        (
            "a as char",
            expect![[r#"
            1:6-9: casts go to integers and floats in scripted methods
                help: cast to `i64` or `f64`; a tensor is converted by `to_kind`"#]],
        ),
        (
            "'c'",
            expect![[r#"
            1:1-3: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool"#]],
        ),
        (
            "b\"bytes\"",
            expect![[r#"
            1:1-8: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool"#]],
        ),
        (
            "b'c'",
            expect![[r#"
            1:1-4: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool"#]],
        ),
        (
            "99999999999999999999",
            expect![[r#"
            1:1-20: integers of TorchScript have 64 bits and a sign
                help: use a value below 2^63"#]],
        ),
        (
            "1 + (a += 1)",
            expect![[r#"
            1:6-11: an assignment has no value
                help: write it as a statement of its own"#]],
        ),
        (
            "1 + while p {}",
            expect![[r#"
            1:5-14: loops in the place of a value are not supported in scripted methods
                help: put the loop before the statement"#]],
        ),
        (
            "&raw const a",
            expect![[r#"
            1:1-12: expressions of this kind are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`"#]],
        ),
    ]);
}

#[test]
fn calls() {
    bodies([
        (
            "M::double(x)",
            expect![[r#"
                1:1-9: function `M::double` cannot be called in scripted methods
                    help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`"#]],
        ),
        (
            "(self.field)(x)",
            expect![[r#"
            1:1-12: only functions and methods with a name can be called in scripted methods
                help: call a method of the module"#]],
        ),
        (
            "f(1)(2)",
            expect![[r#"
            1:1-4: only functions and methods with a name can be called in scripted methods
                help: call a method of the module"#]],
        ),
        (
            "x(1)",
            expect![[r#"
            1:1-1: `x` is a local value and cannot be called in scripted methods
                help: write a method of the module in place of the closure, and call it as `self.method(…)`"#]],
        ),
        (
            "x.rellu()",
            expect![[r#"
            1:3-7: method `rellu` is not known to TorchScript
                help: did you mean `relu`?"#]],
        ),
        (
            "x.no_such_method_at_all(1)",
            expect![[r#"
            1:3-23: method `no_such_method_at_all` is not known to TorchScript
                help: call methods of tensors, of the module itself and `forward` of its children"#]],
        ),
        (
            "Tensor::no_such_function_at_all(1)",
            expect![[r#"
            1:9-31: method `no_such_function_at_all` is not known to TorchScript
                help: call methods of tensors, of the module itself and `forward` of its children"#]],
        ),
        (
            "Tensor::zeross(1)",
            expect![[r#"
            1:9-14: method `zeross` is not known to TorchScript
                help: did you mean `zeros`?"#]],
        ),
        (
            "x.rrelu(true)",
            expect![[r#"
            1:3-7: `rrelu` cannot be called in scripted methods: tch passes `training` to libtorch as `lower`
                help: use another operator, or mark the module `#[compile_mode(trace)]`"#]],
        ),
        (
            "x.f_view_dtype(Kind::Float)",
            expect![[r#"
            1:3-14: `f_view_dtype` cannot be called in scripted methods: TorchScript takes the kind for a size; `view_copy_dtype` works
                help: use another operator, or mark the module `#[compile_mode(trace)]`"#]],
        ),
        (
            "Tensor::cat(x)",
            expect![[r#"
            1:9-11: `cat` with 1 argument is not known to TorchScript
                help: `Tensor::cat` takes 2 arguments; methods of other types cannot be called"#]],
        ),
        (
            "x.softmax(1)",
            expect![[r#"
            1:3-9: `softmax` with 1 argument is not known to TorchScript
                help: `Tensor::softmax` takes 2 arguments; methods of other types cannot be called"#]],
        ),
        (
            "x.relu(1).softmax()",
            expect![[r#"
            1:3-6: `relu` with 1 argument is not known to TorchScript
                help: `Tensor::relu` takes no arguments; methods of other types cannot be called"#]],
        ),
        (
            "x.data_ptr()",
            expect![[r#"
            1:3-10: `data_ptr` cannot be called in scripted methods: TorchScript has no pointers
                help: use the tensor itself, or mark the module `#[compile_mode(trace)]`"#]],
        ),
        (
            "x.f_zero_grad()",
            expect![[r#"
            1:3-13: `f_zero_grad` cannot be called in scripted methods: TorchScript cannot ask whether there is a gradient
                help: zero the gradients in Rust, outside of the compiled module; where there is one, `x.grad().zero_()` does it"#]],
        ),
        (
            "Tensor::from_blob(a, b, c, d, e)",
            expect![[r#"
            1:9-17: `from_blob` cannot be called in scripted methods: TorchScript has no pointers
                help: use the tensor itself, or mark the module `#[compile_mode(trace)]`"#]],
        ),
        (
            "Tensor::new()",
            expect![[r#"
            1:9-11: `new` cannot be called in scripted methods: TorchScript has no tensors that are not defined
                help: use an `Option<Tensor>`, or `Tensor::zeros`"#]],
        ),
        (
            "x.try_into()?",
            expect![[r#"
            1:3-10: `try_into` cannot be called in scripted methods: what it converts to is not written at the call
                help: write the conversion with its type: `f64::try_from(&x)?`, `Vec::<i64>::try_from(&x)?`, `Tensor::from(x)`"#]],
        ),
        (
            "Vec::try_from(x)?",
            expect![[r#"
            1:1-13: the type of the elements must be written
                help: write `Vec::<f64>::try_from(…)`, with the type of element that you need"#]],
        ),
        (
            "Vec::<String>::try_from(x)?",
            expect![[r#"
            1:1-13: elements of tensors are numbers and bools
                help: convert to `f64`, `i64` or `bool`, or to vectors of them"#]],
        ),
        (
            "x.double_value()",
            expect![[r#"
            1:3-14: `double_value` with no arguments is not known to TorchScript
                help: `Tensor::double_value` takes 1 argument; methods of other types cannot be called"#]],
        ),
        (
            "x.sizes()",
            expect![[r#"
            1:3-7: method `sizes` is not known to TorchScript
                help: did you mean `size`?"#]],
        ),
        (
            "tch::no_grad(|| x + 1)",
            expect![[r#"
            1:1-12: `no_grad` cannot be called in scripted methods: it sets a mode of the thread while other code runs
                help: use `x.detach()`, or call the compiled module inside of `no_grad`"#]],
        ),
        (
            "maybe.map(|m| return 1)",
            expect![[r#"
            1:15-22: `return` inside of a closure is not supported in scripted methods
                help: let the closure end with its value"#]],
        ),
        (
            "list.iter().scan(0, |state, n| Some(n)).sum::<i64>()",
            expect![[r#"
                1:13-16: iterator method `scan` is not supported in scripted methods
                    help: write `fold` with an initial value, or a `for` loop"#]],
        ),
        (
            "list.iter().max_by(|a, b| a.cmp(b))",
            expect![[r#"
                1:13-18: iterator method `max_by` is not supported in scripted methods
                    help: write `fold`, as in `fold(f64::NEG_INFINITY, f64::max)`, or a `for` loop"#]],
        ),
    ]);
}

#[test]
fn poison_is_silent() {
    bodies([
        // The value of `f` is a mistake; its uses are not.
        (
            "let f = |x| x; f(1) + f(2)",
            expect![[r#"
            1:9-13: closures are not supported in scripted methods
                help: use a `for` loop; closures are translated in `map`, `filter`, `fold` and their like only"#]],
        ),
        (
            "let z = M::double(x); let w = z; w.relu() + z",
            expect![[r#"
                1:9-17: function `M::double` cannot be called in scripted methods
                    help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`"#]],
        ),
        (
            "let z = if p { M::double(x) } else { x }; z",
            expect![[r#"
                1:16-24: function `M::double` cannot be called in scripted methods
                    help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`"#]],
        ),
        // But each mistake is told, in order.
        (
            "let z = M::double(x); M::triple(z)",
            expect![[r#"
                1:9-17: function `M::double` cannot be called in scripted methods
                    help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`
                1:23-31: function `M::triple` cannot be called in scripted methods
                    help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`"#]],
        ),
        (
            "x.rellu().sofmax(1, None)",
            expect![[r#"
            1:3-7: method `rellu` is not known to TorchScript
                help: did you mean `relu`?
            1:11-16: method `sofmax` is not known to TorchScript
                help: did you mean `softmax`?"#]],
        ),
        (
            "(M::double(x), M::triple(y))",
            expect![[r#"
                1:2-10: function `M::double` cannot be called in scripted methods
                    help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`
                1:16-24: function `M::triple` cannot be called in scripted methods
                    help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`"#]],
        ),
    ]);
}

#[test]
fn statements() {
    bodies([
        (
            "struct Inner; 1",
            expect![[r#"
            1:1-13: items inside a scripted method cannot be scripted
                help: move the item out of the method"#]],
        ),
        (
            "fn inner() {} 1",
            expect![[r#"
            1:1-13: items inside a scripted method cannot be scripted
                help: move the item out of the method"#]],
        ),
        (
            "let (a, b); 1",
            expect![[r#"
            1:5-10: a `let` without a value declares a plain name
                help: write one `let` for each name"#]],
        ),
        (
            "let z = loop { break 1; }; z",
            expect![[r#"
                1:5-5: the type of a value that comes out of a `loop` or a labelled block must be written
                    help: write `let z: T = …` with its type"#]],
        ),
        (
            "self.count += 1;",
            expect![[r#"
            1:1-10: this cannot be assigned to in a scripted method
                help: assign to a local variable; a field that changes belongs into a buffer, changed in place"#]],
        ),
        (
            "self.count = 1;",
            expect![[r#"
            1:1-10: this cannot be assigned to in a scripted method
                help: assign to a local variable; a field that changes belongs into a buffer, changed in place"#]],
        ),
        (
            "*a = 1;",
            expect![[r#"
            1:1-2: an assignment through a reference is not supported in scripted methods
                help: assign to the variable or to the element itself, or return the new value"#]],
        ),
        (
            "for n in list.iter_mut() { *n += 1; }",
            expect![[r#"
            1:28-29: an assignment through a reference is not supported in scripted methods
                help: assign to the variable or to the element itself, or return the new value"#]],
        ),
    ]);
}

#[test]
fn control_flow() {
    bodies([
        (
            "let z = 'block: { break 'block 1; };",
            expect![[r#"
                1:5-5: the type of a value that comes out of a `loop` or a labelled block must be written
                    help: write `let z: T = …` with its type"#]],
        ),
        (
            "for i in 0.. { self.g(i); }",
            expect![[r#"
            1:10-12: a loop over a range without an end is not supported in scripted methods
                help: write `loop`, with a counter of your own"#]],
        ),
        (
            "match self.shape { Err(side) => side, _ => 2 }",
            expect![[r#"
                1:20-22: a result cannot be looked into in scripted methods, where an error is an exception
                    help: write `?` or `unwrap()` in place of the pattern, or check before what can fail"#]],
        ),
    ]);
}

#[test]
fn macros() {
    bodies([
        (
            "assert!(p p);",
            expect![[r#"
            1:11-11: expected `,`
                help: write the arguments as expressions, separated by commas"#]],
        ),
        (
            "vec![1; 2; 3]",
            expect![[r#"
            1:1-13: `vec!` takes elements, or an element and a length
                help: write `vec![a, b]` or `vec![a; n]`"#]],
        ),
        (
            "tch::no_grad_macro!(x)",
            expect![[r#"
                1:1-18: macro `no_grad_macro!` is not supported in scripted methods
                    help: write out what the macro does, or mark the module `#[compile_mode(trace)]`"#]],
        ),
    ]);
}

#[test]
fn signatures_of_helpers() {
    functions([
        (
            "fn f(&mut self) {}",
            expect![[r#"
            1:6-14: a scripted method takes `&self`
                help: write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`"#]],
        ),
        (
            "fn f(self: Box<Self>) {}",
            expect![[r#"
            1:6-20: a scripted method takes `&self`
                help: write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`"#]],
        ),
        (
            "async fn f(&self) {}",
            expect![[r#"
            1:1-5: `async` methods cannot be scripted
                help: remove `async`"#]],
        ),
        (
            "unsafe fn f(&self) {}",
            expect![[r#"
            1:1-6: `unsafe` methods cannot be scripted
                help: mark the module `#[compile_mode(trace)]`"#]],
        ),
        (
            "fn f<T, U: Copy>(&self, x: T) {}",
            expect![[r#"
            1:6-6: generic methods cannot be scripted
                help: put the type parameter on the struct, or write one method for each type
            1:9-15: generic methods cannot be scripted
                help: put the type parameter on the struct, or write one method for each type"#]],
        ),
        (
            "fn f(&self, (a, b): (i64, i64)) {}",
            expect![[r#"
            1:13-18: a parameter of a scripted method is a plain name
                help: take the value under a name and destructure it with `let` in the body"#]],
        ),
        (
            "fn f(&self, [a]: [i64; 1], a @ 1: i64) {}",
            expect![[r#"
            1:13-15: a parameter of a scripted method is a plain name
                help: take the value under a name and destructure it with `let` in the body
            1:28-32: a parameter of a scripted method is a plain name
                help: take the value under a name and destructure it with `let` in the body"#]],
        ),
    ]);
}

#[test]
fn signatures_of_entries() {
    functions([
        (
            "fn forward(x: &Tensor) -> Tensor { x.relu() }",
            expect![[r#"
            1:4-10: `forward` of a module takes `&self`
                help: add `&self`, or give the associated function another name"#]],
        ),
        (
            "fn forward(&mut self, x: &Tensor) -> Tensor { x.relu() }",
            expect![[r#"
            1:12-20: `forward` of a module takes `&self`
                help: write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`"#]],
        ),
        (
            "fn forward(self) {}",
            expect![[r#"
            1:12-15: `forward` of a module takes `&self`
                help: write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`"#]],
        ),
        (
            "async fn forward(&self) {}",
            expect![[r#"
            1:1-5: `forward` of a module is not `async`
                help: remove `async`"#]],
        ),
        (
            "unsafe fn forward(&self) {}",
            expect![[r#"
            1:1-6: `forward` of a module is not `unsafe`
                help: move what is unsafe into an `unsafe` block"#]],
        ),
        (
            "fn forward<T, const N: usize>(&self, x: T) {}",
            expect![[r#"
            1:12-12: `forward` of a module is not generic
                help: name the type, such as `&Tensor`, or put the parameter on the struct
            1:15-28: `forward` of a module is not generic
                help: name the type, such as `&Tensor`, or put the parameter on the struct"#]],
        ),
        (
            "fn forward(&self, x: impl AsRef<Tensor>) -> impl Iterator { x }",
            expect![[r#"
            1:22-39: `forward` of a module has named types only
                help: name the type, such as `Tensor`
            1:45-57: `forward` of a module has named types only
                help: name the type, such as `Tensor`"#]],
        ),
        (
            "fn forward_t(&self) {}",
            expect![[r#"
            1:4-12: the last argument of `forward_t` says whether the module is in training
                help: add an argument `train: bool`, or call the method `forward`"#]],
        ),
        (
            "fn forward_t(&self, train: bool, x: &Tensor) {}",
            expect![[r#"
            1:37-43: the last argument of `forward_t` says whether the module is in training
                help: add an argument `train: bool`, or call the method `forward`"#]],
        ),
        (
            "fn forward(&self, a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64, i: i64, j: i64, k: i64, l: i64, m: i64) {}",
            expect![[r#"
                1:115-120: `forward` of a module has at most 12 arguments
                    help: pass several in one tuple, list or map"#]],
        ),
    ]);
}

#[test]
fn tracing_inputs() {
    functions([
        (
            "#[tracing_inputs] fn f(&self) -> Vec<Tensor> { vec![] }",
            expect![[r#"
            1:24-28: a function that gives tracing inputs takes `&self` and how many are wanted
                help: write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`"#]],
        ),
        (
            "#[tracing_inputs] fn f() -> Vec<Tensor> { vec![] }",
            expect![[r#"
            1:22-22: a function that gives tracing inputs takes `&self` and how many are wanted
                help: write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`"#]],
        ),
        (
            "#[tracing_inputs] fn f(n: usize) -> Vec<Tensor> { vec![] }",
            expect![[r#"
            1:24-31: a function that gives tracing inputs takes `&self` and how many are wanted
                help: write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`"#]],
        ),
        (
            "#[tracing_inputs] fn f(&self, n: usize) {}",
            expect![[r#"
            1:22-22: tracing inputs are returned as a `Vec`
                help: write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`"#]],
        ),
        (
            "#[tracing_inputs] fn f(&self, n: usize) -> impl Iterator { 1 }",
            expect![[r#"
            1:44-56: tracing inputs are returned as a `Vec`
                help: write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`"#]],
        ),
        (
            "#[tracing_inputs(a, b)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }",
            expect![[r#"
            1:3-22: `#[tracing_inputs]` takes the name of one method
                help: write `#[tracing_inputs]` for `forward`, or `#[tracing_inputs(method)]`"#]],
        ),
        (
            "#[tracing_inputs = \"a\"] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }",
            expect![[r#"
            1:3-22: `#[tracing_inputs]` takes the name of one method
                help: write `#[tracing_inputs]` for `forward`, or `#[tracing_inputs(method)]`"#]],
        ),
        (
            "#[tracing_inputs(other)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }",
            expect![[r#"
            1:18-22: there is no method `other` in this block
                help: name a method of the same `#[methods]` block, or leave the name out for `forward`"#]],
        ),
        (
            "#[tracing_inputs(g)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }\nfn g<T>(&self, x: T) {}",
            expect![[r#"
                1:18-18: `g` cannot be traced: it takes something else than `&self` and values of named types
                    help: name the types of its arguments and of its result, such as `Tensor`
                2:6-6: generic methods cannot be scripted
                    help: put the type parameter on the struct, or write one method for each type"#]],
        ),
        (
            "#[tracing_inputs] #[tracing_inputs(g)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }\nfn g(&self) {}",
            expect![[r#"
                1:21-37: a function gives the tracing inputs of one method
                    help: write another function for the other method"#]],
        ),
        (
            "#[tracing_inputs] fn f(&self, n: usize) -> Vec<T> { vec![] }\n#[tracing_inputs] fn g(&self, n: usize) -> Vec<T> { vec![] }",
            expect![[r#"
                2:22-22: the tracing inputs of `forward` are given twice
                    help: keep one of the functions with `#[tracing_inputs]`"#]],
        ),
    ]);
}

#[test]
fn compile_modes() {
    structs([
        (
            "scripted",
            "struct M;",
            expect![[r#"
            1:1-8: unknown compile mode `scripted`
                help: write one of `script`, `trace`, `unsupported` and `inherit`"#]],
        ),
        (
            "Script",
            "struct M;",
            expect![[r#"
            1:1-6: unknown compile mode `Script`
                help: write one of `script`, `trace`, `unsupported` and `inherit`"#]],
        ),
        (
            "script, trace",
            "struct M;",
            expect![[r#"
            1:1-13: `#[compile_mode]` takes one mode
                help: write one of `script`, `trace`, `unsupported` and `inherit`"#]],
        ),
        (
            "mode = \"script\"",
            "struct M;",
            expect![[r#"
            1:1-15: `#[compile_mode]` takes one mode
                help: write one of `script`, `trace`, `unsupported` and `inherit`"#]],
        ),
        (
            "\"script\"",
            "struct M;",
            expect![[r#"
            1:1-8: `#[compile_mode]` takes one mode
                help: write one of `script`, `trace`, `unsupported` and `inherit`"#]],
        ),
        (
            "script",
            "#[compile_mode(trace)] #[tch_jit::compile_mode] struct M;",
            expect![[r#"
            1:1-22: a module has one compile mode
                help: keep one of the `#[compile_mode]` attributes
            1:24-47: a module has one compile mode
                help: keep one of the `#[compile_mode]` attributes"#]],
        ),
    ]);
}

#[test]
fn field_options() {
    structs([
        (
            "",
            "struct M { #[jit] a: i64 }",
            expect![[r#"
            1:14-16: `#[jit]` needs an option in parentheses
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`"#]],
        ),
        (
            "",
            "struct M { #[jit()] a: i64 }",
            expect![[r#"
            1:14-18: `#[jit()]` has no option
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`"#]],
        ),
        (
            "",
            "struct M { #[jit = \"skip\"] a: i64 }",
            expect![[r#"
            1:14-25: `#[jit]` needs an option in parentheses
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`"#]],
        ),
        (
            "",
            "struct M { #[jit(ignore)] a: i64 }",
            expect![[r#"
            1:18-23: unknown field option `ignore`
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`"#]],
        ),
        (
            "",
            "struct M { #[jit(a::b)] a: i64 }",
            expect![[r#"
            1:18-21: unknown field option `a::b`
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`"#]],
        ),
        (
            "",
            "struct M { #[jit(ignore = 1, skip)] a: i64 }",
            expect![[r#"
            1:18-23: unknown field option `ignore`
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`"#]],
        ),
        (
            "",
            "struct M { #[jit(skip = false)] a: i64 }",
            expect![[r#"
            1:18-21: `skip` takes no value
                help: write `#[jit(skip)]`, or leave it out"#]],
        ),
        (
            "",
            "struct M { #[jit(skip(really))] a: i64 }",
            expect![[r#"
            1:18-21: `skip` takes no value
                help: write `#[jit(skip)]`, or leave it out"#]],
        ),
        (
            "",
            "struct M { #[jit(skip buffer)] a: i64 }",
            expect![[r#"
            1:18-21: `skip` takes no value
                help: write `#[jit(skip)]`, or leave it out"#]],
        ),
        (
            "",
            "struct M { #[jit(1)] a: i64 }",
            expect![[r#"
            1:18-18: unexpected literal in nested attribute, expected ident
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`"#]],
        ),
        (
            "",
            "struct M { #[jit(skip, buffer)] a: i64 }",
            expect![[r#"
            1:24-29: a field has one role
                help: keep one of `skip`, `parameter`, `buffer` and `constant`"#]],
        ),
        (
            "",
            "struct M { #[jit(skip)] #[jit(constant)] a: i64 }",
            expect![[r#"
            1:31-38: a field has one role
                help: keep one of `skip`, `parameter`, `buffer` and `constant`"#]],
        ),
        (
            "",
            "struct M { #[jit(rename)] a: i64 }",
            expect![[r#"
            1:18-23: `rename` needs a name in quotes
                help: write `#[jit(rename = "name")]`"#]],
        ),
        (
            "",
            "struct M { #[jit(rename = b)] a: i64 }",
            expect![[r#"
            1:18-23: `rename` needs a name in quotes
                help: write `#[jit(rename = "name")]`"#]],
        ),
        (
            "",
            "struct M { #[jit(rename(\"b\"))] a: i64 }",
            expect![[r#"
            1:18-23: `rename` needs a name in quotes
                help: write `#[jit(rename = "name")]`"#]],
        ),
        (
            "",
            "struct M { #[jit(nonsense)] a: i64, #[jit(more)] b: i64 }",
            expect![[r#"
            1:18-25: unknown field option `nonsense`
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`
            1:43-46: unknown field option `more`
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`"#]],
        ),
    ]);
}

#[test]
fn field_names() {
    structs([
        (
            "",
            "struct M { lambda: i64 }",
            expect![[r#"
            1:12-17: a field cannot be named `lambda`, which is a keyword of Python
                help: add `#[jit(rename = "lambda_")]`"#]],
        ),
        (
            "",
            "struct M { r#in: i64 }",
            expect![[r#"
            1:12-15: a field cannot be named `in`, which is a keyword of Python
                help: add `#[jit(rename = "in_")]`"#]],
        ),
        (
            "",
            "struct M { größe: i64 }",
            expect![[r#"
            1:12-16: a field cannot be named `größe` in TorchScript
                help: write `#[jit(rename = "…")]` with a name of letters from `a` to `z`, digits and `_`"#]],
        ),
        (
            "",
            "struct M { training: bool }",
            expect![[r#"
                1:12-19: a field named `training` says whether the module is in training, as every module of TorchScript does
                    help: write `training: Cell<bool>` for that, or add `#[jit(rename = "…")]`"#]],
        ),
        (
            "",
            "struct M { #[jit(rename = \"training\")] a: i64 }",
            expect![[r#"
                1:27-36: a field named `training` says whether the module is in training, as every module of TorchScript does
                    help: write `training: Cell<bool>` for that, or add `#[jit(rename = "…")]`"#]],
        ),
        (
            "",
            "struct M { #[jit(rename = \"\")] a: i64 }",
            expect![[r#"
            1:27-28: a field has a name in TorchScript
                help: write `#[jit(rename = "…")]` with a name"#]],
        ),
        (
            "",
            "struct M { #[jit(rename = \"1a\")] a: i64 }",
            expect![[r#"
            1:27-30: a field cannot be named `1a` in TorchScript
                help: write `#[jit(rename = "…")]` with a name of letters from `a` to `z`, digits and `_`"#]],
        ),
        (
            "",
            "struct M { #[jit(rename = \"a.b\")] a: i64 }",
            expect![[r#"
            1:27-31: a field cannot be named `a.b` in TorchScript
                help: write `#[jit(rename = "…")]` with a name of letters from `a` to `z`, digits and `_`"#]],
        ),
        (
            "",
            "struct M { #[jit(rename = \"del\")] a: i64 }",
            expect![[r#"
            1:27-31: a field cannot be named `del`, which is a keyword of Python
                help: add `#[jit(rename = "del_")]`"#]],
        ),
        (
            "",
            "struct M { a: i64, #[jit(rename = \"a\")] b: i64 }",
            expect![[r#"
            1:35-37: two fields are named `a` in TorchScript
                help: write another name in `#[jit(rename = "…")]`"#]],
        ),
        (
            "",
            "struct M { #[jit(rename = \"b\")] a: i64, b: i64 }",
            expect![[r#"
            1:41-41: two fields are named `b` in TorchScript
                help: write another name in `#[jit(rename = "…")]`"#]],
        ),
        (
            "",
            "struct M(i64, #[jit(rename = \"0\")] i64);",
            expect![[r#"
            1:30-32: two fields are named `0` in TorchScript
                help: write another name in `#[jit(rename = "…")]`"#]],
        ),
    ]);
}
