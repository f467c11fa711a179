// Stage: puts structure around a traced graph. In: a graph of flat tensors. Out: one with the arguments and results of
// the method's signature: tuples, with or without named fields, lists, maps, options.

#include "structure.h"

namespace tch_jit {
namespace {

using namespace torch::jit;
using c10::TypeKind;
using c10::TypePtr;

TypePtr element_type(const TypePtr& type) {
  if (auto optional = type->cast<c10::OptionalType>()) return optional->getElementType();
  if (auto list = type->cast<c10::ListType>()) return list->getElementType();
  return type->expectRef<c10::DictType>().getValueType();
}

// Takes a structured input apart, and puts the parts in the place of the graph's flat tensors.
class Unpacker {
 public:
  Unpacker(Graph& graph, std::vector<Value*> flat) : graph_(graph), flat_(std::move(flat)) {}

  void unpack(Value* value, const IValue& example, const TypePtr& type) {
    if (type->kind() == TypeKind::OptionalType) {
      if (example.isNone()) return;
      Value* present = graph_.insert(Symbol::fromQualString("aten::_unwrap_optional"), {value});
      return unpack(present, example, element_type(type));
    }
    if (example.isTensor()) {
      // The type of the flat tensor keeps the shape that it had in the recorded run.
      value->setType(flat_.at(next_)->type());
      flat_.at(next_++)->replaceAllUsesWith(value);
    } else if (example.isInt() || example.isDouble()) {
      numbers.emplace_back(value, example);
    } else if (example.isTuple()) {
      auto parts = graph_.insertNode(graph_.createTupleUnpack(value))->outputs();
      const auto& elements = example.toTupleRef().elements();
      const auto& types = type->expectRef<c10::TupleType>().elements();
      for (size_t i = 0; i < elements.size(); i++) unpack(parts[i], elements[i], types[i]);
    } else if (example.isList()) {
      auto elements = example.toListRef();
      auto parts = graph_.insertNode(graph_.createListUnpack(value, elements.size()))->outputs();
      for (size_t i = 0; i < elements.size(); i++) unpack(parts[i], elements[i], element_type(type));
    } else if (example.isGenericDict()) {
      for (const auto& entry : example.toGenericDict()) {
        Value* key = graph_.insertConstant(entry.key());
        unpack(graph_.insert(aten::__getitem__, {value, key}), entry.value(), element_type(type));
      }
    }
  }

  std::vector<std::pair<Value*, IValue>> numbers;

 private:
  Graph& graph_;
  std::vector<Value*> flat_;
  size_t next_ = 0;
};

class Packer {
 public:
  Packer(Graph& graph, std::vector<Value*> flat) : graph_(graph), flat_(std::move(flat)) {}

  Value* pack(const IValue& example, const TypePtr& type) {
    if (auto optional = type->cast<c10::OptionalType>()) {
      Value* value =
          example.isNone() ? graph_.insertConstant(IValue()) : pack(example, optional->getElementType());
      return graph_.insertUncheckedCast(value, type);
    }
    if (example.isTensor() && example.toTensor().defined()) return flat_.at(next_++);
    if (example.isTuple()) {
      const auto& elements = example.toTupleRef().elements();
      auto tuple = type->expect<c10::TupleType>();
      std::vector<Value*> parts;
      for (size_t i = 0; i < elements.size(); i++) {
        parts.push_back(pack(elements[i], tuple->elements()[i]));
      }
      bool is_named = tuple->schema() != nullptr;
      return insert(is_named ? graph_.createTuple(parts, tuple) : graph_.createTuple(parts));
    }
    if (example.isList()) {
      std::vector<Value*> parts;
      for (const IValue& element : example.toListRef()) {
        parts.push_back(pack(element, element_type(type)));
      }
      return insert(graph_.createList(element_type(type), parts));
    }
    if (example.isGenericDict()) {
      std::vector<Value*> keys, values;
      for (const auto& entry : example.toGenericDict()) {
        keys.push_back(graph_.insertConstant(entry.key()));
        values.push_back(pack(entry.value(), element_type(type)));
      }
      const auto& dict = type->expectRef<c10::DictType>();
      return insert(graph_.createDict(dict.getKeyType(), dict.getValueType(), keys, values));
    }
    return graph_.insertConstant(example);
  }

 private:
  Value* insert(Node* node) { return graph_.insertNode(node)->output(); }

  Graph& graph_;
  std::vector<Value*> flat_;
  size_t next_ = 0;
};

}  // namespace

c10::IValue with_tensors(const c10::IValue& value, const std::function<at::Tensor(const at::Tensor&)>& f) {
  if (value.isTensor()) return value.toTensor().defined() ? IValue(f(value.toTensor())) : value;
  if (value.isList()) {
    c10::impl::GenericList list(value.toList().elementType());
    for (const IValue& element : value.toListRef()) list.push_back(with_tensors(element, f));
    return list;
  }
  if (value.isTuple()) {
    std::vector<IValue> elements;
    for (const auto& element : value.toTupleRef().elements()) elements.push_back(with_tensors(element, f));
    auto type = value.type()->expect<c10::TupleType>();
    if (type->schema()) return c10::ivalue::Tuple::createNamed(std::move(elements), type);
    return c10::ivalue::Tuple::create(std::move(elements));
  }
  if (value.isGenericDict()) {
    auto from = value.toGenericDict();
    c10::impl::GenericDict dict(from.keyType(), from.valueType());
    for (const auto& entry : from) dict.insert(entry.key(), with_tensors(entry.value(), f));
    return dict;
  }
  return value;
}

std::vector<std::pair<Value*, IValue>> structure_inputs(Graph& graph,
                                                        const std::vector<Parameter>& parameters) {
  const size_t n_flat = graph.inputs().size() - 1;
  std::vector<Value*> flat(graph.inputs().begin() + 1, graph.inputs().end());
  std::vector<Value*> inputs;
  for (const auto& parameter : parameters) {
    Value* input = nullptr;
    if (parameter.type) {
      input = graph.addInput(parameter.name);
      input->setType(parameter.type);
    }
    inputs.push_back(input);
  }
  WithInsertPoint start(*graph.nodes().begin());
  Unpacker unpacker(graph, flat);
  for (size_t i = 0; i < parameters.size(); i++) {
    if (inputs[i]) unpacker.unpack(inputs[i], parameters[i].value, parameters[i].type);
  }
  for (size_t i = n_flat; i > 0; i--) graph.eraseInput(i);
  return unpacker.numbers;
}

Value* pack(Graph& graph, std::vector<Value*> flat, const IValue& example, const TypePtr& type) {
  return Packer(graph, std::move(flat)).pack(example, type);
}

void structure_output(Graph& graph, const IValue& output, const TypePtr& type) {
  if (type->kind() == TypeKind::TensorType) return;
  size_t n = 0;
  for_each_tensor(output, [&](const at::Tensor&) { n++; });
  Value* flat = graph.outputs().at(0);
  WithInsertPoint end(graph.return_node());
  std::vector<Value*> tensors = {flat};
  if (n != 1) tensors = graph.insertNode(graph.createTupleUnpack(flat))->outputs().vec();
  Value* packed = pack(graph, std::move(tensors), output, type);
  graph.eraseOutput(0);
  graph.registerOutput(packed);
}

}  // namespace tch_jit
