//! Compares the results of two runs; the first difference becomes a message that a person can act on.

use std::fmt::{self, Display, Formatter};

use tch::{TchError, Tensor};

use crate::ffi::{self, Value, contents, holds_values};

/// The first output that differs.
#[derive(Debug)]
pub struct Difference {
    /// The indices that lead from the result to the differing element.
    pub path: Vec<usize>,
    message: String,
}

impl Display for Difference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// `Err` names the first output that differs.
pub fn compare(expected: &Value, found: &Value, tolerance: f64) -> Result<(), Difference> {
    let mut path = vec![];
    compare_at(&mut path, "the output", expected, found, tolerance)
        .map_err(|message| Difference { path, message })
}

fn compare_at(
    path: &mut Vec<usize>,
    name: &str,
    expected: &Value,
    found: &Value,
    tolerance: f64,
) -> Result<(), String> {
    if let (Some(expected), Some(found)) = (expected.as_tensor(), found.as_tensor()) {
        return compare_tensors(name, &expected, &found, tolerance);
    }
    if expected.kind() == ffi::Kind::Dict && found.kind() == ffi::Kind::Dict {
        return compare_dicts(path, name, &expected.elements(), &found.elements(), tolerance);
    }
    let (ours, theirs) = (expected.elements(), found.elements());
    if expected.kind() != found.kind() || ours.len() != theirs.len() {
        return Err(format!("{name} is `{}`, expected `{}`", found.type_name(), expected.type_name()));
    }
    for (i, (expected, found)) in ours.iter().zip(&theirs).enumerate() {
        path.push(i);
        compare_at(path, &format!("element {i} of {name}"), expected, found, tolerance)?;
        path.pop();
    }
    let scalars_differ = match expected.kind() {
        ffi::Kind::Int => expected.as_int() != found.as_int(),
        ffi::Kind::Bool => expected.as_bool() != found.as_bool(),
        ffi::Kind::String => expected.as_text() != found.as_text(),
        ffi::Kind::Float => match (expected.as_float(), found.as_float()) {
            (Some(a), Some(b)) => (a - b).abs() > tolerance * (1.0 + a.abs()),
            _ => false,
        },
        _ => false,
    };
    if scalars_differ { Err(format!("{name} is {found}, expected {expected}")) } else { Ok(()) }
}

/// Compares by keys, not by position: Rust's maps have no order, TorchScript's have the order of insertion.
fn compare_dicts(
    path: &mut Vec<usize>,
    name: &str,
    expected: &[Value],
    found: &[Value],
    tolerance: f64,
) -> Result<(), String> {
    let keys = |entries: &[Value]| {
        let mut keys: Vec<String> = entries.iter().step_by(2).map(ToString::to_string).collect();
        keys.sort();
        keys
    };
    if keys(expected) != keys(found) {
        let [found, expected] = [found, expected].map(|entries| keys(entries).join(", "));
        return Err(format!("the keys of {name} are {found}, expected {expected}"));
    }
    for (i, entry) in found.chunks(2).enumerate() {
        let key = entry[0].to_string();
        let same = expected.chunks(2).find(|it| it[0].to_string() == key);
        let Some(same) = same else { continue };
        path.push(2 * i + 1);
        compare_at(path, &format!("element {key} of {name}"), &same[1], &entry[1], tolerance)?;
        path.pop();
    }
    Ok(())
}

/// `|found - expected| <= tolerance * (1 + |expected|)` has to hold for each element; NaN equals NaN.
fn compare_tensors(name: &str, expected: &Tensor, found: &Tensor, tolerance: f64) -> Result<(), String> {
    let [expected_text, found_text] = [expected, found].map(|it| Value::tensor(it).to_string());
    if expected_text != found_text || holds_values(expected) != holds_values(found) {
        return Err(format!("{name} is {found_text}, expected {expected_text}"));
    }
    if !holds_values(expected) {
        return Ok(());
    }
    let difference = tch::no_grad(|| difference(expected, found, tolerance));
    let difference =
        difference.map_err(|error| format!("{name}, {found_text}, cannot be compared: {error}"))?;
    difference.map_or(Ok(()), |difference| Err(format!("{name} differs by up to {difference}")))
}

/// By how much the elements differ at most, and where; none where they do not.
fn difference(expected: &Tensor, found: &Tensor, tolerance: f64) -> Result<Option<String>, TchError> {
    let mut size = expected.size();
    if expected.f_is_complex()? {
        // The real and the imaginary part.
        size.push(2);
    }
    let (expected, found) = (contents(expected)?, contents(found)?);
    if expected.numel() == 0 || found.f_allclose(&expected, tolerance, tolerance, true)? {
        return Ok(None);
    }
    let error = found.f_sub(&expected)?.f_abs()?;
    let error = error.f_nan_to_num(f64::INFINITY, f64::INFINITY, f64::INFINITY)?;
    let largest = error.f_argmax(None, false)?.f_int64_value(&[])?;
    Ok(Some(format!(
        "{:.1e}: at index {:?} it is {}, expected {}",
        error.f_double_value(&[largest])?,
        index_of(largest, &size),
        found.f_double_value(&[largest])?,
        expected.f_double_value(&[largest])?
    )))
}

/// The index of an element in a tensor of this size, from its position in the flattened tensor.
fn index_of(mut place: i64, size: &[i64]) -> Vec<i64> {
    let mut index: Vec<i64> = size
        .iter()
        .rev()
        .map(|size| {
            let i = place % size;
            place /= size;
            i
        })
        .collect();
    index.reverse();
    index
}
