// Names that a saved file could not be read back with.
#pragma once

#include <ATen/core/jit_type.h>

namespace tch_jit {

// Renames variables and arguments of the class's methods that hide a function of TorchScript.
void rename_hiding(const c10::ClassType& type);

}  // namespace tch_jit
