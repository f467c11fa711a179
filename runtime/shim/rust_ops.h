// What the tables of Rust's operators share: how an operator of a file `rust_*.cc` goes into the graph.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torch/csrc/jit/frontend/error_report.h>

#include "prelude.h"
#include "sugared.h"

namespace tch_jit {

using namespace torch::jit;

using Types = std::vector<std::pair<std::string, TypePtr>>;

// One use of an operator: its operands, evaluated, and the graph that it goes into.
class Emitter {
 public:
  Emitter(const SourceRange& loc, GraphFunction& m, std::shared_ptr<CompilationUnit> unit,
          std::shared_ptr<Declared> declared, at::ArrayRef<NamedValue> args)
      : loc_(loc), m_(m), unit_(std::move(unit)), declared_(std::move(declared)) {
    for (const auto& arg : args) args_.push_back(arg.value(*m.graph()));
  }

  Value* arg(size_t i) {
    if (i >= args_.size()) throw(ErrorReport(loc_) << "an operand is missing");
    return args_[i];
  }
  bool is(size_t i, const TypePtr& type) { return arg(i)->type()->isSubtypeOf(*type); }
  bool all(const TypePtr& type) {
    for (auto* value : args_) {
      if (!value->type()->isSubtypeOf(*type)) return false;
    }
    return true;
  }
  bool any(const TypePtr& type) {
    for (auto* value : args_) {
      if (value->type()->isSubtypeOf(*type)) return true;
    }
    return false;
  }

  Value* op(Symbol symbol) {
    std::vector<NamedValue> args(args_.begin(), args_.end());
    return m_.graph()->insert(symbol, args, {}, loc_);
  }
  Value* op(Symbol symbol, at::ArrayRef<NamedValue> args) {
    return m_.graph()->insert(symbol, args, {}, loc_);
  }
  // A rounding method, such as `floor`: an operator for tensors, a function of the prelude for floats.
  Value* rounding(Symbol symbol, const Function& function) {
    return is(0, FloatType::get()) ? call(function) : op(symbol);
  }
  // Calls a function of the prelude with the operands as its arguments. `types` are its type variables.
  Value* call(const Function& function, const Types& types = {});
  // Emits another operator of Rust.
  Value* apply(const char* op, std::vector<Value*> args);
  // An emitter for the same place with other operands.
  Emitter with(std::vector<Value*> args) {
    std::vector<NamedValue> values(args.begin(), args.end());
    return Emitter(loc_, m_, unit_, declared_, values);
  }
  // The result where it is no single value, such as a list of modules; else null, and the returned value counts.
  std::shared_ptr<SugaredValue> result;
  // A module among the operands, as Rust sees it.
  std::shared_ptr<SugaredValue> sugared(size_t i) { return sugar(arg(i), declared_); }
  size_t size() const { return args_.size(); }
  const SourceRange& loc() const { return loc_; }
  GraphFunction& method() { return m_; }
  Graph& graph() { return *m_.graph(); }
  // Whether two constant operands are equal, so that a branch on it is decided while compiling; none for others.
  std::optional<bool> compared() {
    auto a = toIValue(arg(0)), b = toIValue(arg(1));
    if (!a || !b || a->isTensor() || b->isTensor()) return std::nullopt;
    return *a == *b;
  }
  // The type of the elements of a list; fails for anything else.
  TypePtr element(const char* method, size_t i = 0) {
    if (auto list = arg(i)->type()->cast<ListType>()) return list->getElementType();
    fail(method);
  }
  // The value of an integer that is known while compiling.
  std::optional<int64_t> known(size_t i) { return known_index(arg(i), m_, declared_.get()); }
  // Whether an integer is known to be positive: a constant, or a field whose value is.
  bool is_positive(size_t i);
  bool is_dict() { return arg(0)->type()->kind() == TypeKind::DictType; }
  Value* constant(bool value) { return m_.graph()->insertConstant(value, loc_); }
  Value* list_of(Value* element) {
    Graph& graph = *m_.graph();
    return graph.insertNode(graph.createList(element->type(), {element}))->output();
  }
  // Takes off what stands behind the first `n` operands: the name of a number type of Rust, as in `$div(a, b, "i32")`.
  // Empty where the type is no primitive one, or none is there.
  std::string take_number(size_t n);
  [[noreturn]] void fail(const std::string& what) {
    std::string types;
    for (auto* value : args_) {
      types += (types.empty() ? "`" : ", `") + value->type()->annotation_str() + "`";
    }
    throw(ErrorReport(loc_) << what << " is not supported for " << types);
  }

 private:
  void define(const c10::QualifiedName& name, const Function& function, const Types& types);

  const SourceRange& loc_;
  GraphFunction& m_;
  std::shared_ptr<CompilationUnit> unit_;
  std::shared_ptr<Declared> declared_;
  std::vector<Value*> args_;
};

// The value as a number of the type of Rust with this name: an integer is wrapped around, a float rounded. `value` is
// the result of an operator of TorchScript on numbers of that type, right but for multiples of 2^64.
Value* exact(Emitter& e, Value* value, const std::string& number);

// A division of two integers of the type of Rust with this name. `function` fails for zero, and by -1 only for the
// smallest integer of 64 bits.
Value* divided(Emitter& e, const Function& function, const std::string& number);

// Whether values of the type can be changed in place, so that a second name for one would show the change.
bool is_mutable(const TypePtr& type);

using Emit = Value* (*)(Emitter&);
// A table of operators by their names, without `$`. A name stands in one table only, and once.
using Operators = std::vector<std::pair<const char*, Emit>>;

// Operators of numbers: methods of `i64` and `f64`, casts, shifts.
const Operators& number_operators();
// Operators that make collections values, as in Rust: copies, equality, options.
const Operators& value_operators();
const Operators& list_operators();
const Operators& map_operators();
// Operators of strings, and those that display values.
const Operators& text_operators();
// Operators of tensors: conversions, indices, and methods that tch writes by hand.
const Operators& tensor_operators();

}  // namespace tch_jit
