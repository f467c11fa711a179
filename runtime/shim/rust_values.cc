// Operators that make TorchScript's collections values, as Rust's are: copies, equality, options. An option of an
// option does not exist in TorchScript.

#include "rust_ops.h"

namespace tch_jit {
namespace {

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
    return e.call(prelude::list_clone, {{"T", list->getElementType()}});
  }
  if (auto dict = type->cast<DictType>()) {
    if (!is_mutable(dict->getValueType())) return e.op(aten::copy);
    return e.apply("dict_clone", {e.arg(0)});
  }
  return e.call(prelude::option_clone, {{"T", type->expectRef<OptionalType>().getElementType()}});
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

Value* unwrap_or_default(Emitter& e) {
  auto option = e.arg(0)->type()->cast<OptionalType>();
  if (!option) return e.arg(0);
  TypePtr type = option->getElementType();
  return e.with({e.arg(0), default_of(type, e.method(), e.loc())}).call(prelude::unwrap_or, {{"T", type}});
}

// `tuple.field = value`, as a new tuple: parts and values follow the tuple. A part is a name or a number.
Value* with(Emitter& e) {
  Graph& graph = e.graph();
  auto type = e.arg(0)->type()->cast<TupleType>();
  if (!type) e.fail("an assignment to a field");
  auto unpacked = graph.insertNode(graph.createTupleUnpack(e.arg(0)))->outputs();
  std::vector<Value*> parts(unpacked.begin(), unpacked.end());
  for (size_t i = 1; i + 1 < e.size(); i += 2) {
    IValue part = toIValue(e.arg(i)).value();
    auto at = part.isInt() ? std::optional<size_t>(part.toInt()) : std::nullopt;
    if (part.isString() && type->schema()) {
      auto index = type->schema()->argumentIndexWithName(part.toStringRef());
      if (index) at = static_cast<size_t>(*index);
    }
    if (!at || *at >= parts.size()) e.fail("an assignment to a field");
    TypePtr wanted = type->elements()[*at];
    Value* value = e.arg(i + 1);
    parts[*at] =
        value->type()->kind() == TypeKind::NoneType ? graph.insertUncheckedCast(value, wanted) : value;
  }
  auto* node = type->schema() ? graph.createTuple(parts, type) : graph.createTuple(parts);
  return graph.insertNode(node)->output();
}

bool is_optional(Value* value) { return value->type()->kind() == TypeKind::OptionalType; }

Value* collection_eq(Emitter& e) {
  for (size_t i = 0; i < 2; i++) {
    if (!is_optional(e.arg(i))) continue;
    // `Some(1) == maybe`.
    return e.call(prelude::option_eq, {{"T", e.arg(i)->type()->expectRef<OptionalType>().getElementType()}});
  }
  if (e.all(ListType::ofFloats())) return e.call(prelude::floats_eq);
  return e.call(prelude::list_eq, {{"T", e.element("`==`")}});
}

bool is_tuple(Value* value) { return value->type()->kind() == TypeKind::TupleType; }

// Whether TorchScript's own `==` means Rust's. It compares lists of tensors element by element, lists of floats by
// their bits, tuples as lists where it can, and options not at all.
bool compares(Emitter& e) {
  if (is_optional(e.arg(0)) || is_optional(e.arg(1)) || e.any(TensorType::get())) return false;
  if (is_tuple(e.arg(0))) return false;
  auto list = e.arg(0)->type()->cast<ListType>();
  if (!list) return true;
  auto element = list->getElementType()->kind();
  return element == TypeKind::IntType || element == TypeKind::StringType || element == TypeKind::BoolType;
}

// Whether both values are uses of one variable: at this stage of libtorch's compiler, each use is a load.
bool are_same_variable(Value* a, Value* b) {
  Node *x = a->node(), *y = b->node();
  return x->kind() == prim::Load && y->kind() == prim::Load && x->s(attr::name) == y->s(attr::name);
}

// Whether `x == x` asks if a float is NaN: libtorch would take the value for equal to itself.
bool asks_for_nan(Emitter& e) { return e.is(0, FloatType::get()) && are_same_variable(e.arg(0), e.arg(1)); }

Value* is_nan(Emitter& e) { return e.op(Symbol::aten("isnan"), {e.arg(0)}); }

Value* eq(Emitter& e);

Value* tuple_eq(Emitter& e) {
  auto xs = createTupleUnpack(e.arg(0)), ys = createTupleUnpack(e.arg(1));
  Value* all = nullptr;
  for (size_t i = 0; i < xs.size() && i < ys.size(); i++) {
    Emitter elements = e.with({xs[i], ys[i]});
    Value* is_equal = eq(elements);
    all = all ? e.op(aten::__and__, {all, is_equal}) : is_equal;
  }
  return all ? all : e.constant(true);
}

Value* eq(Emitter& e) {
  if (auto known = e.compared()) return e.constant(*known);
  if (asks_for_nan(e)) return e.op(aten::__not__, {is_nan(e)});
  if (compares(e)) return e.op(aten::eq);
  if (is_tuple(e.arg(0)) && is_tuple(e.arg(1))) return tuple_eq(e);
  bool are_tensors = e.any(TensorType::get()) && !is_optional(e.arg(0)) && !is_optional(e.arg(1));
  return are_tensors ? e.call(prelude::tensor_eq) : collection_eq(e);
}

Value* ne(Emitter& e) {
  if (auto known = e.compared()) return e.constant(!*known);
  if (asks_for_nan(e)) return is_nan(e);
  return compares(e) ? e.op(aten::ne) : e.op(aten::__not__, {eq(e)});
}

// A value that is there as an option, that is, as one that may be missing.
Value* optional(Emitter& e) {
  auto type = e.arg(0)->type();
  bool is_known = type->kind() != TypeKind::OptionalType && type->kind() != TypeKind::NoneType;
  return is_known ? e.graph().insertUncheckedCast(e.arg(0), OptionalType::create(type)) : e.arg(0);
}

// The value of a method that Rust has for options and results, such as `unwrap_or`, where the macros cannot tell which
// one it is. A `Result` is its own value here.
Value* option(Emitter& e) {
  if (is_optional(e.arg(0)) || e.arg(0)->type()->kind() == TypeKind::NoneType) return e.arg(0);
  throw(ErrorReport(e.loc())
        << "an error of a `Result` is handled here, which is an exception in scripted methods\n"
           "help: check before what can fail, and use `?`");
}

// The operand of a `?` in a closure, where the macros cannot tell whether it is an option or a `Result`.
Value* result(Emitter& e) {
  if (!is_optional(e.arg(0))) return e.arg(0);
  throw(ErrorReport(e.loc()) << "`?` of an option inside of a closure is not supported in scripted methods\n"
                                "help: write `and_then`, `map` or a `match`");
}

}  // namespace

Value* default_of(const TypePtr& type, GraphFunction& m, const SourceRange& loc) {
  Graph& graph = *m.graph();
  auto made = [&](Node* node) { return graph.insertNode(node)->output(); };
  switch (type->kind()) {
    case TypeKind::IntType: return graph.insertConstant(int64_t(0), loc);
    case TypeKind::FloatType: return graph.insertConstant(0.0, loc);
    case TypeKind::BoolType: return graph.insertConstant(false, loc);
    case TypeKind::StringType: return graph.insertConstant(std::string(), loc);
    case TypeKind::OptionalType: return graph.insertUncheckedCast(graph.insertConstant(IValue(), loc), type);
    case TypeKind::ListType: return made(graph.createList(type->expectRef<ListType>().getElementType(), {}));
    case TypeKind::DictType: {
      const auto& dict = type->expectRef<DictType>();
      return made(graph.createDict(dict.getKeyType(), dict.getValueType(), {}, {}));
    }
    case TypeKind::TupleType: {
      // A struct whose default is not that of its fields is refused before.
      auto tuple = type->expect<TupleType>();
      std::vector<Value*> parts;
      for (const auto& part : tuple->elements()) parts.push_back(default_of(part, m, loc));
      return made(graph.createTuple(parts, tuple->schema() ? tuple : nullptr));
    }
    default: break;
  }
  throw(ErrorReport(loc) << "the default of `" << type->annotation_str() << "` is not known to TorchScript\n"
                         << "help: write the value");
}

bool is_mutable(const TypePtr& type) {
  if (type->kind() == TypeKind::ListType || type->kind() == TypeKind::DictType) return true;
  if (type->kind() != TypeKind::TupleType && type->kind() != TypeKind::OptionalType) return false;
  for (const auto& inner : type->containedTypes()) {
    if (is_mutable(inner)) return true;
  }
  return false;
}

const Operators& value_operators() {
  static const auto* map = new Operators{
      {"clone", clone},
      // `let b = a`: copies an array. For a `Vec`, which Rust moves, the copy is harmless.
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
      {"eq", eq},
      {"ne", ne},
      {"unwrap_or_default", unwrap_or_default},
      {"with", with},
      {"optional", optional},
      {"option", option},
      {"result", result},
      // `unwrap` of an option, or of a `Result`, which is its own value here.
      {"unwrap",
       [](Emitter& e) {
         return is_optional(e.arg(0)) ? e.op(Symbol::fromQualString("aten::_unwrap_optional")) : e.arg(0);
       }},
      // Works as `x is None`, but the code that follows still takes the variable for an option.
      {"is_none", [](Emitter& e) { return e.op(aten::__is__, {e.arg(0), IValue()}); }},
      {"is_some", [](Emitter& e) { return e.op(aten::__isnot__, {e.arg(0), IValue()}); }},
  };
  return *map;
}

}  // namespace tch_jit
