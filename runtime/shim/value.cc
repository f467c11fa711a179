// Stage: converts values between Rust and TorchScript: makes them, asks them, copies them.

#include <sstream>

#include <c10/core/impl/LocalDispatchKeySet.h>

#include "readable.h"
#include "structure.h"
#include "support.h"

using namespace tch_jit;
using c10::IValue;

tj_value* tj_value_none() noexcept { return new IValue(); }

tj_value* tj_value_tensor(const void* tensor) noexcept {
  return new IValue(*static_cast<const at::Tensor*>(tensor));
}

const void* tj_tensor_identity(const void* tensor) noexcept {
  return static_cast<const at::Tensor*>(tensor)->unsafeGetTensorImpl();
}

void tj_tensor_device(const void* tensor, tj_sink out) noexcept {
  const auto& it = *static_cast<const at::Tensor*>(tensor);
  if (it.defined()) put(out, it.device().str());
}

tj_value* tj_value_float(double value) noexcept { return new IValue(value); }

tj_value* tj_value_int(int64_t value) noexcept { return new IValue(value); }

tj_value* tj_value_bool(bool value) noexcept { return new IValue(value); }

tj_value* tj_value_string(tj_str value) noexcept { return new IValue(to_string(value)); }

tj_value* tj_value_device(tj_str value, tj_sink error) noexcept {
  return guard(error, [&] { return new IValue(at::Device(to_string(value))); });
}

tj_value* tj_value_tuple(tj_value* const* elements, size_t n) noexcept {
  return new IValue(c10::ivalue::Tuple::create(to_stack(elements, n)));
}

tj_value* tj_value_list(const tj_type* type, tj_value* const* elements, size_t n, tj_sink error) noexcept {
  return guard(error, [&] {
    c10::impl::GenericList list(type->type);
    for (size_t i = 0; i < n; i++) list.push_back(*elements[i]);
    return new IValue(list);
  });
}

tj_value* tj_value_dict(const tj_type* key_type, const tj_type* value_type, tj_value* const* keys,
                        tj_value* const* values, size_t n, tj_sink error) noexcept {
  return guard(error, [&] {
    c10::impl::GenericDict dict(key_type->type, value_type->type);
    for (size_t i = 0; i < n; i++) dict.insert(*keys[i], *values[i]);
    return new IValue(dict);
  });
}

tj_value* tj_value_clone(const tj_value* value) noexcept { return new IValue(*value); }

namespace {

// The tensor without the repetitions of an expanded one: every element of its memory is there once.
at::Tensor once(const at::Tensor& tensor) {
  at::Tensor it = tensor;
  if (!it.defined() || it.layout() != at::kStrided || it.is_nested()) return it;
  for (int64_t dim = 0; dim < it.dim(); dim++) {
    if (it.stride(dim) == 0 && it.size(dim) > 1) it = it.narrow(dim, 0, 1);
  }
  return it;
}

}  // namespace

at::Tensor tch_jit::copied(const at::Tensor& tensor) {
  if (!tensor.defined()) return tensor;
  at::Tensor detached = tensor.detach();
  at::Tensor memory = once(detached);
  // The key of the thread's own random numbers keeps libtorch from finding the operators of quantized tensors.
  c10::impl::ExcludeDispatchKeyGuard guard(c10::DispatchKey::CustomRNGKeyId);
  at::Tensor copy = memory.clone();
  if (!memory.is_same(detached)) copy = copy.expand(tensor.sizes());
  return copy.requires_grad_(tensor.requires_grad());
}

void tj_tensor_view(const void* tensor, tj_sink out) noexcept {
  const auto& it = *static_cast<const at::Tensor*>(tensor);
  std::ostringstream text;
  if (it.defined() && it.layout() == at::kStrided && it.has_storage() && !it.is_nested()) {
    // A lazy conjugate, or a lazy negative, has other values than the view that it is made of.
    text << it.dtype() << it.sizes() << it.strides() << it.storage().unsafeGetStorageImpl() << '+'
         << it.storage_offset() << it.is_conj() << it.is_neg();
  } else {
    text << it.unsafeGetTensorImpl();
  }
  put(out, text.str());
}

void* tj_tensor_once(const void* tensor, tj_sink error) noexcept {
  return guard(error,
               [&]() -> void* { return new at::Tensor(once(*static_cast<const at::Tensor*>(tensor))); });
}

namespace {

IValue copy_of(const IValue& value) {
  if (value.isTensor()) return copied(value.toTensor());
  if (value.isTuple()) {
    const auto& tuple = value.toTupleRef();
    std::vector<IValue> elements;
    for (const auto& element : tuple.elements()) elements.push_back(copy_of(element));
    auto type = tuple.type<c10::TupleType>();
    if (type->schema()) return c10::ivalue::Tuple::createNamed(std::move(elements), type);
    return c10::ivalue::Tuple::create(std::move(elements));
  }
  if (value.isList()) {
    auto list = value.toList().copy();
    for (size_t i = 0; i < list.size(); i++) list.set(i, copy_of(list.get(i)));
    return list;
  }
  if (value.isGenericDict()) {
    auto dict = value.toGenericDict().copy();
    for (const auto& entry : dict) dict.insert_or_assign(entry.key(), copy_of(entry.value()));
    return dict;
  }
  return value;
}

}  // namespace

tj_value* tj_value_copy(const tj_value* value, tj_sink error) noexcept {
  return guard(error, [&] { return new IValue(copy_of(*value)); });
}

void tj_value_free(tj_value* value) noexcept { delete value; }

tj_kind tj_value_kind(const tj_value* value) noexcept {
  if (value->isNone()) return TJ_NONE;
  if (value->isTensor()) return TJ_TENSOR;
  if (value->isDouble()) return TJ_FLOAT;
  if (value->isInt()) return TJ_INT;
  if (value->isBool()) return TJ_BOOL;
  if (value->isString()) return TJ_STRING;
  if (value->isDevice()) return TJ_DEVICE;
  if (value->isTuple()) return TJ_TUPLE;
  if (value->isList()) return TJ_LIST;
  if (value->isGenericDict()) return TJ_DICT;
  return TJ_OTHER;
}

// The value's type, in which every tensor is just a `Tensor`: libtorch's own type of a tensor has its kind and shape.
tj_type* tj_value_type(const tj_value* value) noexcept {
  return new tj_type{c10::unshapedType(value->type())};
}

bool tj_value_is_readable(const tj_value* value) noexcept {
  // libtorch takes no tensors without plain memory, such as sparse ones, for constants.
  bool is_constant = true;
  for_each_tensor(*value, [&](const at::Tensor& it) { is_constant &= it.has_storage() && !it.is_nested(); });
  return is_constant && is_readable(*value);
}

void* tj_value_to_tensor(const tj_value* value) noexcept { return new at::Tensor(value->toTensor()); }

double tj_value_to_float(const tj_value* value) noexcept { return value->toDouble(); }

int64_t tj_value_to_int(const tj_value* value) noexcept { return value->toInt(); }

bool tj_value_to_bool(const tj_value* value) noexcept { return value->toBool(); }

void tj_value_to_text(const tj_value* value, tj_sink out) noexcept {
  put(out, value->isDevice() ? value->toDevice().str() : value->toStringRef());
}

size_t tj_value_len(const tj_value* value) noexcept {
  if (value->isTuple()) return value->toTupleRef().size();
  if (value->isList()) return value->toList().size();
  if (value->isGenericDict()) return 2 * value->toGenericDict().size();
  return 0;
}

tj_value* tj_value_get(const tj_value* value, size_t index) noexcept {
  if (value->isTuple()) return new IValue(value->toTupleRef().elements()[index]);
  if (value->isList()) return new IValue(value->toList().get(index));
  auto entry = value->toGenericDict().begin();
  for (size_t i = 0; i < index / 2; i++) ++entry;
  return new IValue(index % 2 == 0 ? entry->key() : entry->value());
}
