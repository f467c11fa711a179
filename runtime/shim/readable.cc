// Stage: changes in a compiled method what a saved file would not give back.
//
// libtorch 2.13 writes methods as text, of which it reads some as something else, or not at all:
//
// - Names: it writes a value under its own name, which comes from a Rust variable or a field, and writes `float(x)` for
//   a conversion. It does not notice that a value named `float` hides the function (its list of reserved names, in
//   python_print.cpp, has only the keywords). So values with the name of such a function get a `_`.
// - Floats: it writes 1e10 as `10000000000`, an integer, and so every whole number up to 1e17. Here it becomes
//   `float(10000000000)`.
// - Texts: it writes a carriage return as `\r`, which it cannot read (parse_string_literal.h). Here such a text becomes
//   one that is joined by `chr(13)`.
// - Named tuples: what holds a letter beyond ASCII, it writes as a whole to a table of constants, which gives named
//   tuples in it back without their names. Here it becomes one that is made of its parts.

#include "readable.h"

#include <cmath>
#include <string>
#include <unordered_set>
#include <vector>

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
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

bool is_readable_number(double value) {
  double magnitude = std::abs(value);
  return magnitude < 1e10 || magnitude >= 1e17 || !std::isfinite(value) || std::trunc(value) != value;
}

bool is_readable_text(const std::string& text) { return text.find('\r') == std::string::npos; }

// Whether there are both a named tuple and a letter beyond ASCII in it.
bool loses_names(const IValue& value) {
  bool any_name = false;
  bool any_letter = false;
  value.visit([&](const IValue& part) {
    if (part.isTuple()) any_name = any_name || part.type()->expectRef<TupleType>().schema() != nullptr;
    if (part.isString()) {
      for (char c : part.toStringRef()) any_letter = any_letter || static_cast<unsigned char>(c) >= 0x80;
    }
    return any_name && any_letter;
  });
  return any_name && any_letter;
}

Value* call(Graph& graph, Symbol op, std::initializer_list<NamedValue> args) {
  return graph.insert(op, std::vector<NamedValue>(args));
}

// The text, whose lines end with carriage returns, as one that is computed.
Value* joined(Graph& graph, const std::string& text) {
  std::vector<Value*> parts;
  size_t start = 0;
  for (size_t end = 0; end != std::string::npos; start = end + 1) {
    end = text.find('\r', start);
    parts.push_back(graph.insertConstant(text.substr(start, end == std::string::npos ? end : end - start)));
  }
  Value* list = graph.insertNode(graph.createList(StringType::get(), parts))->output();
  return call(graph, Symbol::aten("join"), {call(graph, aten::chr, {int64_t('\r')}), list});
}

// Inserts nodes that compute the constant from what is readable.
Value* computed(Graph& graph, const IValue& value, const TypePtr& type) {
  if (tch_jit::is_readable(value)) return graph.insertConstant(value);
  if (value.isDouble()) return call(graph, aten::Float, {static_cast<int64_t>(value.toDouble())});
  if (value.isString()) return joined(graph, value.toStringRef());
  std::vector<Value*> parts;
  if (value.isList()) {
    auto element = type->expectRef<ListType>().getElementType();
    for (const IValue& part : value.toListRef()) parts.push_back(computed(graph, part, element));
    return graph.insertNode(graph.createList(element, parts))->output();
  }
  if (value.isTuple()) {
    auto tuple = type->expect<TupleType>();
    const auto& elements = value.toTupleRef().elements();
    for (size_t i = 0; i < elements.size(); i++) {
      parts.push_back(computed(graph, elements[i], tuple->elements()[i]));
    }
    return graph.insertNode(graph.createTuple(parts, tuple->schema() ? tuple : nullptr))->output();
  }
  auto dict = type->expect<DictType>();
  std::vector<Value*> keys;
  for (const auto& entry : value.toGenericDict()) {
    keys.push_back(computed(graph, entry.key(), dict->getKeyType()));
    parts.push_back(computed(graph, entry.value(), dict->getValueType()));
  }
  return graph.insertNode(graph.createDict(dict->getKeyType(), dict->getValueType(), keys, parts))->output();
}

void replace_constants(Block* block) {
  for (auto it = block->nodes().begin(); it != block->nodes().end();) {
    Node* node = *it;
    ++it;
    for (Block* inner : node->blocks()) replace_constants(inner);
    if (node->hasAttribute(attr::Subgraph)) replace_constants(node->g(attr::Subgraph)->block());
    if (node->kind() != prim::Constant) continue;
    auto value = toIValue(node->output());
    if (!value || tch_jit::is_readable(*value)) continue;
    Graph& graph = *node->owningGraph();
    WithInsertPoint before(node);
    WithCurrentScope scope(graph, node->scope());
    Value* instead = computed(graph, *value, value->type());
    instead->node()->setSourceRange(node->sourceRange());
    node->output()->replaceAllUsesWith(instead);
    node->destroy();
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

bool is_readable(const IValue& value) {
  if (value.isDouble()) return is_readable_number(value.toDouble());
  if (value.isString()) return is_readable_text(value.toStringRef());
  if (loses_names(value)) return false;
  if (value.isList()) {
    for (const IValue& part : value.toListRef()) {
      if (!is_readable(part)) return false;
    }
  } else if (value.isTuple()) {
    for (const IValue& part : value.toTupleRef().elements()) {
      if (!is_readable(part)) return false;
    }
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      if (!is_readable(entry.key()) || !is_readable(entry.value())) return false;
    }
  }
  return true;
}

void keep_readable(Function& function) {
  Block* block = toGraphFunction(function).graph()->block();
  rename(block);
  replace_constants(block);
  rename_arguments(function);
}

void keep_readable(const c10::ClassType& type) {
  for (Function* method : type.methods()) keep_readable(*method);
}

}  // namespace tch_jit
