// What the code of a file may call: operators of libtorch that stay inside of the process and of its tensors, and
// functions that do not call each other too deeply.

#include "permitted.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include <torch/csrc/jit/passes/inliner.h>

namespace tch_jit {
namespace {

using namespace torch::jit;

// Functions that call others are inlined by recursion, in threads with small stacks.
constexpr size_t max_depth = 256;

// `torch.save` writes a file, `torch.from_file` maps one; those of `inductor` and `static_runtime` are for code that
// libtorch's compilers make, and do not look at sizes; the rest talks to other processes.
bool reaches_out(c10::Symbol kind) {
  static const auto* operators = new std::unordered_set<std::string>{
      "aten::save",     "aten::from_file",  "debugprims::load_tensor", "prim::rpc_async",
      "prim::rpc_sync", "prim::rpc_remote", "mkldnn::data_ptr",
  };
  static const auto* spaces = new std::unordered_set<std::string>{
      "c10d",
      "_c10d_functional",
      "_c10d_functional_autograd",
      "_dtensor",
      "fsdp",
      "inductor",
      "inductor_prims",
      "profiler",
      "static_runtime",
      "symm_mem",
  };
  return operators->count(kind.toQualString()) > 0 || spaces->count(kind.ns().toUnqualString()) > 0;
}

}  // namespace

void Permitted::check_operator(const Node& node) const {
  TORCH_CHECK(is_trusted_ || !reaches_out(node.kind()), "its code calls `", node.kind().toQualString(),
              "`, which reaches beyond the tensors of this process\nhelp: if you trust the file, say so: "
              "`LoadOptions::trusted`");
}

size_t Permitted::depth(Function& function) {
  GraphFunction* known = tryToGraphFunction(function);
  if (known == nullptr) return 1;
  auto [it, is_new] = depths_.emplace(known, 0);
  if (!is_new) return it->second;
  size_t found = 1 + depth(*known->graph()->block());
  TORCH_CHECK(found <= max_depth, "functions of its code call each other more than ", max_depth,
              " levels deep");
  return depths_[known] = found;
}

size_t Permitted::depth(Block& block) {
  size_t deepest = 0;
  for (Node* node : block.nodes()) {
    check_operator(*node);
    if (GraphFunction* callee = tryToGraphFunction(node)) deepest = std::max(deepest, depth(*callee));
    if (node->hasAttribute(attr::Subgraph))
      deepest = std::max(deepest, depth(*node->g(attr::Subgraph)->block()));
    for (Block* inner : node->blocks()) deepest = std::max(deepest, depth(*inner));
  }
  return deepest;
}

}  // namespace tch_jit
