// Whether a value is what its type says, through all that it holds.

#include "conforms.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/class_type.h>

namespace tch_jit {
namespace {

using c10::IValue;
using c10::TypeKind;
using c10::TypePtr;

// Tensors whose parts contradict each other let operators read outside of memory.
void check_tensor(const at::Tensor& tensor) {
  if (!tensor.defined()) return;
  if (tensor.is_sparse()) {
    at::_validate_sparse_coo_tensor_args(tensor._indices(), tensor._values(), tensor.sizes());
  } else if (tensor.layout() == at::kSparseCsr) {
    at::_validate_sparse_csr_tensor_args(tensor.crow_indices(), tensor.col_indices(), tensor.values(),
                                         tensor.sizes());
  } else if (tensor.is_quantized() && tensor.qscheme() != at::kPerTensorAffine) {
    int64_t channels = tensor.size(tensor.q_per_channel_axis());
    TORCH_CHECK(tensor.q_per_channel_scales().numel() == channels &&
                    tensor.q_per_channel_zero_points().numel() == channels,
                "a quantized tensor has other scales than channels");
  }
}

class Check {
 public:
  bool conforms(const IValue& value, const TypePtr& type) {
    if (value.isPtrType() && !value.isString()) {
      // Each value is looked at once, however often it is reached.
      if (!seen_.emplace(value.internalToPointer(), type.get()).second) return true;
      types_.push_back(type);
    }
    switch (type->kind()) {
      case TypeKind::AnyType: return conforms_to_itself(value);
      case TypeKind::TensorType:
        if (!value.isTensor()) return false;
        check_tensor(value.toTensor());
        return true;
      case TypeKind::OptionalType:
        return value.isNone() || conforms(value, type->expectRef<c10::OptionalType>().getElementType());
      case TypeKind::UnionType: return conforms_to_any(value, type->containedTypes());
      case TypeKind::TupleType: return conforms_to_tuple(value, type->containedTypes());
      case TypeKind::ListType: return value.isList() && elements_conform(value, type->containedType(0));
      case TypeKind::DictType:
        return value.isGenericDict() &&
               entries_conform(value, type->containedType(0), type->containedType(1));
      case TypeKind::ClassType:
      case TypeKind::InterfaceType:
        return value.isObject() && value.type()->isSubtypeOf(*type) && slots_conform(value);
      case TypeKind::CapsuleType: return value.isCapsule();
      case TypeKind::NumberType: return value.isScalar();
      default: return value.type()->isSubtypeOf(*type);
    }
  }

  // From the outside to the part at fault.
  std::string path() const {
    std::string text;
    for (auto it = path_.rbegin(); it != path_.rend(); ++it) text += (text.empty() ? "" : ".") + *it;
    return text;
  }

 private:
  bool part(const std::string& name, const IValue& value, const TypePtr& type) {
    if (conforms(value, type)) return true;
    path_.push_back(name);
    return false;
  }

  bool conforms_to_itself(const IValue& value) {
    if (value.isTensor()) check_tensor(value.toTensor());
    if (value.isTuple()) {
      const auto& elements = value.toTupleRef().elements();
      for (size_t i = 0; i < elements.size(); i++) {
        if (!part(std::to_string(i), elements[i], c10::AnyType::get())) return false;
      }
    } else if (value.isList()) {
      return elements_conform(value, value.toList().elementType());
    } else if (value.isGenericDict()) {
      auto dict = value.toGenericDict();
      return entries_conform(value, dict.keyType(), dict.valueType());
    } else if (value.isObject()) {
      return slots_conform(value);
    }
    return true;
  }

  bool conforms_to_any(const IValue& value, c10::ArrayRef<TypePtr> types) {
    for (const TypePtr& type : types) {
      auto seen = seen_;
      if (conforms(value, type)) return true;
      // What failed is not taken for good later.
      seen_ = std::move(seen);
      path_.clear();
    }
    return false;
  }

  bool conforms_to_tuple(const IValue& value, c10::ArrayRef<TypePtr> types) {
    if (!value.isTuple()) return false;
    const auto& elements = value.toTupleRef().elements();
    if (elements.size() != types.size()) return false;
    for (size_t i = 0; i < types.size(); i++) {
      if (!part(std::to_string(i), elements[i], types[i])) return false;
    }
    return true;
  }

  bool elements_conform(const IValue& list, const TypePtr& type) {
    c10::ArrayRef<IValue> elements = list.toListRef();
    for (size_t i = 0; i < elements.size(); i++) {
      if (!part(std::to_string(i), elements[i], type)) return false;
    }
    return true;
  }

  bool entries_conform(const IValue& dict, const TypePtr& key, const TypePtr& value) {
    for (const auto& entry : dict.toGenericDict()) {
      if (!part("<key>", entry.key(), key) || !part("<value>", entry.value(), value)) return false;
    }
    return true;
  }

  bool slots_conform(const IValue& value) {
    auto object = value.toObject();
    auto type = object->type();
    if (object->slots().size() < type->numAttributes()) return false;
    for (size_t i = 0; i < type->numAttributes(); i++) {
      if (!part(type->getAttributeName(i), object->getSlot(i), type->getAttribute(i))) return false;
    }
    return true;
  }

  std::set<std::pair<const void*, const c10::Type*>> seen_;
  // Keeps the types alive whose addresses are in the set.
  std::vector<TypePtr> types_;
  std::vector<std::string> path_;
};

}  // namespace

void check_conforms(const IValue& value, const TypePtr& type) {
  Check check;
  if (check.conforms(value, type)) return;
  std::string path = check.path();
  TORCH_CHECK(false, "the archive's values do not have the types that its code declares",
              path.empty() ? "" : ": see `" + path + "`");
}

}  // namespace tch_jit
