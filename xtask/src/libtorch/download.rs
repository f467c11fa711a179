//! Fetches the wheels with pip, each once: a wheel in `dir` is whole and has the pinned hash,
//! because it is moved there after pip has checked it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::wheels::{PIP_TAGS, WHEELS, Wheel};
use crate::pip::Pip;
use crate::problem::cannot_write;
use crate::{cache, pip, progress};

pub fn is_complete(dir: &Path) -> bool {
    WHEELS.iter().all(|wheel| dir.join(wheel.file_name()).exists())
}

pub fn download(pip: &Pip, dir: &Path) -> Result<()> {
    for wheel in WHEELS.iter().filter(|wheel| !dir.join(wheel.file_name()).exists()) {
        fetch(pip, wheel, dir)?;
    }
    Ok(())
}

fn fetch(pip: &Pip, wheel: &Wheel, dir: &Path) -> Result<()> {
    let incoming = dir.join("incoming");
    cache::remove_dir(&incoming)?;
    // pip's temporary files go to the disk whose free space was checked; `/tmp` is often small.
    let temporary = incoming.join("tmp");
    fs::create_dir_all(&temporary).map_err(|error| cannot_write(&temporary, &error))?;
    let requirements = incoming.join("requirements.txt");
    fs::write(&requirements, wheel.requirement()).map_err(|error| cannot_write(&requirements, &error))?;

    let bar = progress::bytes(&format!("downloading {} {}", wheel.name, wheel.version), wheel.bytes);
    let mut command = pip.command(&["download", "--no-deps", "--only-binary=:all:"]);
    command.args(PIP_TAGS).arg("--requirement").arg(&requirements).arg("--dest").arg(&incoming);
    command.args(["--no-cache-dir", "--resume-retries=20", "--progress-bar=raw"]);
    command.env("TMPDIR", &temporary);
    let result = pip::run_quietly(&mut command, |bytes| bar.set_position(bytes));
    bar.finish_and_clear();
    result.with_context(|| format!("cannot download {} {}", wheel.name, wheel.version))?;

    let finished = dir.join(wheel.file_name());
    fs::rename(only_wheel(&incoming)?, &finished).map_err(|error| cannot_write(&finished, &error))?;
    cache::remove_dir(&incoming)
}

fn only_wheel(dir: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read `{}`", dir.display()))?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_wheel = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "whl");
    paths.find(is_wheel).with_context(|| format!("pip left no wheel in `{}`", dir.display()))
}
