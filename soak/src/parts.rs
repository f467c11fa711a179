//! The list of all parts, and how much each of them does in a minute of the whole run.

use crate::work::Work;
use crate::{changes, cycles, faults, pools, threads};

/// A part of the run, which has a process of its own: a crash, and what the part leaves in memory, are its own.
pub struct Part {
    pub name: &'static str,
    /// One unit of its work.
    pub unit: &'static str,
    /// Units for each minute that is asked for.
    pub per_minute: u64,
    pub run: fn(&'static Work),
    /// Whether memory is measured: only where one thread works, since many run in another order each time.
    pub is_measured: bool,
}

pub const PARTS: &[Part] = &[
    threaded("compile in threads", "modules", 300, threads::compile),
    threaded("call in threads", "calls", 40_000, threads::call),
    threaded("change, copy, freeze, save, load", "changes", 1_000, changes::changes),
    threaded("drop in other threads", "modules", 300, threads::drop_elsewhere),
    threaded("call in rayon's pool", "calls", 4_000, pools::rayon),
    threaded("call in tokio's pool", "calls", 4_000, pools::tokio),
    threaded("panics in user code", "panics", 200, faults::panics),
    // Those that take longest come first, so that no processor waits for them at the end.
    cycled("cycle: mixed", 800, cycles::mixed),
    cycled("cycle: dropout", 800, cycles::dropout),
    cycled("cycle: a failing compile", 800, cycles::failing),
    cycled("cycle: trace", 800, cycles::trace),
    cycled("cycle: script", 800, cycles::script),
    cycled("cycle: save and load", 800, cycles::save_and_load),
    cycled("cycle: load by tch", 800, cycles::load_by_tch),
    cycled("cycle: load and freeze", 800, cycles::freeze),
    cycled("cycle: deep_copy", 800, cycles::deep_copy),
    cycled("cycle: in new threads", 100, cycles::new_threads),
];

const fn threaded(name: &'static str, unit: &'static str, per_minute: u64, run: fn(&'static Work)) -> Part {
    Part { name, unit, per_minute, run, is_measured: false }
}

const fn cycled(name: &'static str, per_minute: u64, run: fn(&'static Work)) -> Part {
    Part { name, unit: "cycles", per_minute, run, is_measured: true }
}

impl Part {
    /// How many units are done in a run of so many minutes.
    pub fn units(&self, minutes: f64) -> u64 {
        ((self.per_minute as f64 * minutes).round() as u64).max(1)
    }
}
