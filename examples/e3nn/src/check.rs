//! Checks of sizes, and arithmetic with sizes and irreps, that hold eagerly, in scripted modules and in traces, which
//! keep calls of functions.

use tch::Tensor;
use tch_jit::script;

use crate::irreps::{Irrep, Irreps, Parity};

/// `x`, if its last dimension is a vector of these irreps.
///
/// # Panics
///
/// Where it is not: names the argument and the irreps.
#[script]
pub fn last_dimension(x: &Tensor, irreps: &Irreps, name: &str) -> Tensor {
    let mut expected = 0;
    for it in &irreps.0 {
        expected += it.mul * dim(&it.ir);
    }
    assert!(
        x.dim() > 0,
        "Incorrect last dimension for {name}: it has none, expected {expected} of `{}`",
        text(irreps)
    );
    let found = x.size()[x.dim() - 1];
    assert!(
        found == expected,
        "Incorrect last dimension for {name}: {found}, expected {expected} of `{}`",
        text(irreps)
    );
    x.shallow_clone()
}

/// The dimension of an irrep.
#[script]
pub fn dim(ir: &Irrep) -> i64 {
    2 * ir.l + 1
}

/// Whether an irrep is `0e`.
#[script]
pub fn is_scalar(ir: &Irrep) -> bool {
    ir.l == 0 && ir.p == Parity::Even
}

/// What `Display` writes.
#[script]
fn text(irreps: &Irreps) -> String {
    let mut parts: Vec<String> = Vec::new();
    for it in &irreps.0 {
        let p = if it.ir.p == Parity::Even { "e" } else { "o" };
        parts.push(format!("{}x{}{p}", it.mul, it.ir.l));
    }
    parts.join("+")
}

/// `x`, if its last dimension is of that size.
///
/// # Panics
///
/// Where it is not: names the argument.
#[script]
pub fn n_features(x: &Tensor, size: i64, name: &str) -> Tensor {
    assert!(x.dim() > 0, "Incorrect last dimension for {name}: it has none, expected {size}");
    let found = x.size()[x.dim() - 1];
    assert!(found == size, "Incorrect last dimension for {name}: {found}, expected {size}");
    x.shallow_clone()
}

/// The weights that are given, or else those of the module, which has none where they have to be given.
///
/// # Panics
///
/// Where the last dimension is not `numel`: names the argument.
#[script]
pub fn weights(given: Option<&Tensor>, own: &Tensor, numel: i64, name: &str) -> Tensor {
    match given {
        Some(given) => n_features(given, numel, name),
        None => {
            assert!(
                own.size()[own.dim() - 1] == numel,
                "{name} must be given: the module has no internal weights"
            );
            own.shallow_clone()
        }
    }
}

/// `x` with one dimension of size `n` before its last `n_kept`.
#[script]
pub fn with_batch(x: &Tensor, n: i64, n_kept: i64) -> Tensor {
    let size = x.size();
    let mut shape = vec![n];
    for i in x.dim() as i64 - n_kept..x.dim() as i64 {
        shape.push(size[i as usize]);
    }
    x.reshape(shape)
}

/// The sizes of all dimensions but the last.
#[script]
pub fn leading(x: &Tensor) -> Vec<i64> {
    let size = x.size();
    size[..size.len() - 1].to_vec()
}

/// The size that both are broadcast to, if they can be.
#[script]
pub fn broadcast(a: &[i64], b: &[i64]) -> Vec<i64> {
    let n = (a.len() as i64).max(b.len() as i64);
    let (before_a, before_b) = (n - a.len() as i64, n - b.len() as i64);
    let mut size: Vec<i64> = Vec::new();
    for i in 0..n {
        let of_a = if i < before_a { 1 } else { a[(i - before_a) as usize] };
        let of_b = if i < before_b { 1 } else { b[(i - before_b) as usize] };
        size.push(if of_a == 1 { of_b } else { of_a });
    }
    size
}
