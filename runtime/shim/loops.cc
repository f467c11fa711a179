// Stage: changes loops of defined functions so that libtorch's interpreter (2.13) does not lose a value that they read.
//
// The interpreter may run a loop while it loads the inputs of the node that takes the result: for `return (x, loop)`,
// it first loads `x`, then runs the loop. If the loop reads `x` too, and nothing after it does, the read in the first
// round counts as the last one and takes the value away; the second round finds nothing (`expected int`). That happens
// only to a loop with one result, directly before the node that takes it:
//
//     for _ in range(3):
//         n += 1
//         for _ in range(k):
//             total += n    # the second round fails
//
// The workaround is an assertion between the two, which always holds, though libtorch cannot know that.

#include "loops.h"

#include <torch/csrc/jit/frontend/schema_matching.h>

namespace tch_jit {
namespace {

using namespace torch::jit;
using c10::TypeKind;

// Whether the block, or one inside of it, uses a value from outside.
bool reads_outside(const Node* loop, const Block* block) {
  auto is_outside = [&](const Value* value) {
    const Node* node = value->node();
    if (node->kind() == prim::Constant) return false;
    for (const Block* at = node->owningBlock(); at; at = at->owningNode()->owningBlock()) {
      if (at->owningNode() == loop) return false;
      if (!at->owningNode()) break;
    }
    return true;
  };
  auto reads = [&](const Node* node) {
    for (const Value* input : node->inputs()) {
      if (is_outside(input)) return true;
    }
    for (const Block* inner : node->blocks()) {
      if (reads_outside(loop, inner)) return true;
    }
    return false;
  };
  if (reads(block->return_node())) return true;
  for (const Node* node : block->nodes()) {
    if (reads(node)) return true;
  }
  return false;
}

// A comparison that is false for every value of the type; null where there is none for the type.
Value* never(Graph& graph, Value* value) {
  const auto& type = value->type();
  auto contradiction = [&](Value* flag) {
    return graph.insert(aten::__and__, {flag, graph.insert(aten::__not__, {flag})});
  };
  switch (type->kind()) {
    case TypeKind::IntType:
    case TypeKind::FloatType: return graph.insert(aten::lt, {value, value});
    case TypeKind::BoolType: return contradiction(value);
    case TypeKind::OptionalType: return contradiction(graph.insert(aten::__is__, {value, IValue()}));
    case TypeKind::TensorType:
      return graph.insert(aten::lt, {graph.insert(Symbol::aten("numel"), {value}), 0});
    case TypeKind::StringType:
    case TypeKind::ListType:
    case TypeKind::DictType: return graph.insert(aten::lt, {graph.insert(aten::len, {value}), 0});
    case TypeKind::TupleType: {
      size_t n = type->expectRef<c10::TupleType>().elements().size();
      for (size_t i = 0; i < n; i++) {
        Value* index = graph.insertConstant(static_cast<int64_t>(i));
        const auto& element = type->expectRef<c10::TupleType>().elements()[i];
        Value* part = graph.insertNode(graph.createTupleIndex(value, index, element))->output();
        if (Value* found = never(graph, part)) return found;
      }
      return nullptr;
    }
    default: return nullptr;
  }
}

void settle(Graph& graph, Block* block) {
  for (Node* node : block->nodes()) {
    for (Block* inner : node->blocks()) settle(graph, inner);
    if (node->kind() != prim::Loop || !reads_outside(node, node->blocks()[0])) continue;
    WithInsertPoint after(node->next());
    // Loops with several results get the assertion, too: where the function is called, all but one may be unused.
    Value* fails = nullptr;
    for (Value* result : node->outputs()) {
      if (!fails && result->hasUses()) fails = never(graph, result);
    }
    if (!fails) continue;
    Node* check = graph.insertNode(graph.create(prim::If, {fails}, 0));
    check->setSourceRange(node->sourceRange());
    Block* then = check->addBlock();
    check->addBlock();
    WithInsertPoint inside(then);
    Value* message = graph.insertConstant("unreachable: without it, libtorch would lose what the loop reads");
    graph.insert(prim::RaiseException, {message});
  }
}

}  // namespace

void settle_loops(const std::vector<Function*>& functions) {
  for (Function* function : functions) {
    auto graph = toGraphFunction(*function).graph();
    settle(*graph, graph->block());
  }
}

}  // namespace tch_jit
