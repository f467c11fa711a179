// Rust's methods of strings, and what displays values. Strings of TorchScript are bytes, as Rust's are
// to `len` and to slices; letters and white space are known to it in ASCII only.

#include "rust_ops.h"

namespace tch_jit {
namespace {

constexpr Function CONTAINS{"text_contains", R"(def text_contains(s: str, t: str) -> bool:
    return s.find(t) >= 0
)"};
constexpr Function STARTS_WITH{"text_starts_with", R"(def text_starts_with(s: str, t: str) -> bool:
    return s[:len(t)] == t
)"};
constexpr Function ENDS_WITH{"text_ends_with", R"(def text_ends_with(s: str, t: str) -> bool:
    return len(s) >= len(t) and s[len(s) - len(t):] == t
)"};
constexpr Function STRIP_PREFIX{"text_strip_prefix", R"(def text_strip_prefix(s: str, t: str) -> Optional[str]:
    if s[:len(t)] == t:
        return s[len(t):]
    return None
)"};
constexpr Function STRIP_SUFFIX{"text_strip_suffix", R"(def text_strip_suffix(s: str, t: str) -> Optional[str]:
    if len(s) >= len(t) and s[len(s) - len(t):] == t:
        return s[:len(s) - len(t)]
    return None
)"};
constexpr Function FIND{"text_find", R"(def text_find(s: str, t: str) -> Optional[int]:
    i = s.find(t)
    if i < 0:
        return None
    return i
)"};
constexpr Function RFIND{"text_rfind", R"(def text_rfind(s: str, t: str) -> Optional[int]:
    i = len(s) - len(t)
    while i >= 0:
        if s[i:i + len(t)] == t:
            return i
        i -= 1
    return None
)"};
constexpr Function TRIM{"text_trim", R"(def text_trim(s: str) -> str:
    return s.strip(" \n\t\f\v\015")
)"};
constexpr Function TRIM_START{"text_trim_start", R"(def text_trim_start(s: str) -> str:
    return s.lstrip(" \n\t\f\v\015")
)"};
constexpr Function TRIM_END{"text_trim_end", R"(def text_trim_end(s: str) -> str:
    return s.rstrip(" \n\t\f\v\015")
)"};
constexpr Function SPLIT{"text_split", R"(def text_split(s: str, t: str) -> List[str]:
    assert len(t) > 0, "the separator is empty"
    parts: List[str] = []
    i = s.find(t)
    while i >= 0:
        parts.append(s[:i])
        s = s[i + len(t):]
        i = s.find(t)
    parts.append(s)
    return parts
)"};
constexpr Function REPLACE{"text_replace", R"(def text_replace(s: str, old: str, new: str) -> str:
    return new.join(rust_split(s, old))
)"};
constexpr Function SPLIT_WHITESPACE{"text_split_whitespace", R"(def text_split_whitespace(s: str) -> List[str]:
    parts: List[str] = []
    start = 0
    for i in range(len(s) + 1):
        if i == len(s) or s[i].isspace():
            if i > start:
                parts.append(s[start:i])
            start = i + 1
    return parts
)"};
constexpr Function LINES{"text_lines", R"(def text_lines(s: str) -> List[str]:
    parts: List[str] = []
    i = s.find("\n")
    while i >= 0:
        parts.append(s[:i - 1] if i > 0 and s[i - 1] == "\015" else s[:i])
        s = s[i + 1:]
        i = s.find("\n")
    if len(s) > 0:
        parts.append(s)
    return parts
)"};
constexpr Function REPEAT{"text_repeat", R"(def text_repeat(s: str, n: int) -> str:
    return "".join([s for _ in range(n)])
)"};
constexpr Function JOIN{"text_join", R"(def text_join(xs: List[str], sep: str) -> str:
    return sep.join(xs)
)"};
constexpr Function CONCAT{"text_concat", R"(def text_concat(xs: List[str]) -> str:
    return "".join(xs)
)"};
constexpr Function JOIN_LISTS{"list_join", R"(def list_join(xs: List[List[T]], sep: List[T]) -> List[T]:
    ys: List[T] = []
    for i, x in enumerate(xs):
        if i > 0:
            ys.extend(sep)
        ys.extend(x)
    return ys
)"};
constexpr Function COUNT_CHARS{"text_count_chars", R"(def text_count_chars(s: str) -> int:
    n = 0
    for i in range(len(s)):
        if (ord(s[i]) & 192) != 128:
            n += 1
    return n
)"};
constexpr Function PARSE_INT{"parse_int", R"(def parse_int(s: str) -> int:
    digits = s[1:] if s[:1] == "-" or s[:1] == "+" else s
    assert len(digits) > 0 and digits.isdigit(), "invalid digit found in string"
    return int(s)
)"};
constexpr Function PARSE_FLOAT{"parse_float", R"(def parse_float(s: str) -> float:
    assert len(s) > 0 and not s[0].isspace() and s.lower().find("x") < 0, "invalid float literal"
    return float(s)
)"};
constexpr Function PARSE_BOOL{"parse_bool", R"(def parse_bool(s: str) -> bool:
    assert s == "true" or s == "false", "provided string was not `true` or `false`"
    return s == "true"
)"};
constexpr Function DISPLAY_BOOL{"display_bool", R"(def display_bool(x: bool) -> str:
    return "true" if x else "false"
)"};
// All digits of m * 2^k, the last at the power min(k, 0) of ten: 2^-1 is 5 * 10^-1. Limbs of nine digits,
// the lowest first, times factors of the same size stay within 64 bits.
constexpr Function DIGITS{"float_digits", R"(def float_digits(m: int, k: int) -> str:
    limbs = [m % 1000000000, m // 1000000000]
    left = abs(k)
    while left > 0:
        step = min(left, 29 if k > 0 else 12)
        factor = 1
        for _ in range(step):
            factor *= 2 if k > 0 else 5
        carry = 0
        for i in range(len(limbs)):
            carry += limbs[i] * factor
            limbs[i] = carry % 1000000000
            carry = carry // 1000000000
        if carry > 0:
            limbs.append(carry)
        left -= step
    digits: List[str] = []
    for i in range(len(limbs)):
        digits.append(str(1000000000 + limbs[len(limbs) - 1 - i])[1:])
    return "".join(digits).lstrip("0")
)"};
// The fewest digits that mean the same number, without an exponent, as Rust writes a float: of the `p`
// digits on both sides of the number, the nearer ones first.
constexpr Function DISPLAY_FLOAT{"display_float", R"(def display_float(x: float) -> str:
    if torch.isnan(x):
        return "NaN"
    sign = "-" if torch.copysign(1., x) < 0. else ""
    a = abs(x)
    if torch.isinf(a):
        return sign + "inf"
    if a < 9007199254740992. and float(int(a)) == a:
        return sign + str(int(a))
    # TorchScript cannot read a subnormal number, which one digit of this could be.
    if a < 1e-307:
        return sign + str(a)
    mantissa, exponent = torch.frexp(a)
    exact = rust_float_digits(int(mantissa * 9007199254740992.), exponent - 53)
    # The power of ten of the first digit.
    first = len(exact) - 1 + min(exponent - 53, 0)
    digits = ""
    for p in range(1, min(17, len(exact)) + 1):
        below = int(exact[:p])
        above = below + 1
        nearer, other = (above, below) if exact[p:p + 1] >= "5" else (below, above)
        for n in [nearer, other]:
            # Nor one that is too large.
            fits = first < 308 or n <= int("17976931348623157"[:p])
            if len(digits) == 0 and fits and float(str(n) + "e" + str(first - p + 1)) == a:
                digits = str(n)
                # One more digit, where 9.99 becomes 10.
                first += len(digits) - p
        if len(digits) > 0:
            break
    # The power of ten of the last digit.
    e = first - len(digits) + 1
    while e < 0 and digits[-1:] == "0":
        digits = digits[:-1]
        e += 1
    if e >= 0:
        return sign + digits + "".join(["0" for _ in range(e)])
    if len(digits) > -e:
        return sign + digits[:len(digits) + e] + "." + digits[len(digits) + e:]
    return sign + "0." + "".join(["0" for _ in range(-e - len(digits))]) + digits
)"};

Value* display(Emitter& e) {
  if (e.is(0, StringType::get())) return e.arg(0);
  if (e.is(0, BoolType::get())) return e.call(DISPLAY_BOOL);
  if (e.is(0, IntType::get())) return e.op(aten::str);
  if (e.is(0, FloatType::get())) return e.call(DISPLAY_FLOAT);
  e.fail("`{}`");
}

Value* join(Emitter& e) {
  auto list = e.arg(0)->type()->cast<ListType>();
  if (!list) e.fail("`join`");
  if (list->getElementType()->kind() == TypeKind::StringType) return e.call(JOIN);
  auto inner = list->getElementType()->cast<ListType>();
  if (!inner) e.fail("`join`");
  return e.call(JOIN_LISTS, {{"T", inner->getElementType()}});
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
      {"float_digits", [](Emitter& e) { return e.call(DIGITS); }},
      {"text_contains", call<CONTAINS>},
      {"starts_with", call<STARTS_WITH>},
      {"ends_with", call<ENDS_WITH>},
      {"strip_prefix", call<STRIP_PREFIX>},
      {"strip_suffix", call<STRIP_SUFFIX>},
      {"find", call<FIND>},
      {"rfind", call<RFIND>},
      {"trim", call<TRIM>},
      {"trim_start", call<TRIM_START>},
      {"trim_end", call<TRIM_END>},
      {"split", call<SPLIT>},
      {"split_whitespace", call<SPLIT_WHITESPACE>},
      {"lines", call<LINES>},
      {"replace", call<REPLACE>},
      {"upper", [](Emitter& e) { return e.op(Symbol::aten("upper")); }},
      {"lower", [](Emitter& e) { return e.op(Symbol::aten("lower")); }},
      {"text_repeat", call<REPEAT>},
      {"join", join},
      {"text_concat", [](Emitter& e) { return e.call(CONCAT); }},
      {"count_chars", call<COUNT_CHARS>},
      {"parse_int", call<PARSE_INT>},
      {"parse_float", call<PARSE_FLOAT>},
      {"parse_bool", call<PARSE_BOOL>},
  };
  return *map;
}

}  // namespace tch_jit
