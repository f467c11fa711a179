// Stage: renames values of a compiled method whose names would keep a saved file from being loaded.
//
// libtorch writes a value under its own name, which comes from a Rust variable or a field, and writes `float(x)` for a
// conversion. It does not notice that a value named `float` hides the function, and the file cannot be loaded (its list
// of reserved names, in python_print.cpp, has only the keywords). So values with the name of such a function get a `_`.

#include "names.h"

#include <string>
#include <unordered_set>
#include <vector>

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>

namespace tch_jit {
namespace {

using namespace torch::jit;

// Whether the name is that of a function or a module which python_print.cpp writes as a bare name.
bool hides(const std::string& name) {
  static const auto* names = new std::unordered_set<std::string>{
      "annotate", "bool", "float", "int", "isinstance", "print", "range", "sorted", "str", "torch"};
  return names->count(name) > 0;
}

void rename(Value* value) {
  if (!value->hasDebugName()) return;
  std::string name = value->debugNameBase();
  if (hides(name)) value->setDebugName(name + "_");
}

void rename(Block* block) {
  for (Value* input : block->inputs()) rename(input);
  for (Node* node : block->nodes()) {
    for (Value* output : node->outputs()) rename(output);
    for (Block* inner : node->blocks()) rename(inner);
    if (node->hasAttribute(attr::Subgraph)) rename(node->g(attr::Subgraph)->block());
  }
}

void rename_arguments(Function& function) {
  const c10::FunctionSchema& schema = function.getSchema();
  std::vector<c10::Argument> arguments;
  bool any = false;
  for (const c10::Argument& it : schema.arguments()) {
    bool hiding = hides(it.name());
    any = any || hiding;
    arguments.emplace_back(hiding ? it.name() + "_" : it.name(), it.type(), it.N(), it.default_value(),
                           it.kwarg_only());
  }
  if (any) function.setSchema(schema.cloneWithArguments(std::move(arguments)));
}

}  // namespace

void rename_hiding(Function& function) {
  rename(toGraphFunction(function).graph()->block());
  rename_arguments(function);
}

void rename_hiding(const c10::ClassType& type) {
  for (Function* method : type.methods()) rename_hiding(*method);
}

}  // namespace tch_jit
