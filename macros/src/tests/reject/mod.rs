//! Mistakes and what is said about them, one file for each construct and one table for each mistake: the code,
//! then `line:column-column`, what is said, and the way out. What rustc makes of it is in `ui-tests`.

mod control;
mod expressions;
mod functions;
mod iterators;
mod lists;
mod macros;
mod maps;
mod modules;
mod numbers;
mod options;
mod patterns;
mod signatures;
mod statements;
mod tensors;
mod text;

use expect_test::Expect;

use super::{assert_style, parse_methods, render};
use crate::errors::{Error, Errors};

/// Bodies of a method with `x, y: &Tensor`, `a, b: i64`, `s: f64`, `p: bool`, `list: Vec<i64>`, `text: String`,
/// `map: HashMap<i64, i64>` and `maybe: Option<Tensor>`.
#[track_caller]
fn bodies<const N: usize>(bodies: [&str; N], expected: Expect) {
    assert_rejected(&bodies, &expected, |body| {
        let function = format!(
            "fn f(&self, x: &Tensor, y: &Tensor, a: i64, b: i64, s: f64, p: bool, list: Vec<i64>, text: String, \
             map: HashMap<i64, i64>, maybe: Option<Tensor>) -> R {{\n{body}\n}}"
        );
        (parse_methods(&function).1, 2)
    });
}

/// Functions of a `#[methods]` block.
#[track_caller]
fn functions<const N: usize>(functions: [&str; N], expected: Expect) {
    assert_rejected(&functions, &expected, |functions| (parse_methods(functions).1, 1));
}

/// Structs, whose first attribute is the `#[compile_mode(…)]` that is expanded. Without it, it is expanded
/// without arguments.
#[track_caller]
fn structs<const N: usize>(structs: [&str; N], expected: Expect) {
    assert_rejected(&structs, &expected, |text| {
        let mut item: syn::DeriveInput = syn::parse_str(text).expect("a struct");
        let args = match item.attrs.first() {
            Some(attr) if attr.path().is_ident("compile_mode") => {
                let attr = item.attrs.remove(0);
                attr.meta.require_list().expect("a mode").tokens.clone()
            }
            _ => Default::default(),
        };
        let mut errors = Errors::default();
        crate::parse::module::parse(args, &mut item, &mut errors);
        (errors.into_vec(), 0)
    });
}

/// Compares the table of all `texts`. `errors_of` gives the mistakes of one, and the line before its first.
#[track_caller]
fn assert_rejected(texts: &[&str], expected: &Expect, errors_of: impl Fn(&str) -> (Vec<Error>, usize)) {
    let mut table = String::new();
    for text in texts {
        let (errors, line_offset) = errors_of(text);
        assert!(!errors.is_empty(), "nothing is wrong with\n{text}");
        errors.iter().for_each(assert_style);
        table.push_str(&format!("{text}\n"));
        for error in &errors {
            table.push_str(&format!("  {}\n", render(error, line_offset)));
        }
    }
    expected.assert_eq(&table);
}
