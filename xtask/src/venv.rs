//! Python environments, cached: the PyTorch that libtorch is of, with e3nn and programs that read graphs, for checks from
//! Python's side; and clang's tools, which have packages for pip.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::pip::Pip;
use crate::problem::cannot_write;
use crate::{cache, libtorch, python, repo};

/// What pip puts there: 5.3 GB installed, and the wheels, which are 3 GB, until it is done.
const PYTORCH_SPACE: u64 = 9_000_000_000;

/// Programs that read TorchScript's graphs. Fixed, since each version reads something else, which `docs/deploying.md`
/// tells.
const CONSUMERS: &str =
    "onnx==1.23.2\nonnxruntime==1.32.0\ncoremltools==9.0\nopenvino==2026.4.1\npnnx==20261020\n";

/// Fixed, since each version formats, and finds, something else. Before 22, clang-tidy looked into system headers,
/// too: a minute for each file that includes libtorch's.
const CLANG_TOOLS: &str = "clang-format==23.1.5\nclang-tidy==23.1.4\n";
const CLANG_TOOLS_SPACE: u64 = 300_000_000;

/// The interpreter of an environment with PyTorch; installs it on the first call.
pub fn provide() -> Result<PathBuf> {
    let version = libtorch::VERSION;
    let requirements = format!("torch=={version}\nnumpy\ne3nn==0.6.0\nsafetensors\n{CONSUMERS}");
    provide_environment(&format!("python-{version}"), &requirements, PYTORCH_SPACE)
}

/// The interpreter of an environment with another version of PyTorch.
pub fn provide_version(version: &str) -> Result<PathBuf> {
    let requirements = format!("torch=={version}\nnumpy\n");
    provide_environment(&format!("python-{version}-alone"), &requirements, PYTORCH_SPACE)
}

/// The directory that holds `clang-format` and `clang-tidy`; installs them on the first call.
pub fn provide_clang_tools() -> Result<PathBuf> {
    let python = provide_environment("clang-tools", CLANG_TOOLS, CLANG_TOOLS_SPACE)?;
    Ok(python.parent().context("an interpreter lies in a directory")?.to_owned())
}

/// The interpreter of the environment `name`, with one requirement a line.
fn provide_environment(name: &str, requirements: &str, space: u64) -> Result<PathBuf> {
    let cache = cache::dir()?;
    let _lock = cache::lock(&cache, name)?;
    let venv = cache.join(name);
    let python = venv.join("bin/python");
    // Written last. It says what is installed, so that a longer list is installed on top.
    let stamp = venv.join("installed.txt");
    let installed = fs::read_to_string(&stamp).is_ok_and(|installed| installed == requirements);
    // An environment breaks when the Python that it was made from is removed.
    if installed && python::works(&python) {
        return Ok(python);
    }
    cache::require_space(&cache, space)?;
    let pip = Pip::provide(&cache)?;
    create(&pip, &venv, &python)?;
    install(&pip, &venv, &python, requirements)?;
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

/// pip shows its own progress here: of PyTorch, it downloads some twenty wheels.
fn install(pip: &Pip, venv: &Path, python: &Path, requirements: &str) -> Result<()> {
    let temporary = venv.join("tmp");
    fs::create_dir_all(&temporary).map_err(|error| cannot_write(&temporary, &error))?;
    let mut install = pip.command(&["--python"]);
    install.arg(python).args(["install", "--resume-retries=20"]).args(requirements.lines());
    install.env("TMPDIR", &temporary);
    let result = repo::run(&mut install).context("cannot install what the checks need");
    cache::remove_dir(&temporary)?;
    result
}
