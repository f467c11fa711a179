// Numbers that differ between traces, as formulas of the sizes and numbers that differ in their inputs.
#pragma once

#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <torch/csrc/jit/ir/ir.h>

namespace tch_jit {

// The values of one number in each of the traces.
using Seen = std::vector<double>;

// A size or a number of the graph that differs between the traces: what a formula may be made of.
struct Varying {
  torch::jit::Value* value;  // of the first trace: a tensor, or an argument that is a number
  std::optional<size_t> dim;
  Seen seen;
  bool is_float;
  std::string name;
  // The name of another source that had the same values in all traces, perhaps by chance.
  std::string twin;
};

// How a number follows from one source, or from two that are combined: (a * source) / q + b, with a floor or a ceiling
// where it is divided. A float may also follow from the inverse or the square root.
struct Formula {
  std::vector<const Varying*> factors;
  double a = 1, b = 0;
  int64_t q = 1;
  bool ceils = false;
  // How two sources are combined; only floats are divided.
  enum { Multiply, Add, Subtract, Divide } together = Multiply;
  enum { Plain, Inverse, Root, InverseRoot } shape = Plain;
  int cost = 0;

  // The formula as people write it, for messages and reports.
  std::string text() const;
  // Writes the formula as operators before `node`, which takes the result as an argument.
  torch::jit::Value* write(torch::jit::Graph& graph, torch::jit::Node* node,
                           const torch::jit::SourceRange& place, bool is_float) const;
};

// Finds formulas for numbers, from the sources that were added so far.
class Solver {
 public:
  explicit Solver(size_t n) : n_(n) {}

  // Adds a source. Of several with equal values, the earliest is kept.
  void add(Varying source);
  // The cheapest formula that fits `wanted` in all traces; none where there is none.
  std::optional<Formula> solve(const Seen& wanted, bool is_float);

 private:
  static size_t n_different(const Seen& x);
  void offer(Formula formula, int cost);
  void exact(const Seen& wanted, const Seen& x, const Formula& formula, int cost);
  void linear(const Seen& wanted, Formula formula, const Seen& x, bool is_float, int cost);
  void divided(const Seen& wanted, const Varying& x, int cost);
  void scaled(const Seen& wanted, Formula formula, const Seen& x, int cost);

  size_t n_;
  std::vector<std::unique_ptr<Varying>> sources_;
  std::optional<Formula> best_;
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

// A number as people write it.
std::string number(double value);

}  // namespace tch_jit
