//! Closures, literals, and expressions that TorchScript has no counterpart of.

use expect_test::expect;

use super::bodies;

#[test]
fn closures() {
    bodies(
        [
            "let f = async || 1;",
            "let f = |x| x; self.apply_to(f)",
            "fn f(x: i64) -> i64 { if x > 0 { f(x - 1) } else { 0 } } f(1)",
            "let f = if p { |x: i64| x } else { |x: i64| x + 1 }; f(1)",
        ],
        expect![[r#"
            let f = async || 1;
              1:9-18: `async` closures are not supported in scripted methods
                help: remove `async`
            let f = |x| x; self.apply_to(f)
              1:30-30: a closure is no value in scripted methods
                help: call it, or pass it to a method of an iterator or an option
            fn f(x: i64) -> i64 { if x > 0 { f(x - 1) } else { 0 } } f(1)
              1:34-34: a function that calls itself cannot be scripted
                help: write a loop
            let f = if p { |x: i64| x } else { |x: i64| x + 1 }; f(1)
              1:16-25: closures here are not supported in scripted methods
                help: give it a name by `let`, and call it; or pass it to `map`, `filter`, `fold` and their like
              1:36-49: closures here are not supported in scripted methods
                help: give it a name by `let`, and call it; or pass it to `map`, `filter`, `fold` and their like
        "#]],
    );
}

#[test]
fn async_code() {
    bodies(
        ["async { x.relu() }", "self.next().await", "async move { a }", "self.next(x.await)"],
        expect![[r#"
            async { x.relu() }
              1:1-18: `async` code is not supported in scripted methods
                help: mark the module `#[compile_mode(unsupported)]`
            self.next().await
              1:1-17: `async` code is not supported in scripted methods
                help: mark the module `#[compile_mode(unsupported)]`
            async move { a }
              1:1-16: `async` code is not supported in scripted methods
                help: mark the module `#[compile_mode(unsupported)]`
            self.next(x.await)
              1:11-17: `async` code is not supported in scripted methods
                help: mark the module `#[compile_mode(unsupported)]`
        "#]],
    );
}

#[test]
fn unsafe_blocks() {
    bodies(
        ["unsafe { x.relu() }", "unsafe { a }", "match a { _ => unsafe { a } }"],
        expect![[r#"
        unsafe { x.relu() }
          1:1-19: `unsafe` blocks are not supported in scripted methods
            help: mark the module `#[compile_mode(trace)]`
        unsafe { a }
          1:1-12: `unsafe` blocks are not supported in scripted methods
            help: mark the module `#[compile_mode(trace)]`
        match a { _ => unsafe { a } }
          1:16-27: `unsafe` blocks are not supported in scripted methods
            help: mark the module `#[compile_mode(trace)]`
    "#]],
    );
}

#[test]
fn const_blocks() {
    bodies(
        ["const { 1 + 1 }", "const { 2 }", "[a; const { 2 }]"],
        expect![[r#"
        const { 1 + 1 }
          1:1-15: `const` blocks are not supported in scripted methods
            help: move the value into a constant of the module
        const { 2 }
          1:1-11: `const` blocks are not supported in scripted methods
            help: move the value into a constant of the module
        [a; const { 2 }]
          1:5-15: `const` blocks are not supported in scripted methods
            help: move the value into a constant of the module
    "#]],
    );
}

#[test]
fn ranges() {
    bodies(
        ["let r = 0..a; 1", "..a", "a..=b", "let r = ..=b; 1"],
        expect![[r#"
        let r = 0..a; 1
          1:9-12: ranges outside of `for` and of an index are not supported in scripted methods
            help: use the range where it is needed
        ..a
          1:1-3: ranges outside of `for` and of an index are not supported in scripted methods
            help: use the range where it is needed
        a..=b
          1:1-5: ranges outside of `for` and of an index are not supported in scripted methods
            help: use the range where it is needed
        let r = ..=b; 1
          1:9-12: ranges outside of `for` and of an index are not supported in scripted methods
            help: use the range where it is needed
    "#]],
    );
}

#[test]
fn literals() {
    bodies(
        ["'c'", "b\"bytes\"", "b'c'", "b'c' as i64", "c\"text\""],
        expect![[r#"
        'c'
          1:1-3: this kind of literal has no TorchScript counterpart
            help: use a number, a string or a bool
        b"bytes"
          1:1-8: this kind of literal has no TorchScript counterpart
            help: use a number, a string or a bool
        b'c'
          1:1-4: this kind of literal has no TorchScript counterpart
            help: use a number, a string or a bool
        b'c' as i64
          1:1-4: this kind of literal has no TorchScript counterpart
            help: use a number, a string or a bool
        c"text"
          1:1-7: this kind of literal has no TorchScript counterpart
            help: use a number, a string or a bool
    "#]],
    );
}

#[test]
fn assignments_as_values() {
    bodies(
        ["1 + (a += 1)", "a = b = 1;", "self.g(a += 1)", "if (a = b) == () { 1 } else { 2 }"],
        expect![[r#"
            1 + (a += 1)
              1:6-11: an assignment has no value
                help: write it as a statement of its own
            a = b = 1;
              1:5-9: expressions of this kind are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`
            self.g(a += 1)
              1:8-13: an assignment has no value
                help: write it as a statement of its own
            if (a = b) == () { 1 } else { 2 }
              1:5-9: expressions of this kind are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`
        "#]],
    );
}

#[test]
fn expressions_of_other_kinds() {
    bodies(
        ["_", "&raw const a", "&raw mut a"],
        expect![[r#"
            _
              1:1-1: `_` expressions are not supported in scripted methods
                help: name the value
            &raw const a
              1:1-12: expressions of this kind are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`
            &raw mut a
              1:1-10: expressions of this kind are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`
        "#]],
    );
}

#[test]
fn poison_is_silent() {
    bodies(
        [
            // The value of `f` is a mistake; its uses are not.
            "let f = (async || 1); f(1) + f(2)",
            "let z = std::double(x); let w = z; w.relu() + z",
            "let z = if p { std::double(x) } else { x }; z",
            // But each mistake is told, in order.
            "let z = std::double(x); std::triple(z)",
            "x.leading_zeros().rotate_left(1)",
            "(std::double(x), std::triple(y))",
        ],
        expect![[r#"
            let f = (async || 1); f(1) + f(2)
              1:10-19: `async` closures are not supported in scripted methods
                help: remove `async`
            let z = std::double(x); let w = z; w.relu() + z
              1:9-19: function `std::double` cannot be called in scripted methods
                help: write what it computes with tensors, numbers and lists, in a function with `#[script]`, or compute it outside of the module and pass the result
            let z = if p { std::double(x) } else { x }; z
              1:16-26: function `std::double` cannot be called in scripted methods
                help: write what it computes with tensors, numbers and lists, in a function with `#[script]`, or compute it outside of the module and pass the result
            let z = std::double(x); std::triple(z)
              1:9-19: function `std::double` cannot be called in scripted methods
                help: write what it computes with tensors, numbers and lists, in a function with `#[script]`, or compute it outside of the module and pass the result
              1:25-35: function `std::triple` cannot be called in scripted methods
                help: write what it computes with tensors, numbers and lists, in a function with `#[script]`, or compute it outside of the module and pass the result
            x.leading_zeros().rotate_left(1)
              1:3-15: `leading_zeros` is not supported in scripted methods: TorchScript has no such operation on bits
                help: write a loop with `&` and `>>`
            (std::double(x), std::triple(y))
              1:2-12: function `std::double` cannot be called in scripted methods
                help: write what it computes with tensors, numbers and lists, in a function with `#[script]`, or compute it outside of the module and pass the result
              1:18-28: function `std::triple` cannot be called in scripted methods
                help: write what it computes with tensors, numbers and lists, in a function with `#[script]`, or compute it outside of the module and pass the result
        "#]],
    );
}
