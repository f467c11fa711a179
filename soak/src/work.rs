//! The work of one part, in a process of its own: hands out its units to threads, and collects what is wrong. In: how
//! many units. Out: lines of JSON on stdout, which the supervisor reads.

use std::fmt::Display;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::memory::{Growth, Samples};

/// How often progress is said.
const EVERY: Duration = Duration::from_millis(200);

/// What a part says to the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub enum Line {
    /// So many units are done.
    Done(u64),
    /// The part is at its end.
    Finished(Findings),
}

/// What a part found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Findings {
    /// Units of work that were done.
    pub n_done: u64,
    /// Results that differ from eager ones.
    pub n_wrong: u64,
    /// Calls that failed and should not have, and such that should have failed.
    pub n_failed: u64,
    /// The first of both.
    pub messages: Vec<String>,
    /// How the memory of the process grew, where that was measured.
    pub growth: Option<Growth>,
}

/// The work of one part, shared by its threads.
#[derive(Debug)]
pub struct Work {
    n: u64,
    n_taken: AtomicU64,
    n_done: AtomicU64,
    findings: Mutex<Findings>,
    said: Mutex<Instant>,
}

/// How many messages are kept.
const MESSAGES: usize = 5;

impl Work {
    pub fn new(n: u64) -> Work {
        Work {
            n,
            n_taken: AtomicU64::new(0),
            n_done: AtomicU64::new(0),
            findings: Mutex::default(),
            said: Mutex::new(Instant::now()),
        }
    }

    /// How many units there are.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The units that this thread gets: each of them goes to one thread.
    pub fn units(&self) -> impl Iterator<Item = u64> {
        let next = || Some(self.n_taken.fetch_add(1, Ordering::Relaxed)).filter(|unit| *unit < self.n);
        std::iter::from_fn(next)
    }

    /// One more unit is done.
    pub fn done(&self) {
        let n_done = self.n_done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Ok(mut said) = self.said.try_lock()
            && said.elapsed() >= EVERY
        {
            *said = Instant::now();
            say(&Line::Done(n_done));
        }
    }

    /// A result is not that of eager code.
    pub fn wrong(&self, message: impl Display) {
        self.note(|findings| &mut findings.n_wrong, message);
    }

    /// A call failed that should not have, or the other way round.
    pub fn failed(&self, message: impl Display) {
        self.note(|findings| &mut findings.n_failed, message);
    }

    /// Notes where `found` is not `expected`.
    pub fn same(&self, found: &tch::Tensor, expected: &tch::Tensor) {
        if found != expected {
            self.wrong(format_args!("{found:?} {found}\ninstead of {expected:?} {expected}"));
        }
    }

    /// The value, or a note of the error.
    pub fn ok<T, E: Display>(&self, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.failed(error)).ok()
    }

    pub fn grew(&self, samples: &Samples) {
        self.findings.lock().expect("no holder panics").growth = samples.growth();
    }

    /// Tells the supervisor what was found.
    pub fn finish(&self) {
        let n_done = self.n_done.load(Ordering::Relaxed);
        let findings = std::mem::take(&mut *self.findings.lock().expect("no holder panics"));
        say(&Line::Finished(Findings { n_done, ..findings }));
    }

    fn note(&self, count: impl FnOnce(&mut Findings) -> &mut u64, message: impl Display) {
        let mut findings = self.findings.lock().expect("no holder panics");
        *count(&mut findings) += 1;
        if findings.messages.len() < MESSAGES {
            findings.messages.push(message.to_string());
        }
    }
}

fn say(line: &Line) {
    println!("{}", serde_json::to_string(line).expect("numbers and texts"));
}
