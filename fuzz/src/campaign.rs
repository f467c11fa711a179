//! A run of the fuzzer: batches of programs, what is found, and the smallest program that shows it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use serde_json::{Value, json};

use crate::ast::Program;
use crate::generate::generate;
use crate::toolchain::Toolchain;
use crate::{print, run, shrink};

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The seed of the first program; the others follow.
    pub seed: u64,
    /// How many programs.
    pub programs: u64,
    /// How many inputs for each.
    pub inputs: usize,
    /// How many programs are compiled at once.
    pub batch: usize,
    /// How many batches are compiled and run at a time.
    pub jobs: usize,
    /// How many findings of one kind are made smaller.
    pub shrink: usize,
    /// Where batches are compiled.
    pub dir: PathBuf,
    /// Where the files of programs that agree are left, with arguments and results.
    pub keep: Option<PathBuf>,
}

/// A program on which the two sides disagree, or which one of them rejects.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The program's.
    pub seed: u64,
    /// Findings of one kind have likely one cause.
    pub kind: String,
    /// What the harness or rustc said.
    pub report: Value,
    /// The program.
    pub source: String,
    /// Whether the program was made smaller.
    pub is_shrunk: bool,
}

/// What came out.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many programs were run.
    pub n_programs: u64,
    /// Inputs on which both sides gave equal results, both failed, Rust's arithmetic overflowed.
    pub n_inputs: [u64; 3],
    /// Programs that fail in Rust only, by an operation whose value is not used.
    pub n_unused_failures: u64,
    /// By kind and seed.
    pub findings: Vec<Finding>,
}

/// Runs all; `progress` gets the number of finished programs and each finding.
///
/// # Errors
///
/// Where a batch cannot be compiled or run at all.
pub fn fuzz(
    toolchain: &Toolchain,
    options: &Options,
    progress: impl Fn(u64, &[Finding]) + Sync,
) -> Result<Summary> {
    let campaign = Campaign {
        toolchain,
        options,
        progress: &progress,
        next: AtomicU64::new(0),
        n_of_kind: Mutex::default(),
        summary: Mutex::default(),
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.jobs)
            .map(|job| {
                scope.spawn({
                    let it = &campaign;
                    move || it.work(job)
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))
    })?;
    let mut summary = campaign.summary.into_inner().expect("no panic before");
    summary.findings.sort_by(|a, b| (&a.kind, a.seed).cmp(&(&b.kind, b.seed)));
    Ok(summary)
}

/// What the workers share.
struct Campaign<'a> {
    toolchain: &'a Toolchain,
    options: &'a Options,
    progress: &'a (dyn Fn(u64, &[Finding]) + Sync),
    /// The first program that no worker has, counted from 0.
    next: AtomicU64,
    n_of_kind: Mutex<BTreeMap<String, usize>>,
    summary: Mutex<Summary>,
}

impl Campaign<'_> {
    /// Takes batches until there are none.
    fn work(&self, job: usize) -> Result<()> {
        let dir = self.options.dir.join(format!("job{job}"));
        let n = self.options.batch as u64;
        loop {
            let start = self.next.fetch_add(n, Ordering::Relaxed);
            if start >= self.options.programs {
                return Ok(());
            }
            self.run_batch(start..(start + n).min(self.options.programs), &dir)?;
        }
    }

    fn run_batch(&self, range: Range<u64>, dir: &Path) -> Result<()> {
        let Options { seed, inputs, .. } = *self.options;
        let n_programs = range.end - range.start;
        let programs: Vec<Program> = range.map(|i| generate(seed.wrapping_add(i))).collect();
        let keep = self.options.keep.as_deref();
        let reports = check_and_keep(self.toolchain, &programs, inputs, dir, keep)?;
        let (programs, reports, n_unused) =
            without_unused_failures(self.toolchain, programs, reports, inputs, dir)?;
        let mut found = vec![];
        let mut n_inputs = [0; 3];
        for (program, report) in programs.iter().zip(&reports) {
            match report["counts"].as_array() {
                Some(counts) => {
                    for (sum, n) in n_inputs.iter_mut().zip(counts) {
                        *sum += n.as_u64().unwrap_or_default();
                    }
                }
                None if is_by_hand(program, report) => {}
                None if self.is_to_shrink(report) => {
                    found.push(smallest(self.toolchain, program, report, inputs, dir)?);
                }
                None => found.push(finding(program, report, false)),
            }
        }
        let mut summary = self.summary.lock().expect("no panic before");
        summary.n_programs += n_programs;
        summary.n_unused_failures += n_unused;
        summary.n_inputs.iter_mut().zip(n_inputs).for_each(|(sum, n)| *sum += n);
        (self.progress)(summary.n_programs, &found);
        summary.findings.extend(found);
        Ok(())
    }

    /// Whether it is one of the first of its kind. What does not end would become any endless loop.
    fn is_to_shrink(&self, report: &Value) -> bool {
        if report["aborted"] == run::DOES_NOT_END {
            return false;
        }
        let mut n_of_kind = self.n_of_kind.lock().expect("no panic before");
        let n = n_of_kind.entry(kind(report)).or_default();
        *n += 1;
        *n <= self.options.shrink
    }
}

/// The harness's report for each program; for one that rustc rejects, its messages.
pub fn check(toolchain: &Toolchain, programs: &[Program], n_inputs: usize, dir: &Path) -> Result<Vec<Value>> {
    check_and_keep(toolchain, programs, n_inputs, dir, None)
}

fn check_and_keep(
    toolchain: &Toolchain,
    programs: &[Program],
    n_inputs: usize,
    dir: &Path,
    keep: Option<&Path>,
) -> Result<Vec<Value>> {
    let built = toolchain.build(programs, dir)?;
    let cases: Vec<(usize, u64)> = programs
        .iter()
        .zip(&built.indices)
        .filter_map(|(program, index)| index.as_ref().ok().map(|index| (*index, program.seed)))
        .collect();
    let mut reports = run::run(&built.program, &cases, n_inputs, keep)?.into_iter();
    let of = |index: &Result<usize, Vec<String>>| match index {
        Ok(_) => reports.next().expect("a report for each case"),
        Err(messages) => json!({ "not compiled": messages }),
    };
    Ok(built.indices.iter().map(of).collect())
}

/// TorchScript does not compute what is not used, so a failure of that is lost. Programs that fail in
/// Rust only are checked again with everything used, and left out where that makes them agree.
fn without_unused_failures(
    toolchain: &Toolchain,
    programs: Vec<Program>,
    reports: Vec<Value>,
    n_inputs: usize,
    dir: &Path,
) -> Result<(Vec<Program>, Vec<Value>, u64)> {
    let (suspects, mut rest): (Vec<_>, Vec<_>) =
        programs.into_iter().zip(reports).partition(|it| kind(&it.1) == ONLY_RUST_FAILS);
    let anchored: Vec<Program> =
        suspects.into_iter().map(|(program, _)| Program { is_anchored: true, ..program }).collect();
    let reports = if anchored.is_empty() { vec![] } else { check(toolchain, &anchored, n_inputs, dir)? };
    let n_suspects = anchored.len() + rest.len();
    // A test in a closure may take it where only plain expressions go: that says nothing.
    let remains = |report: &Value| kind(report) != "none" && report.get("not compiled").is_none();
    rest.extend(anchored.into_iter().zip(reports).filter(|it| remains(&it.1)));
    let n_unused = (n_suspects - rest.len()) as u64;
    let (programs, reports) = rest.into_iter().unzip();
    Ok((programs, reports, n_unused))
}

const ONLY_RUST_FAILS: &str = "only Rust fails";

/// Makes the program of a finding smaller for as long as the finding stays of its kind.
fn smallest(
    toolchain: &Toolchain,
    program: &Program,
    report: &Value,
    n_inputs: usize,
    dir: &Path,
) -> Result<Finding> {
    let wanted = kind(report);
    let (mut best, mut best_report) = (program.clone(), report.clone());
    'shrinking: loop {
        let candidates = shrink::candidates(&best);
        // A few at a time: rustc takes longer than the few rounds that are saved.
        for some in candidates.chunks(30) {
            let reports = check(toolchain, some, n_inputs, dir)?;
            let mut still = some.iter().zip(reports).filter(|it| kind(&it.1) == wanted);
            if let Some((candidate, report)) = still.by_ref().min_by_key(|it| it.0.size()) {
                (best, best_report) = (candidate.clone(), report);
                continue 'shrinking;
            }
        }
        break;
    }
    Ok(finding(&best, &best_report, true))
}

fn finding(program: &Program, report: &Value, is_shrunk: bool) -> Finding {
    Finding {
        seed: program.seed,
        kind: kind(report),
        report: report.clone(),
        source: print::source(program),
        is_shrunk,
    }
}

/// Whether the program is rejected for a trait that it implements by hand.
fn is_by_hand(program: &Program, report: &Value) -> bool {
    program.by_hand.is_some()
        && report["rejected"].as_str().is_some_and(|it| it.contains("is written by hand is not compared"))
}

/// What findings have in common.
fn kind(report: &Value) -> String {
    if let Some(messages) = report["not compiled"].as_array() {
        let first = messages.first().and_then(Value::as_str).unwrap_or_default();
        return format!("rustc: {}", general(first.lines().next().unwrap_or_default()));
    }
    if let Some(message) = report["rejected"].as_str() {
        // The first line says what, or that libtorch's message follows.
        let what = |it: &&str| !it.trim().is_empty() && !it.ends_with("to TorchScript:");
        let line = message.lines().find(what).unwrap_or_default();
        return format!("rejected: {}", general(line));
    }
    if let Some(why) = report["aborted"].as_str() {
        return format!("aborted: {why}");
    }
    let differs = &report["differs"];
    let failed = |side: &str| differs[side].as_str().is_some_and(|it| it.starts_with("failure"));
    match (failed("rust"), failed("script")) {
        (true, false) => ONLY_RUST_FAILS.to_owned(),
        (false, true) => {
            let message = differs["script"].as_str().unwrap_or_default();
            let last = message.lines().rev().find(|it| !it.trim().is_empty()).unwrap_or_default();
            format!("only TorchScript fails: {}", general(last))
        }
        _ if report.get("counts").is_some() => "none".to_owned(),
        _ if report.get("problem").is_some() => "problem".to_owned(),
        _ => "results differ".to_owned(),
    }
}

/// A message without names and numbers.
fn general(message: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    for c in message.chars() {
        match c {
            '`' | '\'' => quoted = !quoted,
            _ if quoted || c.is_ascii_digit() => {}
            _ => out.push(c),
        }
    }
    out.chars().take(120).collect()
}
