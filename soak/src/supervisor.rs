//! Runs parts, each in a process of its own, and watches them. In: the parts, and how long. Out: what became of each.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::parts::Part;
use crate::report::{End, Outcome};
use crate::work::{Findings, Line};

/// A part that says nothing for so long hangs: no unit takes more than a part of a second.
const SILENCE: Duration = Duration::from_secs(180);

/// Runs parts with many threads one after the other; then those with one thread, as many at once as there are processors.
pub fn run(parts: &[&'static Part], minutes: f64) -> Result<Vec<Outcome>> {
    let bars = MultiProgress::new();
    let (alone, beside): (Vec<_>, Vec<_>) = parts.iter().partition(|part| !part.is_measured);
    let mut outcomes = at_once(1, alone, minutes, &bars)?;
    outcomes.extend(at_once(thread::available_parallelism()?.get(), beside, minutes, &bars)?);
    let position = |outcome: &Outcome| parts.iter().position(|part| part.name == outcome.part.name);
    outcomes.sort_by_key(position);
    Ok(outcomes)
}

fn at_once(
    jobs: usize,
    parts: Vec<&'static Part>,
    minutes: f64,
    bars: &MultiProgress,
) -> Result<Vec<Outcome>> {
    let left = Mutex::new(VecDeque::from(parts));
    let outcomes = Mutex::new(vec![]);
    let work = || -> Result<()> {
        loop {
            let Some(part) = left.lock().expect("no holder panics").pop_front() else { return Ok(()) };
            let outcome = run_part(part, part.units(minutes), bars)?;
            outcomes.lock().expect("no holder panics").push(outcome);
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no supervisor panics"))
    })?;
    Ok(outcomes.into_inner().expect("no holder panics"))
}

fn run_part(part: &'static Part, units: u64, bars: &MultiProgress) -> Result<Outcome> {
    let style = ProgressStyle::with_template("{msg:32} {wide_bar} {pos}/{len} {unit} {eta}");
    let bar = ProgressBar::new(units)
        .with_style(style.expect("the template is well-formed"))
        .with_message(part.name);
    let bar = bars.add(bar);
    let start = Instant::now();
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--part", part.name, "--units", &units.to_string()]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut errors = child.stderr.take().context("the part's stderr is a pipe")?;
    let errors = thread::spawn(move || {
        let mut bytes = vec![];
        errors.read_to_end(&mut bytes).map(|_| String::from_utf8_lossy(&bytes).into_owned())
    });
    let (findings, hangs) = listen(&mut child, &bar)?;
    if hangs {
        child.kill()?;
    }
    let status = child.wait()?;
    let stderr = errors.join().expect("reading does not panic")?;
    bar.finish_and_clear();
    let end = match findings {
        Some(findings) if status.success() => End::Finished(findings),
        _ if hangs => End::Hung,
        _ => End::Crashed(status),
    };
    let outcome = Outcome { part, end, stderr, time: start.elapsed() };
    bars.suspend(|| eprintln!("{}: {}", part.name, outcome.summary()));
    Ok(outcome)
}

/// What the part found, unless it ended before; and whether it hangs.
fn listen(child: &mut Child, bar: &ProgressBar) -> Result<(Option<Findings>, bool)> {
    let stdout = child.stdout.take().context("the part's stdout is a pipe")?;
    let (send, lines) = mpsc::channel();
    thread::spawn(move || BufReader::new(stdout).lines().try_for_each(|line| send.send(line)));
    let mut findings = None;
    loop {
        match lines.recv_timeout(SILENCE) {
            Ok(line) => match serde_json::from_str(&line?)? {
                Line::Done(n) => bar.set_position(n),
                Line::Finished(found) => findings = Some(found),
            },
            Err(RecvTimeoutError::Disconnected) => return Ok((findings, false)),
            Err(RecvTimeoutError::Timeout) => return Ok((findings, true)),
        }
    }
}
