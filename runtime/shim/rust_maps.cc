// Rust's maps, by the operands' types; `K` and `V` are the types of the keys and values.

#include "rust_ops.h"

namespace tch_jit {
namespace {

constexpr Function DICT_CLONE{"dict_clone", R"(def dict_clone(d: Dict[K, V]) -> Dict[K, V]:
    e: Dict[K, V] = {}
    for k, v in d.items():
        e[k] = rust_clone(v)
    return e
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

Types key_and_value(Emitter& e, const char* name) {
  auto dict = e.arg(0)->type()->cast<DictType>();
  if (!dict) e.fail(name);
  return {{"K", dict->getKeyType()}, {"V", dict->getValueType()}};
}

Types types_of_pairs(Emitter& e, const char* name, size_t i) {
  auto pair = e.element(name, i)->cast<TupleType>();
  if (!pair || pair->elements().size() != 2) e.fail(name);
  return {{"K", pair->elements()[0]}, {"V", pair->elements()[1]}};
}

Value* on_dict(Emitter& e, const char* name, const Function& function) {
  return e.call(function, key_and_value(e, name));
}

Value* keys(Emitter& e) {
  auto types = key_and_value(e, "`keys`");
  auto kind = types[0].second->kind();
  bool sorts = kind == TypeKind::IntType || kind == TypeKind::StringType;
  return e.call(sorts ? DICT_KEYS : DICT_KEYS_AS_THEY_ARE, types);
}

}  // namespace

const Operators& map_operators() {
  static const auto* map = new Operators{
      {"dict_clone", [](Emitter& e) { return on_dict(e, "`clone`", DICT_CLONE); }},
      {"dict_insert", [](Emitter& e) { return on_dict(e, "`insert`", DICT_INSERT); }},
      {"dict_remove", [](Emitter& e) { return on_dict(e, "`remove`", DICT_REMOVE); }},
      {"dict_get",
       [](Emitter& e) {
         auto types = key_and_value(e, "`get`");
         if (types[1].second->kind() == TypeKind::OptionalType) {
           e.fail("`get`, which gives an option of an option,");
         }
         return e.call(DICT_GET, types);
       }},
      {"dict_extend",
       [](Emitter& e) {
         Emitter pairs = e.with({e.arg(0), e.apply("iter", {e.arg(1)})});
         return pairs.call(DICT_EXTEND, types_of_pairs(pairs, "`extend`", 1));
       }},
      {"contains_key", [](Emitter& e) { return e.op(aten::__contains__); }},
      {"keys", keys},
      {"values",
       [](Emitter& e) {
         return e.is(0, TensorType::get()) ? e.op(Symbol::aten("values"))
                                           : on_dict(e, "`values`", DICT_VALUES);
       }},
      // What a loop over pairs runs over: Python would give the keys of a map only.
      {"iter",
       [](Emitter& e) { return e.is_dict() ? on_dict(e, "`iter`", DICT_ITEMS) : e.arg(0); }},
      {"dict_of",
       [](Emitter& e) {
         return e.is_dict() ? e.arg(0) : e.call(DICT_OF, types_of_pairs(e, "a map", 0));
       }},
  };
  return *map;
}

}  // namespace tch_jit
