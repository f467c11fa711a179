//! The list of all parts: how much each of them does in a minute of the whole run, and how much it may grow.

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
    /// Bytes by which one unit may make the process grow; none where that is not measured, since threads run in other
    /// orders each time. It is 0 but where libtorch itself keeps something: docs/reliability.md says what.
    pub growth: Option<f64>,
}

pub const PARTS: &[Part] = &[
    threaded("compile in threads", "modules", 300, threads::compile),
    threaded("call in threads", "calls", 40_000, threads::call),
    threaded("change, copy, freeze, save, load", "changes", 1_000, changes::changes),
    threaded("drop in other threads", "modules", 300, threads::drop_elsewhere),
    threaded("call in rayon's pool", "calls", 4_000, pools::rayon),
    threaded("call in tokio's pool", "calls", 4_000, pools::tokio),
    threaded("panics in user code", "panics", 200, faults::panics),
    cycled("cycle: script", 700, 0.0, cycles::script),
    cycled("cycle: trace", 700, 0.0, cycles::trace),
    cycled("cycle: mixed", 700, 0.0, cycles::mixed),
    cycled("cycle: save and load", 700, 0.0, cycles::save_and_load),
    cycled("cycle: load by tch", 700, 0.0, cycles::load_by_tch),
    cycled("cycle: deep_copy", 700, 0.0, cycles::deep_copy),
    cycled("cycle: freeze", 700, 0.0, cycles::freeze),
    cycled("cycle: dropout", 700, 0.0, cycles::dropout),
    cycled("cycle: a failing compile", 700, 0.0, cycles::failing),
];

const fn threaded(name: &'static str, unit: &'static str, per_minute: u64, run: fn(&'static Work)) -> Part {
    Part { name, unit, per_minute, run, growth: None }
}

const fn cycled(name: &'static str, per_minute: u64, growth: f64, run: fn(&'static Work)) -> Part {
    Part { name, unit: "cycles", per_minute, run, growth: Some(growth) }
}

impl Part {
    /// How many units are done in a run of so many minutes.
    pub fn units(&self, minutes: f64) -> u64 {
        ((self.per_minute as f64 * minutes).round() as u64).max(1)
    }
}
