//! `cargo xtask demo`: the digits example, optimized.

use anyhow::Result;

use crate::libtorch;
use crate::repo::{self, Repo};

pub fn run(repo: &Repo) -> Result<()> {
    libtorch::provide(repo)?;
    repo::run(repo.cargo().args([
        "run",
        "--release",
        "--package",
        "examples",
        "--bin",
        "digits",
    ]))
}
