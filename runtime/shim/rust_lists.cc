// Rust's methods of lists and iterators, by the operands' types: `T` is the type of a list's elements. What
// would give an option of an option is refused.

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
constexpr Function INDEX{"index_or_none", R"(def index_or_none(i: int) -> Optional[int]:
    if i < 0:
        return None
    return i
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

// A function of a list.
Value* on_list(Emitter& e, const char* name, const Function& function) {
  return e.call(function, {{"T", e.element(name)}});
}

// One that gives an option of an element.
Value* optional_element(Emitter& e, const char* name, const Function& function) {
  if (e.element(name)->kind() == TypeKind::OptionalType) {
    e.fail(std::string(name) + ", which gives an option of an option,");
  }
  return on_list(e, name, function);
}

Value* get_at(Emitter& e, const char* name, int64_t i) {
  Value* index = e.graph().insertConstant(i, e.loc());
  Emitter inner = e.with({e.arg(0), index});
  return optional_element(inner, name, GET);
}

Value* sort(Emitter& e) {
  auto kind = e.element("`sort`")->kind();
  if (kind != TypeKind::IntType && kind != TypeKind::StringType && kind != TypeKind::BoolType) {
    e.fail("`sort`");
  }
  return e.op(aten::sort);
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

}  // namespace

const Operators& list_operators() {
  static const auto* map = new Operators{
      {"pop", [](Emitter& e) { return optional_element(e, "`pop`", POP); }},
      {"first",
       [](Emitter& e) {
         return is_module(e.arg(0)) ? module_at(e, 0) : get_at(e, "`first`", 0);
       }},
      {"last",
       [](Emitter& e) {
         if (is_module(e.arg(0))) return module_at(e, -1);
         e.element("`last`");
         Value* end = e.op(aten::sub, {e.op(aten::len, {e.arg(0)}), int64_t(1)});
         Emitter inner = e.with({e.arg(0), end});
         return optional_element(inner, "`last`", GET);
       }},
      // Also of tensors: `x.get(i)`.
      {"get",
       [](Emitter& e) {
         if (e.is(0, TensorType::get())) return e.op(aten::select, {e.arg(0), int64_t(0), e.arg(1)});
         if (is_module(e.arg(0))) return module_at(e, known_int(e, 1));
         if (e.is_dict()) return e.apply("dict_get", {e.arg(0), e.arg(1)});
         return optional_element(e, "`get`", GET);
       }},
      {"insert",
       [](Emitter& e) {
         if (e.is_dict()) return e.apply("dict_insert", {e.arg(0), e.arg(1), e.arg(2)});
         return on_list(e, "`insert`", INSERT);
       }},
      {"remove",
       [](Emitter& e) {
         if (e.is_dict()) return e.apply("dict_remove", {e.arg(0), e.arg(1)});
         return on_list(e, "`remove`", REMOVE);
       }},
      {"swap_remove", [](Emitter& e) { return on_list(e, "`swap_remove`", SWAP_REMOVE); }},
      {"swap", [](Emitter& e) { return on_list(e, "`swap`", SWAP); }},
      {"reverse", [](Emitter& e) { return e.element("`reverse`"), e.op(Symbol::aten("reverse")); }},
      {"extend",
       [](Emitter& e) {
         if (e.is_dict()) return e.apply("dict_extend", {e.arg(0), e.arg(1)});
         return e.element("`extend`"), e.op(Symbol::aten("extend"));
       }},
      {"append", [](Emitter& e) { return on_list(e, "`append`", APPEND); }},
      {"truncate", [](Emitter& e) { return on_list(e, "`truncate`", TRUNCATE); }},
      {"resize", [](Emitter& e) { return on_list(e, "`resize`", RESIZE); }},
      {"assign_list", [](Emitter& e) { return on_list(e, "`retain`", ASSIGN); }},
      {"clear",
       [](Emitter& e) {
         if (!e.is_dict()) e.element("`clear`");
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
         auto inner = e.element("`concat`");
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
         auto option = e.element("`filter_map`")->cast<OptionalType>();
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
  };
  return *map;
}

}  // namespace tch_jit
