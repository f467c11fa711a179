// TorchScript types by their names, those of Rust structs included.
#pragma once

#include <string>

#include <ATen/core/jit_type.h>

namespace tch_jit {

// Parses what `ScriptType::type_name` writes.
c10::TypePtr parse_type(const std::string& type);

}  // namespace tch_jit
