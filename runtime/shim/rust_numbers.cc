// Rust's methods of numbers, its casts and its shifts, by the operands' types.
//
// Integers of TorchScript have 64 bits and a sign. Where Rust has another type, and the result depends on it, rustc was
// asked for its name, which stands behind the operands.

#include <optional>
#include <unordered_map>

#include "rust_ops.h"

namespace tch_jit {
namespace {

constexpr int64_t I32_MIN = -2147483648LL;
constexpr int64_t I32_MAX = 2147483647LL;
constexpr int64_t U32_MAX = 4294967295LL;
constexpr int64_t I64_MAX = 9223372036854775807LL;

struct Width {
  int64_t low;
  int64_t high;
};

// Calls a function with the bounds of a type as further operands, for `$to_i8` and the like.
Value* bounded(Emitter& e, const Function& function, Width width) {
  Value* a = e.arg(0);
  Value* low = e.graph().insertConstant(width.low, e.loc());
  Value* high = e.graph().insertConstant(width.high, e.loc());
  return e.with({a, low, high}).call(function);
}

Value* to_int(Emitter& e) {
  if (e.is(0, IntType::get())) return e.arg(0);
  return e.is(0, FloatType::get()) ? e.call(prelude::float_to_int) : e.op(aten::Int);
}

template <int64_t low, int64_t high>
Value* to_small(Emitter& e) {
  constexpr Width width{low, high};
  if (e.is(0, FloatType::get())) return bounded(e, prelude::float_to_small, width);
  if (e.is(0, IntType::get()))
    return bounded(e, low < 0 ? prelude::wrap_signed : prelude::wrap_unsigned, width);
  return e.op(aten::Int);
}

template <int64_t low, int64_t high>
Value* try_small(Emitter& e) {
  // Anything else is converted without a check: tch has `try_from` for tensors as well.
  if (!e.is(0, IntType::get())) return to_int(e);
  return bounded(e, prelude::try_int, {low, high});
}

// The types of Rust that TorchScript's integers are not.
std::optional<Width> width_of(const std::string& number) {
  static const auto* widths = new std::unordered_map<std::string, Width>{
      {"i8", {-128, 127}}, {"i16", {-32768, 32767}}, {"i32", {I32_MIN, I32_MAX}}, {"u8", {0, 255}},
      {"u16", {0, 65535}}, {"u32", {0, U32_MAX}},    {"u64", {0, I64_MAX}},       {"usize", {0, I64_MAX}},
  };
  auto found = widths->find(number);
  return found == widths->end() ? std::nullopt : std::optional(found->second);
}

// How many bits an integer of Rust has.
int64_t bits_of(const std::string& number) {
  auto digits = number.find_first_of("0123456789");
  return digits == std::string::npos ? 64 : std::stol(number.substr(digits));
}

// A result that is right but for multiples of 2^64, as a type of Rust holds it.
Value* wrapped(Emitter& e, Value* value, const Width& width) {
  Emitter one = e.with({value});
  if (width.high == I64_MAX) return one.call(prelude::within_signed);
  return bounded(one, width.low < 0 ? prelude::wrap_signed : prelude::wrap_unsigned, width);
}

// A shift. As in release builds of Rust, only the low bits of the amount count: libtorch's own shift by 64 or more is
// whatever the processor makes of it.
Value* shift(Emitter& e, const char* symbol) {
  std::string number = e.take_number(2);
  if (!e.all(IntType::get())) return e.op(Symbol::fromQualString(symbol));
  int64_t bits = bits_of(number);
  auto known = toIValue(e.arg(1));
  bool fits = known && known->toInt() >= 0 && known->toInt() < bits;
  Value* amount = fits ? e.arg(1) : e.op(aten::__and__, {e.arg(1), bits - 1});
  return exact(e, e.op(Symbol::fromQualString(symbol), {e.arg(0), amount}), number);
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

// The bounds of a type of Rust, which stand behind the two operands.
std::optional<Width> known_bounds(Emitter& e) {
  auto low = toIValue(e.arg(2));
  auto high = toIValue(e.arg(3));
  if (!low || !high || !low->isInt() || !high->isInt()) return std::nullopt;
  return Width{low->toInt(), high->toInt()};
}

// The result of `wrapping_add` and its like.
Value* wrapped(Emitter& e, Value* value) {
  auto bounds = known_bounds(e);
  if (!bounds) e.fail("an operand without bounds");
  return bounds->low == INT64_MIN ? value : wrapped(e, value, *bounds);
}

// Of two numbers without a sign, the difference needs no check.
Value* saturating_sub(Emitter& e) {
  auto bounds = known_bounds(e);
  if (!bounds || bounds->low != 0) return e.call(prelude::saturating_sub);
  return e.op(prim::max, {e.op(aten::sub, {e.arg(0), e.arg(1)}), int64_t(0)});
}

Value* constant(Emitter& e, double value) { return e.graph().insertConstant(value, e.loc()); }

// Whether the value is a sum with a literal: where lengths and indices are counted on, which do not reach 2^63.
bool is_step(Value* value) {
  if (value->node()->kind() != aten::add) return false;
  auto step = toIValue(value->node()->input(1));
  return step && step->isInt() && step->toInt() >= 0 && step->toInt() <= I32_MAX;
}

Value* to_f32(Emitter& e) {
  if (e.is(0, IntType::get())) return e.call(prelude::int_to_f32);
  Value* value = e.is(0, FloatType::get()) ? e.arg(0) : e.op(aten::Float);
  return exact(e, value, "f32");
}

// `text.parse()`, with the name of the type of Rust.
Value* parse(Emitter& e) {
  std::string type = e.take_number(1);
  if (type == "String") return e.arg(0);
  if (type == "bool") return e.call(prelude::parse_bool);
  if (type == "f64" || type == "f32") return exact(e, e.call(prelude::parse_float), type);
  auto width = width_of(type);
  if (!width && type != "i64" && type != "isize") e.fail("`parse` to this type");
  Value* value = e.call(prelude::parse_int);
  if (!width) return value;
  Emitter parsed = e.with({value});
  return bounded(parsed, prelude::try_int, *width);
}

Value* try_into(Emitter& e) {
  std::string type = e.take_number(1);
  auto width = width_of(type);
  if (!e.is(0, IntType::get()) || (!width && type != "i64" && type != "isize")) {
    e.fail("`try_into` to this type (write `f64::try_from(&x)?` or `let a: [i64; 3] = …`)");
  }
  return width ? bounded(e, prelude::try_int, *width) : e.arg(0);
}

// `value.into()`: Rust converts without a loss, or not at all.
Value* into(Emitter& e) {
  std::string type = e.take_number(1);
  if (type == "f64" || type == "f32") return e.is(0, FloatType::get()) ? e.arg(0) : e.op(aten::Float);
  if (type == "i64" || type == "isize" || width_of(type)) return to_int(e);
  if (type == "String" && e.is(0, StringType::get())) return e.arg(0);
  e.fail("`into` of this type, which has to be written, as in `Tensor::from(value)`,");
}

// `x as usize`, with the type that `x` has in Rust.
Value* to_unsigned(Emitter& e) {
  std::string number = e.take_number(1);
  if (e.is(0, FloatType::get())) return e.call(prelude::float_to_unsigned);
  auto from = width_of(number);
  Value* value = to_int(e);
  return from && from->low == 0 ? value : e.with({value}).call(prelude::within_signed);
}

}  // namespace

Value* divided(Emitter& e, const Function& function, const std::string& number) {
  auto width = width_of(number);
  if (!width || width->low == 0) return e.call(function);
  Value* low = e.graph().insertConstant(width->low, e.loc());
  Value* divisor = e.with({e.arg(0), e.arg(1), low}).call(prelude::small_divisor);
  return e.with({e.arg(0), divisor}).call(function);
}

Value* exact(Emitter& e, Value* value, const std::string& number) {
  TypeKind kind = value->type()->kind();
  if (kind == TypeKind::FloatType && number == "f32") {
    auto known = toIValue(value);
    if (known) return constant(e, static_cast<float>(known->toDouble()));
    return e.with({value}).call(prelude::float_to_f32);
  }
  auto width = width_of(number);
  if (kind != TypeKind::IntType || !width || (number == "usize" && is_step(value))) return value;
  return wrapped(e, value, *width);
}

const Operators& number_operators() {
  static const auto* map = new Operators{
      {"less",
       [](Emitter& e) { return e.all(FloatType::get()) ? e.call(prelude::float_less) : e.op(aten::lt); }},
      {"to_int", to_int},
      {"to_i8", to_small<-128, 127>},
      {"to_i16", to_small<-32768, 32767>},
      {"to_i32", to_small<I32_MIN, I32_MAX>},
      {"to_u8", to_small<0, 255>},
      {"to_u16", to_small<0, 65535>},
      {"to_u32", to_small<0, U32_MAX>},
      {"exact",
       [](Emitter& e) {
         std::string number = e.take_number(1);
         return exact(e, e.arg(0), number);
       }},
      {"to_f32", to_f32},
      {"parse", parse},
      {"into", into},
      {"try_into", try_into},
      {"to_unsigned", to_unsigned},
      {"try_i8", try_small<-128, 127>},
      {"try_i16", try_small<-32768, 32767>},
      {"try_i32", try_small<I32_MIN, I32_MAX>},
      {"try_u8", try_small<0, 255>},
      {"try_u16", try_small<0, 65535>},
      {"try_u32", try_small<0, U32_MAX>},
      {"try_unsigned", try_small<0, I64_MAX>},
      {"to_float", [](Emitter& e) { return e.is(0, FloatType::get()) ? e.arg(0) : e.op(aten::Float); }},
      {"shl", [](Emitter& e) { return shift(e, "aten::__lshift__"); }},
      {"shr", [](Emitter& e) { return shift(e, "aten::__rshift__"); }},
      {"max", [](Emitter& e) { return extremum(e, prim::max, prelude::float_max, "`max`"); }},
      {"min", [](Emitter& e) { return extremum(e, prim::min, prelude::float_min, "`min`"); }},
      {"clamp",
       [](Emitter& e) {
         if (e.any(TensorType::get())) return e.op(aten::clamp);
         return e.call(prelude::clamp, {{"T", e.arg(0)->type()}});
       }},
      {"signum",
       [](Emitter& e) { return by_type(e, prelude::int_signum, prelude::float_signum, "`signum`"); }},
      {"rem_euclid",
       [](Emitter& e) {
         std::string number = e.take_number(2);
         if (e.all(IntType::get())) return divided(e, prelude::int_rem_euclid, number);
         return exact(e, by_type(e, prelude::int_rem_euclid, prelude::float_rem_euclid, "`rem_euclid`"),
                      number);
       }},
      {"div_euclid",
       [](Emitter& e) {
         std::string number = e.take_number(2);
         if (e.all(IntType::get())) return divided(e, prelude::int_div_euclid, number);
         return exact(e, by_type(e, prelude::int_div_euclid, prelude::float_div_euclid, "`div_euclid`"),
                      number);
       }},
      {"div_ceil", [](Emitter& e) { return e.call(prelude::int_div_ceil); }},
      {"checked_abs", [](Emitter& e) { return e.call(prelude::checked_abs); }},
      {"checked_add", [](Emitter& e) { return e.call(prelude::checked_add); }},
      {"checked_sub", [](Emitter& e) { return e.call(prelude::checked_sub); }},
      {"checked_mul", [](Emitter& e) { return e.call(prelude::checked_mul); }},
      {"checked_pow", [](Emitter& e) { return e.call(prelude::checked_pow); }},
      {"saturating_add", [](Emitter& e) { return e.call(prelude::saturating_add); }},
      {"saturating_sub", saturating_sub},
      {"saturating_mul", [](Emitter& e) { return e.call(prelude::saturating_mul); }},
      {"saturating_pow", [](Emitter& e) { return e.call(prelude::saturating_pow); }},
      {"checked_div", [](Emitter& e) { return e.call(prelude::checked_div); }},
      {"checked_rem", [](Emitter& e) { return e.call(prelude::checked_rem); }},
      {"isqrt", [](Emitter& e) { return e.call(prelude::isqrt); }},
      {"abs_diff", [](Emitter& e) { return e.op(prim::abs, {e.op(aten::sub, {e.arg(0), e.arg(1)})}); }},
      {"wrapping_add", [](Emitter& e) { return wrapped(e, e.op(aten::add, {e.arg(0), e.arg(1)})); }},
      {"wrapping_sub", [](Emitter& e) { return wrapped(e, e.op(aten::sub, {e.arg(0), e.arg(1)})); }},
      {"wrapping_mul", [](Emitter& e) { return wrapped(e, e.op(aten::mul, {e.arg(0), e.arg(1)})); }},
      {"wrapping_pow",
       [](Emitter& e) { return wrapped(e, e.with({e.arg(0), e.arg(1)}).call(prelude::int_pow)); }},
      {"is_positive", [](Emitter& e) { return e.op(aten::gt, {e.arg(0), int64_t(0)}); }},
      {"is_negative", [](Emitter& e) { return e.op(aten::lt, {e.arg(0), int64_t(0)}); }},
      {"is_sign_positive",
       [](Emitter& e) { return e.op(aten::gt, {e.op(aten::copysign, {constant(e, 1), e.arg(0)}), 0.0}); }},
      {"is_sign_negative",
       [](Emitter& e) { return e.op(aten::lt, {e.op(aten::copysign, {constant(e, 1), e.arg(0)}), 0.0}); }},
      {"is_nan", [](Emitter& e) { return e.op(aten::isnan); }},
      {"is_finite", [](Emitter& e) { return e.op(aten::isfinite); }},
      {"is_infinite", [](Emitter& e) { return e.op(aten::isinf); }},
      {"fract", [](Emitter& e) { return e.call(prelude::fract); }},
      {"recip", [](Emitter& e) { return e.op(aten::div, {constant(e, 1), e.arg(0)}); }},
      {"to_radians", [](Emitter& e) { return e.op(aten::mul, {e.arg(0), constant(e, M_PI / 180.0)}); }},
      {"to_degrees", [](Emitter& e) { return e.op(aten::mul, {e.arg(0), constant(e, 180.0 / M_PI)}); }},
      {"mul_add",
       [](Emitter& e) { return e.op(aten::add, {e.op(aten::mul, {e.arg(0), e.arg(1)}), e.arg(2)}); }},
      {"cbrt", [](Emitter& e) { return e.call(prelude::cbrt); }},
      {"exp2",
       [](Emitter& e) {
         if (!e.is(0, FloatType::get())) return e.op(Symbol::fromQualString("aten::exp2"));
         return e.op(aten::pow, {constant(e, 2), e.arg(0)});
       }},
      {"exp_m1", [](Emitter& e) { return e.op(aten::expm1); }},
      {"ln", [](Emitter& e) { return e.op(aten::log); }},
      {"ln_1p", [](Emitter& e) { return e.op(aten::log1p); }},
      {"log2", [](Emitter& e) { return float_or_tensor(e, aten::log2, prelude::log2); }},
      {"log",
       [](Emitter& e) {
         return e.op(aten::div, {e.op(aten::log, {e.arg(0)}), e.op(aten::log, {e.arg(1)})});
       }},
      // TorchScript's own `round` does the same.
      {"round_ties_even", [](Emitter& e) { return e.op(aten::round); }},
      {"hypot",
       [](Emitter& e) { return float_or_tensor(e, Symbol::fromQualString("aten::hypot"), prelude::hypot); }},
      {"sin_cos",
       [](Emitter& e) {
         auto* pair = e.graph().createTuple({e.op(aten::sin), e.op(aten::cos)});
         return e.graph().insertNode(pair)->output();
       }},
  };
  return *map;
}

}  // namespace tch_jit
