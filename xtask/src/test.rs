//! `cargo xtask test`: every test, in two workspaces.

use anyhow::Result;

use crate::libtorch;
use crate::repo::{self, Repo};

pub fn run(repo: &Repo, args: &[String]) -> Result<()> {
    libtorch::provide(repo)?;
    repo::run(repo.cargo().args(["test", "--workspace"]).args(args))?;
    repo::run(repo.cargo().args(["test", "--manifest-path", "ui-tests/Cargo.toml"]).args(args))
}
