//! `cargo xtask surface`: finds arguments for the test that calls every method of the operator table.

use anyhow::Result;

use crate::libtorch;
use crate::repo::{self, Repo};

pub fn run(repo: &Repo) -> Result<()> {
    libtorch::provide(repo)?;
    let search = ["test", "--package", "integration-tests", "--test", "surface", "search_for_arguments"];
    repo::run(
        repo.cargo()
            .args(search)
            .args(["--", "--nocapture"])
            .env("TCH_JIT_SURFACE", repo.path("tests/tests/surface/walk/arguments.txt"))
            // One thread: crashes are then where they seem to be, and small tensors are faster.
            .env("OMP_NUM_THREADS", "1"),
    )
}
