//! The user's Python interpreter, which fetches wheels (`pip`) and checks saved modules (`venv`).

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::Result;

use crate::problem::problem;

pub const HELP: &str = "install Python 3.10 or newer with pip (Debian, Ubuntu: `apt install python3-pip`), \
                        or set `LIBTORCH` to a libtorch of your own";

/// The interpreter that torch-sys would ask too: `python` of an active environment, else `python3`.
pub fn find() -> Result<PathBuf> {
    let names: &[&str] = match env::var_os("VIRTUAL_ENV") {
        Some(_) => &["python", "python3"],
        None => &["python3", "python"],
    };
    let found = names.iter().map(PathBuf::from).find(|python| works(python));
    found.ok_or_else(|| problem("cannot find a working `python3`", HELP))
}

/// Whether `python` starts and is recent enough for pip and PyTorch.
pub fn works(python: &Path) -> bool {
    let test = "import sys; sys.exit(sys.version_info < (3, 9))";
    output(python, &["-c", test]).is_some_and(|output| output.status.success())
}

pub fn output(python: &Path, args: &[&str]) -> Option<Output> {
    Command::new(python).args(args).output().ok()
}
