// Stage: takes casts out of a compiled method that its operators do themselves. Rust has no `x / n` of a tensor and an
// `usize`, or `sqrt` of an integer, so its bodies say `n as f64`; Python's do not, and converters that read graphs know
// no `aten::Float`.

#include "casts.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

// The integer that is cast to this value; null where it is no such cast.
Value* uncast(Value* value) {
  Node* node = value->node();
  bool is_cast = node->kind() == aten::Float && node->input(0)->type()->isSubtypeOf(*IntType::get());
  return is_cast ? node->input(0) : nullptr;
}

// Replaces operands by the integers that are cast to them, if there is such an operator.
void replace(Node* node, const std::vector<size_t>& operands) {
  std::vector<Value*> before;
  for (size_t i : operands) {
    Value* integer = uncast(node->input(i));
    if (!integer) return;
    before.push_back(node->input(i));
  }
  for (size_t i : operands) node->replaceInput(i, uncast(node->input(i)));
  if (!node->maybeOperator()) {
    for (size_t i = 0; i < operands.size(); i++) node->replaceInput(operands[i], before[i]);
    return;
  }
  for (Value* cast : before) {
    if (!cast->hasUses()) cast->node()->destroy();
  }
}

// Only operators whose result is the same, kind included: a product of a tensor of integers is one of floats where the
// other factor is a float.
void drop_casts(Node* node) {
  auto kind = node->kind();
  if ((kind == aten::div || kind == aten::div_) && node->inputs().size() == 2) {
    bool is_tensor = node->input(0)->type()->isSubtypeOf(*TensorType::get());
    return is_tensor ? replace(node, {1}) : replace(node, {0, 1});
  }
  if (kind == aten::sqrt || kind == aten::exp || kind == aten::log) replace(node, {0});
}

}  // namespace

void drop_casts(Block* block) {
  for (Node* node : block->nodes()) {
    drop_casts(node);
    for (Block* inner : node->blocks()) drop_casts(inner);
  }
}

}  // namespace tch_jit
