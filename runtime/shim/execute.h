// Runs compiled functions as they are written, without libtorch's profiling executor, see execute.cc.
#pragma once

#include <mutex>
#include <unordered_map>

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/runtime/interpreter.h>

namespace tch_jit {

// The functions of one compilation unit that have run, ready to run again. May be used by many threads at once.
class Plans {
 public:
  c10::IValue run(torch::jit::Function& function, torch::jit::Stack stack);

  // Has to be called before the function is destroyed: another one may get its address.
  void forget(const torch::jit::Function& function);

 private:
  torch::jit::Code plan(torch::jit::GraphFunction& function);

  std::mutex mutex_;
  std::unordered_map<const torch::jit::Function*, torch::jit::Code> plans_;
};

}  // namespace tch_jit
