//! The ordinary pip client, in a version that resumes broken downloads (25.1).
//!
//! Indexes, mirrors, proxies and certificates are the user's own configuration: no host is named here.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::problem::{SPACE_HELP, cannot_write, problem};
use crate::{cache, python, repo};

/// The first pip with `--resume-retries`.
const MIN_VERSION: (u32, u32) = (25, 1);

pub struct Pip {
    python: PathBuf,
    /// Where pip is imported from, if not from the interpreter's own packages.
    own_copy: Option<PathBuf>,
}

impl Pip {
    /// The user's pip, or a newer copy of it in the cache where the user's is too old.
    pub fn provide(cache: &Path) -> Result<Pip> {
        let python = python::find()?;
        let version = python::output(&python, &["-m", "pip", "--version"])
            .filter(|output| output.status.success())
            .and_then(|output| parse_version(&String::from_utf8_lossy(&output.stdout)))
            .ok_or_else(|| problem(format!("`{}` has no pip", python.display()), python::HELP))?;
        let pip = Pip { python, own_copy: None };
        if version >= MIN_VERSION { Ok(pip) } else { pip.with_newer_copy(cache) }
    }

    fn with_newer_copy(self, cache: &Path) -> Result<Pip> {
        let _lock = cache::lock(cache, "pip")?;
        let copy = cache.join("pip");
        if !copy.exists() {
            let part = cache.join("pip.part");
            cache::remove_dir(&part)?;
            let (major, minor) = MIN_VERSION;
            let mut install = self.command(&["install", "--quiet", "--target"]);
            install.arg(&part).arg(format!("pip>={major}.{minor}"));
            run_quietly(&mut install, |_| {}).with_context(|| format!("cannot fetch pip {major}.{minor}"))?;
            std::fs::rename(&part, &copy).map_err(|error| cannot_write(&copy, &error))?;
        }
        Ok(Pip { own_copy: Some(copy), ..self })
    }

    pub fn python(&self) -> &Path {
        &self.python
    }

    /// pip with `args`, never asking questions.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command.args(["-m", "pip"]).args(args);
        // Settings of the user's that contradict a download into a directory of ours.
        for (name, value) in [
            ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
            ("PIP_NO_INPUT", "1"),
            ("PIP_REQUIRE_VIRTUALENV", "0"),
            ("PIP_ROOT_USER_ACTION", "ignore"),
            ("PIP_USER", "0"),
        ] {
            command.env(name, value);
        }
        if let Some(copy) = &self.own_copy {
            command.env("PYTHONPATH", copy);
        }
        command
    }
}

/// Runs pip without showing its output. `--progress-bar raw` becomes calls of
/// `on_progress(bytes)`; what pip wrote to stderr becomes the error.
pub fn run_quietly(command: &mut Command, mut on_progress: impl FnMut(u64)) -> Result<()> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| repo::cannot_run(command, &error))?;
    let mut stderr = child.stderr.take().expect("stderr is piped");
    let errors = thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stderr.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let stdout = child.stdout.take().expect("stdout is piped");
    for line in BufReader::new(stdout).split(b'\n') {
        if let Some(bytes) = parse_progress(&String::from_utf8_lossy(&line?)) {
            on_progress(bytes);
        }
    }
    let status = child.wait()?;
    let errors = errors.join().map_err(|_| anyhow!("cannot read pip's messages"))?;
    if status.success() { Ok(()) } else { Err(explain(&errors)) }
}

/// `pip 25.1.1 from …` is (25, 1), and so is `pip 25.1rc1 from …`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text
        .strip_prefix("pip ")?
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|number| number.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

/// `Progress 262144 of 10715597` is 262144.
fn parse_progress(line: &str) -> Option<u64> {
    let (bytes, _total) = line.trim().strip_prefix("Progress ")?.split_once(" of ")?;
    bytes.parse().ok()
}

/// What pip's messages mean for someone who only wanted a libtorch.
///
/// Offline, pip warns about each broken connection and then claims to have found no versions.
fn explain(stderr: &str) -> anyhow::Error {
    let says = |text: &str| stderr.contains(text);
    let mut reasons = stderr
        .lines()
        .map(str::trim)
        .filter_map(|line| line.strip_prefix("ERROR: ").or_else(|| line.strip_prefix("× ")));
    let last = reasons.next_back().unwrap_or("it gave no reason");
    let (message, help) = if says("No space left on device") {
        ("no space left on device", SPACE_HELP)
    } else if says("DO NOT MATCH THE HASHES") {
        (
            "pip received another file than the one that PyPI published",
            "check the package index that pip is configured to use",
        )
    } else if says("connection broken by") || says("from versions: none") || says("timed out") {
        (
            "pip cannot reach the package index",
            "run this again when you are online (finished downloads are kept), \
             or set `LIBTORCH` to a libtorch of your own",
        )
    } else if says("incomplete-download") {
        ("the download broke off", "run this again; finished downloads are kept")
    } else {
        (last, "check `pip config list`, or set `LIBTORCH` to a libtorch of your own")
    };
    if message == last {
        problem(format!("pip failed: {last}"), help)
    } else {
        problem(format!("{message} (pip: {last})"), help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_pips_own_line() {
        let line = "pip 25.1.1 from /usr/lib/python3/dist-packages/pip (python 3.13)\n";
        assert_eq!(parse_version(line), Some((25, 1)));
        assert_eq!(parse_version("pip 26.0rc1 from /x"), Some((26, 0)));
        assert_eq!(parse_version("No module named pip"), None);
    }

    #[test]
    fn progress_is_read_from_raw_lines() {
        assert_eq!(parse_progress("Progress 262144 of 10715597\r"), Some(262_144));
        assert_eq!(parse_progress("Collecting torch==2.13.0"), None);
    }

    #[test]
    fn pips_messages_become_advice() {
        let none = "ERROR: Could not find a version that satisfies the requirement torch==2.13.0 \
                    (from versions: none)\nERROR: No matching distribution found for torch==2.13.0";
        for (stderr, message, help) in [
            (none, "pip cannot reach the package index (pip: No matching", "help: run this again"),
            ("OSError\nERROR: [Errno 28] No space left on device", "no space left", "TCH_JIT_CACHE"),
            ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "another file", "index"),
            ("ERROR: something else", "pip failed: something else", "pip config list"),
            ("", "pip failed: it gave no reason", "pip config list"),
        ] {
            let error = explain(stderr).to_string();
            assert!(error.contains(message) && error.contains(help), "{stderr}: {error}");
        }
    }
}
