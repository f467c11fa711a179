// Stage: gives operators of a method that is compiled for evaluation only the forms which converters read.
//
// - LSTM and GRU layers of tch are in training by default; without dropout, they do the same in evaluation, and OpenVINO
//   and pnnx take them there only.
// - Sums, means and products of all elements have to name their kind in tch; coremltools (9.0) knows `sum(x)` alone, so
//   the kind becomes a cast, which libtorch's operators begin with as well.

#include "evaluation.h"

#include <torch/csrc/jit/ir/constants.h>

namespace tch_jit {
namespace {

using namespace torch::jit;

void leave_training(Graph& graph, Node* node) {
  if (constant_as<double>(node->namedInput("dropout")) != 0.0) return;
  auto train = node->schema().argumentIndexWithName("train");
  if (!train) return;
  WithInsertPoint guard(node);
  node->replaceInput(*train, graph.insertConstant(false));
}

void cast_before(Graph& graph, Node* node) {
  Value* kind = node->input(1);
  if (!kind->type()->isSubtypeOf(*IntType::get())) return;
  WithInsertPoint guard(node);
  Value* cast = graph.insert(aten::to, {node->input(0), kind}, {}, node->sourceRange());
  node->replaceInput(0, cast);
  node->replaceInput(1, graph.insertConstant(IValue()));
}

}  // namespace

void settle_evaluation(Graph& graph, Block* block) {
  for (Node* node : block->nodes()) {
    bool is_recurrent = node->kind() == Symbol::aten("lstm") || node->kind() == Symbol::aten("gru");
    // The form for packed sequences has other arguments.
    if (is_recurrent && node->schema().overload_name() == "input") leave_training(graph, node);
    bool reduces = node->kind() == aten::sum || node->kind() == aten::mean || node->kind() == aten::prod;
    if (reduces && node->inputs().size() == 2) cast_before(graph, node);
    for (Block* inner : node->blocks()) settle_evaluation(graph, inner);
  }
}

}  // namespace tch_jit
