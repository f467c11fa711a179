//! `c10::IValue`: one value of TorchScript.

use std::ffi::c_int;
use std::fmt::{self, Display, Formatter};
use std::ptr::NonNull;

use tch::{Device, Tensor};

use super::tensor::tensor_text;
use super::{Failure, Type, handle, raw, text};

/// An owned value.
#[derive(Debug)]
pub struct Value(pub(super) NonNull<raw::Value>);

// SAFETY: an IValue is a tagged union of plain data and atomically counted pointers.
unsafe impl Send for Value {}
// SAFETY: shared access only reads.
unsafe impl Sync for Value {}

/// The value as Python writes it, but a tensor as its kind and size: `{"x": Float [2, 3]}`.
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(tensor) = self.as_tensor() {
            return f.write_str(&tensor_text(&tensor));
        }
        let elements = self.elements();
        let listed = || elements.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self.kind() {
            Kind::None => f.write_str("None"),
            Kind::Float => write!(f, "{:?}", self.as_float().unwrap_or_default()),
            Kind::Int => write!(f, "{}", self.as_int().unwrap_or_default()),
            Kind::Bool => write!(f, "{}", self.as_bool().unwrap_or_default()),
            Kind::String => write!(f, "{:?}", self.text()),
            Kind::Device => f.write_str(&self.text()),
            Kind::Tuple => write!(f, "({})", listed()),
            Kind::List => write!(f, "[{}]", listed()),
            Kind::Dict => {
                let entries = elements.chunks(2).map(|entry| format!("{}: {}", entry[0], entry[1]));
                write!(f, "{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            Kind::Tensor | Kind::Other => f.write_str(&self.type_name()),
        }
    }
}

/// What a value holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    None,
    Tensor,
    Float,
    Int,
    Bool,
    String,
    Device,
    Tuple,
    List,
    Dict,
    /// An object, a future, a generator.
    Other,
}

impl Kind {
    /// The kind with the number `kind` in the shim's `tj_kind`.
    pub(super) fn of(kind: c_int) -> Kind {
        usize::try_from(kind).ok().and_then(|kind| KINDS.get(kind)).copied().unwrap_or(Kind::Other)
    }
}

/// All kinds, in the order of the shim's `tj_kind`.
const KINDS: [Kind; 11] = [
    Kind::None,
    Kind::Tensor,
    Kind::Float,
    Kind::Int,
    Kind::Bool,
    Kind::String,
    Kind::Device,
    Kind::Tuple,
    Kind::List,
    Kind::Dict,
    Kind::Other,
];

/// Pointers to borrowed values, as the shim takes them.
pub(super) fn pointers(values: &[Value]) -> Vec<*mut raw::Value> {
    values.iter().map(|value| value.0.as_ptr()).collect()
}

impl Value {
    fn owned(pointer: *mut raw::Value) -> Value {
        Value(NonNull::new(pointer).expect("the shim's constructors of plain values return one"))
    }

    pub fn none() -> Value {
        // SAFETY: no preconditions.
        Value::owned(unsafe { raw::tj_value_none() })
    }

    /// Shares the tensor: the same TensorImpl, so that its gradient and identity are kept.
    pub fn tensor(tensor: &Tensor) -> Value {
        // SAFETY: tch's tensor pointer is an `at::Tensor*`, borrowed for the call.
        Value::owned(unsafe { raw::tj_value_tensor(tensor.as_ptr().cast()) })
    }

    pub fn float(value: f64) -> Value {
        // SAFETY: no preconditions.
        Value::owned(unsafe { raw::tj_value_float(value) })
    }

    pub fn int(value: i64) -> Value {
        // SAFETY: no preconditions.
        Value::owned(unsafe { raw::tj_value_int(value) })
    }

    pub fn bool(value: bool) -> Value {
        // SAFETY: no preconditions.
        Value::owned(unsafe { raw::tj_value_bool(value) })
    }

    pub fn string(value: &str) -> Value {
        // SAFETY: the text is borrowed for the call.
        Value::owned(unsafe { raw::tj_value_string(value.into()) })
    }

    /// The device; where libtorch has none of that number, its name as text, which libtorch refuses and names wherever a
    /// device is expected.
    pub fn device(value: Device) -> Value {
        let Ok(name) = device_name(value) else { return Value::string(&text_of_device(value)) };
        // SAFETY: the text is borrowed for the call.
        handle(|error| unsafe { raw::tj_value_device(name.as_str().into(), error) })
            .map(Value)
            .expect("names of devices are libtorch's own")
    }

    /// The name of a device that libtorch does not have, of which [`Value::device`] made text; of an element, too.
    pub fn impossible_device(&self) -> Option<String> {
        let is_impossible = |it: &String| {
            it.strip_prefix("cuda:")
                .is_some_and(|index| index.parse().is_ok_and(|it: usize| i8::try_from(it).is_err()))
        };
        let text = self.as_text().filter(is_impossible);
        text.or_else(|| self.elements().iter().find_map(Value::impossible_device))
    }

    pub fn tuple(elements: &[Value]) -> Value {
        let pointers = pointers(elements);
        // SAFETY: the elements are borrowed for the call.
        Value::owned(unsafe { raw::tj_value_tuple(pointers.as_ptr(), pointers.len()) })
    }

    /// `ty` is the elements' type.
    pub fn list(ty: &Type, elements: &[Value]) -> Result<Value, Failure> {
        let pointers = pointers(elements);
        // SAFETY: type and elements are borrowed for the call.
        handle(|error| unsafe { raw::tj_value_list(ty.0.as_ptr(), pointers.as_ptr(), pointers.len(), error) })
            .map(Value)
    }

    pub fn dict(key_ty: &Type, value_ty: &Type, keys: &[Value], values: &[Value]) -> Result<Value, Failure> {
        assert_eq!(keys.len(), values.len(), "a key for each value");
        let (keys, values) = (pointers(keys), pointers(values));
        // SAFETY: the elements are borrowed for the call; both arrays have the same length.
        handle(|error| unsafe {
            raw::tj_value_dict(
                key_ty.0.as_ptr(),
                value_ty.0.as_ptr(),
                keys.as_ptr(),
                values.as_ptr(),
                keys.len(),
                error,
            )
        })
        .map(Value)
    }

    /// A tuple of a type that [`Type::named_tuple`] made.
    pub fn named_tuple(ty: &Type, elements: &[Value]) -> Result<Value, Failure> {
        let pointers = pointers(elements);
        // SAFETY: the elements are borrowed for the call.
        handle(|error| unsafe {
            raw::tj_value_named_tuple(ty.0.as_ptr(), pointers.as_ptr(), pointers.len(), error)
        })
        .map(Value)
    }

    pub fn kind(&self) -> Kind {
        // SAFETY: the value is alive.
        Kind::of(unsafe { raw::tj_value_kind(self.0.as_ptr()) })
    }

    /// The value's own type.
    pub fn script_type(&self) -> Type {
        // SAFETY: the value is alive.
        Type::owned(unsafe { raw::tj_value_type(self.0.as_ptr()) })
    }

    /// Whether libtorch reads the value as the same one where it is written as a constant of a class.
    pub fn is_readable(&self) -> bool {
        // SAFETY: the value is alive.
        unsafe { raw::tj_value_is_readable(self.0.as_ptr()) }
    }

    /// The value's own type, as TorchScript writes it.
    pub fn type_name(&self) -> String {
        self.script_type().to_string()
    }

    pub fn as_tensor(&self) -> Option<Tensor> {
        (self.kind() == Kind::Tensor).then(|| {
            // SAFETY: the value is a tensor; the shim returns an owned `at::Tensor*`, which is
            // what tch's tensors own.
            unsafe { Tensor::from_ptr(raw::tj_value_to_tensor(self.0.as_ptr()).cast()) }
        })
    }

    pub fn as_float(&self) -> Option<f64> {
        // SAFETY: the value is a float.
        (self.kind() == Kind::Float).then(|| unsafe { raw::tj_value_to_float(self.0.as_ptr()) })
    }

    pub fn as_int(&self) -> Option<i64> {
        // SAFETY: the value is an integer.
        (self.kind() == Kind::Int).then(|| unsafe { raw::tj_value_to_int(self.0.as_ptr()) })
    }

    pub fn as_bool(&self) -> Option<bool> {
        // SAFETY: the value is a bool.
        (self.kind() == Kind::Bool).then(|| unsafe { raw::tj_value_to_bool(self.0.as_ptr()) })
    }

    pub fn as_text(&self) -> Option<String> {
        (self.kind() == Kind::String).then(|| self.text())
    }

    pub fn as_device(&self) -> Option<Device> {
        (self.kind() == Kind::Device).then(|| parse_device(&self.text())).flatten()
    }

    fn text(&self) -> String {
        // SAFETY: only called for strings and devices.
        text(|out| unsafe { raw::tj_value_to_text(self.0.as_ptr(), out) })
    }

    /// The elements of a tuple or a list; of a dict, keys and values in turn.
    pub fn elements(&self) -> Vec<Value> {
        if !matches!(self.kind(), Kind::Tuple | Kind::List | Kind::Dict) {
            return vec![];
        }
        // SAFETY: the value is a container, and the index is below its length.
        unsafe {
            let len = raw::tj_value_len(self.0.as_ptr());
            (0..len).map(|i| Value::owned(raw::tj_value_get(self.0.as_ptr(), i))).collect()
        }
    }

    /// A copy that shares no memory with this value. Each tensor in it is a leaf that requires grad as before.
    pub fn copy(&self) -> Result<Value, Failure> {
        // SAFETY: the value is alive.
        handle(|error| unsafe { raw::tj_value_copy(self.0.as_ptr(), error) }).map(Value)
    }

    /// Takes over a value that the shim returned.
    pub(super) fn from_raw(pointer: NonNull<raw::Value>) -> Value {
        Value(pointer)
    }

    /// Gives the value away: the caller has to free it.
    pub(super) fn into_raw(self) -> *mut raw::Value {
        let pointer = self.0.as_ptr();
        std::mem::forget(self);
        pointer
    }

    /// # Safety
    ///
    /// `pointer` is a live value.
    pub(super) unsafe fn clone_raw(pointer: *const raw::Value) -> Value {
        // SAFETY: promised by the caller.
        Value::owned(unsafe { raw::tj_value_clone(pointer) })
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        // SAFETY: the value is alive.
        unsafe { Value::clone_raw(self.0.as_ptr()) }
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: the value is owned, and freed once.
        unsafe { raw::tj_value_free(self.0.as_ptr()) }
    }
}

/// `cpu`, `cuda:0`: libtorch's name of a device. It would take a number that is too large for another one.
pub(super) fn device_name(device: Device) -> Result<String, Failure> {
    match device {
        Device::Cuda(index) if i8::try_from(index).is_err() => Err(Failure(format!(
            "there is no device `{}`\nhelp: devices are numbered from 0 to 127",
            text_of_device(device)
        ))),
        _ => Ok(text_of_device(device)),
    }
}

fn text_of_device(device: Device) -> String {
    match device {
        Device::Cpu => "cpu".into(),
        Device::Cuda(index) => format!("cuda:{index}"),
        Device::Mps => "mps".into(),
        Device::Vulkan => "vulkan".into(),
    }
}

pub(super) fn parse_device(name: &str) -> Option<Device> {
    match name.split_once(':') {
        Some(("cuda", index)) => index.parse().ok().map(Device::Cuda),
        None if name == "cuda" => Some(Device::Cuda(0)),
        _ if name.starts_with("cpu") => Some(Device::Cpu),
        _ if name.starts_with("mps") => Some(Device::Mps),
        _ if name.starts_with("vulkan") => Some(Device::Vulkan),
        _ => None,
    }
}
