//! `cargo xtask bless`: makes the present outputs the expected ones. Read the difference afterwards.

use anyhow::Result;

use crate::libtorch;
use crate::repo::{self, Repo};

pub fn run(repo: &Repo) -> Result<()> {
    libtorch::provide(repo)?;
    let mut ui_tests = repo.cargo();
    ui_tests.args(["test", "--manifest-path", "ui-tests/Cargo.toml"]).env("TRYBUILD", "overwrite");
    repo::run(&mut ui_tests)?;
    // The pages of `docs/forms/` show the expected texts, so they are written after these.
    for tests in ["", "tests::page"] {
        let mut macros = repo.cargo();
        macros.args(["test", "--package", "tch-jit-macros", tests]).env("UPDATE_EXPECT", "1");
        repo::run(&mut macros)?;
    }
    Ok(())
}
