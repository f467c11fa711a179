//! Signatures of methods, and functions that give tracing inputs.

use expect_test::expect;

use super::functions;

#[test]
fn signatures_of_helpers() {
    functions(
        [
            "fn f(&mut self) {}",
            "fn f(self: Box<Self>) {}",
            "async fn f(&self) {}",
            "unsafe fn f(&self) {}",
            "fn f<T, U: Copy>(&self, x: T) {}",
            "fn f(&self, (a, b): (i64, i64)) {}",
            "fn f(&self, [a]: [i64; 1], a @ 1: i64) {}",
        ],
        expect![[r#"
            fn f(&mut self) {}
              1:6-14: a scripted method takes `&self`
                help: write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`
            fn f(self: Box<Self>) {}
              1:6-20: a scripted method takes `&self`
                help: write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`
            async fn f(&self) {}
              1:1-5: `async` methods cannot be scripted
                help: remove `async`
            unsafe fn f(&self) {}
              1:1-6: `unsafe` methods cannot be scripted
                help: mark the module `#[compile_mode(trace)]`
            fn f<T, U: Copy>(&self, x: T) {}
              1:6-6: generic methods cannot be scripted
                help: put the type parameter on the struct, or write one method for each type
              1:9-15: generic methods cannot be scripted
                help: put the type parameter on the struct, or write one method for each type
            fn f(&self, (a, b): (i64, i64)) {}
              1:13-18: a parameter of a scripted method is a plain name
                help: take the value under a name and destructure it with `let` in the body
            fn f(&self, [a]: [i64; 1], a @ 1: i64) {}
              1:13-15: a parameter of a scripted method is a plain name
                help: take the value under a name and destructure it with `let` in the body
              1:28-32: a parameter of a scripted method is a plain name
                help: take the value under a name and destructure it with `let` in the body
        "#]],
    );
}

#[test]
fn signatures_of_entries() {
    functions(
        [
            "fn forward(x: &Tensor) -> Tensor { x.relu() }",
            "fn forward(&mut self, x: &Tensor) -> Tensor { x.relu() }",
            "fn forward(self) {}",
            "async fn forward(&self) {}",
            "unsafe fn forward(&self) {}",
            "fn forward<T, const N: usize>(&self, x: T) {}",
            "fn forward(&self, x: impl AsRef<Tensor>) -> impl Iterator { x }",
            "fn forward_t(&self) {}",
            "fn forward_t(&self, train: bool, x: &Tensor) {}",
            "fn forward(&self, a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64, i: i64, j: i64, k: i64, l: i64, m: i64) {}",
        ],
        expect![[r#"
            fn forward(x: &Tensor) -> Tensor { x.relu() }
              1:4-10: `forward` of a module takes `&self`
                help: add `&self`, or give the associated function another name
            fn forward(&mut self, x: &Tensor) -> Tensor { x.relu() }
              1:12-20: `forward` of a module takes `&self`
                help: write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`
            fn forward(self) {}
              1:12-15: `forward` of a module takes `&self`
                help: write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`
            async fn forward(&self) {}
              1:1-5: `forward` of a module is not `async`
                help: remove `async`
            unsafe fn forward(&self) {}
              1:1-6: `forward` of a module is not `unsafe`
                help: move what is unsafe into an `unsafe` block
            fn forward<T, const N: usize>(&self, x: T) {}
              1:12-12: `forward` of a module is not generic
                help: name the type, such as `&Tensor`, or put the parameter on the struct
              1:15-28: `forward` of a module is not generic
                help: name the type, such as `&Tensor`, or put the parameter on the struct
            fn forward(&self, x: impl AsRef<Tensor>) -> impl Iterator { x }
              1:22-39: `forward` of a module has named types only
                help: name the type, such as `Tensor`
              1:45-57: `forward` of a module has named types only
                help: name the type, such as `Tensor`
            fn forward_t(&self) {}
              1:4-12: the last argument of `forward_t` says whether the module is in training
                help: add an argument `train: bool`, or call the method `forward`
            fn forward_t(&self, train: bool, x: &Tensor) {}
              1:37-43: the last argument of `forward_t` says whether the module is in training
                help: add an argument `train: bool`, or call the method `forward`
            fn forward(&self, a: i64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64, h: i64, i: i64, j: i64, k: i64, l: i64, m: i64) {}
              1:115-120: `forward` of a module has at most 12 arguments
                help: pass several in one tuple, list or map
        "#]],
    );
}

#[test]
fn tracing_inputs() {
    functions(
        [
            "#[tracing_inputs] fn f(&self) -> Vec<Tensor> { vec![] }",
            "#[tracing_inputs] fn f() -> Vec<Tensor> { vec![] }",
            "#[tracing_inputs] fn f(n: usize) -> Vec<Tensor> { vec![] }",
            "#[tracing_inputs] fn f(&self, n: usize) {}",
            "#[tracing_inputs] fn f(&self, n: usize) -> impl Iterator { 1 }",
            "#[tracing_inputs(a, b)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }",
            "#[tracing_inputs = \"a\"] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }",
            "#[tracing_inputs(other)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }",
            "#[tracing_inputs(g)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }\nfn g<T>(&self, x: T) {}",
            "#[tracing_inputs] #[tracing_inputs(g)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }\nfn g(&self) {}",
            "#[tracing_inputs] fn f(&self, n: usize) -> Vec<T> { vec![] }\n#[tracing_inputs] fn g(&self, n: usize) -> Vec<T> { vec![] }",
        ],
        expect![[r##"
            #[tracing_inputs] fn f(&self) -> Vec<Tensor> { vec![] }
              1:24-28: a function that gives tracing inputs takes `&self` and how many are wanted
                help: write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`
            #[tracing_inputs] fn f() -> Vec<Tensor> { vec![] }
              1:22-22: a function that gives tracing inputs takes `&self` and how many are wanted
                help: write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`
            #[tracing_inputs] fn f(n: usize) -> Vec<Tensor> { vec![] }
              1:24-31: a function that gives tracing inputs takes `&self` and how many are wanted
                help: write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`
            #[tracing_inputs] fn f(&self, n: usize) {}
              1:22-22: tracing inputs are returned as a `Vec`
                help: write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`
            #[tracing_inputs] fn f(&self, n: usize) -> impl Iterator { 1 }
              1:44-56: tracing inputs are returned as a `Vec`
                help: write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`
            #[tracing_inputs(a, b)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }
              1:3-22: `#[tracing_inputs]` takes the name of one method
                help: write `#[tracing_inputs]` for `forward`, or `#[tracing_inputs(method)]`
            #[tracing_inputs = "a"] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }
              1:3-22: `#[tracing_inputs]` takes the name of one method
                help: write `#[tracing_inputs]` for `forward`, or `#[tracing_inputs(method)]`
            #[tracing_inputs(other)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }
              1:18-22: there is no method `other` in this block
                help: name a method of the same `#[methods]` block, or leave the name out for `forward`
            #[tracing_inputs(g)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }
            fn g<T>(&self, x: T) {}
              1:18-18: `g` cannot be traced: it takes something else than `&self` and values of named types
                help: name the types of its arguments and of its result, such as `Tensor`
              2:6-6: generic methods cannot be scripted
                help: put the type parameter on the struct, or write one method for each type
            #[tracing_inputs] #[tracing_inputs(g)] fn f(&self, n: usize) -> Vec<Tensor> { vec![] }
            fn g(&self) {}
              1:21-37: a function gives the tracing inputs of one method
                help: write another function for the other method
            #[tracing_inputs] fn f(&self, n: usize) -> Vec<T> { vec![] }
            #[tracing_inputs] fn g(&self, n: usize) -> Vec<T> { vec![] }
              2:22-22: the tracing inputs of `forward` are given twice
                help: keep one of the functions with `#[tracing_inputs]`
        "##]],
    );
}
