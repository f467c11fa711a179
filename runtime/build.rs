//! Builds the C++ shim against the libtorch that `torch-sys` found.
//!
//! Prints `cargo:libtorch_lib`, so that a binary's own build script can add an rpath from
//! `DEP_TCH_JIT_LIBTORCH_LIB`, and `cargo:libtorch_include`. Under the feature `doc-only` there is no libtorch and nothing
//! is built.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "build/prelude.rs"]
mod prelude;

const SOURCES: &[&str] = &[
    "archive.cc",
    "casts.cc",
    "changes.cc",
    "choice.cc",
    "conforms.cc",
    "containers.cc",
    "decide.cc",
    "declared.cc",
    "evaluation.cc",
    "execute.cc",
    "formula.cc",
    "generalize.cc",
    "grad_mode.cc",
    "graph.cc",
    "intercept.cc",
    "knowledge.cc",
    "layer_calls.cc",
    "loop_aliases.cc",
    "loop_reads.cc",
    "loops.cc",
    "module.cc",
    "observe.cc",
    "operators.cc",
    "origins.cc",
    "permitted.cc",
    "random.cc",
    "readable.cc",
    "rust_lists.cc",
    "rust_maps.cc",
    "rust_numbers.cc",
    "rust_ops.cc",
    "rust_tensors.cc",
    "rust_text.cc",
    "rust_values.cc",
    "state.cc",
    "structure.cc",
    "sugared.cc",
    "trace.cc",
    "tree.cc",
    "types.cc",
    "unit.cc",
    "unroll.cc",
    "value.cc",
    "watch.cc",
];

const WARNINGS: &[&str] = &[
    "-Werror",
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-Wconversion",
    "-Wno-sign-conversion",
    "-Wold-style-cast",
    "-Wnon-virtual-dtor",
    "-Woverloaded-virtual",
    "-Wmissing-declarations",
    "-Wextra-semi",
];

/// Instruments the shim for gcc's sanitizers. libtorch itself is not instrumented.
const SANITIZERS: &[&str] = &[
    "-fsanitize=address,undefined",
    // This check reads the type information of classes, which libtorch does not export for all: `c10::DynamicType` would
    // be an undefined symbol.
    "-fno-sanitize=vptr",
    // For stacks with lines in reports.
    "-fno-omit-frame-pointer",
    "-g1",
];

/// The run-time libraries of these, which gcc names only where it links itself.
const SANITIZER_LIBRARIES: &[&str] = &["asan", "ubsan"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=shim");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-env-changed=LIBTORCH_INCLUDE");
    println!("cargo:rerun-if-env-changed=TCH_JIT_DENY_WARNINGS");
    println!("cargo:rerun-if-env-changed=TCH_JIT_SANITIZE");
    // The variable is named after torch-sys's `links = "tch"`, not after the crate.
    let Ok(lib) = env::var("DEP_TCH_LIBTORCH_LIB") else { return Ok(()) };
    let lib = PathBuf::from(lib);
    println!("cargo:libtorch_lib={}", lib.display());
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
    link_search_below_target(&lib)?;
    let include = include_dir(&lib)?;
    println!("cargo:libtorch_include={}", include.display());
    build_shim(&include)
}

/// Cargo puts those link-search directories on the loader's path that lie below its target
/// directory. One link to libtorch's directory there makes `cargo run`, `cargo test` and doc
/// tests work in every downstream crate without `LD_LIBRARY_PATH`.
///
/// It is one link to the directory, not one per file: `$ORIGIN` of a pip-installed libtorch
/// then still resolves to its neighbours.
fn link_search_below_target(lib: &Path) -> Result<(), Box<dyn Error>> {
    let link = PathBuf::from(env::var("OUT_DIR")?).join("libtorch-lib");
    if link.symlink_metadata().is_ok() {
        fs::remove_file(&link)?;
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(lib, &link)?;
    println!("cargo:rustc-link-search=native={}", link.display());
    Ok(())
}

fn include_dir(lib: &Path) -> Result<PathBuf, Box<dyn Error>> {
    if let Ok(dir) = env::var("LIBTORCH_INCLUDE") {
        return Ok(PathBuf::from(dir).join("include"));
    }
    let root = lib.parent().ok_or("the libtorch library directory has no parent")?;
    Ok(root.join("include"))
}

fn build_shim(include: &Path) -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let prelude = prelude::embed(Path::new("shim/prelude"), &out)?;
    let cxx11_abi = env::var("LIBTORCH_CXX11_ABI").unwrap_or_else(|_| "1".into());
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++17")
        .include("shim")
        .include(&out)
        .define("_GLIBCXX_USE_CXX11_ABI", cxx11_abi.as_str())
        // Includes the headers of single operators instead of all of ATen: half the build time.
        .define("AT_PER_OPERATOR_HEADERS", None)
        // A release libtorch leaves out fields that its headers check in debug builds:
        // `RecordFunction::inputs()` fails an assertion without this.
        .define("NDEBUG", None)
        .debug(false)
        .warnings(false);
    let files: Vec<PathBuf> =
        SOURCES.iter().map(|name| Path::new("shim").join(name)).chain([prelude]).collect();
    let is_msvc = build.get_compiler().is_like_msvc();
    for include in [include.to_owned(), include.join("torch/csrc/api/include")] {
        if is_msvc {
            build.include(include);
        } else {
            // As system headers, libtorch's own cause no warnings.
            build.flag("-isystem").flag(include);
        }
    }
    // Set in this repository only: a user's compiler may warn of other things, which must not break the build.
    if env::var_os("TCH_JIT_DENY_WARNINGS").is_some() && !is_msvc {
        WARNINGS.iter().for_each(|warning| _ = build.flag(warning));
    }
    // `cargo xtask sanitize` sets it, and links nothing else against what is built here.
    if env::var_os("TCH_JIT_SANITIZE").is_some() {
        SANITIZERS.iter().for_each(|flag| _ = build.flag(flag));
        SANITIZER_LIBRARIES.iter().for_each(|name| println!("cargo:rustc-link-lib=dylib={name}"));
    }
    fs::write(out.join("compile_commands.json"), compile_commands(&build, &files)?)?;
    build.files(files).compile("tch_jit_shim");
    Ok(())
}

/// `compile_commands.json`, for editors and clang-tidy: the command that compiles each file.
fn compile_commands(build: &cc::Build, files: &[PathBuf]) -> Result<String, Box<dyn Error>> {
    let directory = env::var("CARGO_MANIFEST_DIR")?;
    let compiler = build.get_compiler();
    let entries = files.iter().map(|file| {
        let mut command = vec![compiler.path().as_os_str()];
        command.extend(compiler.args().iter().map(|arg| arg.as_os_str()));
        command.extend(["-c".as_ref(), file.as_os_str()]);
        // Rust and JSON quote paths alike.
        format!("{{\"directory\": {directory:?}, \"file\": {file:?}, \"arguments\": {command:?}}}")
    });
    Ok(format!("[\n{}\n]\n", entries.collect::<Vec<_>>().join(",\n")))
}
