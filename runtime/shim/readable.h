// Changes in compiled methods what a saved file would not give back, see readable.cc.
#pragma once

#include <ATen/core/function.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

namespace tch_jit {

// Whether a constant that libtorch writes as text is read as the same value.
bool is_readable(const c10::IValue& constant);

// Makes one function, or all methods of a class, such that libtorch reads what it writes of them.
void keep_readable(torch::jit::Function& function);
void keep_readable(const c10::ClassType& type);

}  // namespace tch_jit
