// Splits values into flat tensors and the structure around them: libtorch traces flat tensors only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/ir/ir.h>

namespace tch_jit {

// Calls `f` with each tensor in `value`, in order.
template <class F>
void for_each_tensor(const c10::IValue& value, F&& f) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) f(value.toTensor());
  } else if (value.isList()) {
    for (const c10::IValue& element : value.toListRef()) for_each_tensor(element, f);
  } else if (value.isTuple()) {
    for (const auto& element : value.toTupleRef().elements()) for_each_tensor(element, f);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) for_each_tensor(entry.value(), f);
  }
}

// A copy of `value` with other tensors: `f` is called with each tensor, in order, and returns its replacement.
c10::IValue with_tensors(const c10::IValue& value, const std::function<at::Tensor(const at::Tensor&)>& f);

// A parameter of a method: its name, its type, and the value that it had in the recorded run. Without a type, it is a
// constant of that run and no input of the graph.
struct Parameter {
  std::string name;
  c10::TypePtr type;
  c10::IValue value;
};

// Makes the parameters the inputs of a graph whose inputs are `self` and the flat tensors in them. Returns
// the numbers in them.
std::vector<std::pair<torch::jit::Value*, c10::IValue>> structure_inputs(
    torch::jit::Graph& graph, const std::vector<Parameter>& parameters);

// Inserts a value like `example`, of the type `type`, that is made of the flat tensors in it.
torch::jit::Value* pack(torch::jit::Graph& graph, std::vector<torch::jit::Value*> flat,
                        const c10::IValue& example, const c10::TypePtr& type);

// Makes a value like `output`, of the type `type`, the output of a graph whose output is the flat tensors
// in it: one, or a tuple of several.
void structure_output(torch::jit::Graph& graph, const c10::IValue& output, const c10::TypePtr& type);

}  // namespace tch_jit
