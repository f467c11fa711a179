// Stage: finds and writes formulas. In: what a number was in each trace, and what may explain it. Out: the cheapest
// formula that fits all traces, as text for people and as operators of the graph.

#include "formula.h"

#include <cmath>
#include <set>

namespace tch_jit {

using namespace torch::jit;

namespace {

constexpr size_t kMaxPairs = 24;

bool near(double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b)); }

// A value that the graph computes is a less likely source of a number than an argument, and costs one more.
int depth_of(const Varying& it) { return it.value->node()->kind() == prim::Param ? 0 : 1; }

Formula of(std::vector<const Varying*> factors) {
  Formula formula;
  formula.factors = std::move(factors);
  return formula;
}

// Whether the size of the node's result depends on the values of its inputs, not only on their sizes.
bool depends_on_values(Node* node) {
  static const std::set<std::string> kOperators = {"nonzero",    "masked_select",      "index",
                                                   "unique_dim", "unique_consecutive", "_unique2",
                                                   "_unique",    "repeat_interleave"};
  return node->kind().is_aten() && kOperators.count(node->kind().toUnqualString());
}

}  // namespace

std::string number(double value) {
  std::ostringstream out;
  out.precision(10);
  out << value;
  return out.str();
}

std::string Formula::text() const {
  static const char* const kSigns[] = {" * ", " + ", " - ", " / "};
  const std::string sign = kSigns[together];
  std::string product;
  for (const Varying* it : factors) product += (product.empty() ? "" : sign) + it->name;
  bool is_sum = factors.size() > 1 && (together == Add || together == Subtract);
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

Value* Formula::write(Graph& g, Node* node, const SourceRange& place, bool is_float) const {
  WithInsertPoint here(node);
  auto constant = [&](double value) {
    return is_float ? g.insertConstant(value) : g.insertConstant(static_cast<int64_t>(value));
  };
  auto at_place = [&](Value* value) {
    value->node()->setSourceRange(place);
    return value;
  };
  auto of = [&](Symbol op, const std::vector<NamedValue>& args) { return at_place(g.insert(op, args)); };
  auto source = [&](const Varying& it) {
    Value* value = it.value;
    if (it.dim) value = of(aten::size, {value, g.insertConstant(static_cast<int64_t>(*it.dim))});
    return is_float && !it.is_float ? of(aten::Float, {value}) : value;
  };
  Value* value = source(*factors[0]);
  if (factors.size() > 1) {
    static const Symbol kOperators[] = {aten::mul, aten::add, aten::sub, aten::div};
    value = of(kOperators[together], {value, source(*factors[1])});
  }
  if (shape == Root || shape == InverseRoot) value = of(aten::sqrt, {value});
  if (shape == Inverse || shape == InverseRoot) {
    value = of(aten::div, {constant(a), value});
  } else if (a != 1) {
    value = of(aten::mul, {value, constant(a)});
  }
  if (q != 1) {
    if (ceils) value = of(aten::add, {value, g.insertConstant(q - 1)});
    value = of(aten::floordiv, {value, g.insertConstant(q)});
  }
  if (b != 0) value = of(aten::add, {value, constant(b)});
  return value;
}

void Solver::add(Varying source) {
  if (all_equal(source.seen)) return;
  for (const auto& known : sources_) {
    if (known->seen != source.seen || known->is_float != source.is_float) continue;
    if (depends_on_values(source.value->node())) known->twin = source.name;
    return;
  }
  sources_.push_back(std::make_unique<Varying>(std::move(source)));
}

std::optional<Formula> Solver::solve(const Seen& wanted, bool is_float) {
  best_.reset();
  for (const auto& x : sources_) {
    const int depth = depth_of(*x);
    if (x->is_float && !is_float) continue;
    linear(wanted, of({x.get()}), x->seen, is_float, depth);
    if (is_float) {
      scaled(wanted, of({x.get()}), x->seen, depth);
    } else {
      divided(wanted, *x, depth);
    }
  }
  for (size_t i = 0; i < sources_.size() && i < kMaxPairs; i++) {
    for (size_t j = i; j < sources_.size() && j < kMaxPairs; j++) {
      const Varying &x = *sources_[i], &y = *sources_[j];
      if ((x.is_float || y.is_float) && !is_float) continue;
      const int depth = depth_of(x) + depth_of(y) + 3;
      Seen product(n_), quotient(n_), sum(n_), difference(n_), reverse(n_);
      for (size_t k = 0; k < n_; k++) {
        product[k] = x.seen[k] * y.seen[k];
        quotient[k] = x.seen[k] / y.seen[k];
        sum[k] = x.seen[k] + y.seen[k];
        difference[k] = x.seen[k] - y.seen[k];
        reverse[k] = -difference[k];
      }
      linear(wanted, of({&x, &y}), product, is_float, depth);
      if (is_float) scaled(wanted, of({&x, &y}), product, depth);
      if (i == j) continue;
      Formula combined = of({&x, &y});
      combined.together = Formula::Add;
      linear(wanted, combined, sum, is_float, depth);
      if (is_float) {
        // y / x needs no trial of its own: it is the inverse of x / y.
        combined.together = Formula::Divide;
        linear(wanted, combined, quotient, is_float, depth + 1);
        scaled(wanted, combined, quotient, depth + 1);
      }
      combined.together = Formula::Subtract;
      linear(wanted, combined, difference, is_float, depth + 1);
      combined.factors = {&y, &x};
      linear(wanted, combined, reverse, is_float, depth + 1);
    }
  }
  return best_;
}

void Solver::offer(Formula formula, int cost) {
  formula.cost = cost;
  if (!best_ || cost < best_->cost) best_ = std::move(formula);
}

// How many different numbers there are. Only these tell whether a formula fits by chance.
size_t Solver::n_different(const Seen& x) { return std::set<double>(x.begin(), x.end()).size(); }

void Solver::exact(const Seen& wanted, const Seen& x, const Formula& formula, int cost) {
  for (size_t k = 0; k < n_; k++) {
    if (!near(wanted[k], x[k])) return;
  }
  offer(formula, cost);
}

// Tries a * x + b. With both a and b unknown, two values of x always fit: a third one has to confirm it.
void Solver::linear(const Seen& wanted, Formula formula, const Seen& x, bool is_float, int cost) {
  exact(wanted, x, formula, cost);
  size_t other = 1;
  while (other < n_ && x[other] == x[0]) other++;
  if (other == n_) return;
  auto fits = [&](double a, double b) {
    for (size_t k = 0; k < n_; k++) {
      double value = a * x[k] + b;
      if (is_float ? std::abs(wanted[k] - value) > 1e-9 * (1 + std::abs(value)) : wanted[k] != value)
        return false;
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
  if (n_different(x) > 2 && formula.a != 1 && formula.b != 0 && is_whole && is_usable(formula.a) &&
      fits(formula.a, formula.b)) {
    offer(formula, cost + 5);
  }
}

// Tries floor(x / q) + b and ceil(x / q) + b, as strided and pooled sizes are. The sizes have to be pairwise different.
void Solver::divided(const Seen& wanted, const Varying& x, int cost) {
  const size_t n_different_sizes = n_different(x.seen);
  if (n_different_sizes < 3) return;
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
      // Other formulas would fit as well where two of the quotients are equal, or where all sizes or none leave a rest.
      bool fits = true, has_multiple = false, has_rest = false;
      std::set<double> parts;
      for (size_t k = 0; k < n_; k++) {
        fits &= wanted[k] == part(k) + formula.b;
        parts.insert(part(k));
        bool is_multiple = std::fmod(x.seen[k], static_cast<double>(q)) == 0;
        has_multiple |= is_multiple;
        has_rest |= !is_multiple;
      }
      if (!fits || !has_multiple || !has_rest || parts.size() != n_different_sizes) continue;
      offer(formula, cost + 4 + (formula.b != 0 ? 2 : 0) + static_cast<int>(q - 2) + ceils);
    }
  }
}

// Tries a / x, a * sqrt(x) and a / sqrt(x).
void Solver::scaled(const Seen& wanted, Formula formula, const Seen& x, int cost) {
  for (auto shape : {Formula::Inverse, Formula::Root, Formula::InverseRoot}) {
    auto shaped = [&](double value) {
      return shape == Formula::Inverse ? 1 / value
             : shape == Formula::Root  ? std::sqrt(value)
                                       : 1 / std::sqrt(value);
    };
    double a = wanted[0] / shaped(x[0]);
    // Rounding errors are removed: 1.0000000000000002 is 1.
    if (std::abs(a - std::round(a)) < 1e-12 * std::abs(a)) a = std::round(a);
    bool fits = std::isfinite(a);
    for (size_t k = 0; k < n_; k++)
      fits &= std::abs(wanted[k] - a * shaped(x[k])) <= 1e-9 * std::abs(wanted[k]);
    // A factor other than 1 needs a third number to be confirmed.
    if (!fits || (a != 1 && n_different(x) < 3)) continue;
    formula.shape = shape;
    formula.a = a;
    offer(formula, cost + (a == 1 ? 1 : 3));
  }
}

}  // namespace tch_jit
