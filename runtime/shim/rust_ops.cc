// Rust's operators whose meaning depends on the operands' types.
//
// The macro sees only syntax, so it writes `$div(a, b)`; here libtorch knows the static types of
// both operands, each evaluated once, and the right operators go into the graph. Where that
// takes more than one operator, it is a TorchScript function of the unit, defined when first
// used, so that the saved code stays readable.

#include "rust_ops.h"

#include <torch/csrc/jit/frontend/error_report.h>
#include <torch/csrc/jit/frontend/parser.h>

#include "loops.h"
#include "support.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

// Rust truncates, TorchScript's `//` floors; it also checks for zero. By -1 it must not be used:
// the smallest integer has no opposite, and the processor's division ends the process. Neither may
// TorchScript's own `%` of integers, which ends it at zero.
constexpr Function INT_DIV{"int_div", R"(def int_div(a: int, b: int) -> int:
    if b == -1:
        return -a
    q = a // b
    return q + 1 if q < 0 and q * b != a else q
)"};
constexpr Function INT_REM{"int_rem", R"(def int_rem(a: int, b: int) -> int:
    if b == -1:
        return 0
    r = a - (a // b) * b
    return r - b if r != 0 and (r < 0) != (a < 0) else r
)"};
// TorchScript's `**` of integers is a float.
constexpr Function INT_POW{"int_pow", R"(def int_pow(a: int, b: int) -> int:
    p = 1
    for _ in range(b):
        p = p * a
    return p
)"};
// TorchScript's `floor` and `ceil` of a float are integers, and its `round` goes to the even
// neighbour, where Rust's goes away from zero. From 2^52 on, and if it is NaN, a float is its own
// integer part; a zero keeps its sign.
constexpr Function FLOAT_TRUNC{"float_trunc", R"(def float_trunc(a: float) -> float:
    return torch.copysign(float(int(a)), a) if abs(a) < 4503599627370496. else a
)"};
constexpr Function FLOAT_FLOOR{"float_floor", R"(def float_floor(a: float) -> float:
    t = torch.copysign(float(int(a)), a) if abs(a) < 4503599627370496. else a
    return t - 1. if a < t else t
)"};
constexpr Function FLOAT_CEIL{"float_ceil", R"(def float_ceil(a: float) -> float:
    t = torch.copysign(float(int(a)), a) if abs(a) < 4503599627370496. else a
    return t + 1. if a > t else t
)"};
constexpr Function FLOAT_ROUND{"float_round", R"(def float_round(a: float) -> float:
    t = torch.copysign(float(int(a)), a) if abs(a) < 4503599627370496. else a
    if a - t >= 0.5:
        return t + 1.
    return t - 1. if a - t <= -0.5 else t
)"};
// tch's `Sum for Tensor`: each further tensor plus the sum so far.
constexpr Function TENSOR_SUM{"tensor_sum", R"(def tensor_sum(xs: List[Tensor]) -> Tensor:
    if len(xs) == 0:
        return torch.tensor(0., dtype=7)
    total = xs[0]
    for x in xs[1:]:
        total = x + total
    return total
)"};
// Rust's sum of nothing is -0. It is no constant here: libtorch takes that and 0. for one.
constexpr Function FLOAT_SUM{"float_sum", R"(def float_sum(xs: List[float]) -> float:
    total = -float(0 * len(xs))
    for x in xs:
        total = total + x
    return total
)"};
// libtorch's own sum of a list of integers has 32 bits.
constexpr Function INT_SUM{"int_sum", R"(def int_sum(xs: List[int]) -> int:
    total = 0
    for x in xs:
        total = total + x
    return total
)"};
constexpr Function INT_PRODUCT{"int_product", R"(def int_product(xs: List[int]) -> int:
    total = 1
    for x in xs:
        total = total * x
    return total
)"};
constexpr Function FLOAT_PRODUCT{"float_product", R"(def float_product(xs: List[float]) -> float:
    total = 1.
    for x in xs:
        total = total * x
    return total
)"};

// tch's `run_backward`; TorchScript says None where tch has an undefined tensor.
constexpr Function RUN_BACKWARD{"run_backward", R"(def run_backward(tensors: List[Tensor], inputs: List[Tensor], keep_graph: bool, create_graph: bool) -> List[Tensor]:
    gradients: List[Tensor] = []
    for gradient in torch.autograd.grad(tensors, inputs, None, keep_graph, create_graph, True):
        assert gradient is not None, "an input of `run_backward` is not used by the tensors"
        gradients.append(gradient)
    return gradients
)"};

const Operators& operators() {
  static const auto* map = new Operators{
      {"run_backward", [](Emitter& e) { return e.call(RUN_BACKWARD); }},
      {"div",
       [](Emitter& e) {
         if (e.all(IntType::get())) return e.call(INT_DIV);
         // tch computes `2.0 / x` so; TorchScript would multiply by the reciprocal.
         if (e.is(0, NumberType::get()) && e.is(1, TensorType::get())) {
           return e.op(aten::pow, {e.op(aten::div, {e.arg(1), e.arg(0)}), int64_t(-1)});
         }
         return e.op(aten::div);
       }},
      {"rem",
       [](Emitter& e) {
         if (e.all(IntType::get())) return e.call(INT_REM);
         if (e.all(FloatType::get())) return e.op(aten::fmod);
         e.fail("`%`");
       }},
      {"not",
       [](Emitter& e) {
         if (e.is(0, BoolType::get())) return e.op(aten::__not__);
         if (e.is(0, TensorType::get())) return e.op(aten::bitwise_not);
         // In two's complement; TorchScript has no complement of integers.
         if (e.is(0, IntType::get())) return e.op(aten::sub, {int64_t(-1), e.arg(0)});
         e.fail("`!`");
       }},
      // `x /= y`: in place on tensors, as in tch.
      {"div_assign",
       [](Emitter& e) {
         if (e.is(0, TensorType::get())) return e.op(aten::div_);
         return e.all(IntType::get()) ? e.call(INT_DIV) : e.op(aten::div);
       }},
      // `Iterator::sum` and `product`, of numbers and, as tch has it, of tensors.
      {"sum",
       [](Emitter& e) {
         if (e.is(0, ListType::ofTensors())) return e.call(TENSOR_SUM);
         return e.call(e.is(0, ListType::ofFloats()) ? FLOAT_SUM : INT_SUM);
       }},
      {"product",
       [](Emitter& e) {
         if (e.is(0, ListType::ofInts())) return e.call(INT_PRODUCT);
         return e.call(FLOAT_PRODUCT);
       }},
      // Methods that numbers and tensors have.
      {"abs",
       [](Emitter& e) {
         return e.is(0, TensorType::get()) ? e.op(aten::abs) : e.op(prim::abs);
       }},
      {"floor", [](Emitter& e) { return e.rounding(aten::floor, FLOAT_FLOOR); }},
      {"ceil", [](Emitter& e) { return e.rounding(aten::ceil, FLOAT_CEIL); }},
      {"round", [](Emitter& e) { return e.rounding(aten::round, FLOAT_ROUND); }},
      {"trunc", [](Emitter& e) { return e.rounding(aten::trunc, FLOAT_TRUNC); }},
      {"pow",
       [](Emitter& e) { return e.all(IntType::get()) ? e.call(INT_POW) : e.op(aten::pow); }},
  };
  return *map;
}

Emit find(const std::string& name) {
  for (const auto* table :
       {&operators(), &number_operators(), &value_operators(), &list_operators(), &map_operators(),
        &text_operators(), &tensor_operators()}) {
    auto found = table->find(name);
    if (found != table->end()) return found->second;
  }
  return nullptr;
}

struct RustOperator : SugaredValue {
  RustOperator(Emit emit, std::shared_ptr<CompilationUnit> unit, std::shared_ptr<Aliases> aliases)
      : emit_(emit), unit_(std::move(unit)), aliases_(std::move(aliases)) {}
  std::string kind() const override { return "operator"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m,
                                     at::ArrayRef<NamedValue> args, at::ArrayRef<NamedValue>,
                                     size_t) override {
    Emitter emitter(loc, m, unit_, aliases_, args);
    Value* value = emit_(emitter);
    return emitter.result ? emitter.result : sugar(value, aliases_);
  }

 private:
  Emit emit_;
  std::shared_ptr<CompilationUnit> unit_;
  std::shared_ptr<Aliases> aliases_;
};

// In the source of a function, `T` and its like are types of the operands, and `rust_eq(a, b)` is the
// operator `$eq`.
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

// `_List_int_` for a function of lists of lists of integers.
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

// As CompilationUnit::define(source), with a name for the file.
void Emitter::define(const c10::QualifiedName& name, const Function& function, const Types& types) {
  Parser parser(std::make_shared<Source>(function.source, "tch_jit/rust_ops.py", 1));
  Def def(parser.parseFunction(/*is_method=*/false));
  auto resolver = std::make_shared<GenericResolver>(types, unit_);
  settle_loops(unit_->define(name.prefix(), {}, {}, {def.withName(name.name())}, {resolver}, nullptr));
}

Value* Emitter::apply(const char* op, std::vector<Value*> args) {
  std::vector<NamedValue> values(args.begin(), args.end());
  Emitter inner(loc_, m_, unit_, aliases_, values);
  return find(op)(inner);
}

std::shared_ptr<SugaredValue> rust_operator(const std::string& name,
                                            std::shared_ptr<CompilationUnit> unit,
                                            std::shared_ptr<Aliases> aliases) {
  Emit emit = find(name);
  if (!emit) return nullptr;
  return std::make_shared<RustOperator>(emit, std::move(unit), std::move(aliases));
}

}  // namespace tch_jit
