//! Keeps compiled modules under load, and looks whether a result is wrong, something fails, hangs or crashes, or memory
//! grows. In: how long. Out: a table with a line for each part, and failure if anything is wrong. `cargo xtask soak` runs
//! it; docs/reliability.md says what it found.

mod changes;
mod cycles;
mod faults;
mod memory;
mod models;
mod parts;
mod pools;
mod report;
mod supervisor;
mod threads;
mod work;

use std::process::ExitCode;
use std::sync::OnceLock;

use clap::Parser;

use crate::parts::PARTS;
use crate::work::Work;

/// Keeps compiled modules under load.
#[derive(Parser)]
struct Args {
    /// About how long it takes on two cores: the amount of work is in proportion
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Only the parts whose names contain this text
    #[arg(long)]
    only: Option<String>,
    /// Run one part in this process, and print its progress for the process that started it
    #[arg(long, hide = true, requires = "units")]
    part: Option<String>,
    /// How many units of it
    #[arg(long, hide = true)]
    units: Option<u64>,
}

/// The work of a part that runs in this process. Tasks of tokio borrow nothing that ends.
static WORK: OnceLock<Work> = OnceLock::new();

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    if let (Some(name), Some(units)) = (&args.part, args.units) {
        let part =
            PARTS.iter().find(|part| part.name == name.as_str()).expect("the supervisor knows the parts");
        let work = WORK.get_or_init(|| Work::new(units));
        (part.run)(work);
        work.finish();
        return Ok(ExitCode::SUCCESS);
    }
    let is_wanted = |name: &str| args.only.as_deref().is_none_or(|only| name.contains(only));
    let parts: Vec<_> = PARTS.iter().filter(|part| is_wanted(part.name)).collect();
    let outcomes = supervisor::run(&parts, args.minutes)?;
    report::print(&outcomes);
    Ok(if outcomes.iter().all(report::Outcome::is_good) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
