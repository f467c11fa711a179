// What the code of a file may call, see permitted.cc.
#pragma once

#include <cstddef>
#include <unordered_map>

#include <ATen/core/function.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>

namespace tch_jit {

class Permitted {
 public:
  // Code that is trusted may call any operator.
  explicit Permitted(bool is_trusted) : is_trusted_(is_trusted) {}

  // Throws if the function, or one that it calls, may not be called; has them refuse what is known only when they run.
  void admit(torch::jit::Function& function) { depth(function); }

 private:
  size_t depth(torch::jit::Function& function);
  size_t depth(torch::jit::Block& block);
  void admit(torch::jit::Node* node) const;

  bool is_trusted_;
  // How many calls deep the functions are that were looked at.
  std::unordered_map<torch::jit::GraphFunction*, size_t> depths_;
};

}  // namespace tch_jit
