//! What is emitted beside the tree: the Rust text, its first line, and places in it.

use super::decode::decode;
use crate::check::Methods;
use crate::emit::encode::encode;
use crate::errors::Errors;
use crate::syntax::{Expr, ExprKind, Stmt, StmtKind};

fn parse(text: &str) -> Methods {
    let mut item = syn::parse_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    let mut errors = Errors::default();
    let block = crate::parse::methods::parse(&mut item, &mut errors);
    let lowered = crate::lower::block(&block);
    let methods = crate::check::methods(block, lowered, &mut errors);
    assert!(errors.into_vec().is_empty());
    methods
}

/// The text that each expression of the methods has its place in, with the expression as TorchScript.
fn places(text: &str) -> Vec<(String, String)> {
    let mut places = vec![];
    for method in parse(text).methods {
        let source = &method.lowered.source.text;
        let mut note = |expr: &Expr| {
            let range = expr.range;
            let text = source.get(range.start..range.end);
            places.push((
                expr.to_string(),
                text.unwrap_or_else(|| panic!("{range:?} in {source:?}")).to_owned(),
            ));
        };
        // Read back from the bytes, as the runtime does.
        decode(&encode(&method.lowered.def)).body.iter().for_each(|stmt| visit_stmt(stmt, &mut note));
    }
    places
}

fn visit_stmt(stmt: &Stmt, note: &mut impl FnMut(&Expr)) {
    match &stmt.kind {
        StmtKind::Assign { target, value, .. } | StmtKind::AugAssign { target, value, .. } => {
            visit(target, note);
            visit(value, note);
        }
        StmtKind::Expr(value) | StmtKind::Return(value) | StmtKind::Raise(value) => visit(value, note),
        StmtKind::If { cond, then, otherwise } => {
            visit(cond, note);
            then.iter().chain(otherwise).for_each(|stmt| visit_stmt(stmt, note));
        }
        StmtKind::While { cond, body } | StmtKind::With { manager: cond, body } => {
            visit(cond, note);
            body.iter().for_each(|stmt| visit_stmt(stmt, note));
        }
        StmtKind::For { target, iter, body } => {
            visit(target, note);
            visit(iter, note);
            body.iter().for_each(|stmt| visit_stmt(stmt, note));
        }
        StmtKind::Assert { cond, .. } => visit(cond, note),
        StmtKind::Break | StmtKind::Continue | StmtKind::Pass => {}
    }
}

fn visit(expr: &Expr, note: &mut impl FnMut(&Expr)) {
    note(expr);
    match &expr.kind {
        ExprKind::Unary(_, operand) => visit(operand, note),
        ExprKind::Binary(_, lhs, rhs) => [lhs, rhs].into_iter().for_each(|operand| visit(operand, note)),
        ExprKind::Select(value, _) => visit(value, note),
        ExprKind::Subscript(value, index) => {
            visit(value, note);
            index.iter().for_each(|index| visit(index, note));
        }
        ExprKind::Apply { args, .. } => args.iter().for_each(|arg| visit(arg, note)),
        ExprKind::List(items) | ExprKind::Tuple(items) => items.iter().for_each(|item| visit(item, note)),
        _ => {}
    }
}

#[track_caller]
fn assert_place(text: &str, expr: &str, place: &str) {
    let places = places(text);
    let found = places.iter().find(|(of, _)| of == expr);
    let (_, found) = found.unwrap_or_else(|| panic!("no {expr} among {places:?}"));
    assert_eq!(found, place);
}

#[test]
fn source_is_the_lines_of_the_method() {
    let text = "\
/// A module.
impl Model {
    const A: i64 = 1;

    /// Twice.
    #[inline]
    pub fn double(&self, x: i64) -> i64 {
        x * 2 // two
    }

    fn triple(&self, x: i64) -> i64 { x * 3 }
}
";
    let methods = parse(text).methods;
    assert_eq!(methods[0].lowered.source.line, 7);
    assert_eq!(
        methods[0].lowered.source.text,
        "    pub fn double(&self, x: i64) -> i64 {\n        x * 2 // two\n    }\n"
    );
    assert_eq!(methods[1].lowered.source.line, 11);
    assert_eq!(methods[1].lowered.source.text, "    fn triple(&self, x: i64) -> i64 { x * 3 }\n");
    assert_place(text, "(x * 2)", "x * 2");
    assert_place(text, "(x * 3)", "x * 3");
}

#[test]
fn methods_of_one_line() {
    let text = "impl Model { fn a(&self) -> i64 { 1 + 2 } fn b(&self) -> i64 { 3 + 4 } }";
    assert_place(text, "(1 + 2)", "1 + 2");
    assert_place(text, "(3 + 4)", "3 + 4");
    let methods = parse(text).methods;
    // What precedes the block's brace is blank, so that columns stay those of the file.
    assert_eq!(methods[0].lowered.source.text, format!("{}{}", " ".repeat(11), &text[11..]));
    assert_eq!(methods[1].lowered.source.line, 1);
}

#[test]
fn places_count_bytes_and_columns_count_characters() {
    let text =
        "impl Model {\n    fn f(&self, größe: i64) -> i64 { /* ∑ */ größe + 1 /* 🦀 */ + größe * 2 }\n}";
    assert_place(text, "(gr_xf6__xdf_e + 1)", "größe + 1");
    assert_place(text, "(gr_xf6__xdf_e * 2)", "größe * 2");
    assert_place(text, "((gr_xf6__xdf_e + 1) + (gr_xf6__xdf_e * 2))", "größe + 1 /* 🦀 */ + größe * 2");
}

#[test]
fn tabs() {
    let text = "impl Model {\n\tfn f(&self, a: i64) -> i64 {\n\t\ta\t+\t1\n\t}\n}";
    assert_place(text, "(a + 1)", "a\t+\t1");
}

#[test]
fn expressions_of_many_lines() {
    let text = "impl Model {
    fn f(&self, x: &Tensor) -> Tensor {
        x
            .relu()
            // In between.
            .softmax(
                -1,
                None,
            )
    }
}";
    assert_place(
        text,
        "torch.softmax(torch.relu(x), -1, None)",
        "x\n            .relu()\n            // In between.\n            .softmax(\n                -1,\n                None,\n            )",
    );
    assert_place(text, "torch.relu(x)", "x\n            .relu()");
}

#[test]
fn lines_that_end_as_on_windows() {
    let text = "impl Model {\r\n    fn f(&self, a: i64) -> i64 {\r\n        let b = a * 2;\r\n        b\r\n            + 1\r\n    }\r\n}\r\n";
    assert_place(text, "(a * 2)", "a * 2");
    // rustc has normalized the text already; proc-macro2's own spans have not.
    let places = places(text);
    let (_, place) = places.iter().find(|(of, _)| of == "(b + 1)").expect("the sum");
    assert_eq!(place.replace('\r', ""), "b\n            + 1");
}

#[test]
fn strings_that_look_like_code() {
    let text = "impl Model {
    fn f(&self) -> (String, i64) {
        (\"} fn g() { 'ä\\n\", 1)
    }
}";
    assert_place(text, "1", "1");
    assert_place(text, "\"} fn g() { 'ä\\n\"", "\"} fn g() { 'ä\\n\"");
}

#[test]
fn statements_that_have_no_image_keep_their_place() {
    // A desugared condition lies under the `while`'s own condition.
    let text = "impl Model {
    fn f(&self, a: i64) -> i64 {
        let b = if a > 1 { a } else { -a };
        b / 2
    }
}";
    assert_place(text, "(a > 1)", "a > 1");
    assert_place(text, "-a", "-a");
    assert_place(text, "$div(b, 2)", "b / 2");
}

/// Long texts have lengths and indices of more than one byte.
#[test]
fn many_and_long_strings() {
    let sum: Vec<String> = (0..300).map(|i| format!("self.a_rather_long_name_of_a_field_{i}")).collect();
    let text = format!("impl Model {{\n    fn f(&self) -> i64 {{\n        {}\n    }}\n}}", sum.join(" + "));
    let methods = parse(&text).methods;
    let def = &methods[0].lowered.def;
    assert_eq!(decode(&encode(def)).to_string(), def.to_string());
    assert_place(&text, "self.a_rather_long_name_of_a_field_299", "self.a_rather_long_name_of_a_field_299");
}
