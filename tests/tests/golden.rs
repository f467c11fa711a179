//! Files of former versions, and of Python's PyTorch, are loaded and give what they gave when they were written. See
//! `tests/golden/README.md`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tch::{IValue, Kind, Tensor};
use tch_jit::{LoadOptions, ScriptModule, WrittenBy};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|it| it.extension().is_some_and(|it| it == "pt"));
    files.sort();
    files
}

fn tensor(numbers: &Value) -> Tensor {
    // Python writes numbers that JSON does not have; no file holds them.
    let floats: Vec<f64> =
        numbers["values"].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect();
    let size: Vec<i64> = numbers["size"].as_array().unwrap().iter().map(|it| it.as_i64().unwrap()).collect();
    Tensor::from_slice(&floats).view(&size[..]).to_kind(Kind::Float)
}

/// Calls the module with the arguments that stand in its file, and compares the result.
#[track_caller]
fn check(path: &Path) -> ScriptModule {
    let name = path.display();
    let (module, files) = LoadOptions::new()
        .extra_files(["expected.json"])
        .load(path)
        .unwrap_or_else(|error| panic!("{error}"));
    let expected: Value = serde_json::from_slice(&files[0]).unwrap();
    let arguments = expected["arguments"].as_array().unwrap().iter().map(|it| IValue::Tensor(tensor(it)));
    let arguments: Vec<IValue> = arguments.collect();
    let wanted = tensor(&expected["result"]);
    let mut again = vec![];
    module.save_to_writer(&mut again).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (reloaded, _) = ScriptModule::load_from_reader(&again[..], None, &[]).unwrap();
    let mut modules = vec![module, reloaded];
    match modules[0].deep_copy() {
        Ok(copy) => modules.push(copy),
        // libtorch copies no complex numbers.
        Err(error) => assert!(error.to_string().contains("ComplexDouble"), "{name}: {error}"),
    }
    for module in &modules {
        for call in 1..=2 {
            let found = Tensor::try_from(module.forward(&arguments).unwrap()).unwrap();
            assert!(
                found.size() == wanted.size() && found.allclose(&wanted, 1e-5, 1e-6, false),
                "{name}, call {call}: {found} instead of {wanted}"
            );
        }
    }
    modules.swap_remove(0)
}

#[test]
fn files_of_this_library() {
    let files = files("tch-jit");
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let module = check(&file);
        let WrittenBy { tch_jit, libtorch, .. } = module.written_by().expect("the file says what wrote it");
        assert!(tch_jit.starts_with("0.") && libtorch.starts_with("2."), "{tch_jit} {libtorch}");
        assert!(module.rust_type().starts_with("write_golden::"), "{}", module.rust_type());
    }
}

#[test]
fn files_of_python() {
    let files = files("pytorch");
    assert!(files.len() >= 7, "{files:?}");
    for file in files {
        let module = check(&file);
        assert_eq!(module.written_by(), None);
    }
}

#[test]
fn a_file_says_which_versions_wrote_it() {
    let module = ScriptModule::load(&files("tch-jit")[0]).unwrap();
    let mut bytes = vec![];
    module.save_to_writer(&mut bytes).unwrap();
    let (saved, _) = ScriptModule::load_from_reader(&bytes[..], None, &[]).unwrap();
    let written_by = saved.written_by().unwrap();
    assert_eq!(written_by.tch_jit, env!("CARGO_PKG_VERSION"));
    assert_eq!(
        written_by.to_string(),
        format!("tch-jit {} with libtorch {}", written_by.tch_jit, written_by.libtorch)
    );
}
