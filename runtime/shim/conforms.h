// Whether a value is what its type says, see conforms.cc.
#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

namespace tch_jit {

// Throws if a part of the value, or of an object that it reaches, is not of the type declared for it.
void check_conforms(const c10::IValue& value, const c10::TypePtr& type);

}  // namespace tch_jit
