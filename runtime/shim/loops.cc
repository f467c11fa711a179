// Stage: changes loops of defined functions so that libtorch (2.13) runs them as they are written. What the workarounds
// share; each has its own file.

#include "loops.h"

#include <algorithm>
#include <unordered_set>

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

// A comparison that is false for every value of the type; null where there is none for the type.
Value* contradiction(Graph& graph, Value* value) {
  const auto& type = value->type();
  auto both = [&](Value* flag) {
    return graph.insert(aten::__and__, {flag, graph.insert(aten::__not__, {flag})});
  };
  switch (type->kind()) {
    case TypeKind::IntType:
    case TypeKind::FloatType: return graph.insert(aten::lt, {value, value});
    case TypeKind::BoolType: return both(value);
    case TypeKind::OptionalType: return both(graph.insert(aten::__is__, {value, IValue()}));
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
        if (Value* found = contradiction(graph, part)) return found;
      }
      return nullptr;
    }
    default: return nullptr;
  }
}

// Whether the value may be the placeholder that libtorch carries where a loop or a branch was left early: it must not be
// read.
bool may_be_missing(const Value* value, std::unordered_set<const Value*>& seen) {
  if (!seen.insert(value).second) return false;
  const Node* node = value->node();
  auto may_be = [&](const Value* it) { return may_be_missing(it, seen); };
  if (node->kind() == prim::Uninitialized) return true;
  if (node->kind() == prim::Param && node->owningBlock()->owningNode()) {
    const Node* outer = node->owningBlock()->owningNode();
    bool is_carried = outer->kind() == prim::Loop && value->offset() > 0;
    return is_carried && (may_be(outer->input(value->offset() + 1)) ||
                          may_be(outer->blocks()[0]->outputs()[value->offset()]));
  }
  if (node->kind() == prim::Loop) {
    return may_be(node->input(value->offset() + 2)) ||
           may_be(node->blocks()[0]->outputs()[value->offset() + 1]);
  }
  return std::any_of(node->blocks().begin(), node->blocks().end(), [&](const Block* block) {
    return node->kind() == prim::If && may_be(block->outputs()[value->offset()]);
  });
}

// How well a value serves for a condition that libtorch cannot know: it may know of an option whether it is None, and
// computes with constants.
int rank(const Value* value) {
  if (value->node()->kind() == prim::Constant) return 4;
  switch (value->type()->kind()) {
    case TypeKind::TensorType: return 0;
    case TypeKind::ListType:
    case TypeKind::DictType: return 1;
    case TypeKind::IntType:
    case TypeKind::FloatType: return 2;
    default: return 3;
  }
}

}  // namespace

std::vector<Node*> loops_of(Block* block) {
  std::vector<Node*> loops;
  collect(block, loops);
  return loops;
}

Value* insert_never(Graph& graph, std::vector<Value*> values) {
  values.insert(values.end(), graph.inputs().begin(), graph.inputs().end());
  std::stable_sort(values.begin(), values.end(),
                   [](const Value* a, const Value* b) { return rank(a) < rank(b); });
  for (Value* value : values) {
    std::unordered_set<const Value*> seen;
    if (may_be_missing(value, seen)) continue;
    if (Value* condition = contradiction(graph, value)) return condition;
  }
  return nullptr;
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
    settle_containers(defined.graph());
    settle_reads(*defined.graph());
  }
}

}  // namespace tch_jit
