// A function of the prelude in C++: the build makes one constant of this type of each `def` in `prelude/*.py`.
#pragma once

#include <cstddef>

namespace tch_jit {

// A function of TorchScript, as text. In it, type variables such as `T` stand for types of the operands, and
// `rust_eq(a, b)` is the operator `$eq`.
struct Function {
  const char* name;
  const char* source;
  // Where the text stands, for libtorch's messages.
  const char* file;
  size_t line;
};

}  // namespace tch_jit
