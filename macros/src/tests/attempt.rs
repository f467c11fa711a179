//! What is given up leaves nothing behind.

use super::parse_methods;
use crate::errors::Errors;
use crate::lower::SlotConstant;

#[test]
#[should_panic(expected = "errors were collected and not shown")]
fn a_sink_that_nobody_reads_panics() {
    drop(Errors::default());
}

/// A chain whose closure takes statements is lowered twice: as a list, which fails, then as a loop. Functions and
/// calls of children were once kept from both.
#[test]
fn a_second_way_asks_for_nothing_twice() {
    let (methods, errors) = parse_methods(
        "fn f(&self, v: Vec<i64>) -> Vec<i64> {
    let w: Vec<i64> = v.iter().map(|x| { let y = gate(*x); self.child.scale(y) + Self::K }).collect();
    w
}",
    );
    assert!(errors.is_empty());
    let lowered = &methods.methods[0].lowered;
    assert_eq!(lowered.made.functions.len(), 2);
    assert_eq!(lowered.made.child_calls.len(), 1);
    let (written, asked): (Vec<_>, Vec<_>) =
        lowered.made.constants.iter().partition(|it| matches!(it, SlotConstant::Written(_)));
    assert_eq!((written.len(), asked.len()), (1, 1));
}
