// Rust's operators whose meaning depends on the operands' types.
//
// The macro sees only syntax, so it writes `$div(a, b)`; here libtorch knows the static types of
// both operands, each evaluated once, and the right operators go into the graph. Where that
// takes more than one operator, it is a TorchScript function of the unit, defined when first
// used, so that the saved code stays readable.

#include <unordered_map>

#include <torch/csrc/jit/frontend/error_report.h>
#include <torch/csrc/jit/frontend/parser.h>

#include "sugared.h"
#include "support.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

struct Function {
  const char* name;
  const char* source;
};

// Rust truncates, TorchScript's `//` floors. Dividing magnitudes also keeps the zero check of
// `//`; TorchScript's own `%` must never be used on integers, as it ends the process at zero.
constexpr Function INT_DIV{"int_div", R"(def int_div(a: int, b: int) -> int:
    q = abs(a) // abs(b)
    return -q if (a < 0) != (b < 0) else q
)"};
constexpr Function INT_REM{"int_rem", R"(def int_rem(a: int, b: int) -> int:
    r = abs(a) - (abs(a) // abs(b)) * abs(b)
    return -r if a < 0 else r
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
// integer part.
constexpr Function FLOAT_TRUNC{"float_trunc", R"(def float_trunc(a: float) -> float:
    return float(int(a)) if abs(a) < 4503599627370496. else a
)"};
constexpr Function FLOAT_FLOOR{"float_floor", R"(def float_floor(a: float) -> float:
    t = float(int(a)) if abs(a) < 4503599627370496. else a
    return t - 1. if a < t else t
)"};
constexpr Function FLOAT_CEIL{"float_ceil", R"(def float_ceil(a: float) -> float:
    t = float(int(a)) if abs(a) < 4503599627370496. else a
    return t + 1. if a > t else t
)"};
constexpr Function FLOAT_ROUND{"float_round", R"(def float_round(a: float) -> float:
    t = float(int(a)) if abs(a) < 4503599627370496. else a
    if a - t >= 0.5:
        return t + 1.
    return t - 1. if a - t <= -0.5 else t
)"};
// tch's `==` on tensors is a bool: same sizes and all elements equal.
constexpr Function TENSOR_EQ{"tensor_eq", R"(def tensor_eq(a: Tensor, b: Tensor) -> bool:
    return bool(torch.all(torch.eq(a, b))) if a.size() == b.size() else False
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

class Emitter {
 public:
  Emitter(const SourceRange& loc, GraphFunction& m, CompilationUnit& unit,
          at::ArrayRef<NamedValue> args)
      : loc_(loc), m_(m), unit_(unit) {
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
  // A method that tensors and floats have; floats need a function of their own.
  Value* rounding(Symbol symbol, const Function& function) {
    return is(0, FloatType::get()) ? call(function) : op(symbol);
  }
  Value* tensor_of(at::ScalarType kind) {
    NamedValue dtype("dtype", m_.graph()->insertConstant(static_cast<int64_t>(kind)));
    return m_.graph()->insert(aten::tensor, {NamedValue(arg(0))}, {dtype}, loc_);
  }
  Value* call(const Function& function) {
    const c10::QualifiedName prefix("__torch__.tch_jit");
    const c10::QualifiedName name(prefix, function.name);
    if (!unit_.find_function(name)) {
      define(prefix, function);
    }
    std::vector<NamedValue> args(args_.begin(), args_.end());
    return FunctionValue(unit_.find_function(name)).call(loc_, m_, args, {}, 1)->asValue(loc_, m_);
  }
  // As CompilationUnit::define(source), with a name for the file.
  void define(const c10::QualifiedName& prefix, const Function& function) {
    Parser parser(std::make_shared<Source>(function.source, "tch_jit/rust_ops.py", 1));
    Def def(parser.parseFunction(/*is_method=*/false));
    unit_.define(prefix, {}, {}, {def}, {nativeResolver()}, nullptr);
  }
  // Whether two constants are equal: a branch on it is decided while compiling.
  std::optional<bool> compared() {
    auto a = toIValue(arg(0)), b = toIValue(arg(1));
    if (!a || !b || a->isTensor() || b->isTensor()) return std::nullopt;
    return *a == *b;
  }
  Value* constant(bool value) { return m_.graph()->insertConstant(value, loc_); }
  Value* list_of(Value* element) {
    Graph& graph = *m_.graph();
    return graph.insertNode(graph.createList(element->type(), {element}))->output();
  }
  [[noreturn]] void fail(const std::string& what) {
    std::string types;
    for (auto* value : args_) {
      types += (types.empty() ? "`" : ", `") + value->type()->annotation_str() + "`";
    }
    throw(ErrorReport(loc_) << what << " is not supported for " << types);
  }

 private:
  const SourceRange& loc_;
  GraphFunction& m_;
  CompilationUnit& unit_;
  std::vector<Value*> args_;
};

bool is_collection(const TypePtr& type) {
  return type->kind() == TypeKind::ListType || type->kind() == TypeKind::DictType;
}

using Emit = Value* (*)(Emitter&);

const std::unordered_map<std::string, Emit>& operators() {
  static const auto* map = new std::unordered_map<std::string, Emit>{
      {"run_backward", [](Emitter& e) { return e.call(RUN_BACKWARD); }},
      {"div",
       [](Emitter& e) { return e.all(IntType::get()) ? e.call(INT_DIV) : e.op(aten::div); }},
      {"rem",
       [](Emitter& e) {
         if (e.all(IntType::get())) return e.call(INT_REM);
         if (e.all(FloatType::get())) return e.op(aten::fmod);
         e.fail("`%`");
       }},
      {"eq",
       [](Emitter& e) {
         if (auto known = e.compared()) return e.constant(*known);
         return e.any(TensorType::get()) ? e.call(TENSOR_EQ) : e.op(aten::eq);
       }},
      {"ne",
       [](Emitter& e) {
         if (auto known = e.compared()) return e.constant(!*known);
         if (!e.any(TensorType::get())) return e.op(aten::ne);
         return e.op(aten::__not__, {e.call(TENSOR_EQ)});
       }},
      {"not",
       [](Emitter& e) {
         if (e.is(0, BoolType::get())) return e.op(aten::__not__);
         if (e.is(0, TensorType::get())) return e.op(aten::bitwise_not);
         // In two's complement; TorchScript has no complement of integers.
         if (e.is(0, IntType::get())) return e.op(aten::sub, {int64_t(-1), e.arg(0)});
         e.fail("`!`");
       }},
      {"to_int",
       [](Emitter& e) { return e.is(0, IntType::get()) ? e.arg(0) : e.op(aten::Int); }},
      {"to_float",
       [](Emitter& e) { return e.is(0, FloatType::get()) ? e.arg(0) : e.op(aten::Float); }},
      // `x /= y`: in place on tensors, as in tch.
      {"div_assign",
       [](Emitter& e) {
         if (e.is(0, TensorType::get())) return e.op(aten::div_);
         return e.all(IntType::get()) ? e.call(INT_DIV) : e.op(aten::div);
       }},
      // `Tensor::from`: TorchScript's own default would be Float for a Rust f64.
      {"tensor",
       [](Emitter& e) {
         auto kind = e.is(0, FloatType::get()) ? at::kDouble
             : e.is(0, BoolType::get())        ? at::kBool
                                               : at::kLong;
         return e.tensor_of(kind);
       }},
      // `Iterator::sum` and `product`, of numbers and, as tch has it, of tensors.
      {"sum",
       [](Emitter& e) { return e.is(0, ListType::ofTensors()) ? e.call(TENSOR_SUM) : e.op(aten::sum); }},
      {"product",
       [](Emitter& e) {
         if (e.is(0, ListType::ofInts())) return e.call(INT_PRODUCT);
         return e.call(FLOAT_PRODUCT);
       }},
      // tch takes an integer where an operator wants a list of them.
      {"int_list",
       [](Emitter& e) { return e.is(0, IntType::get()) ? e.list_of(e.arg(0)) : e.arg(0); }},
      {"float_list",
       [](Emitter& e) { return e.is(0, FloatType::get()) ? e.list_of(e.arg(0)) : e.arg(0); }},
      // Rust's collections have value semantics: a clone must not alias.
      {"clone",
       [](Emitter& e) {
         auto list = e.arg(0)->type()->cast<ListType>();
         auto dict = e.arg(0)->type()->cast<DictType>();
         if (!list && !dict) return e.arg(0);
         if (is_collection(list ? list->getElementType() : dict->getValueType())) {
           e.fail("`clone` of a collection of collections");
         }
         return e.op(list ? aten::list : aten::copy);
       }},
      // `let b = a`, a copy of an array and a move of a `Vec`. Arrays are `Copy` if they hold
      // numbers, and a `Vec` of numbers loses nothing.
      {"copy",
       [](Emitter& e) {
         auto list = e.arg(0)->type()->cast<ListType>();
         bool is_copy = list &&
             (list->getElementType()->isSubtypeOf(*NumberType::get()) ||
              list->getElementType()->kind() == TypeKind::BoolType);
         return is_copy ? e.op(aten::list) : e.arg(0);
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
      // `Option::unwrap`, and the `unwrap` of a `Result`, which is its own value here.
      {"unwrap",
       [](Emitter& e) {
         return e.arg(0)->type()->kind() == TypeKind::OptionalType
             ? e.op(Symbol::fromQualString("aten::_unwrap_optional"))
             : e.arg(0);
       }},
  };
  return *map;
}

struct RustOperator : SugaredValue {
  RustOperator(Emit emit, std::shared_ptr<CompilationUnit> unit)
      : emit_(emit), unit_(std::move(unit)) {}
  std::string kind() const override { return "operator"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m,
                                     at::ArrayRef<NamedValue> args, at::ArrayRef<NamedValue>,
                                     size_t) override {
    Emitter emitter(loc, m, *unit_, args);
    return std::make_shared<SimpleValue>(emit_(emitter));
  }

 private:
  Emit emit_;
  std::shared_ptr<CompilationUnit> unit_;
};

}  // namespace

std::shared_ptr<SugaredValue> rust_operator(const std::string& name,
                                            std::shared_ptr<CompilationUnit> unit) {
  auto found = operators().find(name);
  if (found == operators().end()) return nullptr;
  return std::make_shared<RustOperator>(found->second, std::move(unit));
}

}  // namespace tch_jit
