// Stage: shows a recorded graph, as operators for people and as text for comparisons; renames calls in it.

#include <sstream>

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/shape_analysis.h>

#include "support.h"
#include "watch.h"

using namespace tch_jit;
using namespace torch::jit;

namespace {

// An argument of an operator as text. One that another operator computed is shown as `_`.
std::string describe(Value* value) {
  Node* node = value->node();
  if (node->kind() == prim::ListConstruct || node->kind() == prim::TupleConstruct) {
    std::string text;
    for (Value* element : node->inputs()) text += (text.empty() ? "" : ", ") + describe(element);
    return "[" + text + "]";
  }
  if (node->kind() != prim::Constant) return "_";
  auto constant = toIValue(value);
  if (!constant || constant->isTensor()) return "<tensor>";
  std::ostringstream out;
  out << *constant;
  return out.str();
}

std::string name_of(Node* node) {
  if (node->kind() != prim::CallMethod) return node->kind().toQualString();
  Node* child = node->input(0)->node();
  return (child->kind() == prim::GetAttr ? child->s(attr::name) + "." : "") + node->s(attr::name);
}

bool is_operator(Node* node) {
  switch (node->kind()) {
    case prim::Constant:
    case prim::GetAttr:
    case prim::ListConstruct:
    case prim::ListUnpack:
    case prim::TupleConstruct:
    case prim::TupleUnpack: return false;
    default: return true;
  }
}

void each_operator(Block* block, tj_each_operator found, void* ctx) {
  for (Node* node : block->nodes()) {
    if (is_operator(node)) {
      std::string text;
      for (Value* input : node->inputs()) text += (text.empty() ? "" : ", ") + describe(input);
      text = name_of(node) + "(" + text + ")";
      std::string place;
      if (auto at = node->sourceRange().file_line_col()) {
        const auto& [file, line, column] = *at;
        place = file + ":" + std::to_string(line) + ":" + std::to_string(column + 1);
      }
      found(ctx, to_str(text), to_str(place), node->isNondeterministic());
    }
    for (Block* inner : node->blocks()) each_operator(inner, found, ctx);
  }
}

// What tells a constant from others. One without plain memory, such as a sparse one, equals itself only.
void put_constant(const at::Tensor& tensor, tj_sink out) {
  bool is_plain = tensor.defined() && tensor.layout() == at::kStrided && !tensor.is_quantized() &&
                  !tensor.is_meta() && !tensor.is_nested();
  std::ostringstream text;
  if (!is_plain) {
    text << tensor.unsafeGetTensorImpl();
    return put(out, text.str());
  }
  text << tensor.dtype() << tensor.sizes();
  at::Tensor data = tensor.detach();
  if (data.nbytes() > data.storage().nbytes()) {
    // An expanded tensor is larger than its memory.
    text << data.strides() << data.storage_offset() << data.is_conj() << data.is_neg();
    auto n = static_cast<int64_t>(data.storage().nbytes() / data.element_size());
    data = data.as_strided({n}, {1}, 0);
  }
  put(out, text.str());
  data = data.cpu().resolve_conj().resolve_neg().contiguous();
  if (data.numel() > 0) out.put(out.ctx, static_cast<const char*>(data.const_data_ptr()), data.nbytes());
}

// Adds the data of constant tensors to the graph's text, which has `<Tensor>` for all but the smallest.
void put_constants(const Block* block, tj_sink out) {
  for (const Node* node : block->nodes()) {
    if (node->kind() == prim::Constant && node->hasAttribute(attr::value) &&
        node->kindOf(attr::value) == AttributeKind::t) {
      put_constant(node->t(attr::value), out);
    }
    for (const Block* inner : node->blocks()) put_constants(inner, out);
  }
}

void rename_calls(Block* block, const std::string& from, const std::string& to) {
  for (Node* node : block->nodes()) {
    if (node->kind() == prim::CallMethod && node->s(attr::name) == from) node->s_(attr::name, to);
    for (Block* inner : node->blocks()) rename_calls(inner, from, to);
  }
}

}  // namespace

void tj_graph_rename_calls(tj_graph* graph, tj_str from, tj_str to) noexcept {
  rename_calls(graph->graph->block(), to_string(from), to_string(to));
}

void tj_graph_free(tj_graph* graph) noexcept { delete graph; }

void tj_graph_erase_shapes(tj_graph* graph) noexcept { EraseShapeInformation(graph->graph); }

void tj_graph_text(const tj_graph* graph, tj_sink out) noexcept {
  Unlocked constants;
  // Shapes are left out: they are those of the recorded run, and no part of what the graph computes.
  auto copy = graph->graph->copy();
  EraseShapeInformation(copy);
  try {
    put(out, copy->toString(/*print_source_locations=*/false));
    put_constants(graph->graph->block(), out);
  } catch (const std::exception&) {
    // libtorch cannot print some constants, such as those on the device `meta`. The graph then equals itself only.
    std::ostringstream text;
    text << graph->graph.get();
    put(out, text.str());
  }
}

bool tj_graph_operators(const tj_graph* graph, tj_each_operator found, void* ctx, tj_sink error) noexcept {
  return guard(error, [&] {
    each_operator(graph->graph->block(), found, ctx);
    return true;
  });
}
