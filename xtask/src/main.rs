//! `cargo xtask <command>`: set-up and chores. Each command is one file; this one lists them.
//!
//! Every command that compiles against libtorch provides it first (`libtorch::provide`).

mod bless;
mod cache;
mod codegen;
mod cpp;
mod demo;
mod fuzz;
mod fuzz_files;
mod interop;
mod libtorch;
mod pip;
mod problem;
mod progress;
mod python;
mod repo;
mod sanitize;
mod soak;
mod surface;
mod test;
mod venv;

use std::process::ExitCode;

use clap::Parser;

use crate::repo::Repo;

#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", about = "Set-up and chores of tch-jit")]
enum Cli {
    /// Provide a CPU libtorch where there is none
    Libtorch,
    /// Run every test: the workspace's, then the UI tests
    Test {
        /// Arguments for `cargo test`, such as `--release` or a filter
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Train, compile, save and run a small network on handwritten digits
    Demo,
    /// Check saved modules in Python
    Interop(interop::InteropArgs),
    /// Check the shim: its prelude, its format, and what clang-tidy finds
    Cpp,
    /// Compare random programs in Rust and compiled
    Fuzz(fuzz::FuzzArgs),
    /// Load files that are changed at random
    FuzzFiles(fuzz_files::FuzzFilesArgs),
    /// Run the integration tests with the shim under AddressSanitizer and UBSan
    Sanitize(sanitize::SanitizeArgs),
    /// Keep compiled modules under load, and look whether a result is wrong or memory grows
    Soak(soak::SoakArgs),
    /// Rewrite the expected outputs of UI and macro tests
    Bless,
    /// Regenerate the table of operators that the macros know
    Codegen,
    /// Find arguments for the test that calls every operator of the table; takes ten minutes
    Surface,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let repo = Repo::find()?;
    match cli {
        Cli::Libtorch => libtorch::provide(&repo),
        Cli::Test { args } => test::run(&repo, args),
        Cli::Demo => demo::run(&repo),
        Cli::Interop(args) => interop::run(&repo, args),
        Cli::Cpp => cpp::run(&repo),
        Cli::Fuzz(args) => fuzz::run(&repo, args),
        Cli::FuzzFiles(args) => fuzz_files::run(&repo, args),
        Cli::Sanitize(args) => sanitize::run(&repo, args),
        Cli::Soak(args) => soak::run(&repo, args),
        Cli::Bless => bless::run(&repo),
        Cli::Codegen => codegen::run(),
        Cli::Surface => surface::run(&repo),
    }
}
