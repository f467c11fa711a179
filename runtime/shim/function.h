// What a function of the prelude is to C++: the build makes one constant of each `def` in `prelude/*.py`.
#pragma once

#include <cstddef>

namespace tch_jit {

// A function of TorchScript, as text. Its type variables, `T` and its like, are types of the
// operands, and `rust_eq(a, b)` in it is the operator `$eq`.
struct Function {
  const char* name;
  const char* source;
  // Where the text stands, for libtorch's messages.
  const char* file;
  size_t line;
};

}  // namespace tch_jit
