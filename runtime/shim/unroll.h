// Loops over modules, which libtorch unrolls, see unroll.cc.
#pragma once

#include <string>
#include <unordered_set>

#include <torch/csrc/jit/frontend/tree_views.h>

namespace tch_jit {

// Rewrites loops over modules of one body.
class Unroller {
 public:
  explicit Unroller(const torch::jit::TreeRef& body);

  // The loop without `break` and `continue`, which libtorch does not take where it unrolls. What has to run before the
  // loop goes to `before`.
  torch::jit::TreeRef without_exits(const torch::jit::TreeRef& loop, torch::jit::TreeList& before);

  // A loop over modules and, beside them, a list: `for (module, value) in zip(modules, values)`, and its `enumerate`.
  // libtorch unrolls only what is as long as modules are while compiling. `modules` is the index of these in the `zip`.
  torch::jit::TreeRef without_zip(const torch::jit::TreeRef& loop, size_t modules,
                                  torch::jit::TreeList& before);

 private:
  std::string unique(const std::string& base);

  std::unordered_set<std::string> names_;
};

}  // namespace tch_jit
