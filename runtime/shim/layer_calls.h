// Layers of tch in traces: their operators become calls.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace tch_jit {

// Replaces what layers below the first argument, a module, do by calls of their methods.
void call_layers(torch::jit::Graph& graph);

}  // namespace tch_jit
