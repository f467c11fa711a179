//! Options and results.

use expect_test::expect;

use super::bodies;

#[test]
fn methods_of_options() {
    bodies(
        ["maybe.get_or_insert(x)", "maybe.xor(maybe)"],
        expect![[r#"
        maybe.get_or_insert(x)
          1:7-19: `get_or_insert` is not supported in scripted methods: TorchScript has no references to places
            help: assign the variable, as in `if x.is_none() { x = Some(…); }`
        maybe.xor(maybe)
          1:7-9: `xor` is not supported in scripted methods: it is not translated
            help: write a `match`
    "#]],
    );
}

#[test]
fn methods_of_results() {
    bodies(
        ["self.g().is_err()"],
        expect![[r#"
        self.g().is_err()
          1:10-15: `is_err` is not supported in scripted methods, where an error is an exception
            help: check before what can fail, and use `?`
    "#]],
    );
}

#[test]
fn returns_inside_of_closures() {
    bodies(
        ["maybe.map(|m| return 1)"],
        expect![[r#"
        maybe.map(|m| return 1)
          1:15-22: `return` inside of a closure is not supported in scripted methods
            help: let the closure end with its value
    "#]],
    );
}
