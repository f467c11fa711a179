"""Rust's methods of lists and iterators. `T` is the type of a list's elements."""


# Rust's sum of nothing is -0. It is no constant here: libtorch takes that and 0. for one.
def float_sum(xs: List[float]) -> float:
    total = -float(0 * len(xs))
    for x in xs:
        total = total + x
    return total


# Rounded after each step, as the numbers of Rust are.
def float32_sum(xs: List[float]) -> float:
    total = -float(0 * len(xs))
    for x in xs:
        total = rust_to_f32(total + x)
    return total


def float32_product(xs: List[float]) -> float:
    total = 1.
    for x in xs:
        total = rust_to_f32(total * x)
    return total


# libtorch's own sum of a list of integers has 32 bits.
def int_sum(xs: List[int]) -> int:
    total = 0
    for x in xs:
        total = total + x
    return total


def int_product(xs: List[int]) -> int:
    total = 1
    for x in xs:
        total = total * x
    return total


def float_product(xs: List[float]) -> float:
    total = 1.
    for x in xs:
        total = total * x
    return total


def list_pop(xs: List[T]) -> Optional[T]:
    if len(xs) == 0:
        return None
    return xs.pop()


def list_sized(xs: List[T], n: int) -> List[T]:
    assert len(xs) == n, "the number of elements is not that of the array"
    return xs


def list_get(xs: List[T], i: int) -> Optional[T]:
    if i < 0 or i >= len(xs):
        return None
    return xs[i]


def list_insert(xs: List[T], i: int, x: T) -> None:
    assert i >= 0 and i <= len(xs), "insertion index should be <= len"
    xs.insert(i, x)


def list_remove(xs: List[T], i: int) -> T:
    assert i >= 0 and i < len(xs), "removal index should be < len"
    return xs.pop(i)


def list_swap_remove(xs: List[T], i: int) -> T:
    assert i >= 0 and i < len(xs), "swap_remove index should be < len"
    x = xs[i]
    xs[i] = xs[-1]
    xs.pop()
    return x


def list_swap(xs: List[T], i: int, j: int) -> None:
    assert i >= 0 and j >= 0, "index out of bounds"
    x = xs[i]
    xs[i] = xs[j]
    xs[j] = x


def list_append(xs: List[T], ys: List[T]) -> None:
    xs.extend(ys)
    ys.clear()


def list_truncate(xs: List[T], n: int) -> None:
    while len(xs) > n:
        xs.pop()


def list_resize(xs: List[T], n: int, x: T) -> None:
    while len(xs) > n:
        xs.pop()
    while len(xs) < n:
        xs.append(rust_clone(x))


def list_assign(xs: List[T], ys: List[T]) -> None:
    xs.clear()
    xs.extend(ys)


def list_contains(xs: List[T], x: T) -> bool:
    for y in xs:
        if rust_eq(x, y):
            return True
    return False


def list_dedup(xs: List[T]) -> None:
    i = 1
    while i < len(xs):
        if rust_eq(xs[i], xs[i - 1]):
            xs.pop(i)
        else:
            i += 1


def list_reversed(xs: List[T]) -> List[T]:
    ys = xs[:]
    ys.reverse()
    return ys


def list_take(xs: List[T], n: int) -> List[T]:
    return xs[:n]


def list_skip(xs: List[T], n: int) -> List[T]:
    return xs[n:]


def list_step_by(xs: List[T], n: int) -> List[T]:
    return [xs[i] for i in range(0, len(xs), n)]


def list_chain(xs: List[T], ys: List[T]) -> List[T]:
    return xs + ys


def list_windows(xs: List[T], n: int) -> List[List[T]]:
    assert n > 0, "window size must be non-zero"
    return [xs[i:i + n] for i in range(len(xs) - n + 1)]


def list_chunks(xs: List[T], n: int) -> List[List[T]]:
    assert n > 0, "chunk size must be non-zero"
    return [xs[i:i + n] for i in range(0, len(xs), n)]


def list_chunks_exact(xs: List[T], n: int) -> List[List[T]]:
    assert n > 0, "chunk size must be non-zero"
    return [xs[i:i + n] for i in range(0, len(xs) - n + 1, n)]


def list_split_at(xs: List[T], i: int) -> Tuple[List[T], List[T]]:
    assert i >= 0 and i <= len(xs), "mid > len"
    return xs[:i], xs[i:]


def list_split_off(xs: List[T], i: int) -> List[T]:
    assert i >= 0 and i <= len(xs), "at > len"
    ys = xs[i:]
    while len(xs) > i:
        xs.pop()
    return ys


def list_drain(xs: List[T], start: int, end: int) -> List[T]:
    assert start >= 0 and start <= end and end <= len(xs), "range out of bounds"
    ys = xs[start:end]
    rest = xs[:start] + xs[end:]
    xs.clear()
    xs.extend(rest)
    return ys


def list_concat(xs: List[List[T]]) -> List[T]:
    ys: List[T] = []
    for x in xs:
        ys.extend(x)
    return ys


def list_present(xs: List[Optional[T]]) -> List[T]:
    ys: List[T] = []
    for x in xs:
        if x is not None:
            ys.append(x)
    return ys


def list_keep(xs: List[T], flags: List[bool]) -> List[T]:
    ys: List[T] = []
    for x, flag in zip(xs, flags):
        if flag:
            ys.append(x)
    return ys


# Until the flag is False, and from there on.
def list_keep_while(xs: List[T], flags: List[bool]) -> List[T]:
    n = 0
    while n < len(xs) and flags[n]:
        n += 1
    return xs[:n]


def list_drop_while(xs: List[T], flags: List[bool]) -> List[T]:
    n = 0
    while n < len(xs) and flags[n]:
        n += 1
    return xs[n:]


def list_max(xs: List[T]) -> Optional[T]:
    if len(xs) == 0:
        return None
    best = xs[0]
    for x in xs:
        if x >= best:
            best = x
    return best


def list_min(xs: List[T]) -> Optional[T]:
    if len(xs) == 0:
        return None
    best = xs[0]
    for x in xs:
        if x < best:
            best = x
    return best


def list_repeated(x: T, n: int) -> List[T]:
    return [rust_clone(x) for _ in range(n)]


def list_cycled(xs: List[T], n: int) -> List[T]:
    ys: List[T] = []
    for _ in range(n):
        ys.extend(rust_clone(xs))
    return ys


def index_or_none(i: int) -> Optional[int]:
    if i < 0:
        return None
    return i
