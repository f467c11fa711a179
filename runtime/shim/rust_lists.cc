// Rust's methods of lists and iterators, by the operands' types. A method that would give an option of an option is
// refused.

#include "rust_ops.h"

namespace tch_jit {
namespace {

bool is_module(Value* value) {
  auto type = value->type()->cast<ClassType>();
  return type && type->is_module();
}

// Some elements of a list of modules. Of a tuple, libtorch would take an element as a plain value.
struct Window : SugaredTupleValue {
  using SugaredTupleValue::SugaredTupleValue;
  Value* asValue(const SourceRange& loc, GraphFunction& m) override { return tup_.front()->asValue(loc, m); }
};

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

// Calls a function of the prelude on a list, whose elements are of the type `T`.
Value* on_list(Emitter& e, const char* name, const Function& function) {
  return e.call(function, {{"T", e.element(name)}});
}

// As `on_list`, for a function that gives an option of an element.
Value* optional_element(Emitter& e, const char* name, const Function& function) {
  if (e.element(name)->kind() == TypeKind::OptionalType) {
    e.fail(std::string(name) + ", which gives an option of an option,");
  }
  return on_list(e, name, function);
}

Value* get_at(Emitter& e, const char* name, int64_t i) {
  Value* index = e.graph().insertConstant(i, e.loc());
  Emitter inner = e.with({e.arg(0), index});
  return optional_element(inner, name, prelude::list_get);
}

Value* sort(Emitter& e) {
  auto kind = e.element("`sort`")->kind();
  if (kind != TypeKind::IntType && kind != TypeKind::StringType && kind != TypeKind::BoolType) {
    e.fail("`sort`");
  }
  return e.op(aten::sort);
}

// An adapter of iterators that lists of modules have as well: `of_modules` rearranges these while compiling.
template <class F>
Value* adapt(Emitter& e, const char* name, const Function& function, F of_modules) {
  if (!is_module(e.arg(0))) return on_list(e, name, function);
  auto elements = modules(e);
  of_modules(elements);
  e.result = std::make_shared<SugaredTupleValue>(std::move(elements));
  return nullptr;
}

// `first`, `last` and `get` of a list of modules, which are decided while compiling.
Value* module_at(Emitter& e, int64_t i) {
  auto elements = modules(e);
  const auto n = static_cast<int64_t>(elements.size());
  if (i < 0) i += n;
  if (i < 0 || i >= n) {
    return e.graph().insertConstant(IValue(), e.loc());
  }
  e.result = elements[i];
  return nullptr;
}

}  // namespace

const Operators& list_operators() {
  static const auto* map = new Operators{
      {"has",
       [](Emitter& e) {
         if (e.is_dict()) return e.op(aten::__contains__);
         // An index of -1 is that of the last element.
         auto known = toIValue(e.arg(1));
         NamedValue index =
             known && known->toInt() < 0 ? NamedValue(-1 - known->toInt()) : NamedValue(e.arg(1));
         return e.op(aten::gt, {e.op(aten::len, {e.arg(0)}), index});
       }},
      {"pop", [](Emitter& e) { return optional_element(e, "`pop`", prelude::list_pop); }},
      {"first", [](Emitter& e) { return is_module(e.arg(0)) ? module_at(e, 0) : get_at(e, "`first`", 0); }},
      {"last",
       [](Emitter& e) {
         if (is_module(e.arg(0))) return module_at(e, -1);
         e.element("`last`");
         Value* end = e.op(aten::sub, {e.op(aten::len, {e.arg(0)}), int64_t(1)});
         Emitter inner = e.with({e.arg(0), end});
         return optional_element(inner, "`last`", prelude::list_get);
       }},
      // `list.get(i)`, and `x.get(i)` of a tensor.
      {"get",
       [](Emitter& e) {
         if (e.is(0, TensorType::get())) return e.op(aten::select, {e.arg(0), int64_t(0), e.arg(1)});
         if (is_module(e.arg(0))) return module_at(e, known_int(e, 1));
         if (e.is_dict()) return e.apply("dict_get", {e.arg(0), e.arg(1)});
         return optional_element(e, "`get`", prelude::list_get);
       }},
      {"insert",
       [](Emitter& e) {
         if (e.is_dict()) return e.apply("dict_insert", {e.arg(0), e.arg(1), e.arg(2)});
         return on_list(e, "`insert`", prelude::list_insert);
       }},
      {"put",
       [](Emitter& e) {
         return e.is_dict() ? e.op(aten::_set_item) : e.apply("insert", {e.arg(0), e.arg(1), e.arg(2)});
       }},
      {"remove",
       [](Emitter& e) {
         if (e.is_dict()) return e.apply("dict_remove", {e.arg(0), e.arg(1)});
         return on_list(e, "`remove`", prelude::list_remove);
       }},
      {"swap_remove", [](Emitter& e) { return on_list(e, "`swap_remove`", prelude::list_swap_remove); }},
      {"sized", [](Emitter& e) { return on_list(e, "`try_into`", prelude::list_sized); }},
      {"swap", [](Emitter& e) { return on_list(e, "`swap`", prelude::list_swap); }},
      {"reverse", [](Emitter& e) { return e.element("`reverse`"), e.op(Symbol::aten("reverse")); }},
      {"extend",
       [](Emitter& e) {
         if (e.is_dict()) return e.apply("dict_extend", {e.arg(0), e.arg(1)});
         return e.element("`extend`"), e.op(Symbol::aten("extend"));
       }},
      {"append", [](Emitter& e) { return on_list(e, "`append`", prelude::list_append); }},
      {"truncate", [](Emitter& e) { return on_list(e, "`truncate`", prelude::list_truncate); }},
      {"resize", [](Emitter& e) { return on_list(e, "`resize`", prelude::list_resize); }},
      {"assign_list", [](Emitter& e) { return on_list(e, "`retain`", prelude::list_assign); }},
      {"clear",
       [](Emitter& e) {
         if (!e.is_dict()) e.element("`clear`");
         return e.op(Symbol::aten("clear"));
       }},
      {"contains",
       [](Emitter& e) {
         return e.is(0, StringType::get()) ? e.apply("text_contains", {e.arg(0), e.arg(1)})
                                           : on_list(e, "`contains`", prelude::list_contains);
       }},
      {"dedup", [](Emitter& e) { return on_list(e, "`dedup`", prelude::list_dedup); }},
      {"sort", sort},
      {"concat",
       [](Emitter& e) {
         auto inner = e.element("`concat`");
         if (inner->kind() == TypeKind::StringType) return e.apply("text_concat", {e.arg(0)});
         if (auto option = inner->cast<OptionalType>()) {
           return e.call(prelude::list_present, {{"T", option->getElementType()}});
         }
         auto list = inner->cast<ListType>();
         if (!list) e.fail("`concat`");
         return e.call(prelude::list_concat, {{"T", list->getElementType()}});
       }},
      {"split_off", [](Emitter& e) { return on_list(e, "`split_off`", prelude::list_split_off); }},
      {"drain", [](Emitter& e) { return on_list(e, "`drain`", prelude::list_drain); }},
      {"split_at", [](Emitter& e) { return on_list(e, "`split_at`", prelude::list_split_at); }},
      {"windows",
       [](Emitter& e) -> Value* {
         if (!is_module(e.arg(0))) return on_list(e, "`windows`", prelude::list_windows);
         auto all = modules(e);
         const auto n = static_cast<size_t>(known_int(e, 1));
         std::vector<std::shared_ptr<SugaredValue>> windows;
         for (size_t i = 0; n > 0 && i + n <= all.size(); i++) {
           const auto first = all.begin() + static_cast<std::ptrdiff_t>(i);
           windows.push_back(std::make_shared<Window>(
               std::vector<std::shared_ptr<SugaredValue>>(first, first + static_cast<std::ptrdiff_t>(n))));
         }
         e.result = std::make_shared<SugaredTupleValue>(std::move(windows));
         return nullptr;
       }},
      {"chunks", [](Emitter& e) { return on_list(e, "`chunks`", prelude::list_chunks); }},
      {"chunks_exact", [](Emitter& e) { return on_list(e, "`chunks_exact`", prelude::list_chunks_exact); }},
      // Adapters of iterators.
      {"rev",
       [](Emitter& e) {
         return adapt(e, "`rev`", prelude::list_reversed,
                      [](auto& all) { std::reverse(all.begin(), all.end()); });
       }},
      {"take",
       [](Emitter& e) {
         return adapt(e, "`take`", prelude::list_take,
                      [&](auto& all) { all.resize(std::min<size_t>(all.size(), known_int(e, 1))); });
       }},
      {"skip",
       [](Emitter& e) {
         return adapt(e, "`skip`", prelude::list_skip, [&](auto& all) {
           all.erase(all.begin(), all.begin() + std::min<size_t>(all.size(), known_int(e, 1)));
         });
       }},
      {"step_by", [](Emitter& e) { return on_list(e, "`step_by`", prelude::list_step_by); }},
      {"chain",
       [](Emitter& e) {
         return adapt(e, "`chain`", prelude::list_chain, [&](auto& all) {
           Emitter other = e.with({e.arg(1)});
           for (auto& it : modules(other)) all.push_back(it);
         });
       }},
      // The values that are there in a list of options, which is what `filter_map` leaves.
      {"present",
       [](Emitter& e) {
         auto option = e.element("`filter_map`")->cast<OptionalType>();
         return option ? e.call(prelude::list_present, {{"T", option->getElementType()}}) : e.arg(0);
       }},
      {"keep", [](Emitter& e) { return on_list(e, "`filter`", prelude::list_keep); }},
      {"keep_while", [](Emitter& e) { return on_list(e, "`take_while`", prelude::list_keep_while); }},
      {"drop_while", [](Emitter& e) { return on_list(e, "`skip_while`", prelude::list_drop_while); }},
      {"largest", [](Emitter& e) { return optional_element(e, "`max`", prelude::list_max); }},
      {"smallest", [](Emitter& e) { return optional_element(e, "`min`", prelude::list_min); }},
      {"index_or_none", [](Emitter& e) { return e.call(prelude::index_or_none); }},
      {"repeated",
       [](Emitter& e) {
         if (is_mutable(e.arg(0)->type())) return e.call(prelude::list_repeated, {{"T", e.arg(0)->type()}});
         return e.op(aten::mul, {e.list_of(e.arg(0)), e.arg(1)});
       }},
      // `x.repeat(n)` of texts, tensors and lists.
      {"repeat",
       [](Emitter& e) {
         if (e.is(0, StringType::get())) return e.apply("text_repeat", {e.arg(0), e.arg(1)});
         if (!e.is(0, TensorType::get())) return on_list(e, "`repeat`", prelude::list_cycled);
         return e.op(aten::repeat, {e.arg(0), e.apply("int_list", {e.arg(1)})});
       }},
  };
  return *map;
}

}  // namespace tch_jit
