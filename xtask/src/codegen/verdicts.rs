//! Codegen: what evidence has shown and no signature says.
//!
//! Each method here has an operator by its signature, but is known not to do the same in TorchScript.

use anyhow::bail;

use super::rust::Method;
use super::schema::Schema;

/// Overloads that TorchScript has and C++ has not, where they look like another overload that it has.
const NOT_IN_CPP: &[&str] = &[
    "dequantize.list",
    "dequantize.tensor",
    "mH.a",
    "mT.a",
    "matrix_H.a",
    "numpy_T.a",
    "split",
    "to.prim_Device",
    "to.prim_dtype",
    "to.prim_other",
];

/// C++ methods that are written by hand over there, and the operator that does the same.
const HAND_WRITTEN: &[(&str, &str)] = &[("set_requires_grad", "requires_grad_"), ("toType", "to")];

/// By method: why it is rejected.
///
/// A node of TorchScript does not store its overload but finds it again by the types of its inputs, so
/// `set.out(Tensor, Tensor)` runs as `set.source_Tensor(Tensor, Tensor)`. For the same reason the compiler
/// ignores the two `unary_out`, and `view.dtype` since a dtype is an integer to it
/// (`isBlockListedSchema` in libtorch, <https://github.com/pytorch/pytorch/issues/47964>).
const REJECTED: &[(&str, &str)] = &[
    ("max_unary_out", "TorchScript confuses it with `max_other`"),
    ("min_unary_out", "TorchScript confuses it with `min_other`"),
    ("resize_as_out", "tch returns the tensor itself, and TorchScript what was written"),
    ("resize_out", "tch returns the tensor itself, and TorchScript what was written"),
    ("set_out", "TorchScript confuses it with `set_source_tensor`"),
    ("view_dtype", "TorchScript takes the kind for a size; `view_copy_dtype` works"),
];

/// Generated methods whose image is written by hand: `macros/src/ops/by_hand.rs` has them.
const BY_HAND: &[&str] = &["grad"];

pub fn is_by_hand(method: &Method) -> bool {
    BY_HAND.contains(&method.name.as_str())
}

pub fn in_cpp(schema: &Schema) -> bool {
    !NOT_IN_CPP.contains(&schema.full_name().as_str())
}

pub fn operator_of(function: &str) -> &str {
    let operator = HAND_WRITTEN.iter().find(|(name, _)| *name == function);
    operator.map_or(function, |(_, operator)| operator)
}

pub fn reason(name: &str) -> Option<&'static str> {
    REJECTED.iter().find(|(rejected, _)| *rejected == name).map(|(_, reason)| *reason)
}

/// A verdict on a method that tch no longer has would stay unnoticed.
pub fn check_all_used(methods: &[Method]) -> anyhow::Result<()> {
    for (name, _) in REJECTED {
        if !methods.iter().any(|method| method.name == *name) {
            bail!("`{name}` is rejected by hand, but tch does not have it");
        }
    }
    Ok(())
}
