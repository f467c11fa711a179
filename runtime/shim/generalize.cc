// Stage: several traces of one body, on inputs of different sizes, become one graph that holds for any.
//
// The traces are walked in step. Where a number differs between them, it is written as a formula of what differs in the
// inputs: sizes of tensors that the graph knows by then, and numbers among its arguments. The cheapest formula that
// fits all traces is taken; whether it holds for others is for the caller to find out. A number that fits no formula is
// refused, and so are operators that differ between the traces.
//
// Known limits: branches on sizes that the examples do not cross go unnoticed, and so do sizes that are
// the same in all examples.

#include <algorithm>
#include <cmath>

#include <ATen/ops/equal.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include "formula.h"
#include "support.h"
#include "watch.h"

using namespace tch_jit;
using namespace torch::jit;

namespace {

// Thrown where the traces cannot become one: the node that differs, and why.
struct Refused : std::exception {
  Refused(Node* at, std::string reason) : node(at), why(std::move(reason)) {}
  Node* node;
  std::string why;
};

// Walks the graphs of all traces in step, and changes the first one into the graph of all.
class Unifier {
 public:
  Unifier(std::vector<const tj_graph*> traces, const tj_generality& found)
      : graphs_(std::move(traces)), found_(found), solver_(graphs_.size()) {}

  void run() {
    Unlocked constants;
    std::vector<std::vector<Value*>> inputs;
    for (auto* it : graphs_) inputs.emplace_back(it->graph->inputs().begin(), it->graph->inputs().end());
    for (size_t i = 0; i < inputs[0].size(); i++) {
      bind(each([&](size_t k) { return inputs[k].at(i); }), graphs_[0]->graph->param_node());
    }
    for (size_t i = 0; i < graphs_[0]->numbers.size(); i++) add_number(i);
    walk(each([&](size_t k) { return graphs_[k]->graph->block(); }));
    // The constants that became formulas are left over; graphs are compared by their texts.
    EliminateDeadCode(graphs_[0]->graph);
  }

 private:
  template <class F>
  auto each(F f) -> std::vector<decltype(f(size_t()))> {
    std::vector<decltype(f(size_t()))> all;
    for (size_t k = 0; k < graphs_.size(); k++) all.push_back(f(k));
    return all;
  }

  Graph& graph() { return *graphs_[0]->graph; }

  void walk(const std::vector<Block*>& blocks) {
    auto nodes = each([&](size_t k) {
      std::vector<Node*> list;
      for (Node* node : blocks[k]->nodes()) {
        if (node->kind() != prim::Constant) list.push_back(node);
      }
      return list;
    });
    const size_t n = nodes[0].size();
    for (size_t i = 0; i < n; i++) {
      step(each([&](size_t k) { return i < nodes[k].size() ? nodes[k][i] : nullptr; }));
    }
    for (size_t k = 0; k < nodes.size(); k++) {
      if (nodes[k].size() > n) refuse(nodes[k][n], "an operator that a run on other sizes does not have");
    }
    inputs_of(each([&](size_t k) { return blocks[k]->return_node(); }));
  }

  void step(const std::vector<Node*>& nodes) {
    Node* first = nodes[0];
    for (Node* node : nodes) {
      if (!node) refuse(first, "an operator that a run on other sizes does not have");
      if (node->kind() != first->kind() || node->inputs().size() != first->inputs().size() ||
          node->outputs().size() != first->outputs().size() || name_of(node) != name_of(first)) {
        if (node->kind() == prim::ListUnpack && first->kind() == prim::ListUnpack)
          list_of_other_length(first, node);
        refuse(first, "`" + name_of(first) + "`, where a run on other sizes has `" + name_of(node) + "`");
      }
    }
    inputs_of(nodes);
    for (size_t i = 0; i < first->blocks().size(); i++) {
      walk(each([&](size_t k) { return nodes[k]->blocks().at(i); }));
    }
    for (size_t i = 0; i < first->outputs().size(); i++) {
      bind(each([&](size_t k) { return nodes[k]->output(i); }), first);
    }
  }

  // Refuses a list of different lengths: its elements are single values of the trace, so their number is fixed.
  [[noreturn]] void list_of_other_length(Node* first, Node* other) {
    Node* maker = first->input()->node();
    refuse(maker, "`" + name_of(maker) + "`, which gives a list of " +
                      std::to_string(first->outputs().size()) + ", and of " +
                      std::to_string(other->outputs().size()) + " on other sizes");
  }

  static std::string name_of(Node* node) {
    node = user_of(node);
    bool has_name = node->hasAttribute(attr::name) && node->kindOf(attr::name) == AttributeKind::s;
    return has_name ? node->s(attr::name) : node->kind().toUnqualString();
  }

  void inputs_of(const std::vector<Node*>& nodes) {
    for (size_t i = 0; i < nodes[0]->inputs().size(); i++) {
      auto values = each([&](size_t k) { return nodes[k]->input(i); });
      bool is_constant = values[0]->node()->kind() == prim::Constant;
      for (size_t k = 0; k < values.size(); k++) {
        bool agrees =
            is_constant ? values[k]->node()->kind() == prim::Constant : known_[k][values[k]] == values[0];
        if (!agrees)
          refuse(nodes[0], "`" + name_of(nodes[0]) + "`, which a run on other sizes gives other values");
      }
      if (is_constant) constant(nodes[0], i, values);
    }
  }

  // Notes that `values`, one of each trace, are the same value of the one graph; their sizes become sources of
  // formulas.
  void bind(const std::vector<Value*>& values, Node* by) {
    known_.resize(values.size());
    for (size_t k = 0; k < values.size(); k++) known_[k][values[k]] = values[0];
    std::vector<std::vector<int64_t>> sizes;
    for (Value* value : values) {
      auto type = value->type()->cast<TensorType>();
      auto concrete = type ? type->sizes().concrete_sizes() : std::nullopt;
      if (!concrete) return;
      sizes.push_back(*concrete);
    }
    for (const auto& size : sizes) {
      if (size.size() != sizes[0].size()) {
        refuse(by, "`" + name_of(by) + "`, whose result has " + std::to_string(sizes[0].size()) +
                       " dimensions, and " + std::to_string(size.size()) + " on other sizes");
      }
    }
    for (size_t dim = 0; dim < sizes[0].size(); dim++) {
      Varying source{values[0], dim, {}, false, described(values[0]) + ".size(" + std::to_string(dim) + ")",
                     {}};
      for (const auto& size : sizes) source.seen.push_back(static_cast<double>(size[dim]));
      bool differs = !all_equal(source.seen);
      if (differs && is_given(values[0])) {
        found_.free(found_.ctx, to_str(source.name), to_str(list_of(different(source.seen))));
      }
      solver_.add(std::move(source));
    }
  }

  void add_number(size_t i) {
    Varying source{graphs_[0]->numbers[i].first, std::nullopt, {}, false, {}, {}};
    for (auto* it : graphs_) {
      const IValue& value = it->numbers.at(i).second;
      source.is_float = value.isDouble();
      source.seen.push_back(source.is_float ? value.toDouble() : static_cast<double>(value.toInt()));
    }
    source.name = described(source.value);
    if (all_equal(source.seen)) {
      throw Refused{nullptr, "the argument `" + source.name + "` is " + number(source.seen[0]) +
                                 " in all examples: a trace would take it for a constant"};
    }
    found_.free(found_.ctx, to_str(source.name), to_str(list_of(different(source.seen))));
    solver_.add(std::move(source));
  }

  // Each number once, in the order of the traces.
  static Seen different(const Seen& seen) {
    Seen numbers;
    for (double number : seen) {
      if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) numbers.push_back(number);
    }
    return numbers;
  }

  // Whether the value is an argument of the method, or a part of one.
  static bool is_given(Value* value) {
    Node* node = value->node();
    if (node->kind() == prim::Param) return true;
    bool is_part = node->kind() == prim::TupleUnpack || node->kind() == prim::ListUnpack ||
                   node->kind() == aten::__getitem__ ||
                   node->kind() == Symbol::fromQualString("aten::_unwrap_optional");
    return is_part && is_given(node->input(0));
  }

  static std::string described(Value* value) {
    Node* node = value->node();
    if (node->kind() == prim::Param) return value->debugNameBase();
    if (is_given(value)) {
      std::string of = described(node->input(0));
      if (node->kind() == prim::TupleUnpack || node->kind() == prim::ListUnpack) {
        return of + "." + std::to_string(value->offset());
      }
      auto key = node->inputs().size() > 1 ? toIValue(node->input(1)) : std::nullopt;
      return key && key->isString() ? of + "[\"" + key->toStringRef() + "\"]" : of;
    }
    return name_of(node);
  }

  void constant(Node* node, size_t index, const std::vector<Value*>& values) {
    if (values[0]->type()->kind() == TypeKind::FunctionType) {
      for (Value* value : values) {
        if (name_of(value->node()) != name_of(values[0]->node())) refuse(node, "a call of another function");
      }
      return;
    }
    std::vector<IValue> all;
    for (Value* value : values) all.push_back(toIValue(value).value_or(IValue()));
    Value* lifted = lift(node, all);
    if (lifted) node->replaceInput(index, lifted);
  }

  // The value that takes the place of a constant; null where the constant is the same in all traces.
  Value* lift(Node* node, const std::vector<IValue>& all) {
    const IValue& first = all[0];
    for (const IValue& it : all) {
      if (it.tagKind() != first.tagKind()) refuse(node, "an argument of another type on other sizes");
    }
    if (first.isInt()) {
      return number_of(node, all, [](const IValue& it) { return static_cast<double>(it.toInt()); }, false);
    }
    if (first.isDouble()) return number_of(node, all, [](const IValue& it) { return it.toDouble(); }, true);
    if (first.isIntList() || first.isDoubleList()) return list(node, all);
    if (first.isTensor()) return tensor(node, all);
    for (const IValue& it : all) {
      if (!(it == first))
        refuse(node, "`" + name_of(node) + "` is given " + shown(all) + ", which follow from no size");
    }
    return nullptr;
  }

  static std::string shown(const std::vector<IValue>& all) {
    std::ostringstream out;
    for (size_t i = 0; i < all.size(); i++) out << (i ? ", " : "") << all[i];
    return out.str();
  }

  static bool are_whole(const Seen& values) {
    for (double value : values) {
      if (value != std::round(value)) return false;
    }
    return true;
  }

  template <class Get>
  Value* number_of(Node* node, const std::vector<IValue>& all, Get get, bool is_float) {
    Seen seen;
    for (const IValue& it : all) seen.push_back(get(it));
    // NaN does not equal itself, so it is told apart here: it counts as the same in all traces.
    if (all_equal(seen) || (is_float && std::isnan(seen[0]))) return nullptr;
    auto formula = solver_.solve(seen, is_float);
    if (!formula) {
      refuse(node, "`" + name_of(node) + "` is given " + list_of(seen) + ", which follow from no size");
    }
    if (is_float && formula->shape == Formula::Plain && formula->b == 0 && std::abs(formula->a) < 1 &&
        are_whole(seen)) {
      refuse(node, "`" + name_of(node) + "` is given " + list_of(seen) + ", which may be " + formula->text() +
                       " with or without the rest of a division: give examples in which that differs");
    }
    for (const Varying* source : formula->factors) {
      if (!source->twin.empty()) {
        refuse(node, "`" + name_of(node) + "` is given " + list_of(seen) + ", which may follow from " +
                         source->name + " or from " + source->twin + ": give examples in which these differ");
      }
    }
    found_.lifted(found_.ctx, to_str(place_of(node)), to_str(name_of(node)), to_str(list_of(seen)),
                  to_str(formula->text()));
    return formula->write(graph(), node, user_of(node)->sourceRange(), is_float);
  }

  Value* list(Node* node, const std::vector<IValue>& all) {
    std::vector<std::vector<IValue>> parts;
    for (const IValue& it : all) {
      auto elements = it.toListRef();
      parts.emplace_back(elements.begin(), elements.end());
      if (parts.back().size() != parts[0].size()) refuse(node, "a list of another length on other sizes");
    }
    std::vector<Value*> elements;
    bool differs = false;
    WithInsertPoint here(node);
    for (size_t i = 0; i < parts[0].size(); i++) {
      Value* lifted = lift(node, each([&](size_t k) { return parts[k][i]; }));
      differs |= lifted != nullptr;
      elements.push_back(lifted ? lifted : graph().insertConstant(parts[0][i]));
    }
    if (!differs) return nullptr;
    return graph().insertNode(graph().createList(elements[0]->type(), elements))->output();
  }

  Value* tensor(Node* node, const std::vector<IValue>& all) {
    const at::Tensor& first = all[0].toTensor();
    bool differs = false;
    for (const IValue& it : all) {
      const at::Tensor& other = it.toTensor();
      if (first.defined() != other.defined()) refuse(node, "a tensor that is missing on other sizes");
      // One tensor from outside, of whatever layout, is the same for all sizes.
      if (!first.defined() || first.is_same(other)) continue;
      if (other.sizes() != first.sizes() || other.scalar_type() != first.scalar_type()) {
        refuse(node, "a tensor made of Rust's data, which has another size or kind on other sizes");
      }
      differs |= !at::equal(first, other);
    }
    if (!differs) return nullptr;
    bool is_float = first.is_floating_point();
    bool are_numbers = is_float || c10::isIntegralType(first.scalar_type(), /*includeBool=*/false);
    if (!are_numbers || first.numel() > kMaxElements) {
      refuse(node, "a tensor made of Rust's data, whose values are others on other sizes");
    }
    std::vector<Value*> elements;
    for (int64_t i = 0; i < first.numel(); i++) {
      auto element = [&](size_t k) { return all[k].toTensor().flatten()[i].item(); };
      auto numbers = each(
          [&](size_t k) { return is_float ? IValue(element(k).toDouble()) : IValue(element(k).toLong()); });
      Value* lifted = lift(node, numbers);
      WithInsertPoint here(node);
      elements.push_back(lifted ? lifted : graph().insertConstant(numbers[0]));
    }
    WithInsertPoint here(node);
    Graph& g = graph();
    Value* values = g.insertNode(g.createList(elements[0]->type(), elements))->output();
    Value* kind = g.insertConstant(static_cast<int64_t>(first.scalar_type()));
    NamedValue dtype("dtype", kind), device("device", g.insertConstant(first.device()));
    Value* flat = g.insert(aten::tensor, {values}, {dtype, device});
    return g.insert(aten::view, {flat, g.insertConstant(first.sizes().vec())});
  }

  static constexpr int64_t kMaxElements = 16;

  // The node to blame: for the construction of a list, the operator that takes the list.
  static Node* user_of(Node* node) {
    bool is_list = node->kind() == prim::ListConstruct && node->output()->hasUses();
    return is_list ? user_of(node->output()->uses()[0].user) : node;
  }

  static std::string place_of(Node* node) {
    if (auto at = user_of(node)->sourceRange().file_line_col()) {
      const auto& [file, line, column] = *at;
      return file + ":" + std::to_string(line) + ":" + std::to_string(column + 1);
    }
    return "";
  }

  [[noreturn]] void refuse(Node* node, std::string why) { throw Refused{node, std::move(why)}; }

 public:
  static std::string place_of(const Refused& refused) { return refused.node ? place_of(refused.node) : ""; }

 private:
  std::vector<const tj_graph*> graphs_;
  const tj_generality& found_;
  Solver solver_;
  // For each trace, the values of the first trace that its values correspond to.
  std::vector<std::unordered_map<Value*, Value*>> known_;
};

}  // namespace

bool tj_graphs_generalize(const tj_graph* const* graphs, size_t n, const tj_generality* found,
                          tj_sink error) noexcept {
  return guard(error, [&] {
    try {
      Unifier(std::vector<const tj_graph*>(graphs, graphs + n), *found).run();
    } catch (const Refused& refused) {
      found->refused(found->ctx, to_str(Unifier::place_of(refused)), to_str(refused.why));
    }
    return true;
  });
}
