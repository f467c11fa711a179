// Rust's methods of numbers, its casts and its shifts, by the operands' types.
//
// Integers of TorchScript have 64 bits and a sign: what a smaller type would do is not known here,
// but for casts. Functions never use TorchScript's `%` of integers, which ends the process at zero,
// nor `a != a`, which libtorch takes for False.

#include "rust_ops.h"

namespace tch_jit {
namespace {

// `as i64`: out of range, the nearest integer; NaN is 0.
constexpr Function FLOAT_TO_INT{"float_to_int", R"(def float_to_int(a: float) -> int:
    if torch.isnan(a):
        return 0
    if a >= 9223372036854775808.:
        return 9223372036854775807
    if a < -9223372036854775808.:
        return -9223372036854775807 - 1
    return int(a)
)"};
constexpr Function FLOAT_TO_UNSIGNED{"float_to_unsigned", R"(def float_to_unsigned(a: float) -> int:
    if not a > 0.:
        return 0
    return 9223372036854775807 if a >= 9223372036854775808. else int(a)
)"};
constexpr Function FLOAT_TO_SMALL{"float_to_small", R"(def float_to_small(a: float, low: int, high: int) -> int:
    if torch.isnan(a):
        return 0
    return int(min(max(a, float(low)), float(high)))
)"};
// The low bits, with the sign that they mean.
constexpr Function WRAP_SIGNED{"wrap_signed", R"(def wrap_signed(a: int, low: int, high: int) -> int:
    return ((a & (high - low)) ^ (high + 1)) - (high + 1)
)"};
constexpr Function WRAP_UNSIGNED{"wrap_unsigned", R"(def wrap_unsigned(a: int, low: int, high: int) -> int:
    return a & high
)"};
constexpr Function TRY_INT{"try_int", R"(def try_int(a: int, low: int, high: int) -> int:
    assert a >= low and a <= high, "out of range integral type conversion attempted"
    return a
)"};
constexpr Function INT_SHL{"int_shl", R"(def int_shl(a: int, b: int) -> int:
    assert b >= 0 and b < 64, "attempt to shift left with overflow"
    return a << b
)"};
constexpr Function INT_SHR{"int_shr", R"(def int_shr(a: int, b: int) -> int:
    assert b >= 0 and b < 64, "attempt to shift right with overflow"
    return a >> b
)"};
// NaN gives way to the other operand.
constexpr Function FLOAT_MAX{"float_max", R"(def float_max(a: float, b: float) -> float:
    if torch.isnan(a):
        return b
    return a if torch.isnan(b) or a > b else b
)"};
constexpr Function FLOAT_MIN{"float_min", R"(def float_min(a: float, b: float) -> float:
    if torch.isnan(a):
        return b
    return a if torch.isnan(b) or a < b else b
)"};
constexpr Function CLAMP{"clamp", R"(def clamp(a: T, low: T, high: T) -> T:
    assert low <= high, "assertion failed: min <= max"
    if a < low:
        return low
    return high if a > high else a
)"};
constexpr Function INT_SIGNUM{"int_signum", R"(def int_signum(a: int) -> int:
    if a == 0:
        return 0
    return 1 if a > 0 else -1
)"};
constexpr Function FLOAT_SIGNUM{"float_signum", R"(def float_signum(a: float) -> float:
    return a if torch.isnan(a) else torch.copysign(1., a)
)"};
constexpr Function INT_REM_EUCLID{"int_rem_euclid", R"(def int_rem_euclid(a: int, b: int) -> int:
    r = rust_rem(a, b)
    return r + abs(b) if r < 0 else r
)"};
constexpr Function FLOAT_REM_EUCLID{"float_rem_euclid", R"(def float_rem_euclid(a: float, b: float) -> float:
    r = rust_rem(a, b)
    return r + abs(b) if r < 0. else r
)"};
constexpr Function INT_DIV_EUCLID{"int_div_euclid", R"(def int_div_euclid(a: int, b: int) -> int:
    q = rust_div(a, b)
    if rust_rem(a, b) < 0:
        return q - 1 if b > 0 else q + 1
    return q
)"};
constexpr Function FLOAT_DIV_EUCLID{"float_div_euclid", R"(def float_div_euclid(a: float, b: float) -> float:
    q = rust_trunc(a / b)
    if rust_rem(a, b) < 0.:
        return q - 1. if b > 0. else q + 1.
    return q
)"};
constexpr Function INT_DIV_CEIL{"int_div_ceil", R"(def int_div_ceil(a: int, b: int) -> int:
    q = rust_div(a, b)
    return q + 1 if rust_rem(a, b) != 0 and (a < 0) == (b < 0) else q
)"};
constexpr Function CHECKED_DIV{"checked_div", R"(def checked_div(a: int, b: int) -> Optional[int]:
    if b == 0 or (b == -1 and a == -9223372036854775807 - 1):
        return None
    return rust_div(a, b)
)"};
constexpr Function CHECKED_REM{"checked_rem", R"(def checked_rem(a: int, b: int) -> Optional[int]:
    if b == 0 or (b == -1 and a == -9223372036854775807 - 1):
        return None
    return rust_rem(a, b)
)"};
constexpr Function ISQRT{"isqrt", R"(def isqrt(a: int) -> int:
    assert a >= 0, "argument of integer square root cannot be negative"
    r = min(int(torch.sqrt(float(a))), 3037000499)
    if r * r > a:
        return r - 1
    return r + 1 if r < 3037000499 and (r + 1) * (r + 1) <= a else r
)"};
constexpr Function FRACT{"fract", R"(def fract(a: float) -> float:
    return a - rust_trunc(a)
)"};
// One step of Newton's method gives the last digit.
constexpr Function CBRT{"cbrt", R"(def cbrt(a: float) -> float:
    if a == 0. or not torch.isfinite(a):
        return a
    r = torch.copysign(abs(a) ** (1. / 3.), a)
    return r - (r * r * r - a) / (3. * r * r)
)"};
// Powers of two have exact logarithms.
constexpr Function LOG2{"log2", R"(def log2(a: float) -> float:
    if a <= 0. or not torch.isfinite(a):
        return torch.log(a)
    m, e = torch.frexp(a)
    if m < 0.7071067811865476:
        return torch.log(m * 2.) / 0.6931471805599453 + float(e - 1)
    return torch.log(m) / 0.6931471805599453 + float(e)
)"};
constexpr Function HYPOT{"hypot", R"(def hypot(a: float, b: float) -> float:
    if torch.isinf(a) or torch.isinf(b):
        return abs(a) if torch.isinf(a) else abs(b)
    high = max(abs(a), abs(b))
    low = min(abs(a), abs(b))
    if high == 0.:
        return 0.
    if high > 1e150 or low < 1e-150:
        return high * torch.sqrt(1. + (low / high) * (low / high))
    return torch.sqrt(a * a + b * b)
)"};

struct Width {
  int64_t low;
  int64_t high;
};

// The bounds of `$to_i8` and its like, as further operands.
Value* bounded(Emitter& e, const Function& function, Width width) {
  Value* a = e.arg(0);
  Value* low = e.graph().insertConstant(width.low, e.loc());
  Value* high = e.graph().insertConstant(width.high, e.loc());
  return e.with({a, low, high}).call(function);
}

Value* to_int(Emitter& e) {
  if (e.is(0, IntType::get())) return e.arg(0);
  return e.is(0, FloatType::get()) ? e.call(FLOAT_TO_INT) : e.op(aten::Int);
}

template <int64_t low, int64_t high>
Value* to_small(Emitter& e) {
  constexpr Width width{low, high};
  if (e.is(0, FloatType::get())) return bounded(e, FLOAT_TO_SMALL, width);
  if (e.is(0, IntType::get())) return bounded(e, low < 0 ? WRAP_SIGNED : WRAP_UNSIGNED, width);
  return e.op(aten::Int);
}

template <int64_t low, int64_t high>
Value* try_small(Emitter& e) {
  // tch converts tensors to numbers by `try_from`, too.
  if (!e.is(0, IntType::get())) return to_int(e);
  return bounded(e, TRY_INT, {low, high});
}

// A shift by a number that is written out is not checked again.
Value* shift(Emitter& e, const char* symbol, const Function& function) {
  auto amount = toIValue(e.arg(1));
  bool known = amount && amount->isInt() && amount->toInt() >= 0 && amount->toInt() < 64;
  if (e.all(IntType::get()) && !known) return e.call(function);
  return e.op(Symbol::fromQualString(symbol));
}

// `max` and `min` of two numbers.
Value* extremum(Emitter& e, Symbol of_ints, const Function& of_floats, const char* name) {
  if (e.all(IntType::get())) return e.op(of_ints);
  if (e.all(FloatType::get())) return e.call(of_floats);
  e.fail(name);
}

Value* by_type(Emitter& e, const Function& of_ints, const Function& of_floats, const char* name) {
  if (e.is(0, IntType::get())) return e.call(of_ints);
  if (e.is(0, FloatType::get())) return e.call(of_floats);
  e.fail(name);
}

// A method of floats that tensors have as well.
Value* float_or_tensor(Emitter& e, Symbol symbol, const Function& function) {
  return e.is(0, FloatType::get()) ? e.call(function) : e.op(symbol);
}

constexpr int64_t I32_MIN = -2147483648LL;
constexpr int64_t I32_MAX = 2147483647LL;
constexpr int64_t U32_MAX = 4294967295LL;
constexpr int64_t I64_MAX = 9223372036854775807LL;

Value* constant(Emitter& e, double value) { return e.graph().insertConstant(value, e.loc()); }

}  // namespace

const Operators& number_operators() {
  static const auto* map = new Operators{
      {"to_int", to_int},
      {"to_i8", to_small<-128, 127>},
      {"to_i16", to_small<-32768, 32767>},
      {"to_i32", to_small<I32_MIN, I32_MAX>},
      {"to_u8", to_small<0, 255>},
      {"to_u16", to_small<0, 65535>},
      {"to_u32", to_small<0, U32_MAX>},
      // `as usize`: integers above 2^63 are not known to TorchScript.
      {"to_unsigned",
       [](Emitter& e) {
         return e.is(0, FloatType::get()) ? e.call(FLOAT_TO_UNSIGNED) : to_int(e);
       }},
      {"try_i8", try_small<-128, 127>},
      {"try_i16", try_small<-32768, 32767>},
      {"try_i32", try_small<I32_MIN, I32_MAX>},
      {"try_u8", try_small<0, 255>},
      {"try_u16", try_small<0, 65535>},
      {"try_u32", try_small<0, U32_MAX>},
      {"try_unsigned", try_small<0, I64_MAX>},
      {"to_float",
       [](Emitter& e) { return e.is(0, FloatType::get()) ? e.arg(0) : e.op(aten::Float); }},
      {"shl", [](Emitter& e) { return shift(e, "aten::__lshift__", INT_SHL); }},
      {"shr", [](Emitter& e) { return shift(e, "aten::__rshift__", INT_SHR); }},
      {"max", [](Emitter& e) { return extremum(e, prim::max, FLOAT_MAX, "`max`"); }},
      {"min", [](Emitter& e) { return extremum(e, prim::min, FLOAT_MIN, "`min`"); }},
      {"clamp",
       [](Emitter& e) {
         if (e.any(TensorType::get())) return e.op(aten::clamp);
         return e.call(CLAMP, {{"T", e.arg(0)->type()}});
       }},
      {"signum", [](Emitter& e) { return by_type(e, INT_SIGNUM, FLOAT_SIGNUM, "`signum`"); }},
      {"rem_euclid",
       [](Emitter& e) { return by_type(e, INT_REM_EUCLID, FLOAT_REM_EUCLID, "`rem_euclid`"); }},
      {"div_euclid",
       [](Emitter& e) { return by_type(e, INT_DIV_EUCLID, FLOAT_DIV_EUCLID, "`div_euclid`"); }},
      {"div_ceil", [](Emitter& e) { return e.call(INT_DIV_CEIL); }},
      {"checked_div", [](Emitter& e) { return e.call(CHECKED_DIV); }},
      {"checked_rem", [](Emitter& e) { return e.call(CHECKED_REM); }},
      {"isqrt", [](Emitter& e) { return e.call(ISQRT); }},
      {"abs_diff",
       [](Emitter& e) { return e.op(prim::abs, {e.op(aten::sub, {e.arg(0), e.arg(1)})}); }},
      {"wrapping_add", [](Emitter& e) { return e.op(aten::add); }},
      {"wrapping_sub", [](Emitter& e) { return e.op(aten::sub); }},
      {"wrapping_mul", [](Emitter& e) { return e.op(aten::mul); }},
      {"wrapping_neg", [](Emitter& e) { return e.op(aten::neg); }},
      {"is_positive", [](Emitter& e) { return e.op(aten::gt, {e.arg(0), int64_t(0)}); }},
      {"is_negative", [](Emitter& e) { return e.op(aten::lt, {e.arg(0), int64_t(0)}); }},
      {"is_sign_positive",
       [](Emitter& e) {
         return e.op(aten::gt, {e.op(aten::copysign, {constant(e, 1), e.arg(0)}), 0.0});
       }},
      {"is_sign_negative",
       [](Emitter& e) {
         return e.op(aten::lt, {e.op(aten::copysign, {constant(e, 1), e.arg(0)}), 0.0});
       }},
      {"is_nan", [](Emitter& e) { return e.op(aten::isnan); }},
      {"is_finite", [](Emitter& e) { return e.op(aten::isfinite); }},
      {"is_infinite", [](Emitter& e) { return e.op(aten::isinf); }},
      {"fract", [](Emitter& e) { return e.call(FRACT); }},
      {"recip", [](Emitter& e) { return e.op(aten::div, {constant(e, 1), e.arg(0)}); }},
      {"to_radians",
       [](Emitter& e) { return e.op(aten::mul, {e.arg(0), constant(e, M_PI / 180.0)}); }},
      {"to_degrees",
       [](Emitter& e) { return e.op(aten::mul, {e.arg(0), constant(e, 180.0 / M_PI)}); }},
      {"mul_add",
       [](Emitter& e) {
         return e.op(aten::add, {e.op(aten::mul, {e.arg(0), e.arg(1)}), e.arg(2)});
       }},
      {"cbrt", [](Emitter& e) { return e.call(CBRT); }},
      {"exp2",
       [](Emitter& e) {
         if (!e.is(0, FloatType::get())) return e.op(Symbol::fromQualString("aten::exp2"));
         return e.op(aten::pow, {constant(e, 2), e.arg(0)});
       }},
      {"exp_m1", [](Emitter& e) { return e.op(aten::expm1); }},
      {"ln", [](Emitter& e) { return e.op(aten::log); }},
      {"ln_1p", [](Emitter& e) { return e.op(aten::log1p); }},
      {"log2", [](Emitter& e) { return float_or_tensor(e, aten::log2, LOG2); }},
      {"log",
       [](Emitter& e) {
         return e.op(aten::div, {e.op(aten::log, {e.arg(0)}), e.op(aten::log, {e.arg(1)})});
       }},
      {"hypot",
       [](Emitter& e) { return float_or_tensor(e, Symbol::fromQualString("aten::hypot"), HYPOT); }},
      {"sin_cos",
       [](Emitter& e) {
         auto* pair = e.graph().createTuple({e.op(aten::sin), e.op(aten::cos)});
         return e.graph().insertNode(pair)->output();
       }},
  };
  return *map;
}

}  // namespace tch_jit
