// Rust's methods of maps, by the operands' types.

#include "rust_ops.h"

namespace tch_jit {
namespace {

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

// The modules of a map of modules, whose loop is unrolled.
Value* modules(Emitter& e) {
  std::vector<std::shared_ptr<SugaredValue>> values;
  auto pairs = e.sugared(0)->asTuple(e.loc(), e.method());
  for (const auto& pair : pairs) values.push_back(pair->asTuple(e.loc(), e.method()).at(1));
  e.result = std::make_shared<SugaredTupleValue>(std::move(values));
  return nullptr;
}

Value* keys(Emitter& e) {
  auto types = key_and_value(e, "`keys`");
  auto kind = types[0].second->kind();
  bool sorts = kind == TypeKind::IntType || kind == TypeKind::StringType;
  return e.call(sorts ? prelude::dict_keys : prelude::dict_keys_as_they_are, types);
}

// The map of pairs that are written out, `{k: v}`; null for other lists of pairs.
Value* literal_of(Emitter& e, const Types& types) {
  Node* list = e.arg(0)->node();
  // A list comprehension begins as an empty list, which a loop appends to.
  if (list->kind() != prim::ListConstruct || e.arg(0)->hasUses()) return nullptr;
  std::vector<Value*> keys, values;
  for (Value* pair : list->inputs()) {
    if (pair->node()->kind() != prim::TupleConstruct) return nullptr;
    keys.push_back(pair->node()->input(0));
    values.push_back(pair->node()->input(1));
  }
  return e.graph().insertNode(e.graph().createDict(types[0].second, types[1].second, keys, values))->output();
}

}  // namespace

const Operators& map_operators() {
  static const auto* map = new Operators{
      {"dict_clone", [](Emitter& e) { return on_dict(e, "`clone`", prelude::dict_clone); }},
      {"dict_insert", [](Emitter& e) { return on_dict(e, "`insert`", prelude::dict_insert); }},
      {"dict_remove", [](Emitter& e) { return on_dict(e, "`remove`", prelude::dict_remove); }},
      {"dict_get",
       [](Emitter& e) {
         auto types = key_and_value(e, "`get`");
         if (types[1].second->kind() == TypeKind::OptionalType) {
           e.fail("`get`, which gives an option of an option,");
         }
         return e.call(prelude::dict_get, types);
       }},
      {"dict_extend",
       [](Emitter& e) {
         Emitter pairs = e.with({e.arg(0), e.apply("iter", {e.arg(1)})});
         return pairs.call(prelude::dict_extend, types_of_pairs(pairs, "`extend`", 1));
       }},
      {"contains_key", [](Emitter& e) { return e.op(aten::__contains__); }},
      {"default_element",
       [](Emitter& e) {
         return default_of(key_and_value(e, "`or_default`")[1].second, e.method(), e.loc());
       }},
      {"keys", keys},
      {"values",
       [](Emitter& e) -> Value* {
         if (auto type = e.arg(0)->type()->cast<ClassType>(); type && type->is_module()) return modules(e);
         return e.is(0, TensorType::get()) ? e.op(Symbol::aten("values"))
                                           : on_dict(e, "`values`", prelude::dict_values);
       }},
      // The list that a loop over pairs runs over: Python's loop over a map would give its keys only.
      {"iter", [](Emitter& e) { return e.is_dict() ? on_dict(e, "`iter`", prelude::dict_items) : e.arg(0); }},
      {"dict_of",
       [](Emitter& e) {
         if (e.is_dict()) return e.arg(0);
         Types types = types_of_pairs(e, "a map", 0);
         Value* literal = literal_of(e, types);
         return literal ? literal : e.call(prelude::dict_of, types);
       }},
  };
  return *map;
}

}  // namespace tch_jit
