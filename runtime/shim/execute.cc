// Stage: runs a compiled function. In: the function and its arguments. Out: its result.
//
// libtorch would run it by the profiling executor, which takes two calls to specialize the graph, seconds for a large
// one; whose gradients are wrong in places (complex numbers, `hardtanh` at its bounds, `pow` of zero), since it derives
// them from formulas of its own; and which fuses nothing on a CPU. So a function is run by a plan: its graph with all
// calls replaced by their bodies, as code of libtorch's interpreter. Its operators are those of eager code, and so are
// their gradients.
//
// Constants are folded where nothing changes them in place. libtorch's alias analysis, which errs about loops, is not
// asked, but where that pass removes what has become dead: our own graphs tell it what it needs (see loop_aliases.cc).

#include "execute.h"

#include <ATen/record_function.h>
#include <torch/csrc/jit/passes/constant_pooling.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/lower_tuples.h>

namespace tch_jit {
namespace {

using namespace torch::jit;

// Replaces calls by the bodies of what they call, and the calls in these. libtorch's own pass makes and keeps an
// optimized graph of each function on the way.
void inline_calls(Block* block) {
  for (auto it = block->nodes().begin(); it != block->nodes().end();) {
    Node* node = *it;
    GraphFunction* callee = tryToGraphFunction(node);
    if (!callee) {
      for (Block* inner : node->blocks()) inline_calls(inner);
      ++it;
      continue;
    }
    Node* before = node->prev();
    if (node->kind() == prim::CallFunction) node->removeInput(0);
    inlineCallTo(node, callee, /*use_graph=*/callee->graph().get());
    it = ++before->iterator();
  }
}

Code make_plan(const GraphFunction& function) {
  auto graph = function.graph()->copy();
  inline_calls(graph->block());
  LowerSimpleTuples(graph);
  ConstantPropagationImmutableTypes(graph);
  ConstantPooling(graph);
  EliminateDeadCode(graph->block());
  return Code(graph, function.name());
}

}  // namespace

IValue Plans::run(Function& function, Stack stack) {
  function.getSchema().checkAndNormalizeInputs(stack, {});
  function.ensure_defined();
  const Code code = plan(toGraphFunction(function));
  RECORD_TORCHSCRIPT_FUNCTION(function.name(), stack);
  InterpreterState(code).run(stack);
  return stack.front();
}

void Plans::forget(const Function& function) {
  const std::lock_guard<std::mutex> lock(mutex_);
  plans_.erase(&function);
}

// The lock is held while a plan is made: another thread that needs the same one would make it, too.
Code Plans::plan(GraphFunction& function) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto found = plans_.find(&function);
  if (found == plans_.end()) found = plans_.emplace(&function, make_plan(function)).first;
  return found->second;
}

}  // namespace tch_jit
