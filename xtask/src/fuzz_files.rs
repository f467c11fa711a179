//! `cargo xtask fuzz-files`: changes files at random, and loads them. How: the crate `fuzz-files`.

use anyhow::Result;
use clap::Args;

use crate::libtorch;
use crate::repo::{self, Repo};

#[derive(Args)]
pub struct FuzzFilesArgs {
    /// How many changed files are loaded
    #[arg(long, default_value_t = 1000)]
    mutations: u64,
    /// The number of the first change
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

pub fn run(repo: &Repo, args: &FuzzFilesArgs) -> Result<()> {
    libtorch::provide(repo)?;
    let mut fuzz = repo.cargo();
    fuzz.args(["run", "--package", "fuzz-files", "--", "tests/golden", "--keep", "target/fuzz-files"]);
    fuzz.args(["--mutations", &args.mutations.to_string(), "--seed", &args.seed.to_string()]);
    repo::run(&mut fuzz)
}
