// Stage: makes TorchScript's types from their parts, as handles for Rust. A Rust struct with `#[derive(ScriptType)]` is
// a tuple with named fields; libtorch's parser does not know such types by name, so they are kept here, for all units
// and threads: a named tuple belongs to no unit, and two are equal if their names and fields are.

#include "types.h"

#include <mutex>
#include <unordered_map>

#include <torch/csrc/jit/frontend/resolver.h>

#include "support.h"

namespace tch_jit {
namespace {

struct NamedTuples {
  struct Entry {
    c10::TupleTypePtr type;
    bool is_enum;
  };
  std::mutex mutex;
  std::unordered_map<std::string, Entry> types;

  static NamedTuples& instance() {
    static auto* tuples = new NamedTuples;
    return *tuples;
  }

  c10::TupleTypePtr find(const std::string& name) {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = types.find(name);
    return found == types.end() ? nullptr : found->second.type;
  }

  bool is_enum(const c10::TupleType& type) {
    if (!type.name()) return false;
    std::lock_guard<std::mutex> lock(mutex);
    auto found = types.find(type.name()->qualifiedName());
    return found != types.end() && found->second.is_enum && *found->second.type == type;
  }

  // The type with these fields. Its name is `name`, unless that stands for other fields, or for a struct in place of an
  // enum, already.
  c10::TupleTypePtr add(const std::string& name, const std::vector<std::string>& fields,
                        const std::vector<c10::TypePtr>& elements, bool is_enum) {
    std::lock_guard<std::mutex> lock(mutex);
    for (int n = 0;; n++) {
      std::string candidate = n == 0 ? name : name + "_" + std::to_string(n);
      auto type = c10::TupleType::createNamed(c10::QualifiedName(candidate), fields, elements);
      auto [found, is_new] = types.emplace(candidate, Entry{type, is_enum});
      const Entry& known = found->second;
      if (is_new || (known.is_enum == is_enum && *known.type == *type)) return known.type;
    }
  }
};

struct TextResolver : torch::jit::NativeResolver {
  c10::TypePtr resolveType(const std::string& name, const torch::jit::SourceRange& loc) override {
    if (auto tuple = NamedTuples::instance().find(name)) return tuple;
    return NativeResolver::resolveType(name, loc);
  }
};

tj_type* own(c10::TypePtr type) { return new tj_type{std::move(type)}; }

std::vector<c10::TypePtr> to_types(const tj_type* const* types, size_t n) {
  std::vector<c10::TypePtr> all;
  for (size_t i = 0; i < n; i++) all.push_back(types[i]->type);
  return all;
}

}  // namespace

bool is_enum(const c10::TupleType& type) { return NamedTuples::instance().is_enum(type); }

torch::jit::ResolverPtr text_resolver() { return std::make_shared<TextResolver>(); }

}  // namespace tch_jit

using namespace tch_jit;

tj_type* tj_type_share(const tj_type* type) noexcept { return own(type->type); }

void tj_type_free(tj_type* type) noexcept { delete type; }

tj_type* tj_type_plain(tj_kind kind) noexcept {
  switch (kind) {
    case TJ_TENSOR: return own(c10::TensorType::get());
    case TJ_FLOAT: return own(c10::FloatType::get());
    case TJ_INT: return own(c10::IntType::get());
    case TJ_BOOL: return own(c10::BoolType::get());
    case TJ_STRING: return own(c10::StringType::get());
    case TJ_DEVICE: return own(c10::DeviceObjType::get());
    default: return own(c10::NoneType::get());
  }
}

tj_type* tj_type_module() noexcept { return own(c10::AnyClassType::get()); }

tj_type* tj_type_optional(const tj_type* type) noexcept { return own(c10::OptionalType::create(type->type)); }

tj_type* tj_type_list(const tj_type* type) noexcept { return own(c10::ListType::create(type->type)); }

tj_type* tj_type_dict(const tj_type* key, const tj_type* value, tj_sink error) noexcept {
  return guard(error, [&] { return own(c10::DictType::create(key->type, value->type)); });
}

tj_type* tj_type_tuple(const tj_type* const* elements, size_t n) noexcept {
  return own(c10::TupleType::create(to_types(elements, n)));
}

tj_type* tj_type_future(const tj_type* type) noexcept { return own(c10::FutureType::create(type->type)); }

tj_type* tj_type_named_tuple(tj_str name, const tj_str* fields, const tj_type* const* types, size_t n,
                             bool is_enum, tj_sink error) noexcept {
  return guard(error, [&] {
    std::vector<std::string> names;
    for (size_t i = 0; i < n; i++) names.push_back(to_string(fields[i]));
    return own(NamedTuples::instance().add(to_string(name), names, to_types(types, n), is_enum));
  });
}

bool tj_type_equal(const tj_type* a, const tj_type* b) noexcept { return *a->type == *b->type; }

bool tj_type_is_optional(const tj_type* type) noexcept {
  return type->type->kind() == c10::TypeKind::OptionalType;
}

tj_kind tj_type_kind(const tj_type* type) noexcept {
  switch (type->type->kind()) {
    case c10::TypeKind::NoneType: return TJ_NONE;
    case c10::TypeKind::TensorType: return TJ_TENSOR;
    case c10::TypeKind::FloatType: return TJ_FLOAT;
    case c10::TypeKind::IntType: return TJ_INT;
    case c10::TypeKind::BoolType: return TJ_BOOL;
    case c10::TypeKind::StringType: return TJ_STRING;
    case c10::TypeKind::DeviceObjType: return TJ_DEVICE;
    case c10::TypeKind::TupleType: return TJ_TUPLE;
    case c10::TypeKind::ListType: return TJ_LIST;
    case c10::TypeKind::DictType: return TJ_DICT;
    default: return TJ_OTHER;
  }
}

void tj_type_text(const tj_type* type, tj_sink out) noexcept { put(out, type->type->annotation_str()); }

void tj_type_schema_text(const tj_type* type, tj_sink out) noexcept { put(out, type->type->str()); }

size_t tj_type_len(const tj_type* type) noexcept { return type->type->containedTypeSize(); }

tj_type* tj_type_get(const tj_type* type, size_t index) noexcept {
  return own(type->type->containedType(index));
}

tj_value* tj_value_named_tuple(const tj_type* type, tj_value* const* elements, size_t n,
                               tj_sink error) noexcept {
  return guard(error, [&] {
    auto tuple = type->type->cast<c10::TupleType>();
    TORCH_CHECK(tuple && tuple->schema(), "`", type->type->annotation_str(), "` is not a named tuple");
    return new c10::IValue(c10::ivalue::Tuple::createNamed(to_stack(elements, n), tuple));
  });
}
