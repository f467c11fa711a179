//! `cargo xtask interop`: Rust saves modules, inputs and outputs, and Python loads and runs them; Python's e3nn writes
//! random modules, and ours has to agree with them; a potential that Rust trained predicts the same in Python; programs
//! that read graphs take our files, and Python's of the same models.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::repo::{self, Repo};
use crate::{libtorch, venv};

#[derive(Args)]
pub struct InteropArgs {
    /// Have another version of PyTorch read the golden files as well, such as `2.5.1`; installs 5 GB
    #[arg(long)]
    torch: Vec<String>,
    /// Write the table of `docs/deploying.md` anew
    #[arg(long)]
    bless: bool,
}

pub fn run(repo: &Repo, args: &InteropArgs) -> Result<()> {
    libtorch::provide(repo)?;
    let python = venv::provide()?;
    saved_modules(repo, &python)?;
    golden(repo, &python)?;
    for version in &args.torch {
        golden(repo, &venv::provide_version(version)?)?;
    }
    e3nn(repo, &python)?;
    potential(repo, &python)?;
    consumers(repo, &python, args.bless)
}

/// The programs that read graphs, and the page about them.
fn consumers(repo: &Repo, python: &Path, bless: bool) -> Result<()> {
    let dir = temporary_dir()?;
    let mut save = repo.cargo();
    save.args(["run", "--package", "integration-tests", "--bin", "save_for_consumers", "--"]);
    repo::run(save.arg(dir.path()))?;
    let mut check = Command::new(python);
    check.arg(repo.path("tests/interop/consumers.py")).arg(dir.path()).arg(repo.path("docs/deploying.md"));
    repo::run(check.args(bless.then_some("--bless")))
}

/// The files that all versions have to read, in Python.
fn golden(repo: &Repo, python: &Path) -> Result<()> {
    let mut check = Command::new(python);
    repo::run(check.arg(repo.path("tests/interop/golden.py")).arg(repo.path("tests/golden/tch-jit")))
}

fn saved_modules(repo: &Repo, python: &Path) -> Result<()> {
    let dir = temporary_dir()?;
    let mut save = repo.cargo();
    save.args(["run", "--package", "integration-tests", "--bin", "save_for_interop", "--"]);
    repo::run(save.arg(dir.path()))?;
    repo::run(Command::new(python).arg(repo.path("tests/interop/check.py")).arg(dir.path()))
}

fn e3nn(repo: &Repo, python: &Path) -> Result<()> {
    for seed in ["0", "1", "2"] {
        let dir = temporary_dir()?;
        let reference = || {
            let mut reference = Command::new(python);
            reference.arg(repo.path("examples/e3nn/interop/reference.py"));
            reference
        };
        repo::run(reference().arg("make").arg(dir.path()).arg(seed))?;
        let mut compare = repo.cargo();
        compare.args(["run", "--package", "e3nn", "--example", "against_python", "--"]);
        repo::run(compare.arg(dir.path()))?;
        repo::run(reference().arg("check").arg(dir.path()))?;
    }
    Ok(())
}

fn potential(repo: &Repo, python: &Path) -> Result<()> {
    let dir = temporary_dir()?;
    let (model, predictions) = (dir.path().join("ethanol.pt"), dir.path().join("predictions.safetensors"));
    let mut train = repo.cargo();
    train.args(["run", "--package", "potential", "--", "--epochs", "1", "--out"]).arg(&model);
    repo::run(train.arg("--predictions").arg(&predictions))?;
    repo::run(
        Command::new(python)
            .arg(repo.path("examples/potential/engine/check.py"))
            .args([&model, &predictions]),
    )
}

fn temporary_dir() -> Result<tempfile::TempDir> {
    tempfile::tempdir().context("cannot create a temporary directory")
}
