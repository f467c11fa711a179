//! A Python environment with the PyTorch that libtorch is of, and with e3nn, cached for checks from Python's side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::pip::Pip;
use crate::problem::cannot_write;
use crate::{cache, libtorch, python, repo};

/// What pip puts there: 4.9 GB installed, and the wheels, which are 2.7 GB, until it is done.
const SPACE: u64 = 8_000_000_000;

/// The environment's interpreter; installs it on the first call.
pub fn provide() -> Result<PathBuf> {
    let cache = cache::dir()?;
    let name = format!("python-{}", libtorch::VERSION);
    let _lock = cache::lock(&cache, &name)?;
    let venv = cache.join(&name);
    let python = venv.join("bin/python");
    let requirements = format!("torch=={}\nnumpy\ne3nn==0.6.0\nsafetensors\n", libtorch::VERSION);
    // Written last. It says what is installed, so that a longer list is installed on top.
    let stamp = venv.join("installed.txt");
    let installed = fs::read_to_string(&stamp).is_ok_and(|installed| installed == requirements);
    // An environment breaks when the Python that it was made from is removed.
    if installed && python::works(&python) {
        return Ok(python);
    }
    cache::require_space(&cache, SPACE)?;
    let pip = Pip::provide(&cache)?;
    create(&pip, &venv, &python)?;
    install(&pip, &venv, &python, &requirements)?;
    fs::write(&stamp, requirements).map_err(|error| cannot_write(&stamp, &error))?;
    Ok(python)
}

/// Without a pip of its own: some systems' Python comes without the one to put there.
fn create(pip: &Pip, venv: &Path, python: &Path) -> Result<()> {
    if python::works(python) {
        return Ok(());
    }
    let mut create = Command::new(pip.python());
    create.args(["-m", "venv", "--clear", "--without-pip"]).arg(venv);
    repo::run(&mut create).context("cannot create a Python environment")
}

/// pip shows its own progress here: it downloads some twenty wheels.
fn install(pip: &Pip, venv: &Path, python: &Path, requirements: &str) -> Result<()> {
    let temporary = venv.join("tmp");
    fs::create_dir_all(&temporary).map_err(|error| cannot_write(&temporary, &error))?;
    let mut install = pip.command(&["--python"]);
    install.arg(python).args(["install", "--resume-retries=20"]).args(requirements.lines());
    install.env("TMPDIR", &temporary);
    let result = repo::run(&mut install).context("cannot install PyTorch for Python");
    cache::remove_dir(&temporary)?;
    result
}
