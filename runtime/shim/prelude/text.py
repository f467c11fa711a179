"""Rust's methods of strings, and what displays values."""


def text_contains(s: str, t: str) -> bool:
    return s.find(t) >= 0


def text_starts_with(s: str, t: str) -> bool:
    return s[:len(t)] == t


def text_ends_with(s: str, t: str) -> bool:
    return len(s) >= len(t) and s[len(s) - len(t):] == t


def text_strip_prefix(s: str, t: str) -> Optional[str]:
    if s[:len(t)] == t:
        return s[len(t):]
    return None


def text_strip_suffix(s: str, t: str) -> Optional[str]:
    if len(s) >= len(t) and s[len(s) - len(t):] == t:
        return s[:len(s) - len(t)]
    return None


def text_find(s: str, t: str) -> Optional[int]:
    i = s.find(t)
    if i < 0:
        return None
    return i


def text_rfind(s: str, t: str) -> Optional[int]:
    i = len(s) - len(t)
    while i >= 0:
        if s[i:i + len(t)] == t:
            return i
        i -= 1
    return None


def text_trim(s: str) -> str:
    return s.strip(" \n\t\f\v\015")


def text_trim_start(s: str) -> str:
    return s.lstrip(" \n\t\f\v\015")


def text_trim_end(s: str) -> str:
    return s.rstrip(" \n\t\f\v\015")


def text_split(s: str, t: str) -> List[str]:
    assert len(t) > 0, "the separator is empty"
    parts: List[str] = []
    i = s.find(t)
    while i >= 0:
        parts.append(s[:i])
        s = s[i + len(t):]
        i = s.find(t)
    parts.append(s)
    return parts


def text_replace(s: str, old: str, new: str) -> str:
    return new.join(rust_split(s, old))


def text_split_whitespace(s: str) -> List[str]:
    parts: List[str] = []
    start = 0
    for i in range(len(s) + 1):
        if i == len(s) or s[i].isspace():
            if i > start:
                parts.append(s[start:i])
            start = i + 1
    return parts


def text_lines(s: str) -> List[str]:
    parts: List[str] = []
    i = s.find("\n")
    while i >= 0:
        parts.append(s[:i - 1] if i > 0 and s[i - 1] == "\015" else s[:i])
        s = s[i + 1:]
        i = s.find("\n")
    if len(s) > 0:
        parts.append(s)
    return parts


def text_repeat(s: str, n: int) -> str:
    return "".join([s for _ in range(n)])


def text_join(xs: List[str], sep: str) -> str:
    return sep.join(xs)


def text_concat(xs: List[str]) -> str:
    return "".join(xs)


def list_join(xs: List[List[T]], sep: List[T]) -> List[T]:
    ys: List[T] = []
    for i, x in enumerate(xs):
        if i > 0:
            ys.extend(sep)
        ys.extend(x)
    return ys


def text_count_chars(s: str) -> int:
    n = 0
    for i in range(len(s)):
        if (ord(s[i]) & 192) != 128:
            n += 1
    return n


def parse_int(s: str) -> int:
    digits = s[1:] if s[:1] == "-" or s[:1] == "+" else s
    assert len(digits) > 0 and digits.isdigit(), "invalid digit found in string"
    return int(s)


def parse_float(s: str) -> float:
    assert len(s) > 0 and not s[0].isspace() and s.lower().find("x") < 0, "invalid float literal"
    return float(s)


def parse_bool(s: str) -> bool:
    assert s == "true" or s == "false", "provided string was not `true` or `false`"
    return s == "true"


def display_bool(x: bool) -> str:
    return "true" if x else "false"


# All digits of m * 2^k, the last at the power min(k, 0) of ten: 2^-1 is 5 * 10^-1. Limbs of nine digits,
# the lowest first, times factors of the same size stay within 64 bits.
def float_digits(m: int, k: int) -> str:
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


# The fewest digits that mean the same number, without an exponent, as Rust writes a float: of the `p`
# digits on both sides of the number, the nearer ones first.
def display_float(x: float) -> str:
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
