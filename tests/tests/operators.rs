//! The operators that the macros write into trees are those that the shim resolves.

#[path = "../../macros/src/syntax/operator.rs"]
mod operator;

use std::fs;
use std::path::Path;

use operator::Operator;

#[test]
fn the_macros_and_the_shim_have_one_table() {
    let written: Vec<&str> = Operator::ALL.iter().map(|it| it.name()).collect();
    let resolved = tch_jit::private::rust_operators();
    let unknown: Vec<_> = written.iter().filter(|name| !resolved.iter().any(|it| it == *name)).collect();
    assert!(unknown.is_empty(), "the shim does not resolve {unknown:?}");
    let own = sources_of_the_shim();
    // The shim's own functions call some of them: `rust_eq(a, b)` in the prelude, `apply("eq", …)` in C++.
    let is_written = |name: &str| {
        let calls = [format!("rust_{name}("), format!("apply(\"{name}\"")];
        written.contains(&name) || calls.iter().any(|call| own.contains(call))
    };
    let unused: Vec<_> = resolved.iter().filter(|name| !is_written(name)).collect();
    assert!(unused.is_empty(), "nothing writes {unused:?}");
}

fn sources_of_the_shim() -> String {
    let shim = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/shim");
    let mut text = String::new();
    for folder in [shim.join("prelude"), shim] {
        for entry in fs::read_dir(folder).expect("a folder of the shim") {
            let path = entry.expect("an entry of it").path();
            if path.is_file() {
                text += &fs::read_to_string(path).expect("a source is text");
            }
        }
    }
    text
}
