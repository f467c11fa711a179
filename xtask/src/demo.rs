//! `cargo xtask demo`: the digits example. It shares the build of the tests: what takes time is libtorch,
//! which is optimized anyway, and torch-sys is compiled once.

use anyhow::Result;

use crate::libtorch;
use crate::repo::{self, Repo};

pub fn run(repo: &Repo) -> Result<()> {
    libtorch::provide(repo)?;
    repo::run(repo.cargo().args(["run", "--package", "examples", "--bin", "digits"]))
}
