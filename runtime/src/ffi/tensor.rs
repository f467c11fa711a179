//! What tch does not say of a tensor, or only by a panic: users' tensors may be sparse, quantized, on devices that tch
//! does not know, or undefined.

use tch::{Device, Kind, TchError, Tensor};

use super::value::parse_device;
use super::{Failure, handle, raw, text};

/// An address that is equal for two handles of one tensor, as long as either handle lives.
pub fn tensor_identity(tensor: &Tensor) -> usize {
    // SAFETY: tch's tensor pointer is an `at::Tensor*`, borrowed for the call.
    unsafe { raw::tj_tensor_identity(tensor.as_ptr().cast()) }.addr()
}

/// The tensor's device; none where tch does not know it, and for an undefined tensor.
pub fn device_of(tensor: &Tensor) -> Option<Device> {
    parse_device(&device_name_of(tensor))
}

/// Whether the tensor has elements to read: it is neither undefined nor on the device `meta`.
pub fn holds_values(tensor: &Tensor) -> bool {
    tensor.defined() && device_name_of(tensor) != "meta"
}

/// libtorch's name of the tensor's device; empty for an undefined tensor.
fn device_name_of(tensor: &Tensor) -> String {
    // SAFETY: tch's tensor pointer is an `at::Tensor*`, borrowed for the call.
    text(|out| unsafe { raw::tj_tensor_device(tensor.as_ptr().cast(), out) })
}

/// The tensor's kind and size for people, such as `Float [2, 3]`.
pub(super) fn tensor_text(tensor: &Tensor) -> String {
    if !tensor.defined() {
        return "undefined".to_owned();
    }
    let kind =
        tensor.f_kind().map_or_else(|_| "a kind that tch does not know".to_owned(), |it| format!("{it:?}"));
    format!("{kind} {:?}", tensor.size())
}

/// A text that is equal for tensors that are equal views of the same memory.
pub fn view_text(tensor: &Tensor) -> String {
    // SAFETY: tch's tensor pointer is an `at::Tensor*`, borrowed for the call.
    text(|out| unsafe { raw::tj_tensor_view(tensor.as_ptr().cast(), out) })
}

/// The tensor without the repetitions of an expanded one: every element of its memory is there once.
pub fn once(tensor: &Tensor) -> Result<Tensor, Failure> {
    // SAFETY: tch's tensor pointer is an `at::Tensor*`, borrowed for the call.
    let pointer = handle(|error| unsafe { raw::tj_tensor_once(tensor.as_ptr().cast(), error) })?;
    // SAFETY: the shim returns an owned `at::Tensor*`, which is what tch's tensors own.
    Ok(unsafe { Tensor::from_ptr(pointer.as_ptr().cast()) })
}

/// The elements that `f` makes of the tensor's, if it can. Repetitions are not made anew: an expanded tensor stays
/// expanded.
pub fn elementwise(tensor: &Tensor, f: impl FnOnce(&Tensor) -> Result<Tensor, TchError>) -> Option<Tensor> {
    let other = f(&once(tensor).ok()?).ok()?;
    if other.size() == tensor.size() { Some(other) } else { other.f_expand(tensor.size(), false).ok() }
}

/// The elements as plain real numbers, in a row: those of a sparse or a quantized tensor, too; of a complex number, both
/// parts.
pub fn contents(tensor: &Tensor) -> Result<Tensor, TchError> {
    let is_quantized = matches!(tensor.f_kind(), Ok(Kind::QInt8 | Kind::QUInt8 | Kind::QInt32));
    let plain = if is_quantized { tensor.f_dequantize()? } else { tensor.f_to_dense(None, false)? };
    let real = if plain.f_is_complex()? { plain.f_resolve_conj()?.f_view_as_real()? } else { plain };
    real.f_to_kind(Kind::Double)?.f_flatten(0, -1)
}
