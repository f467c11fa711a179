// What the other files of the shim share: error handling and the bodies of the opaque types.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include "declared.h"
#include "execute.h"
#include "shim.h"

struct tj_unit {
  std::shared_ptr<torch::jit::CompilationUnit> unit;
  std::shared_ptr<tch_jit::Declared> declared;
  std::shared_ptr<tch_jit::Plans> plans;
};

struct tj_class {
  std::shared_ptr<torch::jit::CompilationUnit> unit;
  std::shared_ptr<tch_jit::Declared> declared;
  std::shared_ptr<tch_jit::Plans> plans;
  c10::ClassTypePtr type;
};

struct tj_module {
  torch::jit::Module module;
  std::shared_ptr<tch_jit::Plans> plans;
};

struct tj_type {
  c10::TypePtr type;
};

struct tj_graph {
  std::shared_ptr<torch::jit::Graph> graph;
  // The numbers among the arguments, in order, with their values in the recorded run.
  std::vector<std::pair<torch::jit::Value*, c10::IValue>> numbers;
};

namespace tch_jit {

inline std::string to_string(tj_str text) { return std::string(text.data, text.len); }

inline tj_str to_str(const std::string& text) { return {text.data(), text.size()}; }

inline void put(tj_sink sink, const std::string& text) { sink.put(sink.ctx, text.data(), text.size()); }

// Runs `f` and turns every exception into a message. c10::Error comes first, because its
// what() carries a C++ backtrace that says nothing to a user.
template <class F>
auto guard(tj_sink error, F f) noexcept -> decltype(f()) {
  try {
    return f();
  } catch (const c10::Error& e) {
    put(error, e.what_without_backtrace());
  } catch (const std::exception& e) {
    put(error, e.what());
  } catch (...) {
    put(error, "unknown C++ exception");
  }
  return {};
}

inline torch::jit::Stack to_stack(tj_value* const* values, size_t n) {
  torch::jit::Stack stack;
  stack.reserve(n);
  for (size_t i = 0; i < n; i++) stack.push_back(*values[i]);
  return stack;
}

// A copy that shares no memory with the tensor, and needs no more of it: elements that are one in memory, as of an
// expanded tensor, are one in the copy. It is a leaf that requires grad as before.
at::Tensor copied(const at::Tensor& tensor);

}  // namespace tch_jit
