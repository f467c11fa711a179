//! The search for arguments that tch accepts; its result is `arguments.txt`.
//!
//! It tries combinations of simple values, likely ones first, until a call succeeds. Some calls end the
//! process, or never end: a child process does the work, and says what it is at in a file. Attempts are
//! scripted calls, as a failure of tch takes a hundred times as long: it looks up symbols for a stack trace.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::compare::difference;
use super::groups::{Group, Method, Scripted};
use super::guess::{self, Guess};
use super::table::{Arguments, Entry};
use super::values::Pools;
use super::{eager, first_line, methods, scripted};

/// Where the result goes; unset, there is no search.
const VARIABLE: &str = "TCH_JIT_SURFACE";
/// For the child: a directory for the two files, and the method and the attempt to start at.
const CHILD: &str = "TCH_JIT_SURFACE_CHILD";

const N_ATTEMPTS: u64 = 1200;
/// Eager attempts where no scripted one succeeds.
const N_EAGER_ATTEMPTS: u64 = 30;
/// After so many crashes, a method is given up.
const N_CRASHES: usize = 6;
/// After so many errors that speak of other devices, a method is given up.
const ENOUGH: usize = 150;
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn search_for_arguments() {
    let Ok(output) = std::env::var(VARIABLE) else { return };
    let _alone = integration_tests::alone();
    match std::env::var(CHILD) {
        Ok(start) => {
            let mut words = start.split_whitespace();
            let dir = PathBuf::from(words.next().expect("a directory"));
            let mut number = || words.next().and_then(|it| it.parse::<u32>().ok()).expect("a number");
            search(&dir, number() as usize, u64::from(number()));
        }
        Err(_) => supervise(Path::new(&output)),
    }
}

fn supervise(output: &Path) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let names: Vec<_> = methods().map(|(_, _, method)| method.name).collect();
    let mut crashes: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut method, mut attempt) = (0, 0);
    while method < names.len() && !run_child(dir.path(), method, attempt) {
        (method, attempt) = progress(dir.path());
        let n = crashes.entry(method).or_default();
        *n += 1;
        eprintln!("{} ended the process at attempt {attempt}", names[method]);
        attempt += 1;
        if *n >= N_CRASHES {
            let reason = "tch ends the process".to_owned();
            append(dir.path(), &Entry::NotCalled { reason }.line(names[method]));
            (method, attempt) = (method + 1, 0);
        }
    }
    let found = fs::read_to_string(dir.path().join("found")).expect("what the children found");
    let header = "# Written by `cargo xtask surface`; see `table.rs` for the format.\n";
    fs::write(output, format!("{header}{found}")).expect("the result is written");
}

/// Whether it came to the end.
fn run_child(dir: &Path, method: usize, attempt: u64) -> bool {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "walk::search::search_for_arguments", "--nocapture"])
        .env(CHILD, format!("{} {method} {attempt}", dir.display()))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("a child process");
    let mut last = (progress(dir), Instant::now());
    loop {
        if let Some(status) = child.try_wait().expect("the child's status") {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(100));
        let now = progress(dir);
        if now != last.0 {
            last = (now, Instant::now());
        } else if last.1.elapsed() > PATIENCE {
            child.kill().expect("the child is killed");
        }
    }
}

fn progress(dir: &Path) -> (usize, u64) {
    let text = fs::read_to_string(dir.join("progress")).unwrap_or_default();
    let mut words = text.split_whitespace();
    let method = words.next().and_then(|it| it.parse().ok()).unwrap_or(0);
    (method, words.next().and_then(|it| it.parse().ok()).unwrap_or(0))
}

fn append(dir: &Path, line: &str) {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(dir.join("found")).expect("a file");
    writeln!(file, "{line}").expect("a line is written");
}

/// Every method from `start` on, the first of them from an attempt on.
fn search(dir: &Path, start: usize, first_attempt: u64) {
    let known = Arguments::read();
    // Written over: to truncate a file takes a file system longer than most calls do.
    let progress = fs::File::create(dir.join("progress")).expect("a file");
    let mut module = None;
    for (i, (group, which, method)) in methods().enumerate().skip(start) {
        let module = match &module {
            Some(module) if which > 0 => module,
            _ => {
                let [compiled, _] = (group.compile)();
                module.insert(compiled)
            }
        };
        let first = if i == start { first_attempt } else { 0 };
        let call = Call { group, which, method, module };
        if method.name.contains("from_file") {
            append(dir, &Entry::NotCalled { reason: "it maps a file".to_owned() }.line(method.name));
            continue;
        }
        let entry = call.search(&known, first, |attempt| {
            progress.write_all_at(format!("{i:8} {attempt:8}").as_bytes(), 0).expect("progress is written");
        });
        append(dir, &entry.line(method.name));
    }
}

struct Call<'a> {
    group: &'a Group,
    which: usize,
    method: &'a Method,
    module: &'a Scripted,
}

impl Call<'_> {
    fn search(&self, known: &Arguments, first: u64, at: impl Fn(u64)) -> Entry {
        let mut tried = HashSet::new();
        let mut errors: BTreeMap<String, usize> = BTreeMap::new();
        let mut second_best = None;
        for attempt in first..N_ATTEMPTS + N_EAGER_ATTEMPTS {
            let is_eager = attempt >= N_ATTEMPTS;
            let n_elsewhere: usize =
                errors.iter().filter(|(error, _)| is_elsewhere(error)).map(|(_, n)| n).sum();
            if is_eager && second_best.is_some() || n_elsewhere > ENOUGH {
                break;
            }
            let tokens = match (attempt, known.get(self.method.name)) {
                // What was found before, or was written there by a person.
                (0 | N_ATTEMPTS, Some(Entry::Call { tokens, by_shape: false }))
                    if guess::outputs_are_empty(self.method, tokens) =>
                {
                    tokens.clone()
                }
                _ => Guess::new(self.method, attempt % N_ATTEMPTS).tokens(),
            };
            if !is_eager && !tried.insert(tokens.clone()) {
                continue;
            }
            at(attempt);
            let Ok(pools) = Pools::parse(self.method, &tokens) else { continue };
            let error = match is_eager {
                true => eager(self.group, self.which, &pools).err(),
                false => scripted(self.module, self.which, &pools).err(),
            };
            if let Some(error) = error {
                let line = error.lines().find(|line| line.contains("rror:")).unwrap_or(first_line(&error));
                *errors.entry(line.to_owned()).or_default() += 1;
            } else if let Some((entry, proves_much)) = self.check(tokens) {
                if proves_much {
                    return entry;
                }
                second_best.get_or_insert(entry);
            }
        }
        second_best.unwrap_or_else(|| {
            let common = errors.into_iter().max_by_key(|(_, n)| *n).map(|(error, _)| error);
            Entry::NotCalled { reason: reason(&common.unwrap_or_default()) }
        })
    }

    /// The entry, if tch takes the values, and whether there are results to compare.
    fn check(&self, tokens: String) -> Option<(Entry, bool)> {
        let call = || {
            let pools = Pools::parse(self.method, &tokens).ok()?;
            Some((eager(self.group, self.which, &pools).ok()?, pools))
        };
        let ((results, pools), (repeated, again)) = (call()?, call()?);
        let name = self.method.name;
        let is_undefined = ["empty", "resize", "internal_ctc_loss"].iter().any(|part| name.contains(part));
        let differs = difference(&results, &pools, &repeated, &again, false).is_some();
        let has_elements = results.is_empty() || results.iter().any(|it| it.defined() && it.numel() > 0);
        let by_shape = is_undefined || differs;
        let proves_much = has_elements && (is_undefined || !differs);
        Some((Entry::Call { tokens, by_shape }, proves_much))
    }
}

/// Why a method is not called, from the error that most attempts end with.
fn reason(error: &str) -> String {
    if is_elsewhere(error) {
        return "libtorch does not have it for the CPU".to_owned();
    }
    let error = error.split_once("rror: ").map_or(error, |it| it.1);
    let error: String = error.chars().take(100).collect();
    format!("the search found no arguments: {}", error.replace(": ", " "))
}

fn is_elsewhere(error: &str) -> bool {
    const DEVICES: &[&str] =
        &["CUDA", "cuda", "cuDNN", "cudnn", "MIOpen", "miopen", "MPS", "HIP", "XPU", "NPU"];
    // "… with arguments from the 'CPU' backend": others are sparse or quantized tensors.
    error.contains("Could not run") && error.contains("'CPU'") || DEVICES.iter().any(|it| error.contains(it))
}
