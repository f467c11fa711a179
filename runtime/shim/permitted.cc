// What the code of a file may call: operators of libtorch that stay inside of the process and of its tensors, and
// functions that do not call each other too deeply.

#include "permitted.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/passes/inliner.h>

namespace tch_jit {
namespace {

using namespace torch::jit;

// Functions that call others are inlined by recursion, in threads with small stacks.
constexpr size_t max_depth = 256;

// `torch.save` writes a file; those of `inductor` and `static_runtime` are for code that libtorch's compilers make, and do
// not look at sizes; the rest talks to other processes.
bool reaches_out(c10::Symbol kind) {
  static const auto* operators = new std::unordered_set<std::string>{
      "aten::save",     "debugprims::load_tensor", "prim::rpc_async",
      "prim::rpc_sync", "prim::rpc_remote",        "mkldnn::data_ptr",
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

// Raises an exception where memory would be shared with a file.
const Graph& refusal() {
  static const auto* unit = new CompilationUnit(R"(
def refuse(shared: Optional[bool]):
    if shared is not None:
        assert not shared, "its code shares memory with a file (`torch.from_file`)\nhelp: if you trust the file, say so: `LoadOptions::trusted`"
)");
  return *toGraphFunction(unit->get_function(c10::QualifiedName("refuse"))).graph();
}

// `torch.from_file` reads a file, unless it shares its memory with one: then it makes and changes it. Whether it does may
// be known only when it runs.
void refuse_sharing(Node* node) {
  if (node->kind() != aten::from_file) return;
  Value* shared = node->namedInput("shared");
  auto known = toIValue(shared);
  if (known && (known->isNone() || !known->toBool())) return;
  WithInsertPoint before(node);
  insertGraph(*node->owningGraph(), const_cast<Graph&>(refusal()), {shared});  // NOLINT: it is copied
}

}  // namespace

void Permitted::admit(Node* node) const {
  if (is_trusted_) return;
  TORCH_CHECK(!reaches_out(node->kind()), "its code calls `", node->kind().toQualString(),
              "`, which reaches beyond the tensors of this process\nhelp: if you trust the file, say so: "
              "`LoadOptions::trusted`");
  refuse_sharing(node);
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
    admit(node);
    if (GraphFunction* callee = tryToGraphFunction(node)) deepest = std::max(deepest, depth(*callee));
    if (node->hasAttribute(attr::Subgraph))
      deepest = std::max(deepest, depth(*node->g(attr::Subgraph)->block()));
    for (Block* inner : node->blocks()) deepest = std::max(deepest, depth(*inner));
  }
  return deepest;
}

}  // namespace tch_jit
