//! Names that become one in TorchScript.

use expect_test::{Expect, expect};

use super::{assert_style, parse_methods, render};

fn rejected(functions: &str, expected: Expect) {
    let (_, errors) = parse_methods(functions);
    errors.iter().for_each(assert_style);
    let errors: Vec<String> = errors.iter().map(|error| render(error, 1)).collect();
    expected.assert_eq(&errors.join("\n"));
}

#[test]
fn methods_of_one_name() {
    rejected(
        "fn lambda(&self) -> i64 { 1 }\nfn _lambda(&self) -> i64 { 2 }",
        expect![[r#"
        2:4-10: the methods `lambda` and `_lambda` are both named `_lambda` in TorchScript
            help: give one of them another name"#]],
    );
    rejected(
        "fn é(&self) -> i64 { 1 }\nfn _xe9_(&self) -> i64 { 2 }",
        expect![[r#"
        2:4-8: the methods `é` and `_xe9_` are both named `_xe9_` in TorchScript
            help: give one of them another name"#]],
    );
    // Another letter is another name.
    rejected("fn é(&self) -> i64 { 1 }\nfn è(&self) -> i64 { 2 }\nfn e(&self) -> i64 { 2 }", expect![[""]]);
    // Methods and variables do not meet.
    rejected("fn print(&self, print: i64) -> i64 { let _print = print; _print }", expect![[""]]);
}

#[test]
fn parameters_of_one_name() {
    rejected(
        "fn forward(&self, lambda: i64, _lambda: i64) -> i64 { lambda + _lambda }",
        expect![[r#"
        1:32-38: the parameters `lambda` and `_lambda` are both named `_lambda` in TorchScript
            help: give one of them another name"#]],
    );
    rejected(
        "fn forward(&self, len: i64, _len: i64) -> i64 { len + _len }",
        expect![[r#"
        1:29-32: the parameters `len` and `_len` are both named `_len` in TorchScript
            help: give one of them another name"#]],
    );
    rejected("fn forward(&self, r#match: i64, _: i64, from: i64) -> i64 { r#match + from }", expect![[""]]);
    // What is not compiled may have any.
    rejected("fn new(len: i64, _len: i64) -> i64 { len + _len }", expect![[""]]);
}
