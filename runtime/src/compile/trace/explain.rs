//! Why a trace disagrees with the Rust module: what another run of the Rust code does differently.

use similar::{Algorithm, ChangeTag, capture_diff_slices, group_diff_ops};

use crate::ffi::Operator;

/// How many places where two runs differ are shown.
const MAX_PLACES: usize = 3;

/// Lists where the operators of the trace, `recorded`, and those of a run on the input with another result, `again`,
/// differ, and which operators are random. Empty where there are none.
pub fn explain(recorded: &[Operator], again: &[Operator]) -> String {
    let mut text = String::new();
    let (old, new) = (texts(recorded), texts(again));
    let groups = group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), 1);
    if !groups.is_empty() {
        text += "\nthe trace has (-), and a trace of that input would have (+):";
    }
    for change in groups.iter().take(MAX_PLACES).flatten().flat_map(|op| op.iter_changes(&old, &new)) {
        let at = |side: &[Operator], index: Option<usize>| index.map(|i| line(&side[i]));
        let line = at(recorded, change.old_index()).or_else(|| at(again, change.new_index()));
        let sign = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        text += &format!("\n{sign} {}", line.unwrap_or_default());
    }
    if groups.len() > MAX_PLACES {
        text += &format!("\n… and at {} more places", groups.len() - MAX_PLACES);
    }
    let random: Vec<String> = recorded.iter().filter(|it| it.is_random).map(line).collect();
    if !random.is_empty() {
        text += &format!("\nrandom operators: {}", random.join(", "));
    }
    text
}

fn texts(operators: &[Operator]) -> Vec<&str> {
    operators.iter().map(|it| &*it.text).collect()
}

fn line(operator: &Operator) -> String {
    let Operator { text, place, .. } = operator;
    if place.is_empty() { text.clone() } else { format!("{text} at {place}") }
}
