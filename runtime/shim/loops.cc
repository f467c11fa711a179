// Stage: changes loops of defined functions so that libtorch (2.13) runs them as they are written. What the workarounds
// share; each has its own file.

#include "loops.h"

#include "sugared.h"

namespace tch_jit {
namespace {

using namespace torch::jit;
using c10::TypeKind;

void collect(Block* block, std::vector<Node*>& loops) {
  for (Node* node : block->nodes()) {
    if (node->kind() == prim::Loop) loops.push_back(node);
    for (Block* inner : node->blocks()) collect(inner, loops);
  }
}

}  // namespace

std::vector<Node*> loops_of(Block* block) {
  std::vector<Node*> loops;
  collect(block, loops);
  return loops;
}

Value* insert_never(Graph& graph, Value* value) {
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
      const auto& elements = type->expectRef<c10::TupleType>().elements();
      for (size_t i = 0; i < elements.size(); i++) {
        Value* index = graph.insertConstant(static_cast<int64_t>(i));
        Value* part = graph.insertNode(graph.createTupleIndex(value, index, elements[i]))->output();
        if (Value* found = insert_never(graph, part)) return found;
      }
      return nullptr;
    }
    default: return nullptr;
  }
}

bool is_never(const Value* condition) {
  const Node* node = condition->node();
  if (node->kind() == aten::lt) {
    Symbol of = node->input(0)->node()->kind();
    bool is_size = of == Symbol::aten("numel") || of == aten::len;
    return node->input(0) == node->input(1) || (is_size && constant_as<int64_t>(node->input(1)) == 0);
  }
  const Node* negation = node->kind() == aten::__and__ ? node->input(1)->node() : nullptr;
  return negation && negation->kind() == aten::__not__ && negation->input() == node->input(0);
}

void settle_loops(const std::vector<Function*>& functions) {
  for (Function* function : functions) {
    GraphFunction& defined = toGraphFunction(*function);
    remove_keepers(defined.graph()->block());
    // What this inserts are no loops; it may change which values are read.
    settle_aliases(defined);
    settle_reads(*defined.graph());
  }
}

}  // namespace tch_jit
