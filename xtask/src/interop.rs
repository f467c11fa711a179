//! `cargo xtask interop`: Rust saves modules, inputs and outputs; Python loads and runs them.

use std::process::Command;

use anyhow::{Context, Result};

use crate::repo::{self, Repo};
use crate::{libtorch, venv};

pub fn run(repo: &Repo) -> Result<()> {
    libtorch::provide(repo)?;
    let python = venv::provide()?;
    let dir = tempfile::tempdir().context("cannot create a temporary directory")?;

    let mut save = repo.cargo();
    save.args(["run", "--package", "integration-tests", "--bin", "save_for_interop", "--"]);
    repo::run(save.arg(dir.path()))?;

    let mut check = Command::new(python);
    check.arg(repo.path("tests/interop/check.py")).arg(dir.path());
    repo::run(&mut check)
}
