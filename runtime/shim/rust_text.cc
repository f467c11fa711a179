// Rust's methods of strings, and the operators that display values. Strings of TorchScript are bytes, as Rust's are for
// `len` and slices; TorchScript knows letters and white space in ASCII only.

#include "rust_ops.h"

namespace tch_jit {
namespace {

Value* display(Emitter& e) {
  if (e.take_number(1) == "f32") {
    throw(ErrorReport(e.loc())
          << "`{}` of an `f32` is not supported, as TorchScript shows the digits of 64 bits: "
             "write `f64::from(x)`");
  }
  if (e.is(0, StringType::get())) return e.arg(0);
  if (e.is(0, BoolType::get())) return e.call(prelude::display_bool);
  if (e.is(0, IntType::get())) return e.op(aten::str);
  if (e.is(0, FloatType::get())) return e.call(prelude::display_float);
  e.fail("`{}`");
}

Value* join(Emitter& e) {
  auto list = e.arg(0)->type()->cast<ListType>();
  if (!list) e.fail("`join`");
  if (list->getElementType()->kind() == TypeKind::StringType) return e.call(prelude::text_join);
  auto inner = list->getElementType()->cast<ListType>();
  if (!inner) e.fail("`join`");
  return e.call(prelude::list_join, {{"T", inner->getElementType()}});
}

template <const Function& function>
Value* call(Emitter& e) {
  if (!e.is(0, StringType::get())) e.fail("a method of strings");
  return e.call(function);
}

}  // namespace

const Operators& text_operators() {
  static const auto* map = new Operators{
      {"display", display},
      {"float_digits", [](Emitter& e) { return e.call(prelude::float_digits); }},
      {"text_contains", call<prelude::text_contains>},
      {"starts_with", call<prelude::text_starts_with>},
      {"ends_with", call<prelude::text_ends_with>},
      {"strip_prefix", call<prelude::text_strip_prefix>},
      {"strip_suffix", call<prelude::text_strip_suffix>},
      {"find", call<prelude::text_find>},
      {"rfind", call<prelude::text_rfind>},
      {"trim", call<prelude::text_trim>},
      {"trim_start", call<prelude::text_trim_start>},
      {"trim_end", call<prelude::text_trim_end>},
      {"split", call<prelude::text_split>},
      {"split_whitespace", call<prelude::text_split_whitespace>},
      {"lines", call<prelude::text_lines>},
      {"replace", call<prelude::text_replace>},
      {"upper", [](Emitter& e) { return e.op(Symbol::aten("upper")); }},
      {"lower", [](Emitter& e) { return e.op(Symbol::aten("lower")); }},
      {"text_repeat", call<prelude::text_repeat>},
      {"join", join},
      {"text_concat", [](Emitter& e) { return e.call(prelude::text_concat); }},
      {"count_chars", call<prelude::text_count_chars>},
      {"parse_int", call<prelude::parse_int>},
      {"parse_float", call<prelude::parse_float>},
      {"parse_bool", call<prelude::parse_bool>},
  };
  return *map;
}

}  // namespace tch_jit
