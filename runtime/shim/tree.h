// Decodes the macro's byte string into libtorch's syntax tree.
#pragma once

#include <torch/csrc/jit/frontend/tree_views.h>

#include "shim.h"

namespace tch_jit {

// The syntax tree of a method, under the name in `method`. Throws where the bytes are no tree of TorchScript's grammar.
torch::jit::Def decode_def(const tj_method& method);

}  // namespace tch_jit
