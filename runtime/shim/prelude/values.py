"""Copies, equality and options of collections. `T` is the type of what a list or an option holds."""


def list_clone(xs: List[T]) -> List[T]:
    return [rust_clone(x) for x in xs]


def option_clone(x: Optional[T]) -> Optional[T]:
    if x is None:
        return None
    return rust_clone(x)


def unwrap_or(x: Optional[T], default: T) -> T:
    return default if x is None else x


def list_eq(xs: List[T], ys: List[T]) -> bool:
    if len(xs) != len(ys):
        return False
    for x, y in zip(xs, ys):
        if not rust_eq(x, y):
            return False
    return True


# libtorch takes a value for equal to itself: two copies of one list may hold the same NaN.
def floats_eq(xs: List[float], ys: List[float]) -> bool:
    if len(xs) != len(ys):
        return False
    for x, y in zip(xs, ys):
        if x != y or torch.isnan(x):
            return False
    return True


# tch's `==` on tensors is a bool: same sizes and all elements equal.
def tensor_eq(a: Tensor, b: Tensor) -> bool:
    return bool(torch.all(torch.eq(a, b))) if a.size() == b.size() else False


def option_eq(x: Optional[T], y: Optional[T]) -> bool:
    if x is None or y is None:
        return x is None and y is None
    return rust_eq(x, y)
