//! `fuzz-files`: changes files at random, and loads them. The parent starts a child for many changes, sees where it
//! ends, and goes on behind that place with another.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use fuzz_files::attempt::{Outcome, attempt};
use fuzz_files::mutate::mutate;
use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The memory that a child may take.
const MAX_MEMORY: u64 = 16 << 30;

/// The time that one file may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Parser)]
struct Options {
    /// The folder with the files that are changed
    files: PathBuf,
    /// How many changes
    #[arg(long, default_value_t = 1000)]
    mutations: u64,
    /// The number of the first change
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where files are kept that end a process
    #[arg(long)]
    keep: PathBuf,
    /// Load these changes in this process, and say each
    #[arg(long, hide = true)]
    child: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let result = if options.child { child(&options) } else { parent(&options) };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The files that are changed, in the order of their names.
fn corpus(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let mut paths = vec![];
    find(folder, &mut paths)?;
    paths.sort();
    if paths.is_empty() {
        bail!("no `.pt` in {}", folder.display());
    }
    paths.iter().map(|path| Ok(fs::read(path)?)).collect()
}

fn find(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, paths)?;
        } else if path.extension().is_some_and(|it| it == "pt") {
            paths.push(path);
        }
    }
    Ok(())
}

/// The change with this number.
fn change(corpus: &[Vec<u8>], number: u64) -> Result<Vec<u8>> {
    let mut random = ChaCha8Rng::seed_from_u64(number);
    let file = &corpus[usize::try_from(number)? % corpus.len()];
    mutate(&mut random, file, corpus)
}

fn child(options: &Options) -> Result<bool> {
    let memory = libc::rlimit { rlim_cur: MAX_MEMORY, rlim_max: MAX_MEMORY };
    // SAFETY: the limit is a valid one; it holds for this process alone.
    if unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const memory) } != 0 {
        bail!("the limit of memory cannot be set");
    }
    tch::set_num_threads(1);
    let corpus = corpus(&options.files)?;
    let mut out = std::io::stdout().lock();
    for number in options.seed..options.seed + options.mutations {
        writeln!(out, "begin {number}")?;
        out.flush()?;
        let outcome =
            change(&corpus, number).map_or(Outcome::Refused("no archive".into()), |it| attempt(&it));
        writeln!(out, "{}", if matches!(outcome, Outcome::Loaded) { "loaded" } else { "refused" })?;
    }
    Ok(true)
}

/// What became of a child.
enum End {
    Done,
    /// It ended at this change.
    Lost(u64, String),
}

fn parent(options: &Options) -> Result<bool> {
    let corpus = corpus(&options.files)?;
    fs::create_dir_all(&options.keep)?;
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg} {eta}")?;
    let bar = ProgressBar::new(options.mutations).with_style(style);
    let (mut loaded, mut lost) = (0, vec![]);
    let (mut next, end) = (options.seed, options.seed + options.mutations);
    while next < end {
        // A child that lives long keeps the waiting threads of slow files.
        let part = (end - next).min(2000);
        match run(options, next, part, &bar, &mut loaded)? {
            End::Done => next += part,
            End::Lost(number, why) => {
                let path = options.keep.join(format!("{number}.pt"));
                fs::write(&path, change(&corpus, number)?)?;
                bar.println(format!("{number}: {why}; kept as {}", path.display()));
                lost.push(number);
                next = number + 1;
            }
        }
        bar.set_message(format!("{loaded} loaded, {} lost", lost.len()));
    }
    bar.finish();
    println!(
        "{} changes of {} files: {} refused, {loaded} loaded, {} ended the process or hung",
        options.mutations,
        corpus.len(),
        options.mutations - loaded - lost.len() as u64,
        lost.len()
    );
    Ok(lost.is_empty())
}

fn run(options: &Options, seed: u64, mutations: u64, bar: &ProgressBar, loaded: &mut u64) -> Result<End> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(&options.files)
        .arg("--keep")
        .arg(&options.keep)
        .args(["--child", "--seed", &seed.to_string(), "--mutations", &mutations.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let lines = BufReader::new(child.stdout.take().context("a pipe")?).lines();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || lines.map_while(|it| it.ok()).try_for_each(|line| sender.send(line)));
    let mut at = seed;
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(line) => match line.strip_prefix("begin ") {
                Some(number) => at = number.parse()?,
                None => {
                    *loaded += u64::from(line == "loaded");
                    bar.inc(1);
                }
            },
            Err(RecvTimeoutError::Timeout) => {
                child.kill()?;
                child.wait()?;
                return Ok(End::Lost(at, format!("no answer in {PATIENCE:?}")));
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait()?;
                return Ok(if status.success() { End::Done } else { End::Lost(at, status.to_string()) });
            }
        }
    }
}
