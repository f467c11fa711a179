// Renames values whose names would keep a saved file from being loaded, see names.cc.
#pragma once

#include <ATen/core/function.h>
#include <ATen/core/jit_type.h>

namespace tch_jit {

// Renames variables and arguments that hide a function of TorchScript: of one function, or of all
// methods of a class.
void rename_hiding(torch::jit::Function& function);
void rename_hiding(const c10::ClassType& type);

}  // namespace tch_jit
