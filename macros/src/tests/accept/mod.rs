//! Rust methods and the trees that they become, printed close to Python: one file for each construct.
//!
//! `$T0` is a type and `$C0` a value that Rust fills in; `$div` and its like are resolved by the runtime.

mod control;
mod expressions;
mod iterators;
mod lists;
mod macros;
mod modules;
mod numbers;
mod options;
mod patterns;
mod signatures;
mod statements;
mod tensors;

use expect_test::Expect;

use super::decode::decode;
use super::{parse_methods, render};
use crate::emit::encode::encode;
use crate::lower::Lowered;

/// Every function of a block, as a tree.
#[track_caller]
fn check(functions: &str, expected: Expect) {
    let (methods, errors) = parse_methods(functions);
    let errors: Vec<_> = errors.iter().map(|error| render(error, 1)).collect();
    assert!(errors.is_empty(), "{functions}\n{}", errors.join("\n"));
    let trees: Vec<String> = methods.methods.iter().map(|method| print(&method.lowered)).collect();
    expected.assert_eq(&trees.join("\n"));
    methods.methods.iter().for_each(|method| check_encoded(&method.lowered));
}

/// The tree, and what stands for `$C0`, `$C1`, ….
fn print(lowered: &Lowered) -> String {
    let mut text = lowered.def.to_string();
    for (i, constant) in lowered.made.constants.iter().enumerate() {
        text.push_str(&format!("# $C{i} = {constant}\n"));
    }
    text
}

/// The bytes hold the same tree, and every place in it is one in the source.
fn check_encoded(lowered: &Lowered) {
    let decoded = decode(&encode(&lowered.def));
    assert_eq!(decoded.to_string(), lowered.def.to_string());
    assert_eq!(format!("{decoded:?}"), format!("{:?}", lowered.def));
    let range = lowered.def.range;
    assert!(
        lowered.source.text.get(range.start..range.end).is_some(),
        "{range:?} of {:?}",
        lowered.source.text
    );
}

/// Expressions as a method's result. In sight are `x, y: &Tensor`, `a, b: i64`, `s, t: f64`, `p, q: bool`,
/// `list: Vec<i64>`, `xs: &[Tensor]`, `maybe: Option<Tensor>` and `pair: (i64, f64)`.
#[track_caller]
fn values<const N: usize>(cases: [(&str, Expect); N]) {
    for (value, expected) in cases {
        let function = format!(
            "fn f(&self, x: &Tensor, y: &Tensor, a: i64, b: i64, s: f64, t: f64, p: bool, q: bool, list: Vec<i64>, \
             xs: &[Tensor], maybe: Option<Tensor>, pair: (i64, f64)) -> R {{\n{value}\n}}"
        );
        let (methods, errors) = parse_methods(&function);
        let errors: Vec<_> = errors.iter().map(|error| render(error, 2)).collect();
        assert!(errors.is_empty(), "{value}\n{}", errors.join("\n"));
        let lowered = &methods.methods[0].lowered;
        let text = print(lowered);
        let (_, body) = text.split_once('\n').expect("a signature");
        let body: Vec<&str> = body.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
        expected.assert_eq(&body.join("\n"));
        check_encoded(lowered);
    }
}
