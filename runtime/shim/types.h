// Lets TorchScript text name the types of Rust structs, see types.cc.
#pragma once

#include <torch/csrc/jit/frontend/resolver.h>

namespace tch_jit {

// Resolves what libtorch itself knows, and named tuples (`tj_type_named_tuple`) by their names.
torch::jit::ResolverPtr text_resolver();

// Whether a named tuple is an enum whose variants have fields.
bool is_enum(const c10::TupleType& type);

}  // namespace tch_jit
