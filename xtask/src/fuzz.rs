//! `cargo xtask fuzz`: random programs, in Rust and compiled. What it is and finds: the crate `fuzz`.

use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;
use fuzz::campaign::{self, Finding, Options};
use fuzz::toolchain::Toolchain;

use crate::repo::{self, Repo};
use crate::{libtorch, progress, venv};

#[derive(Args)]
pub struct FuzzArgs {
    /// The seed of the first program
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many programs
    #[arg(long, default_value_t = 200)]
    programs: u64,
    /// How many inputs for each program
    #[arg(long, default_value_t = 20)]
    inputs: usize,
    /// Print and run the program of one seed
    #[arg(long)]
    only: Option<u64>,
    /// How many programs are compiled at once
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// How many batches are compiled and run at a time
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// How many findings of one kind are made smaller
    #[arg(long, default_value_t = 2)]
    shrink: usize,
    /// How many of the programs that agree are loaded and run by Python, too; 3 GB are downloaded the first time
    #[arg(long, default_value_t = 0)]
    python: usize,
}

pub fn run(repo: &Repo, args: &FuzzArgs) -> Result<()> {
    libtorch::provide(repo)?;
    let toolchain = Toolchain::prepare(repo.cargo())?;
    let dir = repo.path("target/fuzz").join(std::process::id().to_string());
    let python = (args.python > 0).then(venv::provide).transpose()?;
    let kept = python.as_ref().map(|_| tempfile::tempdir()).transpose()?;
    let options = Options {
        seed: args.only.unwrap_or(args.seed),
        programs: if args.only.is_some() { 1 } else { args.programs },
        inputs: args.inputs,
        batch: args.batch,
        jobs: args.jobs,
        shrink: args.shrink,
        dir: dir.clone(),
        keep: kept.as_ref().map(|it| it.path().to_owned()),
    };
    if let Some(seed) = args.only {
        println!("{}", fuzz::print::source(&fuzz::generate::generate(seed)));
    }
    let bar = progress::count("programs", options.programs);
    let result = campaign::fuzz(&toolchain, &options, |n, found| {
        bar.set_position(n);
        bar.suspend(|| {
            found.iter().filter(|it| it.is_shrunk || args.only.is_some() || args.shrink == 0).for_each(show)
        });
    });
    std::fs::remove_dir_all(&dir).ok();
    let summary = result?;
    bar.finish_and_clear();
    let [equal, failed, overflowed] = summary.n_inputs;
    println!(
        "{} programs: {equal} equal results, {failed} equal failures; left out: {overflowed} inputs (overflow), \
         {} programs (unused failures)",
        summary.n_programs, summary.n_unused_failures
    );
    if let (Some(python), Some(kept)) = (&python, &kept) {
        let mut check = Command::new(python);
        check.arg(repo.path("fuzz/check.py")).arg(kept.path()).arg(args.python.to_string());
        repo::run(&mut check)?;
    }
    if summary.findings.is_empty() {
        return Ok(());
    }
    for kind in summary.findings.chunk_by(|a, b| a.kind == b.kind) {
        let seeds: Vec<String> = kind.iter().map(|it| it.seed.to_string()).collect();
        println!("{:5} × {} (seeds {})", kind.len(), kind[0].kind, seeds.join(" "));
    }
    bail!("{} findings", summary.findings.len())
}

fn show(finding: &Finding) {
    println!("--- {}, seed {}\n{}", finding.kind, finding.seed, finding.source);
    match &finding.report {
        serde_json::Value::Object(report) => {
            for (key, value) in report {
                match value {
                    serde_json::Value::Object(parts) => {
                        parts.iter().for_each(|(key, value)| println!("{key}: {}", text(value)));
                    }
                    value => println!("{key}: {}", text(value)),
                }
            }
        }
        other => println!("{other}"),
    }
}

fn text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}
