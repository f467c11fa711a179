//! In-process tests: Rust text in, trees or messages out, in milliseconds. Spans are proc-macro2's own, which
//! count lines and columns as rustc's do.
//!
//! `UPDATE_EXPECT=1 cargo test -p tch-jit-macros` blesses the expected texts; read the difference.

mod accept;
mod attempt;
mod configure;
mod decode;
mod emit;
mod hygiene;
mod item;
mod names;
mod page;
mod reject;

use crate::check::Methods;
use crate::errors::{Error, Errors};

/// An impl block with `functions`, parsed and lowered, and what is wrong with it: first what is wrong in every
/// mode, then what cannot be scripted.
fn parse_methods(functions: &str) -> (Methods, Vec<Error>) {
    // The functions start in column 1, as they are written in the tests.
    let text = format!("impl Model {{\n{functions}\n}}");
    let mut item = syn::parse_str(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    let mut errors = Errors::default();
    let block = crate::parse::methods::parse(&mut item, &mut errors);
    let lowered = crate::lower::block(&block);
    let methods = crate::check::methods(block, lowered, &mut errors);
    let mut errors = errors.into_vec();
    errors.extend(methods.methods.iter().flat_map(|method| method.errors.iter().cloned()));
    (methods, errors)
}

/// `line:column-column: message`, with the help in a second line. Lines count from the first of the functions.
fn render(error: &Error, line_offset: usize) -> String {
    let (start, end) = error.spans();
    let (start, end) = (start.start(), end.end());
    let line = start.line - line_offset;
    let until = match end.line == start.line {
        true => format!("{}", end.column),
        false => format!("{}:{}", end.line - line_offset, end.column),
    };
    format!("{line}:{}-{until}: {}\n    help: {}", start.column + 1, error.message, error.help)
}

/// The rules for messages: lower case, no full stop, code in backticks, one line each, and a way out.
fn assert_style(error: &Error) {
    for text in [&error.message, &error.help] {
        let first = text.chars().next().unwrap_or_else(|| panic!("an empty text beside {:?}", error.message));
        assert!(first.is_lowercase() || first == '`', "lower case or code first: {text}");
        assert!(!text.ends_with(['.', '!']), "no full stop: {text}");
        assert!(!text.contains('\n'), "one line: {text}");
        assert!(text.matches('`').count() % 2 == 0, "backticks in pairs: {text}");
        assert!(!text.contains("tch_jit::private") && !text.contains("__"), "names of our own: {text}");
        assert!(!text.contains("internal error") && !text.contains("Span"), "not for a user: {text}");
    }
}
