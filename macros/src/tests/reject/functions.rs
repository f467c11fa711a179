//! Calls of functions, and of what is no function.

use expect_test::expect;

use super::bodies;

#[test]
fn functions_that_are_not_scripted() {
    bodies(
        [
            "Model::double::<i64>(x)",
            "helper::<i64>(1)",
            "nn::linear(vs, 1, 2, c)",
            "std::mem::size_of::<i64>()",
        ],
        expect![[r#"
            Model::double::<i64>(x)
              1:1-20: the generic function `Model::double::<i64>` cannot be called in scripted methods
                help: write a function for the types at hand, with `#[script]`, and call that
            helper::<i64>(1)
              1:1-13: the generic function `helper::<i64>` cannot be called in scripted methods
                help: write a function for the types at hand, with `#[script]`, and call that
            nn::linear(vs, 1, 2, c)
              1:1-10: function `nn::linear` cannot be called in scripted methods
                help: write what it computes with tensors, numbers and lists, in a function with `#[script]`, or compute it outside of the module and pass the result
            std::mem::size_of::<i64>()
              1:1-24: the generic function `std::mem::size_of::<i64>` cannot be called in scripted methods
                help: write a function for the types at hand, with `#[script]`, and call that
        "#]],
    );
}

#[test]
fn functions_of_the_standard_library() {
    bodies(
        [
            "std::mem::take(&mut list)",
            "std::iter::repeat(1)",
            "std::iter::zip(list, list)",
            "std::env::var(\"A\")",
            "std::fs::read(\"a\")",
            "std::thread::spawn(f)",
            "std::time::Instant::now()",
        ],
        expect![[r#"
            std::mem::take(&mut list)
              1:16-24: it is not known in scripted methods what this reference refers to
                help: pass `&mut` of a variable that is declared `mut`, or of a field or an element of one
            std::iter::repeat(1)
              1:1-17: function `std::iter::repeat` cannot be called in scripted methods: iterators are lists in TorchScript
                help: write a `for` loop over a range
            std::iter::zip(list, list)
              1:1-14: function `std::iter::zip` cannot be called in scripted methods: iterators are lists in TorchScript
                help: write a `for` loop over a range
            std::env::var("A")
              1:1-13: function `std::env::var` cannot be called in scripted methods: TorchScript knows nothing of the operating system
                help: do it outside of the module, and pass what it gives as an argument
            std::fs::read("a")
              1:1-13: function `std::fs::read` cannot be called in scripted methods: TorchScript knows nothing of the operating system
                help: do it outside of the module, and pass what it gives as an argument
            std::thread::spawn(f)
              1:1-18: function `std::thread::spawn` cannot be called in scripted methods: TorchScript knows nothing of the operating system
                help: do it outside of the module, and pass what it gives as an argument
            std::time::Instant::now()
              1:1-23: function `std::time::Instant::now` cannot be called in scripted methods: TorchScript knows nothing of the operating system
                help: do it outside of the module, and pass what it gives as an argument
        "#]],
    );
}

#[test]
fn modes_of_the_thread() {
    bodies(
        ["tch::manual_seed(1)", "tch::autocast(true, || x.relu())", "let _ = tch::no_grad_guard();"],
        expect![[r#"
            tch::manual_seed(1)
              1:1-16: `manual_seed` cannot be called in scripted methods: the random state belongs to the process
                help: seed in Rust, before the compiled module is called
            tch::autocast(true, || x.relu())
              1:1-13: `autocast` cannot be called in scripted methods: it sets a mode of the thread while other code runs
                help: call the compiled module inside of `autocast`
            let _ = tch::no_grad_guard();
              1:9-26: `no_grad_guard` cannot be called in scripted methods: the guard has no name, and so no end that is known
                help: write `let _guard = tch::no_grad_guard();`, or `tch::no_grad(|| …)`
        "#]],
    );
}

#[test]
fn types_that_torchscript_lacks() {
    bodies(
        ["HashSet::new()", "VecDeque::new()", "Rc::new(a)", "Cell::new(a)"],
        expect![[r#"
        HashSet::new()
          1:1-12: function `HashSet::new` cannot be called in scripted methods: TorchScript has no sets
            help: use a `HashMap` to `bool`
        VecDeque::new()
          1:1-13: function `VecDeque::new` cannot be called in scripted methods: TorchScript has lists and maps only
            help: use a `Vec`
        Rc::new(a)
          1:1-7: function `Rc::new` cannot be called in scripted methods: TorchScript has neither cells nor pointers
            help: use the value itself; state that changes belongs into a buffer
        Cell::new(a)
          1:1-9: function `Cell::new` cannot be called in scripted methods: TorchScript has neither cells nor pointers
            help: use the value itself; state that changes belongs into a buffer
    "#]],
    );
}

#[test]
fn callees_without_a_name() {
    bodies(
        ["let i = 0; self.table[i](x)", "f(a)(2)", "(async || 1)()"],
        expect![[r#"
            let i = 0; self.table[i](x)
              1:12-24: a function that is called must be known when the module is compiled, and `i` is not
                help: call a function that is, or is in, a field of the module
            f(a)(2)
              1:1-4: a function that is called must be known when the module is compiled, and `a` is not
                help: call a function that is, or is in, a field of the module
            (async || 1)()
              1:2-11: `async` closures are not supported in scripted methods
                help: remove `async`
        "#]],
    );
}

#[test]
fn local_values() {
    bodies(
        ["x(1)"],
        expect![[r#"
        x(1)
          1:1-1: `x` is a local value and cannot be called in scripted methods
            help: write a method of the module in place of the closure, and call it as `self.method(…)`
    "#]],
    );
}
