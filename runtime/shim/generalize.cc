// Stage: several traces of one body, on inputs of different sizes, become one graph that holds for any.
//
// The traces are walked in step. Where a number differs between them, it is written as a formula of what
// differs in the inputs: sizes of tensors that the graph knows by then, and numbers among its arguments. The
// cheapest formula that fits all traces is taken; whether it holds for others is for the caller to find out.
// What fits no formula, and operators that differ, are refused.
//
// Known limits: branches on sizes that the examples do not cross go unnoticed, and so do sizes that are
// the same in all examples.

#include <cmath>
#include <optional>
#include <set>
#include <sstream>

#include <ATen/ops/equal.h>
#include <torch/csrc/jit/ir/constants.h>

#include "support.h"
#include "watch.h"

using namespace tch_jit;
using namespace torch::jit;

namespace {

// What a number is in each of the traces.
using Ints = std::vector<int64_t>;
using Floats = std::vector<double>;

// A number of the graph that differs between the traces.
struct Source {
  Value* value;  // of the first trace: a tensor, or an argument that is a number
  std::optional<size_t> dim;
  Floats seen;
  bool is_float;
  std::string name;
  // Another one that was the same in all traces, by chance perhaps.
  std::string twin;
};

// How large their results are depends on values.
bool depends_on_values(Node* node) {
  static const std::set<std::string> kOperators = {"nonzero",     "masked_select",      "index",     "unique_dim",
                                                   "unique_consecutive", "_unique2", "_unique", "repeat_interleave"};
  return node->kind().is_aten() && kOperators.count(node->kind().toUnqualString());
}

struct Refused {
  Node* node;
  std::string why;
};

template <class T>
bool all_equal(const std::vector<T>& values) {
  for (const T& value : values) {
    if (!(value == values[0])) return false;
  }
  return true;
}

template <class T>
std::string list_of(const std::vector<T>& values) {
  std::ostringstream out;
  for (size_t i = 0; i < values.size(); i++) out << (i ? ", " : "") << values[i];
  return out.str();
}

std::string number(double value) {
  std::ostringstream out;
  out.precision(10);
  out << value;
  return out.str();
}

// How a number follows from sources: (a * product of `factors`) / q + b, with a floor or a ceiling where it
// is divided; a float may be the inverse or the root of that product.
struct Formula {
  std::vector<const Source*> factors;
  double a = 1, b = 0;
  int64_t q = 1;
  bool ceils = false, adds_second = false, subtracts_second = false;
  enum { Plain, Inverse, Root, InverseRoot } shape = Plain;
  int cost = 0;

  std::string text() const {
    const std::string sign = adds_second ? " + " : subtracts_second ? " - " : " * ";
    std::string product;
    for (const Source* it : factors) product += (product.empty() ? "" : sign) + it->name;
    bool is_sum = factors.size() > 1 && sign != " * ";
    if (is_sum && (a != 1 || q != 1)) product = "(" + product + ")";
    if (a != 1 && shape == Plain) product = number(a) + " * " + product;
    if (q != 1) product = (ceils ? "ceil(" : "floor(") + product + " / " + std::to_string(q) + ")";
    const std::string inner = factors.size() > 1 ? "(" + product + ")" : product;
    if (shape == Root || shape == InverseRoot) product = "sqrt(" + product + ")";
    if (shape == Inverse) product = number(a) + " / " + inner;
    if (shape == InverseRoot) product = number(a) + " / " + product;
    if (shape == Root && a != 1) product = number(a) + " * " + product;
    if (b > 0) product += " + " + number(b);
    if (b < 0) product += " - " + number(-b);
    return product;
  }
};

// Finds formulas for numbers.
class Solver {
 public:
  explicit Solver(size_t n) : n_(n) {}

  // The earliest source of equal values is kept.
  void add(Source source) {
    if (all_equal(source.seen)) return;
    for (const auto& known : sources_) {
      if (known->seen != source.seen || known->is_float != source.is_float) continue;
      if (depends_on_values(source.value->node())) known->twin = source.name;
      return;
    }
    sources_.push_back(std::make_unique<Source>(std::move(source)));
  }

  std::optional<Formula> solve(const Floats& wanted, bool is_float) {
    best_.reset();
    for (const auto& x : sources_) {
      const int depth = depth_of(*x);
      if (x->is_float && !is_float) continue;
      linear(wanted, of({x.get()}), x->seen, is_float, depth);
      if (is_float) {
        scaled(wanted, {x.get()}, x->seen, depth);
      } else {
        divided(wanted, *x, depth);
      }
    }
    for (size_t i = 0; i < sources_.size() && i < kMaxPairs; i++) {
      for (size_t j = i; j < sources_.size() && j < kMaxPairs; j++) {
        const Source &x = *sources_[i], &y = *sources_[j];
        if ((x.is_float || y.is_float) && !is_float) continue;
        const int depth = depth_of(x) + depth_of(y) + 3;
        Floats product(n_), sum(n_), difference(n_), reverse(n_);
        for (size_t k = 0; k < n_; k++) {
          product[k] = x.seen[k] * y.seen[k];
          sum[k] = x.seen[k] + y.seen[k];
          difference[k] = x.seen[k] - y.seen[k];
          reverse[k] = -difference[k];
        }
        linear(wanted, of({&x, &y}), product, is_float, depth);
        if (is_float) scaled(wanted, {&x, &y}, product, depth);
        if (i == j) continue;
        Formula combined = of({&x, &y});
        combined.adds_second = true;
        linear(wanted, combined, sum, is_float, depth);
        combined.adds_second = false;
        combined.subtracts_second = true;
        linear(wanted, combined, difference, is_float, depth + 1);
        combined.factors = {&y, &x};
        linear(wanted, combined, reverse, is_float, depth + 1);
      }
    }
    return best_;
  }

 private:
  static constexpr size_t kMaxPairs = 24;

  static bool near(double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b)); }

  // What the graph makes on the way is a less likely reason than what it is given.
  static int depth_of(const Source& it) { return it.value->node()->kind() == prim::Param ? 0 : 1; }

  static Formula of(std::vector<const Source*> factors) {
    Formula formula;
    formula.factors = std::move(factors);
    return formula;
  }

  void offer(Formula formula, int cost) {
    formula.cost = cost;
    if (!best_ || cost < best_->cost) best_ = std::move(formula);
  }

  void exact(const Floats& wanted, const Floats& x, const Formula& formula, int cost) {
    for (size_t k = 0; k < n_; k++) {
      if (!near(wanted[k], x[k])) return;
    }
    offer(formula, cost);
  }

  // a * x + b. With one number more to find, one trace more is needed to believe it.
  void linear(const Floats& wanted, Formula formula, const Floats& x, bool is_float, int cost) {
    exact(wanted, x, formula, cost);
    size_t other = 1;
    while (other < n_ && x[other] == x[0]) other++;
    if (other == n_) return;
    auto fits = [&](double a, double b) {
      for (size_t k = 0; k < n_; k++) {
        double value = a * x[k] + b;
        if (is_float ? std::abs(wanted[k] - value) > 1e-9 * (1 + std::abs(value)) : wanted[k] != value) return false;
      }
      return true;
    };
    auto is_usable = [&](double a) { return is_float ? std::isfinite(a) : a == std::round(a) && a != 0; };
    if (x[0] != 0) {
      formula.a = wanted[0] / x[0];
      if (formula.a != 1 && is_usable(formula.a) && fits(formula.a, 0)) offer(formula, cost + 3);
    }
    formula.a = 1;
    formula.b = wanted[0] - x[0];
    if (formula.b != 0 && fits(1, formula.b)) offer(formula, cost + (std::abs(formula.b) <= 2 ? 2 : 3));
    formula.a = (wanted[other] - wanted[0]) / (x[other] - x[0]);
    formula.b = wanted[0] - formula.a * x[0];
    bool is_whole = is_float || formula.b == std::round(formula.b);
    if (n_ > 2 && formula.a != 1 && formula.b != 0 && is_whole && is_usable(formula.a) && fits(formula.a, formula.b)) {
      offer(formula, cost + 5);
    }
  }

  // floor(x / q) + b, as strided and pooled sizes are. The sizes have to be pairwise different.
  void divided(const Floats& wanted, const Source& x, int cost) {
    if (n_ < 3) return;
    for (int64_t q = 2; q <= 32; q++) {
      for (bool ceils : {false, true}) {
        Formula formula;
        formula.factors = {&x};
        formula.q = q;
        formula.ceils = ceils;
        auto part = [&](size_t k) {
          return std::floor((x.seen[k] + (ceils ? static_cast<double>(q - 1) : 0)) / static_cast<double>(q));
        };
        formula.b = wanted[0] - part(0);
        // Where two of the quotients are equal, or all sizes leave a rest or none, others would fit as well.
        bool fits = true, has_multiple = false, has_rest = false;
        std::set<double> parts;
        for (size_t k = 0; k < n_; k++) {
          fits &= wanted[k] == part(k) + formula.b;
          parts.insert(part(k));
          bool is_multiple = std::fmod(x.seen[k], static_cast<double>(q)) == 0;
          has_multiple |= is_multiple;
          has_rest |= !is_multiple;
        }
        if (fits && has_multiple && has_rest && parts.size() == n_) offer(formula, cost + 4 + (formula.b != 0 ? 2 : 0) + static_cast<int>(q - 2) + ceils);
      }
    }
  }

  // a / x, a * sqrt(x), a / sqrt(x).
  void scaled(const Floats& wanted, const std::vector<const Source*>& factors, const Floats& x, int cost) {
    for (auto shape : {Formula::Inverse, Formula::Root, Formula::InverseRoot}) {
      auto shaped = [&](double value) {
        return shape == Formula::Inverse ? 1 / value : shape == Formula::Root ? std::sqrt(value) : 1 / std::sqrt(value);
      };
      double a = wanted[0] / shaped(x[0]);
      // 1.0000000000000002 is 1.
      if (std::abs(a - std::round(a)) < 1e-12 * std::abs(a)) a = std::round(a);
      bool fits = std::isfinite(a);
      for (size_t k = 0; k < n_; k++) fits &= std::abs(wanted[k] - a * shaped(x[k])) <= 1e-9 * std::abs(wanted[k]);
      // Two examples do not confirm a number.
      if (!fits || (a != 1 && n_ < 3)) continue;
      Formula formula;
      formula.factors = factors;
      formula.shape = shape;
      formula.a = a;
      offer(formula, cost + (a == 1 ? 1 : 3));
    }
  }

  size_t n_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::optional<Formula> best_;
};

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

  static std::string name_of(Node* node) {
    node = user_of(node);
    for (auto name : {attr::name, attr::Subgraph}) {
      if (node->hasAttribute(name) && node->kindOf(name) == AttributeKind::s) return node->s(name);
    }
    return node->kind().toUnqualString();
  }

  void inputs_of(const std::vector<Node*>& nodes) {
    for (size_t i = 0; i < nodes[0]->inputs().size(); i++) {
      auto values = each([&](size_t k) { return nodes[k]->input(i); });
      bool is_constant = values[0]->node()->kind() == prim::Constant;
      for (size_t k = 0; k < values.size(); k++) {
        bool agrees = is_constant ? values[k]->node()->kind() == prim::Constant
                                  : known_[k][values[k]] == values[0];
        if (!agrees) refuse(nodes[0], "`" + name_of(nodes[0]) + "`, which a run on other sizes gives other values");
      }
      if (is_constant) constant(nodes[0], i, values);
    }
  }

  // Values of the traces that are one.
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
      Source source{values[0], dim, {}, false, described(values[0]) + ".size(" + std::to_string(dim) + ")"};
      for (const auto& size : sizes) source.seen.push_back(static_cast<double>(size[dim]));
      bool differs = !all_equal(source.seen);
      if (differs && is_given(values[0])) {
        found_.free(found_.ctx, to_str(source.name), to_str(list_of(source.seen)));
      }
      solver_.add(std::move(source));
    }
  }

  void add_number(size_t i) {
    Source source{graphs_[0]->numbers[i].first, std::nullopt, {}, false, {}};
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
    found_.free(found_.ctx, to_str(source.name), to_str(list_of(source.seen)));
    solver_.add(std::move(source));
  }

  // Arguments, and parts of them.
  static bool is_given(Value* value) {
    Node* node = value->node();
    if (node->kind() == prim::Param) return true;
    bool is_part = node->kind() == prim::TupleUnpack || node->kind() == prim::ListUnpack ||
        node->kind() == aten::__getitem__ || node->kind() == Symbol::fromQualString("aten::_unwrap_optional");
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

  // The value that takes the place of a constant; none where it is the same in all traces.
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
      if (!(it == first)) refuse(node, "an argument of " + shown(all) + " in the examples");
    }
    return nullptr;
  }

  static std::string shown(const std::vector<IValue>& all) {
    std::ostringstream out;
    for (size_t i = 0; i < all.size(); i++) out << (i ? ", " : "") << all[i];
    return out.str();
  }

  static bool are_whole(const Floats& values) {
    for (double value : values) {
      if (value != std::round(value)) return false;
    }
    return true;
  }

  template <class Get>
  Value* number_of(Node* node, const std::vector<IValue>& all, Get get, bool is_float) {
    Floats seen;
    for (const IValue& it : all) seen.push_back(get(it));
    // NaN is NaN.
    if (all_equal(seen) || (is_float && std::isnan(seen[0]))) return nullptr;
    auto formula = solver_.solve(seen, is_float);
    if (!formula) {
      refuse(node, "`" + name_of(node) + "` is given " + list_of(seen) + ", which follow from no size");
    }
    if (is_float && formula->shape == Formula::Plain && formula->b == 0 && std::abs(formula->a) < 1 && are_whole(seen)) {
      refuse(node, "`" + name_of(node) + "` is given " + list_of(seen) + ", which may be " + formula->text() +
                       " with or without the rest of a division: give examples in which that differs");
    }
    for (const Source* source : formula->factors) {
      if (!source->twin.empty()) {
        refuse(node, "`" + name_of(node) + "` is given " + list_of(seen) + ", which may follow from " + source->name +
                         " or from " + source->twin + ": give examples in which these differ");
      }
    }
    found_.lifted(found_.ctx, to_str(place_of(node)), to_str(name_of(node)), to_str(list_of(seen)),
                  to_str(formula->text()));
    return write(node, *formula, is_float);
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
      if (!first.defined()) continue;
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
      auto numbers = each([&](size_t k) { return is_float ? IValue(element(k).toDouble()) : IValue(element(k).toLong()); });
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

  // The formula as operators before `node`.
  Value* write(Node* node, const Formula& formula, bool is_float) {
    WithInsertPoint here(node);
    Graph& g = graph();
    auto constant = [&](double value) {
      return is_float ? g.insertConstant(value) : g.insertConstant(static_cast<int64_t>(value));
    };
    auto at_place = [&](Value* value) {
      value->node()->setSourceRange(user_of(node)->sourceRange());
      return value;
    };
    auto of = [&](Symbol op, std::vector<NamedValue> args) { return at_place(g.insert(op, args)); };
    auto source = [&](const Source& it) {
      Value* value = it.value;
      if (it.dim) value = of(aten::size, {value, g.insertConstant(static_cast<int64_t>(*it.dim))});
      return is_float && !it.is_float ? of(aten::Float, {value}) : value;
    };
    Value* value = source(*formula.factors[0]);
    if (formula.factors.size() > 1) {
      auto op = formula.adds_second ? aten::add : formula.subtracts_second ? aten::sub : aten::mul;
      value = of(op, {value, source(*formula.factors[1])});
    }
    if (formula.shape == Formula::Root || formula.shape == Formula::InverseRoot) value = of(aten::sqrt, {value});
    if (formula.shape == Formula::Inverse || formula.shape == Formula::InverseRoot) {
      value = of(aten::div, {constant(formula.a), value});
    } else if (formula.a != 1) {
      value = of(aten::mul, {value, constant(formula.a)});
    }
    if (formula.q != 1) {
      if (formula.ceils) value = of(aten::add, {value, g.insertConstant(formula.q - 1)});
      value = of(aten::floordiv, {value, g.insertConstant(formula.q)});
    }
    if (formula.b != 0) value = of(aten::add, {value, constant(formula.b)});
    return value;
  }

  // A list is made for the operator that takes it.
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
  // For each trace, its values as those of the first.
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
