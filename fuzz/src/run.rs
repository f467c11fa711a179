//! Runs a compiled batch in a process of its own, and again without what ended that process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// How long one program may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a program was aborted that took too long.
pub const DOES_NOT_END: &str = "it does not end";

/// The harness's report for each of `cases`, a number in the executable and a seed for the inputs. In `keep` it leaves
/// the files of those that agree, with arguments and results.
pub fn run(
    executable: &Path,
    cases: &[(usize, u64)],
    n_inputs: usize,
    keep: Option<&Path>,
) -> Result<Vec<Value>> {
    let mut reports: Vec<Value> = vec![];
    while reports.len() < cases.len() {
        let rest = &cases[reports.len()..];
        reports.extend(run_some(executable, rest, n_inputs, keep)?);
    }
    Ok(reports)
}

/// The reports up to the end, or up to and with the program that does not come back.
fn run_some(
    executable: &Path,
    cases: &[(usize, u64)],
    n_inputs: usize,
    keep: Option<&Path>,
) -> Result<Vec<Value>> {
    let mut command = Command::new(executable);
    command.arg(n_inputs.to_string()).args(cases.iter().map(|(index, seed)| format!("{index}:{seed}")));
    command.envs(keep.map(|dir| ("FUZZ_KEEP", dir)));
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().context("cannot run the batch")?;
    let stdout = child.stdout.take().expect("piped");
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut reports = vec![];
    let mut timed_out = false;
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
                if line.get("end").is_some() {
                    reports.push(line["outcome"].clone());
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                timed_out = true;
                break;
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    child.kill().ok();
    let status = child.wait()?;
    if reports.len() < cases.len() {
        let why = if timed_out { DOES_NOT_END.to_owned() } else { status.to_string() };
        reports.push(json!({ "aborted": why }));
    }
    Ok(reports)
}
