// Rust's methods of lists, maps and options, by the operands' types.
//
// Rust's collections are values, TorchScript's are references: what Rust copies is copied here. In
// the functions, `T` is the type of a list's elements, `K` and `V` are those of a map's keys and
// values. An option of an option does not exist in TorchScript, so what would give one is refused.

#include "rust_ops.h"

namespace tch_jit {
namespace {

constexpr Function POP{"list_pop", R"(def list_pop(xs: List[T]) -> Optional[T]:
    if len(xs) == 0:
        return None
    return xs.pop()
)"};
constexpr Function GET{"list_get", R"(def list_get(xs: List[T], i: int) -> Optional[T]:
    if i < 0 or i >= len(xs):
        return None
    return xs[i]
)"};
constexpr Function INSERT{"list_insert", R"(def list_insert(xs: List[T], i: int, x: T) -> None:
    assert i >= 0 and i <= len(xs), "insertion index should be <= len"
    xs.insert(i, x)
)"};
constexpr Function REMOVE{"list_remove", R"(def list_remove(xs: List[T], i: int) -> T:
    assert i >= 0 and i < len(xs), "removal index should be < len"
    return xs.pop(i)
)"};
constexpr Function SWAP_REMOVE{"list_swap_remove", R"(def list_swap_remove(xs: List[T], i: int) -> T:
    assert i >= 0 and i < len(xs), "swap_remove index should be < len"
    x = xs[i]
    xs[i] = xs[-1]
    xs.pop()
    return x
)"};
constexpr Function SWAP{"list_swap", R"(def list_swap(xs: List[T], i: int, j: int) -> None:
    assert i >= 0 and j >= 0, "index out of bounds"
    x = xs[i]
    xs[i] = xs[j]
    xs[j] = x
)"};
constexpr Function APPEND{"list_append", R"(def list_append(xs: List[T], ys: List[T]) -> None:
    xs.extend(ys)
    ys.clear()
)"};
constexpr Function TRUNCATE{"list_truncate", R"(def list_truncate(xs: List[T], n: int) -> None:
    while len(xs) > n:
        xs.pop()
)"};
constexpr Function RESIZE{"list_resize", R"(def list_resize(xs: List[T], n: int, x: T) -> None:
    while len(xs) > n:
        xs.pop()
    while len(xs) < n:
        xs.append(rust_clone(x))
)"};
constexpr Function ASSIGN{"list_assign", R"(def list_assign(xs: List[T], ys: List[T]) -> None:
    xs.clear()
    xs.extend(ys)
)"};
constexpr Function CONTAINS{"list_contains", R"(def list_contains(xs: List[T], x: T) -> bool:
    for y in xs:
        if rust_eq(x, y):
            return True
    return False
)"};
constexpr Function DEDUP{"list_dedup", R"(def list_dedup(xs: List[T]) -> None:
    i = 1
    while i < len(xs):
        if rust_eq(xs[i], xs[i - 1]):
            xs.pop(i)
        else:
            i += 1
)"};
constexpr Function REVERSED{"list_reversed", R"(def list_reversed(xs: List[T]) -> List[T]:
    ys = xs[:]
    ys.reverse()
    return ys
)"};
constexpr Function TAKE{"list_take", R"(def list_take(xs: List[T], n: int) -> List[T]:
    return xs[:n]
)"};
constexpr Function SKIP{"list_skip", R"(def list_skip(xs: List[T], n: int) -> List[T]:
    return xs[n:]
)"};
constexpr Function STEP_BY{"list_step_by", R"(def list_step_by(xs: List[T], n: int) -> List[T]:
    return [xs[i] for i in range(0, len(xs), n)]
)"};
constexpr Function CHAIN{"list_chain", R"(def list_chain(xs: List[T], ys: List[T]) -> List[T]:
    return xs + ys
)"};
constexpr Function WINDOWS{"list_windows", R"(def list_windows(xs: List[T], n: int) -> List[List[T]]:
    assert n > 0, "window size must be non-zero"
    return [xs[i:i + n] for i in range(len(xs) - n + 1)]
)"};
constexpr Function CHUNKS{"list_chunks", R"(def list_chunks(xs: List[T], n: int) -> List[List[T]]:
    assert n > 0, "chunk size must be non-zero"
    return [xs[i:i + n] for i in range(0, len(xs), n)]
)"};
constexpr Function CHUNKS_EXACT{"list_chunks_exact", R"(def list_chunks_exact(xs: List[T], n: int) -> List[List[T]]:
    assert n > 0, "chunk size must be non-zero"
    return [xs[i:i + n] for i in range(0, len(xs) - n + 1, n)]
)"};
constexpr Function SPLIT_AT{"list_split_at", R"(def list_split_at(xs: List[T], i: int) -> Tuple[List[T], List[T]]:
    assert i >= 0 and i <= len(xs), "mid > len"
    return xs[:i], xs[i:]
)"};
constexpr Function CONCAT{"list_concat", R"(def list_concat(xs: List[List[T]]) -> List[T]:
    ys: List[T] = []
    for x in xs:
        ys.extend(x)
    return ys
)"};
constexpr Function PRESENT{"list_present", R"(def list_present(xs: List[Optional[T]]) -> List[T]:
    ys: List[T] = []
    for x in xs:
        if x is not None:
            ys.append(x)
    return ys
)"};
constexpr Function KEEP{"list_keep", R"(def list_keep(xs: List[T], flags: List[bool]) -> List[T]:
    ys: List[T] = []
    for x, flag in zip(xs, flags):
        if flag:
            ys.append(x)
    return ys
)"};
// Until the flag is False, and from there on.
constexpr Function KEEP_WHILE{"list_keep_while", R"(def list_keep_while(xs: List[T], flags: List[bool]) -> List[T]:
    n = 0
    while n < len(xs) and flags[n]:
        n += 1
    return xs[:n]
)"};
constexpr Function DROP_WHILE{"list_drop_while", R"(def list_drop_while(xs: List[T], flags: List[bool]) -> List[T]:
    n = 0
    while n < len(xs) and flags[n]:
        n += 1
    return xs[n:]
)"};
constexpr Function LARGEST{"list_max", R"(def list_max(xs: List[T]) -> Optional[T]:
    if len(xs) == 0:
        return None
    best = xs[0]
    for x in xs:
        if x >= best:
            best = x
    return best
)"};
constexpr Function SMALLEST{"list_min", R"(def list_min(xs: List[T]) -> Optional[T]:
    if len(xs) == 0:
        return None
    best = xs[0]
    for x in xs:
        if x < best:
            best = x
    return best
)"};
constexpr Function REPEATED{"list_repeated", R"(def list_repeated(x: T, n: int) -> List[T]:
    return [rust_clone(x) for _ in range(n)]
)"};
constexpr Function CYCLED{"list_cycled", R"(def list_cycled(xs: List[T], n: int) -> List[T]:
    ys: List[T] = []
    for _ in range(n):
        ys.extend(rust_clone(xs))
    return ys
)"};
constexpr Function LIST_CLONE{"list_clone", R"(def list_clone(xs: List[T]) -> List[T]:
    return [rust_clone(x) for x in xs]
)"};
constexpr Function DICT_CLONE{"dict_clone", R"(def dict_clone(d: Dict[K, V]) -> Dict[K, V]:
    e: Dict[K, V] = {}
    for k, v in d.items():
        e[k] = rust_clone(v)
    return e
)"};
constexpr Function OPTION_CLONE{"option_clone", R"(def option_clone(x: Optional[T]) -> Optional[T]:
    if x is None:
        return None
    return rust_clone(x)
)"};
constexpr Function UNWRAP_OR{"unwrap_or", R"(def unwrap_or(x: Optional[T], default: T) -> T:
    return default if x is None else x
)"};
constexpr Function INDEX{"index_or_none", R"(def index_or_none(i: int) -> Optional[int]:
    if i < 0:
        return None
    return i
)"};
constexpr Function LIST_EQ{"list_eq", R"(def list_eq(xs: List[T], ys: List[T]) -> bool:
    if len(xs) != len(ys):
        return False
    for x, y in zip(xs, ys):
        if not rust_eq(x, y):
            return False
    return True
)"};
constexpr Function OPTION_EQ{"option_eq", R"(def option_eq(x: Optional[T], y: Optional[T]) -> bool:
    if x is None or y is None:
        return x is None and y is None
    return rust_eq(x, y)
)"};

constexpr Function DICT_INSERT{"dict_insert", R"(def dict_insert(d: Dict[K, V], k: K, v: V) -> Optional[V]:
    old: Optional[V] = None
    if k in d:
        old = d[k]
    d[k] = v
    return old
)"};
constexpr Function DICT_GET{"dict_get", R"(def dict_get(d: Dict[K, V], k: K) -> Optional[V]:
    if k in d:
        return d[k]
    return None
)"};
constexpr Function DICT_REMOVE{"dict_remove", R"(def dict_remove(d: Dict[K, V], k: K) -> Optional[V]:
    if k in d:
        return d.pop(k)
    return None
)"};
// In the order of the keys, as a `BTreeMap` has them; a `HashMap` has no order.
constexpr Function DICT_KEYS{"dict_keys", R"(def dict_keys(d: Dict[K, V]) -> List[K]:
    return sorted(d.keys())
)"};
constexpr Function DICT_KEYS_AS_THEY_ARE{"dict_keys", R"(def dict_keys(d: Dict[K, V]) -> List[K]:
    return list(d.keys())
)"};
constexpr Function DICT_VALUES{"dict_values", R"(def dict_values(d: Dict[K, V]) -> List[V]:
    return [d[k] for k in rust_keys(d)]
)"};
constexpr Function DICT_ITEMS{"dict_items", R"(def dict_items(d: Dict[K, V]) -> List[Tuple[K, V]]:
    return [(k, d[k]) for k in rust_keys(d)]
)"};
constexpr Function DICT_OF{"dict_of", R"(def dict_of(items: List[Tuple[K, V]]) -> Dict[K, V]:
    d: Dict[K, V] = {}
    for k, v in items:
        d[k] = v
    return d
)"};
constexpr Function DICT_EXTEND{"dict_extend", R"(def dict_extend(d: Dict[K, V], items: List[Tuple[K, V]]) -> None:
    for k, v in items:
        d[k] = v
)"};

bool is_module(Value* value) {
  auto type = value->type()->cast<ClassType>();
  return type && type->is_module();
}

// The elements of a list of modules.
std::vector<std::shared_ptr<SugaredValue>> modules(Emitter& e) {
  return e.sugared(0)->asTupleValue(e.loc(), e.method())->asTuple(e.loc(), e.method());
}

int64_t known_int(Emitter& e, size_t i) {
  auto value = toIValue(e.arg(i));
  if (!value || !value->isInt()) {
    throw(ErrorReport(e.loc()) << "a list of modules is taken apart by numbers that are known");
  }
  return value->toInt();
}

TypePtr element(Emitter& e, const char* name, size_t i = 0) {
  if (auto list = e.arg(i)->type()->cast<ListType>()) return list->getElementType();
  e.fail(name);
}

// A function of a list.
Value* on_list(Emitter& e, const char* name, const Function& function) {
  return e.call(function, {{"T", element(e, name)}});
}

// One that gives an option of an element.
Value* optional_element(Emitter& e, const char* name, const Function& function) {
  if (element(e, name)->kind() == TypeKind::OptionalType) {
    e.fail(std::string(name) + ", which gives an option of an option,");
  }
  return on_list(e, name, function);
}

Value* get_at(Emitter& e, const char* name, int64_t i) {
  Value* index = e.graph().insertConstant(i, e.loc());
  Emitter inner = e.with({e.arg(0), index});
  return optional_element(inner, name, GET);
}

Types key_and_value(Emitter& e, const char* name) {
  auto dict = e.arg(0)->type()->cast<DictType>();
  if (!dict) e.fail(name);
  return {{"K", dict->getKeyType()}, {"V", dict->getValueType()}};
}

Types types_of_pairs(Emitter& e, const char* name, size_t i) {
  auto pair = element(e, name, i)->cast<TupleType>();
  if (!pair || pair->elements().size() != 2) e.fail(name);
  return {{"K", pair->elements()[0]}, {"V", pair->elements()[1]}};
}

Value* on_dict(Emitter& e, const char* name, const Function& function) {
  return e.call(function, key_and_value(e, name));
}

bool is_dict(Emitter& e) { return e.arg(0)->type()->kind() == TypeKind::DictType; }

// Whether two names for one value are told apart by what changes it.
bool is_mutable(const TypePtr& type) {
  if (type->kind() == TypeKind::ListType || type->kind() == TypeKind::DictType) return true;
  if (type->kind() != TypeKind::TupleType && type->kind() != TypeKind::OptionalType) return false;
  for (const auto& inner : type->containedTypes()) {
    if (is_mutable(inner)) return true;
  }
  return false;
}

Value* clone_tuple(Emitter& e, const TupleTypePtr& type) {
  Graph& graph = e.graph();
  std::vector<Value*> parts;
  for (Value* part : graph.insertNode(graph.createTupleUnpack(e.arg(0)))->outputs()) {
    parts.push_back(e.apply("clone", {part}));
  }
  bool is_named = type->schema() != nullptr;
  auto* node = is_named ? graph.createTuple(parts, type) : graph.createTuple(parts);
  return graph.insertNode(node)->output();
}

Value* clone(Emitter& e) {
  const TypePtr& type = e.arg(0)->type();
  if (!is_mutable(type)) return e.arg(0);
  if (auto tuple = type->cast<TupleType>()) return clone_tuple(e, tuple);
  if (auto list = type->cast<ListType>()) {
    if (!is_mutable(list->getElementType())) return e.op(aten::list);
    return e.call(LIST_CLONE, {{"T", list->getElementType()}});
  }
  if (auto dict = type->cast<DictType>()) {
    if (!is_mutable(dict->getValueType())) return e.op(aten::copy);
    return on_dict(e, "`clone`", DICT_CLONE);
  }
  return e.call(OPTION_CLONE, {{"T", type->expectRef<OptionalType>().getElementType()}});
}

// Whether a list may be an array, which is `Copy` if its elements are.
bool is_copy(const TypePtr& type) {
  if (auto list = type->cast<ListType>()) return is_copy(list->getElementType());
  if (auto tuple = type->cast<TupleType>()) {
    for (const auto& part : tuple->elements()) {
      if (!is_copy(part)) return false;
    }
    return true;
  }
  return type->isSubtypeOf(*NumberType::get()) || type->kind() == TypeKind::BoolType;
}

Value* sort(Emitter& e) {
  auto kind = element(e, "`sort`")->kind();
  if (kind != TypeKind::IntType && kind != TypeKind::StringType && kind != TypeKind::BoolType) {
    e.fail("`sort`");
  }
  return e.op(aten::sort);
}

Value* keys(Emitter& e) {
  auto types = key_and_value(e, "`keys`");
  auto kind = types[0].second->kind();
  bool sorts = kind == TypeKind::IntType || kind == TypeKind::StringType;
  return e.call(sorts ? DICT_KEYS : DICT_KEYS_AS_THEY_ARE, types);
}

// An adapter that lists of modules have as well.
template <class F>
Value* adapt(Emitter& e, const char* name, const Function& function, F of_modules) {
  if (!is_module(e.arg(0))) return on_list(e, name, function);
  auto elements = modules(e);
  of_modules(elements);
  e.result = std::make_shared<SugaredTupleValue>(std::move(elements));
  return nullptr;
}

// `first`, `last` and `get` of a list of modules are known while compiling.
Value* module_at(Emitter& e, int64_t i) {
  auto elements = modules(e);
  if (i < 0) i += elements.size();
  if (i < 0 || i >= static_cast<int64_t>(elements.size())) {
    return e.graph().insertConstant(IValue(), e.loc());
  }
  e.result = elements[i];
  return nullptr;
}

// `Default::default()` of a type.
Value* default_of(Emitter& e, const TypePtr& type) {
  Graph& graph = e.graph();
  switch (type->kind()) {
    case TypeKind::IntType: return graph.insertConstant(int64_t(0), e.loc());
    case TypeKind::FloatType: return graph.insertConstant(0.0, e.loc());
    case TypeKind::BoolType: return graph.insertConstant(false, e.loc());
    case TypeKind::StringType: return graph.insertConstant(std::string(), e.loc());
    case TypeKind::ListType:
      return graph.insertNode(graph.createList(type->expectRef<ListType>().getElementType(), {}))
          ->output();
    default: e.fail("`unwrap_or_default`");
  }
}

Value* unwrap_or_default(Emitter& e) {
  auto option = e.arg(0)->type()->cast<OptionalType>();
  if (!option) return e.arg(0);
  TypePtr type = option->getElementType();
  return e.with({e.arg(0), default_of(e, type)}).call(UNWRAP_OR, {{"T", type}});
}

Value* eq(Emitter& e) {
  for (size_t i = 0; i < 2; i++) {
    if (e.arg(i)->type()->kind() != TypeKind::OptionalType) continue;
    // `Some(1) == maybe`.
    return e.call(OPTION_EQ, {{"T", e.arg(i)->type()->expectRef<OptionalType>().getElementType()}});
  }
  return e.call(LIST_EQ, {{"T", element(e, "`==`")}});
}

}  // namespace

const Operators& collection_operators() {
  static const auto* map = new Operators{
      {"clone", clone},
      // `let b = a`, a copy of an array and a move of a `Vec`, which loses nothing.
      {"copy",
       [](Emitter& e) {
         const TypePtr& type = e.arg(0)->type();
         return is_mutable(type) && is_copy(type) ? clone(e) : e.arg(0);
       }},
      // `copied` and `cloned` of an iterator.
      {"cloned",
       [](Emitter& e) {
         auto list = e.arg(0)->type()->cast<ListType>();
         return list && is_mutable(list->getElementType()) ? clone(e) : e.arg(0);
       }},
      {"collection_eq", eq},
      {"unwrap_or_default", unwrap_or_default},
      {"pop", [](Emitter& e) { return optional_element(e, "`pop`", POP); }},
      {"first",
       [](Emitter& e) {
         return is_module(e.arg(0)) ? module_at(e, 0) : get_at(e, "`first`", 0);
       }},
      {"last",
       [](Emitter& e) {
         if (is_module(e.arg(0))) return module_at(e, -1);
         element(e, "`last`");
         Value* end = e.op(aten::sub, {e.op(aten::len, {e.arg(0)}), int64_t(1)});
         Emitter inner = e.with({e.arg(0), end});
         return optional_element(inner, "`last`", GET);
       }},
      // Also of tensors: `x.get(i)`.
      {"get",
       [](Emitter& e) {
         if (e.is(0, TensorType::get())) return e.op(aten::select, {e.arg(0), int64_t(0), e.arg(1)});
         if (is_module(e.arg(0))) return module_at(e, known_int(e, 1));
         if (is_dict(e)) {
           auto types = key_and_value(e, "`get`");
           if (types[1].second->kind() == TypeKind::OptionalType) {
             e.fail("`get`, which gives an option of an option,");
           }
           return e.call(DICT_GET, types);
         }
         return optional_element(e, "`get`", GET);
       }},
      {"insert",
       [](Emitter& e) {
         return is_dict(e) ? on_dict(e, "`insert`", DICT_INSERT) : on_list(e, "`insert`", INSERT);
       }},
      {"remove",
       [](Emitter& e) {
         return is_dict(e) ? on_dict(e, "`remove`", DICT_REMOVE) : on_list(e, "`remove`", REMOVE);
       }},
      {"swap_remove", [](Emitter& e) { return on_list(e, "`swap_remove`", SWAP_REMOVE); }},
      {"swap", [](Emitter& e) { return on_list(e, "`swap`", SWAP); }},
      {"reverse", [](Emitter& e) { return element(e, "`reverse`"), e.op(Symbol::aten("reverse")); }},
      {"extend",
       [](Emitter& e) {
         if (is_dict(e)) {
           Emitter pairs = e.with({e.arg(0), e.apply("iter", {e.arg(1)})});
           return pairs.call(DICT_EXTEND, types_of_pairs(pairs, "`extend`", 1));
         }
         return element(e, "`extend`"), e.op(Symbol::aten("extend"));
       }},
      {"append", [](Emitter& e) { return on_list(e, "`append`", APPEND); }},
      {"truncate", [](Emitter& e) { return on_list(e, "`truncate`", TRUNCATE); }},
      {"resize", [](Emitter& e) { return on_list(e, "`resize`", RESIZE); }},
      {"assign_list", [](Emitter& e) { return on_list(e, "`retain`", ASSIGN); }},
      {"clear",
       [](Emitter& e) {
         if (!is_dict(e)) element(e, "`clear`");
         return e.op(Symbol::aten("clear"));
       }},
      {"contains",
       [](Emitter& e) {
         return e.is(0, StringType::get()) ? e.apply("text_contains", {e.arg(0), e.arg(1)})
                                           : on_list(e, "`contains`", CONTAINS);
       }},
      {"dedup", [](Emitter& e) { return on_list(e, "`dedup`", DEDUP); }},
      {"sort", sort},
      {"concat",
       [](Emitter& e) {
         auto inner = element(e, "`concat`");
         if (inner->kind() == TypeKind::StringType) return e.apply("text_concat", {e.arg(0)});
         if (auto option = inner->cast<OptionalType>()) {
           return e.call(PRESENT, {{"T", option->getElementType()}});
         }
         auto list = inner->cast<ListType>();
         if (!list) e.fail("`concat`");
         return e.call(CONCAT, {{"T", list->getElementType()}});
       }},
      {"split_at", [](Emitter& e) { return on_list(e, "`split_at`", SPLIT_AT); }},
      {"windows", [](Emitter& e) { return on_list(e, "`windows`", WINDOWS); }},
      {"chunks", [](Emitter& e) { return on_list(e, "`chunks`", CHUNKS); }},
      {"chunks_exact", [](Emitter& e) { return on_list(e, "`chunks_exact`", CHUNKS_EXACT); }},
      // Adapters of iterators.
      {"rev",
       [](Emitter& e) {
         return adapt(e, "`rev`", REVERSED, [](auto& all) { std::reverse(all.begin(), all.end()); });
       }},
      {"take",
       [](Emitter& e) {
         return adapt(e, "`take`", TAKE, [&](auto& all) {
           all.resize(std::min<size_t>(all.size(), known_int(e, 1)));
         });
       }},
      {"skip",
       [](Emitter& e) {
         return adapt(e, "`skip`", SKIP, [&](auto& all) {
           all.erase(all.begin(), all.begin() + std::min<size_t>(all.size(), known_int(e, 1)));
         });
       }},
      {"step_by", [](Emitter& e) { return on_list(e, "`step_by`", STEP_BY); }},
      {"chain",
       [](Emitter& e) {
         return adapt(e, "`chain`", CHAIN, [&](auto& all) {
           Emitter other = e.with({e.arg(1)});
           for (auto& it : modules(other)) all.push_back(it);
         });
       }},
      // What `filter_map` leaves.
      {"present",
       [](Emitter& e) {
         auto option = element(e, "`filter_map`")->cast<OptionalType>();
         return option ? e.call(PRESENT, {{"T", option->getElementType()}}) : e.arg(0);
       }},
      {"keep", [](Emitter& e) { return on_list(e, "`filter`", KEEP); }},
      {"keep_while", [](Emitter& e) { return on_list(e, "`take_while`", KEEP_WHILE); }},
      {"drop_while", [](Emitter& e) { return on_list(e, "`skip_while`", DROP_WHILE); }},
      {"largest", [](Emitter& e) { return optional_element(e, "`max`", LARGEST); }},
      {"smallest", [](Emitter& e) { return optional_element(e, "`min`", SMALLEST); }},
      {"index_or_none", [](Emitter& e) { return e.call(INDEX); }},
      {"repeated",
       [](Emitter& e) {
         if (is_mutable(e.arg(0)->type())) return e.call(REPEATED, {{"T", e.arg(0)->type()}});
         return e.op(aten::mul, {e.list_of(e.arg(0)), e.arg(1)});
       }},
      // Of tensors, texts and lists.
      {"repeat",
       [](Emitter& e) {
         if (e.is(0, StringType::get())) return e.apply("text_repeat", {e.arg(0), e.arg(1)});
         if (!e.is(0, TensorType::get())) return on_list(e, "`repeat`", CYCLED);
         return e.op(aten::repeat, {e.arg(0), e.apply("int_list", {e.arg(1)})});
       }},
      // Maps.
      {"contains_key", [](Emitter& e) { return e.op(aten::__contains__); }},
      {"keys", keys},
      {"values",
       [](Emitter& e) {
         return e.is(0, TensorType::get()) ? e.op(Symbol::aten("values"))
                                           : on_dict(e, "`values`", DICT_VALUES);
       }},
      // What a loop over pairs runs over: Python would give the keys of a map only.
      {"iter",
       [](Emitter& e) { return is_dict(e) ? on_dict(e, "`iter`", DICT_ITEMS) : e.arg(0); }},
      {"dict_of",
       [](Emitter& e) {
         return is_dict(e) ? e.arg(0) : e.call(DICT_OF, types_of_pairs(e, "a map", 0));
       }},
  };
  return *map;
}

}  // namespace tch_jit
