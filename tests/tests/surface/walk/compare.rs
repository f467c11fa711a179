//! Whether two calls gave the same, of tensors of every kind and layout.

use tch::{Kind, Tensor};

use super::values::Pools;

/// Largest difference, relative to `1 + |expected|`.
const TOLERANCE: f64 = 1e-6;

/// Says how results, or the arguments afterwards, differ; `by_shape` leaves out values.
pub fn difference(
    results: &[Tensor],
    expected: &Pools,
    found_results: &[Tensor],
    found: &Pools,
    by_shape: bool,
) -> Option<String> {
    if results.len() != found_results.len() {
        return Some(format!("expected {} results, found {}", results.len(), found_results.len()));
    }
    let (expected, found) = (expected.tensors(), found.tensors());
    let shared = (shares(results, &expected), shares(found_results, &found));
    if let (Some(expected), Some(found)) = shared
        && expected != found
    {
        return Some(format!(
            "results share the memory of the arguments {expected:?}, and in TorchScript {found:?}"
        ));
    }
    let results = results.iter().zip(found_results).map(|pair| ("result", pair));
    let arguments = expected.into_iter().zip(found).map(|pair| ("argument", pair));
    results.enumerate().chain(arguments.enumerate()).find_map(|(i, (what, (expected, found)))| {
        let difference = of_tensors(expected, found, by_shape)?;
        Some(format!("{what} {i}: {difference}"))
    })
}

/// For each result the argument whose memory it is in; none where one of them has no address.
fn shares(results: &[Tensor], arguments: &[&Tensor]) -> Option<Vec<Option<usize>>> {
    let addresses: Option<Vec<_>> = arguments.iter().map(|it| address(it)).collect();
    let addresses = addresses?;
    let place = |result: &Tensor| {
        let address = address(result)?;
        Some(addresses.iter().position(|it| *it == address && !it.is_null()))
    };
    results.iter().map(place).collect()
}

/// Sparse tensors have none.
fn address(tensor: &Tensor) -> Option<*mut std::ffi::c_void> {
    if !tensor.defined() || tensor.is_sparse() || tensor.is_mkldnn() {
        return None;
    }
    // An error of tensors without storage of their own, for which `data_ptr` panics.
    tensor.f_is_set_to(tensor).ok()?;
    Some(tensor.data_ptr())
}

fn of_tensors(expected: &Tensor, found: &Tensor, by_shape: bool) -> Option<String> {
    let shown = |tensor: &Tensor| {
        if tensor.defined() { format!("{:?} {:?}", tensor.f_kind(), tensor.size()) } else { "nothing".into() }
    };
    if shown(expected) != shown(found) {
        return Some(format!("expected {}, found {}", shown(expected), shown(found)));
    }
    if by_shape || !expected.defined() {
        return None;
    }
    let (Some(expected), Some(found)) = (dense(expected), dense(found)) else {
        return Some("no values to compare".to_owned());
    };
    if expected.numel() == 0 {
        return None;
    }
    let error = (&found - &expected).abs() / (expected.abs() + 1.0);
    let same = error.le(TOLERANCE).logical_or(&found.eq_tensor(&expected));
    let same = same.logical_or(&found.isnan().logical_and(&expected.isnan()));
    if bool::try_from(same.all()).ok()? {
        return None;
    }
    let first = same.logical_not().nonzero().int64_value(&[0, 0]);
    Some(format!(
        "expected {} at flat index {first}, found {}",
        expected.double_value(&[first]),
        found.double_value(&[first])
    ))
}

/// The elements, as a row of doubles.
fn dense(tensor: &Tensor) -> Option<Tensor> {
    let tensor = tensor.detach();
    let is_quantized = matches!(tensor.f_kind().ok()?, Kind::QInt8 | Kind::QUInt8 | Kind::QInt32);
    let tensor = if is_quantized { tensor.f_dequantize().ok()? } else { tensor };
    let strided = tensor.f_to_dense(None, false).unwrap_or(tensor);
    let real = match strided.f_kind().ok()? {
        Kind::ComplexHalf | Kind::ComplexFloat | Kind::ComplexDouble => {
            strided.f_resolve_conj().ok()?.f_view_as_real().ok()?
        }
        _ => strided,
    };
    real.f_to_kind(Kind::Double).ok()?.f_reshape(-1).ok()
}
