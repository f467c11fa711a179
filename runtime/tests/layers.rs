//! The layers of the crate hold: a file imports from its own layer and from those below, never from above.

use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up. Files that lie in `src` itself belong to the layer that names them.
const LAYERS: &[&[&str]] = &[
    &["families", "identity", "place", "names", "error"],
    &["ffi"],
    &["types"],
    &["model"],
    &["artifact"],
    &["record"],
    &["compile"],
    &["testing"],
    &["private", "bounds"],
    &["lib"],
];

#[test]
fn no_import_runs_up() {
    let mut wrong = vec![];
    for (path, text) in sources() {
        let from = layer_of(&path);
        for (line, name) in names_of_the_crate(&text) {
            match rank(&name) {
                Some(to) if to <= rank(&from).expect("its own layer") => {}
                Some(_) => wrong.push(format!("{path}:{line}: `{from}` lies below `{name}`")),
                None => wrong.push(format!("{path}:{line}: name the layer that `crate::{name}` comes from")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} imports are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn imports_that_run_up_are_found() {
    let names = |text| names_of_the_crate(text).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(
        names("use crate::compile::{A, B};\n// use crate::ffi::C;\nlet x = crate::Error::D;"),
        ["compile", "Error"]
    );
    assert_eq!(names("/// [`crate::ffi`]\n$crate::testing::run();"), [""; 0]);
    assert!(rank("compile") > rank("record") && rank("Error").is_none());
}

/// The files of `src`, by their paths within it.
fn sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry of it").path();
            match path.is_dir() {
                true => collect(&path, files),
                false => files.push(path),
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    collect(&root, &mut files);
    files.sort();
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(&root).expect("a file of `src`").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("a source is text"))
    };
    files.iter().map(read).collect()
}

/// `ffi` of `ffi/value.rs`, `error` of `error.rs`.
fn layer_of(path: &str) -> String {
    path.split('/').next().expect("a path has a part").trim_end_matches(".rs").to_owned()
}

fn rank(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

/// What stands behind each `crate::` in the code, with its line.
fn names_of_the_crate(text: &str) -> Vec<(usize, String)> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut names = vec![];
    for (i, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for (at, found) in code.match_indices("crate::") {
            let before = code[..at].chars().next_back();
            if before == Some('$') || before.is_some_and(is_name) {
                continue;
            }
            let name = code[at + found.len()..].chars().take_while(|c| is_name(*c)).collect();
            names.push((i + 1, name));
        }
    }
    names
}
