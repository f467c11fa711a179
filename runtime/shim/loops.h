// A workaround that makes libtorch's interpreter run loops as they are written, see loops.cc.
#pragma once

#include <vector>

#include <torch/csrc/jit/api/function_impl.h>

namespace tch_jit {

void settle_loops(const std::vector<torch::jit::Function*>& functions);

}  // namespace tch_jit
