// Stage: a call such as `$div(a, b)` becomes operators of the graph, by the operands' types.
//
// The macro sees only syntax, so it writes `$div(a, b)`. Here libtorch knows the static types of both operands, each of
// which is evaluated once. Where one operator is not enough, the shim calls a TorchScript function of `prelude/`, which
// is defined in the unit when it is first used, so that the saved code stays readable.

#include "rust_ops.h"

#include <array>
#include <unordered_map>

#include <torch/csrc/jit/frontend/error_report.h>
#include <torch/csrc/jit/frontend/parser.h>
#include <torch/csrc/jit/ir/constants.h>

#include "loops.h"
#include "readable.h"
#include "support.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

// `x += y` and its like: in place on tensors, as in tch.
template <const Symbol& plain, const Symbol& in_place>
Value* assign(Emitter& e) {
  std::string number = e.take_number(2);
  return e.is(0, TensorType::get()) ? e.op(in_place) : exact(e, e.op(plain), number);
}

// A division of integers of Rust, and its image where more is known of them.
struct Division {
  const Function& any;
  // Where the divisor is positive. Rust truncates, and TorchScript floors: of what is not negative, the same.
  const Function& by_positive;
  Symbol of_natural;
  int64_t (*of_known)(int64_t, int64_t);
};

const Division& quotient() {
  static const Division division{prelude::int_div, prelude::div_by_positive, aten::floordiv,
                                 [](int64_t a, int64_t b) { return a / b; }};
  return division;
}

// libtorch's own remainder by zero ends the process.
const Division& remainder() {
  static const Division division{prelude::int_rem, prelude::rem_by_positive, aten::remainder,
                                 [](int64_t a, int64_t b) { return a % b; }};
  return division;
}

Value* divide(Emitter& e, const Division& division, const std::string& number, bool is_natural) {
  auto a = e.known(0), b = e.known(1);
  if (a && b && *b > 0) return e.graph().insertConstant(division.of_known(*a, *b), e.loc());
  if (!e.is_positive(1)) return divided(e, division.any, number);
  return is_natural || e.is_positive(0) ? e.op(division.of_natural) : e.call(division.by_positive);
}

Value* div(Emitter& e, bool is_natural) {
  std::string number = e.take_number(2);
  if (e.all(IntType::get())) return divide(e, quotient(), number, is_natural);
  // Computed as tch does `2.0 / x`; TorchScript would multiply by the reciprocal.
  if (e.is(0, NumberType::get()) && e.is(1, TensorType::get())) {
    return e.op(aten::pow, {e.op(aten::div, {e.arg(1), e.arg(0)}), int64_t(-1)});
  }
  return exact(e, e.op(aten::div), number);
}

Value* rem(Emitter& e, bool is_natural) {
  std::string number = e.take_number(2);
  if (e.all(IntType::get())) return divide(e, remainder(), number, is_natural);
  if (e.all(FloatType::get())) return e.op(aten::fmod);
  e.fail("`%`");
}

const Operators& operators() {
  static const auto* map = new Operators{
      {"run_backward", [](Emitter& e) { return e.call(prelude::run_backward); }},
      {"div", [](Emitter& e) { return div(e, false); }},
      {"natural_div", [](Emitter& e) { return div(e, true); }},
      {"rem", [](Emitter& e) { return rem(e, false); }},
      {"natural_rem", [](Emitter& e) { return rem(e, true); }},
      {"not",
       [](Emitter& e) {
         if (e.is(0, BoolType::get())) return e.op(aten::__not__);
         if (e.is(0, TensorType::get())) return e.op(aten::bitwise_not);
         // `!x` is `-1 - x` in two's complement; TorchScript has no complement of integers.
         if (e.is(0, IntType::get())) return e.op(aten::sub, {int64_t(-1), e.arg(0)});
         e.fail("`!`");
       }},
      // `x /= y`: in place on tensors, as in tch.
      {"div_assign",
       [](Emitter& e) {
         std::string number = e.take_number(2);
         if (e.is(0, TensorType::get())) return e.op(aten::div_);
         if (e.all(IntType::get())) return divide(e, quotient(), number, false);
         return exact(e, e.op(aten::div), number);
       }},
      {"add_assign", assign<aten::add, aten::add_>},
      {"sub_assign", assign<aten::sub, aten::sub_>},
      {"mul_assign", assign<aten::mul, aten::mul_>},
      // `Iterator::sum` and `product`, of numbers and, as tch has it, of tensors.
      {"sum",
       [](Emitter& e) {
         std::string number = e.take_number(1);
         if (e.is(0, ListType::ofTensors())) return e.call(prelude::tensor_sum);
         if (e.is(0, ListType::ofInts())) return exact(e, e.call(prelude::int_sum), number);
         return e.call(number == "f32" ? prelude::float32_sum : prelude::float_sum);
       }},
      {"product",
       [](Emitter& e) {
         std::string number = e.take_number(1);
         if (e.is(0, ListType::ofInts())) return exact(e, e.call(prelude::int_product), number);
         return e.call(number == "f32" ? prelude::float32_product : prelude::float_product);
       }},
      // Methods that both numbers and tensors have.
      {"abs", [](Emitter& e) { return e.is(0, TensorType::get()) ? e.op(aten::abs) : e.op(prim::abs); }},
      {"floor", [](Emitter& e) { return e.rounding(aten::floor, prelude::float_floor); }},
      {"ceil", [](Emitter& e) { return e.rounding(aten::ceil, prelude::float_ceil); }},
      {"round", [](Emitter& e) { return e.rounding(aten::round, prelude::float_round); }},
      {"trunc", [](Emitter& e) { return e.rounding(aten::trunc, prelude::float_trunc); }},
      {"pow", [](Emitter& e) { return e.all(IntType::get()) ? e.call(prelude::int_pow) : e.op(aten::pow); }},
  };
  return *map;
}

std::array<const Operators*, 7> tables() {
  return {&operators(),     &number_operators(), &value_operators(), &list_operators(),
          &map_operators(), &text_operators(),   &tensor_operators()};
}

// What emits the operator `name`; null where there is no such operator.
Emit find(const std::string& name) {
  static const auto* by_name = [] {
    auto* map = new std::unordered_map<std::string, Emit>;
    for (const auto* table : tables()) map->insert(table->begin(), table->end());
    return map;
  }();
  auto found = by_name->find(name);
  return found == by_name->end() ? nullptr : found->second;
}

struct RustOperator : SugaredValue {
  RustOperator(Emit emit, std::shared_ptr<CompilationUnit> unit, std::shared_ptr<Declared> declared)
      : emit_(emit), unit_(std::move(unit)), declared_(std::move(declared)) {}
  std::string kind() const override { return "operator"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m, at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue>, size_t) override {
    Emitter emitter(loc, m, unit_, declared_, args);
    Value* value = emit_(emitter);
    return emitter.result ? emitter.result : sugar(value, declared_);
  }

 private:
  Emit emit_;
  std::shared_ptr<CompilationUnit> unit_;
  std::shared_ptr<Declared> declared_;
};

// Resolves names in the source of a prelude function: `T` and the like are types of the operands, and `rust_eq(a, b)`
// is the operator `$eq`.
struct GenericResolver : Resolver {
  GenericResolver(Types types, std::shared_ptr<CompilationUnit> unit)
      : types_(std::move(types)), unit_(std::move(unit)) {}

  std::shared_ptr<SugaredValue> resolveValue(const std::string& name, GraphFunction&,
                                             const SourceRange&) override {
    if (name == "torch") return std::make_shared<BuiltinModule>("aten");
    if (name.rfind("rust_", 0) == 0) return rust_operator(name.substr(5), unit_, nullptr);
    return nullptr;
  }

  TypePtr resolveType(const std::string& name, const SourceRange&) override {
    for (const auto& [variable, type] : types_) {
      if (variable == name) return type;
    }
    return nullptr;
  }

 private:
  Types types_;
  std::shared_ptr<CompilationUnit> unit_;
};

// The end of a function's name for these types, such as `_List_int_` where the elements are lists of integers.
std::string suffix(const Types& types) {
  std::string text;
  for (const auto& [variable, type] : types) {
    text += "_" + type->annotation_str();
  }
  for (char& c : text) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return text;
}

}  // namespace

Value* Emitter::call(const Function& function, const Types& types) {
  const c10::QualifiedName prefix("__torch__.tch_jit");
  const c10::QualifiedName name(prefix, function.name + suffix(types));
  if (!unit_->find_function(name)) define(name, function, types);
  std::vector<NamedValue> args(args_.begin(), args_.end());
  return FunctionValue(unit_->find_function(name)).call(loc_, m_, args, {}, 1)->asValue(loc_, m_);
}

// Works as CompilationUnit::define(source), with the file's name and line for messages.
void Emitter::define(const c10::QualifiedName& name, const Function& function, const Types& types) {
  Parser parser(std::make_shared<Source>(function.source, function.file, function.line));
  Def def(parser.parseFunction(/*is_method=*/false));
  auto resolver = std::make_shared<GenericResolver>(types, unit_);
  auto functions = unit_->define(name.prefix(), {}, {}, {def.withName(name.name())}, {resolver}, nullptr);
  settle_loops(functions);
  for (torch::jit::Function* it : functions) keep_readable(*it);
}

bool Emitter::is_positive(size_t i) {
  if (auto value = known(i)) return *value > 0;
  std::string part;
  Node* node = arg(i)->node();
  for (; node->kind() == prim::TupleIndex; node = node->input(0)->node()) {
    auto index = constant_as<int64_t>(node->input(1));
    if (!index) return false;
    part = "." + std::to_string(*index) + part;
  }
  if (node->kind() != prim::GetAttr || !declared_) return false;
  auto cls = node->input(0)->type()->cast<ClassType>();
  auto names = declared_->classes.find(cls.get());
  return names != declared_->classes.end() && names->second.positive.count(node->s(attr::name) + part) > 0;
}

std::string Emitter::take_number(size_t n) {
  if (args_.size() <= n) return "";
  Value* operand = args_[n];
  std::string name = toIValue(operand).value().toStringRef();
  args_.resize(n);
  if (!operand->hasUses()) operand->node()->destroy();
  return name;
}

Value* Emitter::apply(const char* op, std::vector<Value*> args) {
  std::vector<NamedValue> values(args.begin(), args.end());
  Emitter inner(loc_, m_, unit_, declared_, values);
  Emit emit = find(op);
  if (!emit) throw(ErrorReport(loc_) << "`$" << op << "` is not an operator of Rust");
  return emit(inner);
}

std::shared_ptr<SugaredValue> rust_operator(const std::string& name, std::shared_ptr<CompilationUnit> unit,
                                            std::shared_ptr<Declared> declared) {
  Emit emit = find(name);
  if (!emit) return nullptr;
  return std::make_shared<RustOperator>(emit, std::move(unit), std::move(declared));
}

std::vector<std::string> rust_operators() {
  std::vector<std::string> names;
  for (const auto* table : tables()) {
    for (const auto& [name, emit] : *table) names.emplace_back(name);
  }
  return names;
}

}  // namespace tch_jit
