// Stage: makes operators of a traced method calls of the layers that they belong to, as in traces of Python.
//
// tch's own code runs when a traced body calls a layer, so a trace holds its operators. The class of the layer has the
// same operators in a method. Where operators of the trace, with the weights of one layer, are those of such a method, a
// call takes their place: code reads better, and converters that know layers, such as pnnx, find them. Convolutions stay
// as they are: pnnx takes them by themselves, and looks into a layer for what a trace of Python has there, `_convolution`.

#include "layer_calls.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>

namespace tch_jit {
namespace {

using namespace torch::jit;

// The names of attributes, from the first argument of a graph on.
using Path = std::vector<std::string>;

// How to reach the value from the first argument; none where it is no attribute.
std::optional<Path> path_of(Graph& graph, Value* value) {
  Path path;
  for (; value->node()->kind() == prim::GetAttr; value = value->node()->input(0)) {
    path.push_back(value->node()->s(attr::name));
  }
  if (graph.inputs().empty() || value != graph.inputs()[0]) return std::nullopt;
  std::reverse(path.begin(), path.end());
  return path;
}

bool is_layer(const c10::ClassType& type) {
  if (!type.name()) return false;
  const std::string& name = type.name()->qualifiedName();
  return name.rfind("__torch__.torch.nn.modules.", 0) == 0 && name.find(".container.") == std::string::npos;
}

// A layer whose attribute the value is: its type, and the path to it.
struct Layer {
  c10::ClassTypePtr type;
  Path path;
};

std::optional<Layer> layer_of(Graph& graph, Value* value) {
  Node* node = value->node();
  if (node->kind() == prim::ListConstruct) {
    for (Value* element : node->inputs()) {
      if (auto layer = layer_of(graph, element)) return layer;
    }
    return std::nullopt;
  }
  if (node->kind() != prim::GetAttr) return std::nullopt;
  auto type = node->input(0)->type()->cast<c10::ClassType>();
  auto path = path_of(graph, node->input(0));
  if (!type || !path || path->empty() || !is_layer(*type)) return std::nullopt;
  return Layer{std::move(type), std::move(*path)};
}

// Compares a method of a layer with operators of a trace.
class Match {
 public:
  Match(Graph& method, Graph& trace, const Path& layer)
      : method_(method), trace_(trace), layer_(layer), arguments_(method.inputs().size(), nullptr) {}

  // Whether the trace's operator does what the one of the method does.
  bool is_same(Node* ours, Node* theirs) {
    if (ours->kind() != theirs->kind() || ours->inputs().size() != theirs->inputs().size()) return false;
    if (!ours->blocks().empty() || ours->kind() == prim::Param) return false;
    for (size_t i = 0; i < ours->inputs().size(); i++) {
      if (!is_same(ours->input(i), theirs->input(i))) return false;
    }
    return true;
  }

  // The arguments of a call; empty where one is not known.
  std::vector<Value*> arguments() const {
    std::vector<Value*> values(arguments_.begin() + 1, arguments_.end());
    bool is_known = std::all_of(values.begin(), values.end(), [](Value* value) { return value != nullptr; });
    return is_known ? values : std::vector<Value*>();
  }

 private:
  bool is_same(Value* ours, Value* theirs) {
    for (size_t i = 1; i < arguments_.size(); i++) {
      if (ours != method_.inputs()[i]) continue;
      if (!arguments_[i]) arguments_[i] = theirs;
      return arguments_[i] == theirs;
    }
    switch (ours->node()->kind()) {
      case prim::GetAttr: {
        auto path = path_of(method_, ours), found = path_of(trace_, theirs);
        if (!path || !found) return false;
        path->insert(path->begin(), layer_.begin(), layer_.end());
        return *path == *found;
      }
      case prim::Constant: {
        auto constant = toIValue(ours), found = toIValue(theirs);
        return constant && found && !constant->isTensor() && !found->isTensor() && *constant == *found;
      }
      // What stands between: only what nobody else could see twice.
      case prim::ListConstruct: return is_same(ours->node(), theirs->node());
      default: return false;
    }
  }

  Graph& method_;
  Graph& trace_;
  const Path& layer_;
  std::vector<Value*> arguments_;
};

// The operator whose results a method returns, one or all as a tuple; null for other methods.
Node* returned_operator(Graph& method) {
  if (method.outputs().size() != 1) return nullptr;
  Node* node = method.outputs()[0]->node();
  if (node->kind() != prim::TupleConstruct) return node->outputs().size() == 1 ? node : nullptr;
  if (node->inputs().empty()) return nullptr;
  Node* made = node->input(0)->node();
  bool are_all = node->inputs().equals(made->outputs());
  return are_all ? made : nullptr;
}

Value* owner(Graph& graph, const Path& path) {
  Value* value = graph.inputs()[0];
  for (const std::string& name : path) value = graph.insertGetAttr(value, name);
  return value;
}

// Calls the method in the place of the operator.
void replace(Graph& graph, Node* node, const Layer& layer, const Function& method,
             const std::vector<Value*>& arguments) {
  WithInsertPoint guard(node);
  std::vector<Value*> inputs{owner(graph, layer.path)};
  inputs.insert(inputs.end(), arguments.begin(), arguments.end());
  Node* call = graph.insertNode(graph.create(prim::CallMethod, inputs));
  call->s_(attr::name, method.name());
  call->setSourceRange(node->sourceRange());
  call->output()->setType(method.getSchema().returns().at(0).type());
  if (node->outputs().size() == 1) {
    call->output()->copyMetadata(node->output());
    node->output()->replaceAllUsesWith(call->output());
    return;
  }
  Node* parts = graph.insertNode(graph.createTupleUnpack(call->output()));
  for (size_t i = 0; i < node->outputs().size(); i++) {
    node->output(i)->replaceAllUsesWith(parts->output(i));
  }
}

bool call_layer(Graph& graph, Node* node, const Layer& layer) {
  for (Function* function : layer.type->methods()) {
    Graph& method = *toGraphFunction(*function).graph();
    Node* made = returned_operator(method);
    Match match(method, graph, layer.path);
    if (!made || !match.is_same(made, node)) continue;
    auto arguments = match.arguments();
    if (arguments.empty()) continue;
    replace(graph, node, layer, *function, arguments);
    return true;
  }
  return false;
}

bool is_convolution(const Node* node) {
  return std::string(node->kind().toUnqualString()).rfind("conv", 0) == 0;
}

}  // namespace

void call_layers(Graph& graph) {
  auto nodes = graph.block()->nodes();
  for (auto it = nodes.begin(); it != nodes.end();) {
    Node* node = *it++;
    if (node->kind() == prim::GetAttr || node->kind() == prim::ListConstruct || is_convolution(node))
      continue;
    for (Value* input : node->inputs()) {
      auto layer = layer_of(graph, input);
      if (!layer) continue;
      if (call_layer(graph, node, *layer)) node->destroy();
      break;
    }
  }
}

}  // namespace tch_jit
