//! What rustc shows to someone who made a mistake. One mistake per file, which is named after it.
//!
//! Bless with `cargo xtask bless`, and read the difference as a user would. There are no `pass`
//! cases: a single one would make trybuild link everything.

use std::fs;
use std::path::Path;

#[test]
fn ui() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

/// What every message has: the place that is blamed, and a way out; and what none has: names that are not for people, and
/// more lines than are read.
#[test]
fn messages() {
    // Errors of rustc's own, about code that is no Rust either way.
    const OF_RUSTC: &[&str] =
        &["error[E0080]", "error[E0119]", "error[E0308]", "error[E0573]", "error[E0599]"];
    const MAX_LINES: usize = 28;
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut mistakes = vec![];
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "stderr") {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for message in fs::read_to_string(&path).unwrap().split("\n\n").filter(|it| it.starts_with("error")) {
            let first = message.lines().next().unwrap();
            let mut mistake = |what: &str| mistakes.push(format!("{name}: {what}: {first}"));
            if message.contains("private") {
                mistake("names what is not for people");
            }
            let is_of_rustc =
                OF_RUSTC.iter().any(|it| first.starts_with(it)) || first.contains("cannot find");
            if !message.contains("help:") && !is_of_rustc {
                mistake("no way out");
            }
            if !message.contains('^') {
                mistake("no place");
            }
            // A path through modules takes as many lines as it is long.
            let n_lines =
                message.lines().count().saturating_sub(6 * message.matches("note: required for").count());
            if n_lines > MAX_LINES {
                mistake(&format!("{n_lines} lines"));
            }
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}
