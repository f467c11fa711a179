//! The table of results. In: what became of each part. Out: a line for each, and what is wrong in full.

use std::process::ExitStatus;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};

use crate::memory::Growth;
use crate::parts::Part;
use crate::work::Findings;

/// What became of a part.
pub struct Outcome {
    pub part: &'static Part,
    pub end: End,
    /// What the part said on stderr, such as the message of a panic.
    pub stderr: String,
    pub time: Duration,
}

/// How a part ended.
pub enum End {
    /// It came to its end.
    Finished(Findings),
    /// It did nothing for minutes.
    Hung,
    /// The process ended before the part.
    Crashed(ExitStatus),
}

impl Outcome {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.summary() == GOOD
    }

    /// What is wrong, in a few words.
    pub fn summary(&self) -> String {
        match &self.end {
            End::Hung => "hangs".into(),
            End::Crashed(status) => format!("crashed: {status}"),
            End::Finished(findings) if findings.n_wrong + findings.n_failed > 0 => "wrong".into(),
            End::Finished(Findings { growth: Some(growth), .. }) if grows(growth) => "grows".into(),
            End::Finished(_) => GOOD.into(),
        }
    }
}

const GOOD: &str = "good";

/// Whether the process grew, by more than what chance makes.
fn grows(growth: &Growth) -> bool {
    growth.slope - CERTAIN * growth.error > NEGLIGIBLE
}

/// Standard errors by which a slope has to be larger.
const CERTAIN: f64 = 4.0;

/// Bytes for each cycle that are not called growth: caches fill up in a short run, and less than an object is nothing that
/// a cycle leaves behind.
const NEGLIGIBLE: f64 = 64.0;

/// How many lines of a part's stderr are shown: the first panic leads to others.
const LINES: usize = 30;

/// Prints a line for each part; then the messages of those that are wrong.
pub fn print(outcomes: &[Outcome]) {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    table.set_header(["part", "done", "", "wrong", "failed", "B / cycle", "MB at the end", "time", "result"]);
    for column in [1, 3, 4, 5, 6, 7] {
        table.column_mut(column).expect("the header has it").set_cell_alignment(CellAlignment::Right);
    }
    for outcome in outcomes {
        let Outcome { part, end, time, .. } = outcome;
        let findings = if let End::Finished(findings) = end { Some(findings) } else { None };
        let growth = findings.and_then(|it| it.growth);
        let text = |of: fn(&Findings) -> u64| findings.map_or_else(String::new, |it| of(it).to_string());
        let seconds = time.as_secs();
        table.add_row([
            part.name.to_owned(),
            text(|it| it.n_done),
            part.unit.to_owned(),
            text(|it| it.n_wrong),
            text(|it| it.n_failed),
            growth.map_or_else(String::new, |it| format!("{:.0} ± {:.0}", it.slope, it.error)),
            growth.map_or_else(String::new, |it| format!("{:.1}", it.resident / 1e6)),
            format!("{}:{:02}", seconds / 60, seconds % 60),
            outcome.summary(),
        ]);
    }
    println!("{table}");
    for outcome in outcomes.iter().filter(|it| !it.is_good()) {
        println!("\n--- {}: {}", outcome.part.name, outcome.summary());
        if let End::Finished(findings) = &outcome.end {
            findings.messages.iter().for_each(|message| println!("{message}\n"));
        }
        outcome.stderr.lines().take(LINES).for_each(|line| println!("{line}"));
    }
}
