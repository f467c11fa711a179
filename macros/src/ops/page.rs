//! Writes `docs/surface.md`, from the tables and from the list of calls that a test, the walk over the surface, makes.

use std::collections::BTreeMap;
use std::fmt::Write;

use expect_test::expect_file;

use super::by_hand::{BY_HAND, FUNCTIONS, Image};
use super::{OPS, REJECTED};

/// The calls that the walk makes; see `tests/tests/surface/walk/table.rs` for the format.
const CALLS: &str = include_str!("../../../tests/tests/surface/walk/arguments.txt");

#[test]
fn the_page_is_up_to_date() {
    expect_file!["../../../docs/surface.md"].assert_eq(&page());
}

fn page() -> String {
    let mut page = "\
# The surface of `Tensor`

Every public method and associated function of `tch::Tensor` in a scripted method: what it becomes, or why it
is rejected. This page is written from the tables by `cargo xtask bless`.

"
    .to_owned();
    let not_called = not_called();
    summary(&mut page, &not_called);
    page.push_str("\n## Written by hand\n\nNames with `f_` mean the same, and take `?`.\n\n");
    by_hand(&mut page);
    page.push_str("\n## Rejected\n\n### Written by hand\n\n");
    rejected_by_hand(&mut page);
    page.push_str("\n### Generated\n\n| | why |\n|---|---|\n");
    let rejected = REJECTED.iter().map(|it| (it.name, it.reason));
    for (reason, names) in by_reason(rejected) {
        let _ = writeln!(page, "| {} | {reason} |", code(&names));
    }
    page.push_str(
        "\n## Mapped, but not called by the tests\n\nEach becomes the operator that tch calls, by signature.\n",
    );
    for (reason, names) in by_reason(not_called.iter().copied()) {
        let _ = write!(page, "\n### Because {reason} ({})\n\n{}\n", names.len(), code(&names));
    }
    page
}

fn summary(page: &mut String, not_called: &[(&str, &str)]) {
    let by_shape = lines().filter(|(_, rest)| rest.starts_with('~')).count();
    let n_called = OPS.len() - not_called.len();
    let n_rejected = BY_HAND.iter().filter(|it| matches!(it.image, Image::Rejected(_))).count();
    let _ = write!(
        page,
        "\
| | generated | written by hand |
|---|---|---|
| in tch | {} | {} |
| mapped | {} | {} |
| of these called by the tests, eagerly and scripted | {n_called} | all |
| rejected | {} | {n_rejected} |

`tests/tests/surface/walk/` calls the generated ones and compares results and changed arguments; of {by_shape}
whose values are not defined, as they read memory that nothing was written to, kinds and sizes. The other files
of `tests/tests/surface/`, and its neighbours, call those written by hand.

| not called by the tests because | |
|---|---|
",
        OPS.len() + REJECTED.len(),
        BY_HAND.len(),
        OPS.len(),
        BY_HAND.len() - n_rejected,
        REJECTED.len(),
    );
    for (reason, names) in by_reason(not_called.iter().copied()) {
        let _ = writeln!(page, "| {reason} | {} |", names.len());
    }
}

fn by_hand(page: &mut String) {
    page.push_str("| tch | TorchScript |\n|---|---|\n");
    for it in BY_HAND {
        let args = ["", "a", "a, b", "a, b, c", "a, b, c, d"].get(usize::from(it.n_params)).unwrap_or(&"…");
        let rust = match it.receiver {
            true => format!("x.{}({args})", it.name),
            false => format!("Tensor::{}({args})", it.name),
        };
        let comma = if it.receiver && !args.is_empty() {
            "x, "
        } else if it.receiver {
            "x"
        } else {
            ""
        };
        let image = match it.image {
            Image::Aten(name) => format!("torch.{name}({comma}{args})"),
            Image::Attribute(name) => format!("x.{name}"),
            Image::Function(op) => format!("tch_jit.{}({comma}{args})", op.name()),
            Image::Own(image) => image.to_owned(),
            Image::Rejected(_) => continue,
        };
        let _ = writeln!(page, "| `{rust}` | `{image}` |");
    }
    page.push_str(
        "
Functions `tch_jit.name` are TorchScript in `runtime/shim/`. Operators between tensors, and of tensors with
numbers on either side, are those of TorchScript; `+=` and its like change a tensor in place.
",
    );
}

fn rejected_by_hand(page: &mut String) {
    page.push_str("| | why | instead |\n|---|---|---|\n");
    let mut rows: Vec<(&super::by_hand::Reason, Vec<&str>)> = vec![];
    for it in BY_HAND {
        let Image::Rejected(reason) = it.image else { continue };
        match rows.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(it.name),
            None => rows.push((reason, vec![it.name])),
        }
    }
    for (reason, names) in rows {
        let _ = writeln!(page, "| {} | {} | {} |", code(&names), reason.why, reason.help);
    }
    for (name, reason) in FUNCTIONS {
        let _ = writeln!(page, "| `tch::{name}` | {} | {} |", reason.why, reason.help);
    }
}

/// The lines of the list: each name with the text after it.
fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = CALLS.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').unwrap_or((line, "")))
}

/// The names that the walk does not call, with the reasons, each up to its first colon.
fn not_called() -> Vec<(&'static str, &'static str)> {
    let reasons = lines().filter_map(|(name, rest)| Some((name, rest.strip_prefix("! ")?)));
    reasons.map(|(name, reason)| (name, reason.split_once(": ").map_or(reason, |it| it.0))).collect()
}

fn by_reason<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut map: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, reason) in rows {
        map.entry(reason).or_default().push(name);
    }
    map
}

fn code(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
