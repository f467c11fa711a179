// Stage: changes a function so that libtorch's interpreter (2.13) does not lose a value that a loop reads.
//
// The interpreter may run a node while it loads the inputs of the node that takes its result: for `return (x, loop)`,
// it first loads `x`, then runs the loop. It counts the uses of `x` that it has met, and the last one takes the value
// away. If the loop reads `x`, that is the one in the loop, in the first round; the second round finds nothing
// (`expected int`):
//
//     for _ in range(3):
//         n += 1
//         for _ in range(k):
//             total += n    # the second round fails: the outer loop goes on with `n` and `total`, in this order
//
// It happens where one node takes both the value and, after it, the result of the loop; directly, or through nodes whose
// results are used once; where the loop is inside of a branch or at the end of a function that is called, as well. The
// workaround is a branch between the two, which is never taken, though libtorch cannot know that.

#include <unordered_set>

#include <torch/csrc/jit/passes/inliner.h>

#include "loops.h"

namespace tch_jit {
namespace {

using namespace torch::jit;
using Values = std::unordered_set<const Value*>;

// Adds what nodes of the block read from outside of it.
void add_reads(const Block* block, Values& reads) {
  auto add = [&](const Node* node) {
    for (const Value* input : node->inputs()) {
      if (input->node()->kind() != prim::Constant) reads.insert(input);
    }
    for (const Block* inner : node->blocks()) add_reads(inner, reads);
  };
  for (const Node* node : block->nodes()) add(node);
  add(block->return_node());
}

bool ends_in_loop(Graph& graph);

// What loops that the node contains, or calls at the end of a function, may read. Values from within the node are among
// them: no other node takes these.
Values loop_reads(Node* node) {
  Values reads;
  if (node->kind() == prim::Loop) {
    add_reads(node->blocks()[0], reads);
  } else if (GraphFunction* callee = tryToGraphFunction(node); callee && ends_in_loop(*callee->graph())) {
    reads.insert(node->inputs().begin(), node->inputs().end());
  }
  for (Block* block : node->blocks()) {
    for (const Node* loop : loops_of(block)) add_reads(loop->blocks()[0], reads);
  }
  return reads;
}

// Whether a loop may run while the result of the graph is taken.
bool ends_in_loop(Value* value) {
  Node* node = value->node();
  if (value->uses().size() > 1 || node->kind() == prim::Param) return false;
  if (!loop_reads(node).empty()) return true;
  for (Value* input : node->inputs()) {
    if (ends_in_loop(input)) return true;
  }
  return false;
}

bool ends_in_loop(Graph& graph) {
  for (Value* output : graph.outputs()) {
    if (ends_in_loop(output)) return true;
  }
  return false;
}

// Whether a node takes one of `reads` and, after it, the value: directly, or through nodes whose results are used once.
bool is_taken_after(const Value* value, const Values& reads, const Block* block) {
  while (value->uses().size() == 1) {
    const Use& use = value->uses()[0];
    if (use.user->owningBlock() != block) return false;
    for (size_t i = 0; i < use.offset; i++) {
      if (reads.count(use.user->input(i))) return true;
    }
    if (use.user == block->return_node() || use.user->outputs().size() != 1) return false;
    value = use.user->output();
  }
  return false;
}

// Puts a branch behind the value, so that the node that makes it has to be run before.
void settle(Graph& graph, Value* value) {
  WithInsertPoint after(value->node()->next());
  std::vector<Value*> values{value};
  values.insert(values.end(), value->node()->inputs().begin(), value->node()->inputs().end());
  Value* never = insert_never(graph, std::move(values));
  if (!never) return;
  Node* branch = graph.insertNode(graph.create(prim::If, {never}, 0));
  branch->setSourceRange(value->node()->sourceRange());
  Block* then = branch->addBlock();
  Block* otherwise = branch->addBlock();
  // Converters know negation, and may not know exceptions.
  Symbol change = value->type()->kind() == c10::TypeKind::BoolType ? aten::__not__ : aten::neg;
  bool can_change = value->type()->isSubtypeOf(*c10::TensorType::get()) ||
                    value->type()->isSubtypeOf(*c10::NumberType::get()) || change == aten::__not__;
  if (!can_change) {
    WithInsertPoint inside(then);
    graph.insert(prim::RaiseException,
                 {graph.insertConstant("unreachable: without it, libtorch would lose what the loop reads")});
    return;
  }
  Value* result = branch->addOutput()->setType(value->type());
  value->replaceAllUsesAfterNodeWith(branch, result);
  WithInsertPoint inside(then);
  then->registerOutput(graph.insert(change, {value}));
  otherwise->registerOutput(value);
}

void settle(Graph& graph, Block* block) {
  for (auto it = block->nodes().begin(); it != block->nodes().end();) {
    Node* node = *it++;
    for (Block* inner : node->blocks()) settle(graph, inner);
    const Values reads = loop_reads(node);
    if (reads.empty()) continue;
    for (Value* result : node->outputs()) {
      // Of several results, all but one may turn out to be unused where the function is called.
      if (is_taken_after(result, reads, block)) settle(graph, result);
    }
  }
}

}  // namespace

void settle_reads(Graph& graph) { settle(graph, graph.block()); }

}  // namespace tch_jit
