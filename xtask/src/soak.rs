//! `cargo xtask soak`: keeps compiled modules under load. What it does and looks for: the crate `soak`.

use anyhow::Result;
use clap::Args;

use crate::libtorch;
use crate::repo::{self, Repo};

#[derive(Args)]
pub struct SoakArgs {
    /// About how many minutes it takes on two cores: the amount of work is in proportion
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Only the parts whose names contain this text
    #[arg(long)]
    only: Option<String>,
}

pub fn run(repo: &Repo, args: &SoakArgs) -> Result<()> {
    libtorch::provide(repo)?;
    let mut soak = repo.cargo();
    // The development profile: libtorch is optimized in any case, and the tests have built all but this crate.
    soak.args(["run", "--package", "soak", "--", "--minutes", &args.minutes.to_string()]);
    if let Some(only) = &args.only {
        soak.args(["--only", only]);
    }
    repo::run(&mut soak)
}
