//! How a batch of programs is compiled: by rustc itself, against what cargo has built.
//!
//! Cargo builds the harness and says, in its JSON messages, where the libraries lie. A batch is one
//! crate, with a module for each program; where rustc rejects some of them, the rest is compiled
//! again without.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::ast::Program;
use crate::print;

/// What rustc needs to know.
#[derive(Debug)]
pub struct Toolchain {
    externs: Vec<(String, PathBuf)>,
    dependencies: PathBuf,
    native: Vec<String>,
}

/// A compiled batch.
#[derive(Debug)]
pub struct Built {
    /// The executable.
    pub program: PathBuf,
    /// For each program of the batch: its number in the executable, or rustc's messages.
    pub indices: Vec<Result<usize, Vec<String>>>,
}

const EXTERNS: &[&str] = &["fuzz_harness", "tch", "tch_jit", "serde_json"];

impl Toolchain {
    /// Builds the harness with `cargo`, which has the repository's environment.
    pub fn prepare(mut cargo: Command) -> Result<Toolchain> {
        cargo.args(["build", "--quiet", "--package", "fuzz-harness", "--message-format", "json"]);
        let output = cargo.stderr(std::process::Stdio::inherit()).output().context("cannot run cargo")?;
        if !output.status.success() {
            bail!("the harness does not build");
        }
        let mut externs = vec![];
        let mut native = vec![];
        let mut dependencies = None;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
            if message["reason"] == "build-script-executed" {
                let paths = message["linked_paths"].as_array().into_iter().flatten();
                native.extend(paths.filter_map(|it| it.as_str().map(ToOwned::to_owned)));
            }
            let name = message["target"]["name"].as_str().unwrap_or_default().replace('-', "_");
            if message["reason"] != "compiler-artifact" || !EXTERNS.contains(&name.as_str()) {
                continue;
            }
            let files = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let Some(file) = files.into_iter().find(|it| it.ends_with(".rlib")) else { continue };
            let file = PathBuf::from(file);
            if name == "serde_json" {
                dependencies = file.parent().map(Path::to_owned);
            }
            externs.push((name, file));
        }
        let dependencies = dependencies.context("cargo named no library")?;
        Ok(Toolchain { externs, dependencies, native })
    }

    /// Compiles `programs` in `dir`.
    pub fn build(&self, programs: &[Program], dir: &Path) -> Result<Built> {
        std::fs::create_dir_all(dir)?;
        let mut failures: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        loop {
            let kept: Vec<usize> = (0..programs.len()).filter(|i| !failures.contains_key(i)).collect();
            let (text, starts) = batch(programs, &kept);
            let found = self.compile(&text, dir)?;
            if found.is_empty() {
                let mut indices: Vec<Result<usize, Vec<String>>> =
                    (0..programs.len()).map(|i| Err(failures.remove(&i).unwrap_or_default())).collect();
                for (number, &i) in kept.iter().enumerate() {
                    indices[i] = Ok(number);
                }
                return Ok(Built { program: dir.join("batch"), indices });
            }
            for (line, message) in found {
                let number = starts.partition_point(|&start| start <= line);
                let Some(&i) = number.checked_sub(1).and_then(|number| kept.get(number)) else {
                    bail!("rustc rejects the batch itself: {message}");
                };
                failures.entry(i).or_default().push(message);
            }
        }
    }

    /// The errors, each with the line that it is about.
    fn compile(&self, text: &str, dir: &Path) -> Result<Vec<(usize, String)>> {
        let source = dir.join("batch.rs");
        std::fs::write(&source, text)?;
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(["--edition=2024", "--crate-name=batch", "--crate-type=bin", "--error-format=json"]);
        rustc.args([
            "-Awarnings",
            "-Cdebuginfo=0",
            "-Copt-level=0",
            // As in release builds: numbers wrap around.
            "-Coverflow-checks=off",
            "-Ccodegen-units=4",
        ]);
        rustc.arg("-o").arg(dir.join("batch")).arg(&source);
        rustc.arg("-L").arg(format!("dependency={}", self.dependencies.display()));
        for (name, path) in &self.externs {
            rustc.arg("--extern").arg(format!("{name}={}", path.display()));
        }
        for path in &self.native {
            rustc.arg("-L").arg(path);
            let plain = path.split_once('=').map_or(path.as_str(), |it| it.1);
            rustc.arg(format!("-Clink-arg=-Wl,-rpath,{plain}"));
        }
        let output = rustc.output().context("cannot run rustc")?;
        if output.status.success() {
            return Ok(vec![]);
        }
        let mut errors = vec![];
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        for line in messages.lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
            if message["level"] != "error" {
                continue;
            }
            if let Some(line) = primary_line(&message) {
                errors.push((line, message["rendered"].as_str().unwrap_or_default().to_owned()));
            }
        }
        if errors.is_empty() {
            bail!("rustc failed:\n{messages}");
        }
        Ok(errors)
    }
}

/// The line in the batch of an error, also of one inside of a macro's expansion.
fn primary_line(message: &Value) -> Option<usize> {
    let mut span = message["spans"].as_array()?.iter().find(|it| it["is_primary"] == true)?;
    while let Some(inner) = span["expansion"].get("span") {
        span = inner;
    }
    usize::try_from(span["line_start"].as_u64()?).ok()
}

/// The crate, and the first line of each program's module.
fn batch(programs: &[Program], kept: &[usize]) -> (String, Vec<usize>) {
    let mut text = String::from(
        "#![allow(warnings, arithmetic_overflow, unconditional_panic, overflowing_literals)]\n\
         use fuzz_harness::prelude;\n",
    );
    let mut starts = vec![];
    let mut cases = String::new();
    for (number, &i) in kept.iter().enumerate() {
        starts.push(text.matches('\n').count() + 1);
        text.push_str(&print::module(&programs[i], &format!("p{number}")));
        write!(cases, "p{number}::case, ").expect("a string takes everything");
    }
    writeln!(text, "fn main() {{ fuzz_harness::main(&[{cases}]); }}").expect("a string takes everything");
    (text, starts)
}
