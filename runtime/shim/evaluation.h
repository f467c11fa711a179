// Methods that are compiled for evaluation only, and read by converters.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace tch_jit {

// Gives operators forms in which they do the same in evaluation, and which converters know.
void settle_evaluation(torch::jit::Graph& graph, torch::jit::Block* block);

}  // namespace tch_jit
