"""Rust's arithmetic, casts and methods of numbers.

No function may use TorchScript's `%` of integers where the divisor may be zero, which ends the process, or
`a != a`, which libtorch takes for False.
"""


# Rust truncates, TorchScript's `//` floors; it also checks for zero. By -1 it must not be used:
# the smallest integer has no opposite, and the processor's division ends the process. Neither may
# TorchScript's own `%` of integers, which ends it at zero.
def int_div(a: int, b: int) -> int:
    if b == -1:
        assert a >= -9223372036854775807, "attempt to divide with overflow"
        return -a
    q = a // b
    return q + 1 if q < 0 and q * b != a else q


def int_rem(a: int, b: int) -> int:
    if b == -1:
        assert a >= -9223372036854775807, "attempt to divide with overflow"
        return 0
    r = a - (a // b) * b
    return r - b if r != 0 and (r < 0) != (a < 0) else r


# The same for a `b` above 0, without a branch: converters that read graphs know few of these.
def div_by_positive(a: int, b: int) -> int:
    q = a // b
    return q - min(a - q * b, 1) * max(min(a, 0), -1)


def rem_by_positive(a: int, b: int) -> int:
    r = a - (a // b) * b
    return r + b * min(r, 1) * max(min(a, 0), -1)


# A divisor of integers of a type whose smallest is `low`, which -1 does not divide.
def small_divisor(a: int, b: int, low: int) -> int:
    assert b != -1 or a != low, "attempt to divide with overflow"
    return b


# TorchScript's `**` of integers is a float. As in Rust, by squaring.
def int_pow(a: int, b: int) -> int:
    p = 1
    while b > 0:
        if (b & 1) == 1:
            p = p * a
        a = a * a
        b = b >> 1
    return p


# TorchScript's `floor` and `ceil` of a float are integers, and its `round` goes to the even
# neighbour, where Rust's goes away from zero. From 2^52 on, and if it is NaN, a float is its own
# integer part; a zero keeps its sign.
def float_trunc(a: float) -> float:
    return torch.copysign(float(int(a)), a) if abs(a) < 4503599627370496. else a


def float_floor(a: float) -> float:
    t = torch.copysign(float(int(a)), a) if abs(a) < 4503599627370496. else a
    return t - 1. if a < t else t


def float_ceil(a: float) -> float:
    t = torch.copysign(float(int(a)), a) if abs(a) < 4503599627370496. else a
    return t + 1. if a > t else t


def float_round(a: float) -> float:
    t = torch.copysign(float(int(a)), a) if abs(a) < 4503599627370496. else a
    if a - t >= 0.5:
        return t + 1.
    return t - 1. if a - t <= -0.5 else t


# A float as an `f32`, rounded once. What is too large for one becomes infinite, without a complaint of libtorch.
def float_to_f32(a: float) -> float:
    return float(torch.scalar_tensor(a, dtype=7).to(6))


def int_to_f32(a: int) -> float:
    return float(torch.scalar_tensor(a, dtype=4).to(6))


# `as i64`: out of range, the nearest integer; NaN is 0.
def float_to_int(a: float) -> int:
    if torch.isnan(a):
        return 0
    if a >= 9223372036854775808.:
        return 9223372036854775807
    if a < -9223372036854775808.:
        return -9223372036854775807 - 1
    return int(a)


def float_to_unsigned(a: float) -> int:
    if not a > 0.:
        return 0
    return 9223372036854775807 if a >= 9223372036854775808. else int(a)


def float_to_small(a: float, low: int, high: int) -> int:
    if torch.isnan(a):
        return 0
    return int(min(max(a, float(low)), float(high)))


# The low bits, with the sign that they mean.
def wrap_signed(a: int, low: int, high: int) -> int:
    return ((a & (high - low)) ^ (high + 1)) - (high + 1)


def wrap_unsigned(a: int, low: int, high: int) -> int:
    return a & high


def try_int(a: int, low: int, high: int) -> int:
    assert a >= low and a <= high, "out of range integral type conversion attempted"
    return a


# An integer without a sign that is right but for multiples of 2^64.
def within_signed(a: int) -> int:
    assert a >= 0, "TorchScript has no integers above 2^63 - 1"
    return a


# Results of which the bounds of a type of Rust are known. Nothing here may overflow by itself. What `u64` holds and
# TorchScript does not is an error, not a result out of bounds.
def checked_add(a: int, b: int, low: int, high: int) -> Optional[int]:
    fits = a <= high - b if b > 0 else a >= low - b
    assert fits or low != 0 or high != 9223372036854775807, "TorchScript has no integers above 2^63 - 1"
    return a + b if fits else None


def checked_sub(a: int, b: int, low: int, high: int) -> Optional[int]:
    fits = a >= low + b if b > 0 else a <= high + b
    return a - b if fits else None


# By -1 nothing is divided: the smallest integer has no opposite. A product that wrapped around does not
# give its factor back.
def checked_mul(a: int, b: int, low: int, high: int) -> Optional[int]:
    if b == -1:
        return -a if a >= -high else None
    p = a * b
    fits = (b == 0 or p // b == a) and p >= low and p <= high
    assert fits or low != 0 or high != 9223372036854775807, "TorchScript has no integers above 2^63 - 1"
    return p if fits else None


def checked_pow(a: int, b: int, low: int, high: int) -> Optional[int]:
    if a == 0 or a == 1:
        return 1 if b == 0 else a
    if a == -1:
        return 1 if (b & 1) == 0 else -1
    p = 1
    for _ in range(b):
        q = rust_checked_mul(p, a, low, high)
        if q is None:
            return None
        p = q
    return p


def checked_abs(a: int, low: int, high: int) -> Optional[int]:
    if a >= 0:
        return a
    return -a if a >= -high else None


def saturating_add(a: int, b: int, low: int, high: int) -> int:
    s = rust_checked_add(a, b, low, high)
    if s is not None:
        return s
    return high if b > 0 else low


def saturating_sub(a: int, b: int, low: int, high: int) -> int:
    s = rust_checked_sub(a, b, low, high)
    if s is not None:
        return s
    return low if b > 0 else high


def saturating_mul(a: int, b: int, low: int, high: int) -> int:
    p = rust_checked_mul(a, b, low, high)
    if p is not None:
        return p
    return high if (a < 0) == (b < 0) else low


def saturating_pow(a: int, b: int, low: int, high: int) -> int:
    p = rust_checked_pow(a, b, low, high)
    if p is not None:
        return p
    return high if a > 0 or (b & 1) == 0 else low


# NaN gives way to the other operand.
def float_max(a: float, b: float) -> float:
    if torch.isnan(a):
        return b
    return a if torch.isnan(b) or a > b else b


def float_min(a: float, b: float) -> float:
    if torch.isnan(a):
        return b
    return a if torch.isnan(b) or a < b else b


def clamp(a: T, low: T, high: T) -> T:
    assert low <= high, "assertion failed: min <= max"
    if a < low:
        return low
    return high if a > high else a


def int_signum(a: int) -> int:
    if a == 0:
        return 0
    return 1 if a > 0 else -1


def float_signum(a: float) -> float:
    return a if torch.isnan(a) else torch.copysign(1., a)


def int_rem_euclid(a: int, b: int) -> int:
    r = rust_rem(a, b)
    return r + abs(b) if r < 0 else r


def float_rem_euclid(a: float, b: float) -> float:
    r = rust_rem(a, b)
    return r + abs(b) if r < 0. else r


def int_div_euclid(a: int, b: int) -> int:
    q = rust_div(a, b)
    if rust_rem(a, b) < 0:
        return q - 1 if b > 0 else q + 1
    return q


def float_div_euclid(a: float, b: float) -> float:
    q = rust_trunc(a / b)
    if rust_rem(a, b) < 0.:
        return q - 1. if b > 0. else q + 1.
    return q


def int_div_ceil(a: int, b: int) -> int:
    q = rust_div(a, b)
    return q + 1 if rust_rem(a, b) != 0 and (a < 0) == (b < 0) else q


def checked_div(a: int, b: int) -> Optional[int]:
    if b == 0 or (b == -1 and a == -9223372036854775807 - 1):
        return None
    return rust_div(a, b)


def checked_rem(a: int, b: int) -> Optional[int]:
    if b == 0 or (b == -1 and a == -9223372036854775807 - 1):
        return None
    return rust_rem(a, b)


def isqrt(a: int) -> int:
    assert a >= 0, "argument of integer square root cannot be negative"
    r = min(int(torch.sqrt(float(a))), 3037000499)
    if r * r > a:
        return r - 1
    return r + 1 if r < 3037000499 and (r + 1) * (r + 1) <= a else r


def fract(a: float) -> float:
    return a - rust_trunc(a)


# One step of Newton's method gives the last digit.
def cbrt(a: float) -> float:
    if a == 0. or not torch.isfinite(a):
        return a
    r = torch.copysign(abs(a) ** (1. / 3.), a)
    return r - (r * r * r - a) / (3. * r * r)


# Powers of two have exact logarithms.
def log2(a: float) -> float:
    if a <= 0. or not torch.isfinite(a):
        return torch.log(a)
    m, e = torch.frexp(a)
    if m < 0.7071067811865476:
        return torch.log(m * 2.) / 0.6931471805599453 + float(e - 1)
    return torch.log(m) / 0.6931471805599453 + float(e)


def hypot(a: float, b: float) -> float:
    if torch.isinf(a) or torch.isinf(b):
        return abs(a) if torch.isinf(a) else abs(b)
    high = max(abs(a), abs(b))
    low = min(abs(a), abs(b))
    if high == 0.:
        return 0.
    if high > 1e150 or low < 1e-150:
        return high * torch.sqrt(1. + (low / high) * (low / high))
    return torch.sqrt(a * a + b * b)


# `a.partial_cmp(&b).unwrap() == Less`.
def float_less(a: float, b: float) -> bool:
    assert a <= b or a >= b, "called `Option::unwrap()` on a `None` value"
    return a < b
