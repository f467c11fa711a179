"""Rust's methods of maps. `K` and `V` are the types of the keys and values."""


def dict_clone(d: Dict[K, V]) -> Dict[K, V]:
    e: Dict[K, V] = {}
    for k, v in d.items():
        e[k] = rust_clone(v)
    return e


def dict_insert(d: Dict[K, V], k: K, v: V) -> Optional[V]:
    old: Optional[V] = None
    if k in d:
        old = d[k]
    d[k] = v
    return old


def dict_get(d: Dict[K, V], k: K) -> Optional[V]:
    if k in d:
        return d[k]
    return None


def dict_remove(d: Dict[K, V], k: K) -> Optional[V]:
    if k in d:
        return d.pop(k)
    return None


# In the order of the keys, as a `BTreeMap` has them; a `HashMap` has no order.
def dict_keys(d: Dict[K, V]) -> List[K]:
    return sorted(d.keys())


def dict_keys_as_they_are(d: Dict[K, V]) -> List[K]:
    return list(d.keys())


def dict_values(d: Dict[K, V]) -> List[V]:
    return [d[k] for k in rust_keys(d)]


def dict_items(d: Dict[K, V]) -> List[Tuple[K, V]]:
    return [(k, d[k]) for k in rust_keys(d)]


def dict_of(items: List[Tuple[K, V]]) -> Dict[K, V]:
    d: Dict[K, V] = {}
    for k, v in items:
        d[k] = v
    return d


def dict_extend(d: Dict[K, V], items: List[Tuple[K, V]]) -> None:
    for k, v in items:
        d[k] = v
