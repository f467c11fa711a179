// Lists operators: those of TorchScript, onto which `cargo xtask codegen` maps tch's methods, and those of Rust, which
// the macro writes as `$name`.
//
// In: nothing. Out: schemas as text, one a line; names. Needs no module and no compilation unit.

#include "shim.h"

#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "sugared.h"

// Hands the schema of every `aten::` operator of libtorch's registry to `put`, in one piece, sorted,
// one per line. `data` is valid during the call of `put` only. Nothing is put if libtorch fails.
extern "C" void tj_operator_schemas(void* ctx,
                                    void (*put)(void* ctx, const char* data, size_t len)) noexcept {
  try {
    std::vector<std::string> lines;
    for (const auto& op : torch::jit::getAllOperators()) {
      const c10::FunctionSchema& schema = op->schema();
      if (schema.name().rfind("aten::", 0) != 0) {
        continue;
      }
      std::ostringstream line;
      line << schema << '\n';
      lines.push_back(line.str());
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) {
      text += line;
    }
    put(ctx, text.data(), text.size());
  } catch (...) {  // NOLINT(bugprone-empty-catch)
    // The caller sees an empty list.
  }
}

extern "C" void tj_rust_operators(void* ctx, void (*each)(void* ctx, tj_str name)) noexcept {
  for (const auto& names : {tch_jit::rust_operators(), tch_jit::static_forms()}) {
    for (const auto& name : names) each(ctx, tch_jit::to_str(name));
  }
}
