//! `cargo xtask sanitize`: the integration tests with the shim built for gcc's AddressSanitizer and UBSan. In: names of
//! tests. Out: failure at the first access to memory that is not there, undefined behaviour, or leak. libtorch and Rust
//! are not instrumented, but all of the process's memory is allocated by the sanitizer.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::libtorch;
use crate::problem::problem;
use crate::repo::{self, Repo};

#[derive(Args)]
pub struct SanitizeArgs {
    /// Files of tests, such as `saving`; by default all
    tests: Vec<String>,
}

const ADDRESS: &[&str] = &[
    // Containers mark what they have reserved and do not use. Code of libtorch, which is not instrumented, fills the same
    // containers without marking, so that our reads of it would be reported.
    "detect_container_overflow=0",
    // References to the local variables of a function that has returned.
    "detect_stack_use_after_return=1",
    // What nothing refers to when the process ends. There is nothing to suppress: what libtorch never frees, static
    // variables refer to.
    "detect_leaks=1",
];

const UNDEFINED: &[&str] = &[
    // By default it only prints, and tests that pass hide what they print.
    "halt_on_error=1",
    "print_stacktrace=1",
];

/// Measures the memory of the process, in which the sanitizer keeps what was freed.
const SKIPPED: &str = "compiling_many_times_takes_no_memory_that_stays";

pub fn run(repo: &Repo, args: &SanitizeArgs) -> Result<()> {
    libtorch::provide(repo)?;
    let target = repo.path("target/sanitize");
    reuse(repo, &target)?;
    let preload = format!("LD_PRELOAD={}:{}", library("libasan.so")?, library("libubsan.so")?);
    let mut test = repo.cargo();
    // The runner starts the tests only: a sanitizer in Cargo and rustc would report what these leak.
    test.arg("--config").arg(format!("target.\"cfg(all())\".runner = {:?}", ["env", &preload]));
    test.args(["test", "--no-fail-fast", "--package", "integration-tests", "--target-dir"]).arg(target);
    let all = ["*".to_owned()];
    let tests = if args.tests.is_empty() { &all[..] } else { &args.tests };
    tests.iter().for_each(|name| _ = test.args(["--test", name]));
    test.args(["--", "--skip", SKIPPED]);
    test.env("TCH_JIT_SANITIZE", "1");
    test.env("ASAN_OPTIONS", ADDRESS.join(":")).env("UBSAN_OPTIONS", UNDEFINED.join(":"));
    repo::run(&mut test)
}

/// Begins the target directory with a copy of what the tests have built: torch-sys takes minutes, and is the same there.
fn reuse(repo: &Repo, target: &PathBuf) -> Result<()> {
    let built = repo.path("target/debug");
    if target.exists() || !built.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(target)?;
    // Cargo compares times of files, so these are kept.
    repo::run(Command::new("cp").args(["-a", "--reflink=auto"]).arg(built).arg(target.join("debug")))
}

/// The path of a library of the C++ compiler.
fn library(name: &str) -> Result<String> {
    let mut print = Command::new("c++");
    print.arg(format!("-print-file-name={name}"));
    let output = print.output().map_err(|error| repo::cannot_run(&print, &error))?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    // A compiler that lacks the library prints the name alone.
    if path == name {
        return Err(problem(format!("`c++` has no {name}"), "install gcc with its sanitizers"));
    }
    Ok(path)
}
