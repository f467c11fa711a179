// TorchScript types by their names. A Rust struct with `#[derive(ScriptType)]` is a tuple with named
// fields; libtorch's parser does not know such types by name, so they are kept here, for all units
// and threads: a named tuple belongs to no unit, and two are equal if their names and fields are.

#include "types.h"

#include <mutex>
#include <unordered_map>

#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/script_type_parser.h>

#include "support.h"

namespace tch_jit {
namespace {

struct NamedTuples {
  std::mutex mutex;
  std::unordered_map<std::string, c10::TupleTypePtr> types;

  static NamedTuples& instance() {
    static auto* tuples = new NamedTuples;
    return *tuples;
  }

  c10::TupleTypePtr find(const std::string& name) {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = types.find(name);
    return found == types.end() ? nullptr : found->second;
  }

  // The type's name, which is `name` unless that stands for other fields.
  std::string add(const std::string& name, const std::vector<std::string>& fields,
                  const std::vector<c10::TypePtr>& elements) {
    std::lock_guard<std::mutex> lock(mutex);
    for (int n = 0;; n++) {
      std::string candidate = n == 0 ? name : name + "_" + std::to_string(n);
      auto type = c10::TupleType::createNamed(c10::QualifiedName(candidate), fields, elements);
      auto inserted = types.emplace(candidate, type);
      if (inserted.second || *inserted.first->second == *type) return candidate;
    }
  }
};

struct NamedTupleResolver : torch::jit::Resolver {
  c10::TypePtr resolveType(const std::string& name, const torch::jit::SourceRange&) override {
    return NamedTuples::instance().find(name);
  }
};

}  // namespace

c10::TypePtr parse_type(const std::string& type) {
  return torch::jit::ScriptTypeParser(std::make_shared<NamedTupleResolver>()).parseType(type);
}

}  // namespace tch_jit

using namespace tch_jit;

bool tj_named_tuple(tj_str name, const tj_str* fields, const tj_str* types, size_t n, tj_sink out,
                    tj_sink error) noexcept {
  return guard(error, [&] {
    std::vector<std::string> names;
    std::vector<c10::TypePtr> elements;
    for (size_t i = 0; i < n; i++) {
      names.push_back(to_string(fields[i]));
      elements.push_back(parse_type(to_string(types[i])));
    }
    put(out, NamedTuples::instance().add(to_string(name), names, elements));
    return true;
  });
}

tj_value* tj_value_named_tuple(tj_str type, tj_value* const* elements, size_t n,
                               tj_sink error) noexcept {
  return guard(error, [&] {
    auto tuple = NamedTuples::instance().find(to_string(type));
    TORCH_CHECK(tuple, "`", to_string(type), "` is not a named tuple");
    return new c10::IValue(c10::ivalue::Tuple::createNamed(to_stack(elements, n), tuple));
  });
}
