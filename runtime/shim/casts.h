// Casts that operators of TorchScript do themselves.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace tch_jit {

// Removes casts of integers to floats from operands of operators that take integers as well, and do the same with them.
void drop_casts(torch::jit::Block* block);

}  // namespace tch_jit
