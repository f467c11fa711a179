// Methods and operators of tensors whose meaning depends on types, and those that tch writes by hand
// in Rust.

#include "rust_ops.h"

namespace tch_jit {
namespace {

template <const Function& FUNCTION>
Value* call(Emitter& e) {
  return e.call(FUNCTION);
}

// `size2` and the like: the sizes as a tuple, after a check of how many there are.
Value* unpacked(Emitter& e, Symbol symbol, size_t n) {
  auto outputs = e.graph().insertNode(e.graph().createListUnpack(e.op(symbol), n))->outputs();
  return n == 1 ? outputs[0] : e.graph().insertNode(e.graph().createTuple(outputs))->output();
}
template <size_t N>
Value* size(Emitter& e) {
  return unpacked(e, aten::size, N);
}
template <size_t N>
Value* stride(Emitter& e) {
  return unpacked(e, aten::stride, N);
}

int64_t constant(Emitter& e, size_t i) { return toIValue(e.arg(i)).value().toInt(); }

// Applies a range of `x.i((…))` to a dimension. The range is a pair, with None where it is open.
Value* narrow(Emitter& e, Value* x, int64_t dim, Value* range) {
  auto* node = range->node();
  auto bounds = node->kind() == prim::TupleConstruct
                    ? node->inputs()
                    : e.graph().insertNode(e.graph().createTupleUnpack(range))->outputs();
  if (bounds.size() != 2) e.fail("`i`");
  bool from_start = bounds[0]->type()->kind() == TypeKind::NoneType;
  bool to_end = bounds[1]->type()->kind() == TypeKind::NoneType;
  if (from_start && to_end) return x;
  Value* start = from_start ? e.graph().insertConstant(int64_t(0)) : bounds[0];
  Value* end = to_end ? e.op(aten::size, {x, dim}) : bounds[1];
  auto known_start = toIValue(start), known_end = toIValue(end);
  if (known_start && known_end) {
    auto length = known_end->toInt() - known_start->toInt();
    return e.op(aten::narrow, {x, dim, start, std::max<int64_t>(length, 0)});
  }
  Value* length = from_start ? end : e.op(aten::sub, {end, start});
  return e.op(aten::narrow, {x, dim, start, e.op(prim::max, {length, int64_t(0)})});
}

// `x.i((…))`, in steps as tch takes them: an int selects, a tensor or a list of ints selects several,
// None is a new axis, and a range is a pair.
Value* index(Emitter& e) {
  Value* x = e.arg(0);
  int64_t dim = 0;
  for (size_t i = 1; i < e.size(); i++) {
    Value* index = e.arg(i);
    if (index->type()->kind() == TypeKind::NoneType) {
      x = e.op(aten::unsqueeze, {x, dim++});
    } else if (e.is(i, IntType::get())) {
      x = e.op(aten::select, {x, dim, index});
    } else if (e.is(i, TensorType::get())) {
      x = e.op(aten::index_select, {x, dim++, e.op(aten::to, {index, e.op(prim::device, {x})})});
    } else if (e.is(i, ListType::ofInts())) {
      NamedValue dtype("dtype", e.graph().insertConstant(static_cast<int64_t>(at::kLong)));
      NamedValue device("device", e.op(prim::device, {x}));
      auto* indices = e.graph().insert(aten::tensor, {NamedValue(index)}, {dtype, device}, e.loc());
      x = e.op(aten::index_select, {x, dim++, indices});
    } else if (index->type()->kind() == TypeKind::TupleType) {
      x = narrow(e, x, dim++, index);
    } else {
      e.fail("`i`");
    }
  }
  return x;
}

// The elements of a tensor, converted to a kind, as a list or as a list of lists of TorchScript's float, int or bool.
Value* to_list(Emitter& e) {
  auto kind = static_cast<at::ScalarType>(constant(e, 2));
  Value* x = e.op(aten::to, {e.arg(0), e.arg(2)});
  TypePtr type = FloatType::get();
  if (kind == at::kBool) {
    type = BoolType::get();
  } else if (at::isIntegralType(kind, /*includeBool=*/false)) {
    type = IntType::get();
    if (kind != at::kLong) x = e.op(aten::to, {x, static_cast<int64_t>(at::kLong)});
  }
  for (int64_t i = 0; i < constant(e, 1); i++) type = ListType::create(type);
  return e.graph().insertToList(x, type);
}

// A tensor of a number, of a list or of lists of lists, of the kind that the second operand names, or
// of the one that tch gives TorchScript's type.
//
// `aten::tensor` alone would round floats to 32 bits, whatever kind it is asked for.
// The kind of tensors with elements of the type of Rust; none where TorchScript's own type says it.
std::optional<at::ScalarType> kind_of(const std::string& number) {
  static const auto* kinds = new std::unordered_map<std::string, at::ScalarType>{
      {"u8", at::kByte}, {"i8", at::kChar}, {"i16", at::kShort}, {"i32", at::kInt}, {"f32", at::kFloat}};
  auto found = kinds->find(number);
  return found == kinds->end() ? std::nullopt : std::optional(found->second);
}

Value* tensor(Emitter& e) {
  TypePtr element = e.arg(0)->type();
  size_t n_dims = 0;
  for (; element->kind() == TypeKind::ListType; n_dims++) element = element->containedType(0);
  bool is_float = element->kind() == TypeKind::FloatType;
  bool is_int = element->kind() == TypeKind::IntType;
  if (!is_float && !is_int && element->kind() != TypeKind::BoolType) e.fail("a conversion to a tensor");
  auto kind = is_float ? at::kDouble : is_int ? at::kLong : at::kBool;
  if (e.size() > 1 && e.is(1, StringType::get())) {
    kind = kind_of(e.take_number(1)).value_or(kind);
  } else if (e.size() > 1) {
    kind = static_cast<at::ScalarType>(constant(e, 1));
  }
  if (is_float && kind == at::kDouble && n_dims > 0) {
    if (n_dims > 2) e.fail("a conversion to a tensor");
    return e.with({e.arg(0)}).call(n_dims == 1 ? prelude::doubles1 : prelude::doubles2);
  }
  NamedValue dtype("dtype", e.graph().insertConstant(static_cast<int64_t>(kind)));
  auto symbol = is_float && n_dims == 0 ? aten::scalar_tensor : aten::tensor;
  return e.graph().insert(symbol, {NamedValue(e.arg(0))}, {dtype}, e.loc());
}

// The list of integers that an operator wants, where tch takes an integer, or for `view` a tuple.
Value* int_list(Emitter& e) {
  if (e.arg(0)->type()->kind() == TypeKind::TupleType) {
    auto elements = e.graph().insertNode(e.graph().createTupleUnpack(e.arg(0)))->outputs();
    return e.graph().insertNode(e.graph().createList(IntType::get(), elements))->output();
  }
  return e.is(0, IntType::get()) ? e.list_of(e.arg(0)) : e.arg(0);
}

}  // namespace

const Operators& tensor_operators() {
  static const auto* map = new Operators{
      {"accuracy_for_logits", call<prelude::accuracy_for_logits>},
      {"avg_pool2d_default", call<prelude::avg_pool2d_default>},
      {"cross_entropy_for_logits", call<prelude::cross_entropy_for_logits>},
      {"element", call<prelude::element>},
      {"flat_view", call<prelude::flat_view>},
      {"max_pool2d_default", call<prelude::max_pool2d_default>},
      {"onehot", call<prelude::onehot>},
      {"random_batch", call<prelude::random_batch>},
      {"random_batch2", call<prelude::random_batch2>},
      {"to_mkldnn", call<prelude::to_mkldnn>},
      {"zero_pad1d", call<prelude::zero_pad1d>},
      {"zero_pad2d", call<prelude::zero_pad2d>},
      // The list is copied: where libtorch's optimizer knows a tensor's sizes, it puts one constant list for all uses,
      // even if the list is changed later.
      {"size", [](Emitter& e) { return e.op(aten::list, {e.op(aten::size)}); }},
      {"size_at",
       [](Emitter& e) {
         if (!e.is(0, TensorType::get())) e.fail("`size`");
         return e.op(aten::size);
       }},
      {"size1", size<1>},
      {"size2", size<2>},
      {"size3", size<3>},
      {"size4", size<4>},
      {"size5", size<5>},
      {"size6", size<6>},
      {"stride1", stride<1>},
      {"stride2", stride<2>},
      {"stride3", stride<3>},
      {"stride4", stride<4>},
      {"stride5", stride<5>},
      {"stride6", stride<6>},
      // Rounds or wraps a tensor to the kind of a Rust number; TorchScript's own numbers have one width, and stay.
      {"cast", [](Emitter& e) { return e.is(0, TensorType::get()) ? e.op(aten::to) : e.arg(0); }},
      {"float_list", [](Emitter& e) { return e.is(0, FloatType::get()) ? e.list_of(e.arg(0)) : e.arg(0); }},
      {"i", index},
      {"int_list", int_list},
      // `Tensor::try_from` of what a module gives that was compiled before may be a tensor already.
      {"tensor", [](Emitter& e) { return e.is(0, TensorType::get()) ? e.arg(0) : tensor(e); }},
      {"to_list", to_list},
  };
  return *map;
}

}  // namespace tch_jit
