//! Irreps from text: parts joined by `+`, each `[mul "x"] l ("e" | "o" | "y")`, with white space around any of it. `y`
//! is the parity of spherical harmonics. Nothing but white space is no irreps.

use std::str::FromStr;

use super::{Irrep, Irreps, MulIr, Parity};

/// Text that is no irreps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unable to convert string \"{text}\" into {what}: {reason}\nhelp: write irreps such as `4x0e + 2x1o + 2e`"
)]
pub struct ParseIrrepsError {
    text: String,
    what: &'static str,
    reason: String,
}

impl FromStr for Irrep {
    type Err = ParseIrrepsError;

    fn from_str(text: &str) -> Result<Irrep, ParseIrrepsError> {
        irrep(text).map_err(|reason| ParseIrrepsError { text: text.to_owned(), what: "an Irrep", reason })
    }
}

impl FromStr for Irreps {
    type Err = ParseIrrepsError;

    fn from_str(text: &str) -> Result<Irreps, ParseIrrepsError> {
        if text.trim().is_empty() {
            return Ok(Irreps::default());
        }
        let parts: Result<Irreps, String> = text.split('+').map(part).collect();
        parts.map_err(|reason| ParseIrrepsError { text: text.to_owned(), what: "an Irreps", reason })
    }
}

fn part(text: &str) -> Result<MulIr, String> {
    match text.split_once('x') {
        Some((mul, ir)) => Ok(MulIr::new(number(mul, "number of copies")?, irrep(ir)?)),
        None => Ok(MulIr::new(1, irrep(text)?)),
    }
}

fn irrep(text: &str) -> Result<Irrep, String> {
    let text = text.trim();
    let Some(parity) = text.chars().next_back() else { return Err("an irrep is missing".to_owned()) };
    let degree = || number(&text[..text.len() - parity.len_utf8()], "degree");
    match parity {
        'e' => Ok(Irrep::new(degree()?, Parity::Even)),
        'o' => Ok(Irrep::new(degree()?, Parity::Odd)),
        'y' => Ok(Irrep::spherical(degree()?)),
        _ => Err(format!("`{text}` does not end in a parity, which is `e`, `o` or `y`")),
    }
}

fn number(text: &str, what: &str) -> Result<i64, String> {
    let text = text.trim();
    match text.parse() {
        Ok(n) if n >= 0 => Ok(n),
        _ => Err(format!("`{text}` is not a {what}")),
    }
}

/// Irreps that are written in the program.
///
/// # Panics
///
/// Where the text is no irreps.
#[track_caller]
pub fn irreps(text: &str) -> Irreps {
    text.parse().unwrap_or_else(|error: ParseIrrepsError| panic!("{error}"))
}
