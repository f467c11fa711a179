// Stage: gives names in a Rust body their meaning while libtorch compiles its tree: `self`, fields, children, `$`
// names.
//
// libtorch has such "sugared" values for Python's objects only (python_sugared_value.cpp); with those for C++, a body
// could not iterate over a list of submodules, for example. Semantics follow Python's.

#include "sugared.h"

#include <algorithm>
#include <array>

#include <torch/csrc/jit/frontend/error_report.h>

#include "choice.h"
#include "grad_mode.h"
#include "loops.h"
#include "types.h"

namespace tch_jit {
namespace {

using namespace torch::jit;
using SugaredValues = std::vector<std::shared_ptr<SugaredValue>>;

bool is_container_named(const ClassType& type, const char* name) {
  return is_container(type) && type.name().value().name() == name;
}

// The name of a method that a body calls is marked: fields and methods are two namespaces in Rust.
std::optional<std::string> called(const std::string& name) {
  constexpr size_t n_mark = 2;
  if (name.size() <= n_mark || name.compare(name.size() - n_mark, n_mark, "()") != 0) return std::nullopt;
  return name.substr(0, name.size() - n_mark);
}

// `forward_t(x, train)` of a child that has only `forward(x)`: as in tch, where every `Module`
// is a `ModuleT` that ignores `train`.
struct IgnoreTrain : SugaredValue {
  explicit IgnoreTrain(std::shared_ptr<SugaredValue> forward) : forward_(std::move(forward)) {}
  std::string kind() const override { return "method"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m, at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue> kwargs, size_t n_binders) override {
    if (args.empty()) throw(ErrorReport(loc) << "`forward_t` takes an input and `train`");
    return forward_->call(loc, m, args.slice(0, args.size() - 1), kwargs, n_binders);
  }

 private:
  std::shared_ptr<SugaredValue> forward_;
};

// A method of a module that was compiled before, whose arguments Rust passes as one tuple.
struct TakesTuple : SugaredValue {
  TakesTuple(std::shared_ptr<SugaredValue> method, size_t n_args)
      : method_(std::move(method)), n_args_(n_args) {}
  std::string kind() const override { return "method"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m, at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue> kwargs, size_t n_binders) override {
    Value* tuple = args.size() == 1 ? args[0].value(*m.graph()) : nullptr;
    bool is_tuple = tuple && tuple->type()->kind() == TypeKind::TupleType;
    if (!is_tuple || (n_args_ == 1 && tuple->type()->containedTypes().size() != 1)) {
      return method_->call(loc, m, args, kwargs, n_binders);
    }
    std::vector<NamedValue> values;
    Node* unpacked = m.graph()->insertNode(m.graph()->createTupleUnpack(tuple));
    for (Value* part : unpacked->outputs()) values.emplace_back(loc, part);
    return method_->call(loc, m, values, kwargs, n_binders);
  }

 private:
  std::shared_ptr<SugaredValue> method_;
  size_t n_args_;
};

// A missing module in a list, as a value of its own kind: if it were a plain None, the variable of an unrolled loop
// would keep the module that it held the time before.
struct Missing : SugaredValue {
  std::string kind() const override { return "None"; }
  Value* asValue(const SourceRange& loc, GraphFunction& m) override {
    return m.graph()->insertConstant(IValue(), loc);
  }
};

// Whether the blocks of a node give a variable a value.
bool stores(Node* node, const std::string& name) {
  for (Block* inner : node->blocks()) {
    for (Node* nested : inner->nodes()) {
      if (nested->kind() == prim::Store && nested->s(attr::name) == name) return true;
      if (stores(nested, name)) return true;
    }
  }
  return false;
}

// The node that gave a variable the value that `load` reads; null where that depends on a branch, or on the round of a
// loop, whose end is not compiled yet.
Node* last_store(Node* load, bool is_assigned_once) {
  const std::string& name = load->s(attr::name);
  for (Node* at = load; at; at = at->owningBlock()->owningNode()) {
    if (at->kind() == prim::Loop && !is_assigned_once) return nullptr;
    for (Node* node = at->prev(); node->kind() != prim::Return; node = node->prev()) {
      if (node->kind() == prim::Store && node->s(attr::name) == name) return node;
      if (stores(node, name)) return nullptr;
    }
  }
  return nullptr;
}

// A method or a function that takes modules, see declared.cc.
struct GenericCallee : SugaredValue {
  GenericCallee(Value* self, c10::ClassTypePtr type, std::string name, std::shared_ptr<CompilationUnit> unit,
                std::shared_ptr<Declared> declared)
      : self_(self),
        type_(std::move(type)),
        name_(std::move(name)),
        unit_(std::move(unit)),
        declared_(std::move(declared)) {}
  std::string kind() const override { return "method"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m, at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue> kwargs, size_t n_binders) override {
    std::vector<NamedValue> values;
    for (const auto& arg : args) values.emplace_back(loc, arg.value(*m.graph()));
    std::vector<c10::ClassTypePtr> classes;
    for (auto [i, type] : find_generic(declared_, type_.get(), name_)->modules(type_ != nullptr)) {
      auto cls = i < values.size() ? values[i].value(*m.graph())->type()->cast<ClassType>() : nullptr;
      if (!cls || !cls->is_module()) throw(ErrorReport(loc) << "argument " << i + 1 << " has to be a module");
      classes.push_back(std::move(cls));
    }
    Function* compiled = instantiate(declared_, unit_, type_, name_, classes);
    if (!type_) return FunctionValue(compiled).call(loc, m, values, kwargs, n_binders);
    return MethodValue(self_, compiled->name()).call(loc, m, values, kwargs, n_binders);
  }

 private:
  Value* self_;
  c10::ClassTypePtr type_;
  std::string name_;
  std::shared_ptr<CompilationUnit> unit_;
  std::shared_ptr<Declared> declared_;
};

// A module inside a compiled body: `self`, or a child reached from it.
struct ModuleSugar : SugaredValue {
  ModuleSugar(Value* self, ClassTypePtr type, std::shared_ptr<Declared> declared)
      : self_(self), type_(std::move(type)), declared_(std::move(declared)) {}

  // libtorch's slicing compares the kind with this word.
  std::string kind() const override { return "module"; }

  Value* asValue(const SourceRange&, GraphFunction&) override { return self_; }

  std::shared_ptr<SugaredValue> attr(const SourceRange& loc, GraphFunction& m,
                                     const std::string& rust_name) override {
    if (auto method = called(rust_name)) return this->method(loc, *method);
    const std::string field = declared_->field(*type_, rust_name);
    if (auto attribute = type_->findAttribute(field)) {
      return sugar(m.graph()->insertGetAttr(self_, field), declared_);
    }
    // Fields of tch's layers, which have PyTorch's names in TorchScript.
    if (field == "ws" && type_->findAttribute("weight")) return attr(loc, m, "weight");
    if (field == "bs" && type_->findAttribute("bias")) return attr(loc, m, "bias");
    if (type_->hasConstant(field)) {
      return std::make_shared<SimpleValue>(m.graph()->insertConstant(type_->getConstant(field)));
    }
    // Methods that the compiler itself writes, as text, call others without a mark.
    return method(loc, rust_name);
  }

  bool hasAttr(const SourceRange&, GraphFunction&, const std::string& rust_name) override {
    const std::string field = declared_->field(*type_, rust_name);
    return type_->findAttribute(field) || type_->findMethod(field) || type_->hasConstant(field);
  }

  void setAttr(const SourceRange& loc, GraphFunction& m, const std::string& field, Value* value) override {
    SimpleValue(self_).setAttr(loc, m, declared_->field(*type_, field), value);
  }

  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m, at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue> kwargs, size_t n_binders) override {
    return method(loc, "forward")->call(loc, m, args, kwargs, n_binders);
  }

  SugaredValuePtr asTupleValue(const SourceRange& loc, GraphFunction& m) override { return elements(loc, m); }

  std::shared_ptr<SugaredValue> iter(const SourceRange& loc, GraphFunction& m) override {
    return elements(loc, m);
  }

  // The elements of a tuple or a list of modules.
  std::vector<std::shared_ptr<SugaredValue>> asTuple(const SourceRange& loc, GraphFunction& m,
                                                     const std::optional<size_t>&) override {
    return elements(loc, m)->tup_;
  }

  Value* len(const SourceRange& loc, GraphFunction& m) override {
    return m.graph()->insertConstant(static_cast<int64_t>(elements(loc, m)->tup_.size()));
  }

  SugaredValuePtr getitem(const SourceRange& loc, GraphFunction& m, Value* index, TypePtr hint) override {
    if (is_dict()) {
      auto key = toIValue(index);
      return key && key->isString() ? attr(loc, m, key->toStringRef()) : chosen(loc, m, index);
    }
    // The elements of a list are named by their numbers.
    auto number = known_index(index, m, declared_.get());
    if (!number) return chosen(loc, m, index);
    if (hasAttr(loc, m, std::to_string(*number))) return attr(loc, m, std::to_string(*number));
    return elements(loc, m)->getitem(loc, m, index, hint);
  }

 private:
  std::shared_ptr<SugaredValue> method(const SourceRange& loc, const std::string& rust_name) const {
    const std::string name = declared_->method(*type_, rust_name);
    if (find_generic(declared_, type_.get(), name)) {
      return std::make_shared<GenericCallee>(self_, type_, name, type_->compilation_unit(), declared_);
    }
    if (Function* found = find_method(declared_, type_, name)) {
      auto value = std::make_shared<MethodValue>(self_, name);
      auto names = declared_->classes.find(type_.get());
      bool is_artifact = names != declared_->classes.end() && names->second.is_artifact;
      if (!is_artifact) return value;
      return std::make_shared<TakesTuple>(std::move(value), found->getSchema().arguments().size() - 1);
    }
    if (name == "forward_t" && find_method(declared_, type_, "forward")) {
      return std::make_shared<IgnoreTrain>(method(loc, "forward"));
    }
    throw(ErrorReport(loc) << "module `" << type_->name().value().name()
                           << "` has no compiled field or method `" << rust_name
                           << "`\nhelp: put `#[methods]` on the impl block that holds it");
  }

  bool is_dict() const {
    return is_container_named(*type_, "ModuleDict") || is_container_named(*type_, "ParameterDict");
  }

  // The element at an index, or with a key, that is known when the body runs.
  std::shared_ptr<SugaredValue> chosen(const SourceRange& loc, GraphFunction& m, Value* index) {
    Options options;
    auto all = elements(loc, m);
    for (const auto& element : all->tup_) {
      if (is_dict()) {
        auto pair = element->asTuple(loc, m);
        options.emplace_back(toIValue(pair[0]->asValue(loc, m)).value(), pair[1]);
      } else {
        options.emplace_back(static_cast<int64_t>(options.size()), element);
      }
    }
    if (options.empty()) throw(ErrorReport(loc) << "there is no module in this list or map");
    return choice(index, std::move(options));
  }

  std::shared_ptr<SugaredTupleValue> elements(const SourceRange& loc, GraphFunction& m) {
    bool dict = is_dict();
    if (!dict && !is_container_named(*type_, "ModuleList") && !is_container_named(*type_, "ParameterList")) {
      throw(ErrorReport(loc) << "module `" << type_->name().value().name() << "` is not a list of modules");
    }
    SugaredValues values;
    for (size_t i = 0; i < type_->numAttributes(); i++) {
      const auto& name = type_->getAttributeName(i);
      // All other attributes are elements; a missing optional module is None.
      if (name == "training") continue;
      bool missing = type_->getAttribute(i)->kind() == TypeKind::NoneType;
      auto value = missing ? std::make_shared<Missing>() : attr(loc, m, name);
      if (dict) {
        auto key = std::make_shared<SimpleValue>(m.graph()->insertConstant(name));
        value = std::make_shared<SugaredTupleValue>(SugaredValues{key, value});
      }
      values.push_back(std::move(value));
    }
    return std::make_shared<SugaredTupleValue>(std::move(values));
  }

  Value* self_;
  ClassTypePtr type_;
  std::shared_ptr<Declared> declared_;
};

}  // namespace

std::optional<int64_t> known_index(Value* index, const GraphFunction& m, const Declared* declared) {
  if (index->node()->kind() == prim::Load) {
    bool is_assigned_once = declared && declared->is_assigned_once(m, index->node()->s(attr::name));
    Node* store = last_store(index->node(), is_assigned_once);
    return store ? known_index(store->input(0), m, declared) : std::nullopt;
  }
  if (auto constant = toIValue(index)) {
    if (!constant->isInt()) return std::nullopt;
    return constant->toInt();
  }
  auto kind = index->node()->kind();
  if (kind == aten::add || kind == aten::sub || kind == aten::mul) {
    auto a = known_index(index->node()->input(0), m, declared);
    auto b = known_index(index->node()->input(1), m, declared);
    if (!a || !b) return std::nullopt;
    return kind == aten::add ? *a + *b : kind == aten::sub ? *a - *b : *a * *b;
  }
  if (kind != aten::__derive_index) return std::nullopt;
  std::array<int64_t, 3> parts;  // the place, where the range starts, its step
  for (size_t i = 0; i < parts.size(); i++) {
    auto part = known_index(index->node()->input(i), m, declared);
    if (!part) return std::nullopt;
    parts[i] = *part;
  }
  return parts[1] + parts[0] * parts[2];
}

bool is_container(const c10::ClassType& type) {
  return type.name().value().qualifiedName().rfind("__torch__.torch.nn.modules.container.", 0) == 0;
}

std::shared_ptr<SugaredValue> sugar(Value* value, const std::shared_ptr<Declared>& declared) {
  auto type = value->type()->cast<ClassType>();
  if (!type || !type->is_module()) return std::make_shared<SimpleValue>(value);
  return std::make_shared<ModuleSugar>(value, std::move(type), declared);
}

namespace {

// A form of Rust, such as `$field`, that is decided while compiling, by the kind of its first argument.
struct StaticForm : SugaredValue {
  using Emit = std::shared_ptr<SugaredValue> (*)(const StaticForm&, const SourceRange&, GraphFunction&,
                                                 const std::vector<Value*>&);
  StaticForm(Emit emit, std::shared_ptr<Declared> declared) : emit_(emit), declared_(std::move(declared)) {}
  std::string kind() const override { return "form"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m, at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue>, size_t) override {
    std::vector<Value*> values;
    for (const auto& arg : args) values.push_back(arg.value(*m.graph()));
    return emit_(*this, loc, m, values);
  }
  std::shared_ptr<SugaredValue> sugared(Value* value) const { return sugar(value, declared_); }

 private:
  Emit emit_;
  std::shared_ptr<Declared> declared_;
};

std::shared_ptr<SugaredValue> constant(bool value, const SourceRange& loc, GraphFunction& m) {
  return std::make_shared<SimpleValue>(m.graph()->insertConstant(value, loc));
}

// `$field(value, i)` is Rust's `value.i`. A tuple struct is a module, or the tuple of its fields;
// tch's states are their tensors themselves: `LSTMState` a pair, whose field 0 is the pair as a
// whole where an element of a tensor would be asked for, and `GRUState` a tensor.
std::shared_ptr<SugaredValue> emit_field(const StaticForm& form, const SourceRange& loc, GraphFunction& m,
                                         const std::vector<Value*>& args) {
  Value* value = args.at(0);
  Graph& graph = *m.graph();
  for (size_t i = 1; i < args.size(); i++) {
    int64_t index = toIValue(args[i]).value().toInt();
    if (auto type = value->type()->cast<ClassType>(); type && type->is_module()) {
      auto field = form.sugared(value)->attr(loc, m, std::to_string(index));
      value = field->asValue(loc, m);
      continue;
    }
    if (value->type()->isSubtypeOf(*TensorType::get()) && index == 0) continue;
    auto tuple = value->type()->cast<TupleType>();
    if (!tuple || index >= int64_t(tuple->elements().size())) {
      throw(ErrorReport(loc) << "`" << value->type()->annotation_str() << "` has no field " << index);
    }
    bool is_state = index == 0 && i + 1 < args.size() && tuple->elements().size() == 2 &&
                    tuple->elements()[0]->isSubtypeOf(*TensorType::get());
    if (is_state) continue;
    value = graph.insertNode(graph.createTupleIndex(value, args[i], tuple->elements()[index]))->output();
  }
  return form.sugared(value);
}

Value* tuple_element(Value* tuple, size_t i, GraphFunction& m) {
  Graph& graph = *m.graph();
  auto type = tuple->type()->expectRef<TupleType>().elements()[i];
  Value* index = graph.insertConstant(static_cast<int64_t>(i));
  return graph.insertNode(graph.createTupleIndex(tuple, index, type))->output();
}

Value* variant_name(Value* value, GraphFunction& m) { return tuple_element(value, 0, m); }

// `$as_variant(value, name)`: the fields of an enum that is the variant `name`. A module has its fields itself, and so
// has a struct.
std::shared_ptr<SugaredValue> emit_as_variant(const StaticForm& form, const SourceRange& loc,
                                              GraphFunction& m, const std::vector<Value*>& args) {
  Value* value = args.at(0);
  auto tuple = value->type()->cast<TupleType>();
  if (!tuple || !is_enum(*tuple)) return form.sugared(value);
  const std::string name = toIValue(args.at(1)).value().toStringRef();
  auto index = tuple->schema()->argumentIndexWithName(name);
  if (!index)
    throw(ErrorReport(loc) << "`" << tuple->annotation_str() << "` has no variant `" << name
                           << "` with fields");
  Value* payload = tuple_element(value, static_cast<size_t>(*index), m);
  return form.sugared(
      m.graph()->insert(Symbol::fromQualString("aten::_unwrap_optional"), {payload}, {}, loc));
}

// `$V0("Full", a, b)`: a value of an enum whose variants have fields.
struct EnumConstructor : SugaredValue {
  explicit EnumConstructor(TupleTypePtr type) : type_(std::move(type)) {}
  std::string kind() const override { return "enum"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m, at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue> kwargs, size_t) override {
    Graph& graph = *m.graph();
    Value* name = args.at(0).value(graph);
    const std::string variant = toIValue(name).value().toStringRef();
    auto index = type_->schema()->argumentIndexWithName(variant);
    if (!index) {
      throw(ErrorReport(loc) << "`" << type_->annotation_str() << "` has no variant `" << variant
                             << "` with fields");
    }
    std::vector<Value*> parts{name};
    for (size_t i = 1; i < type_->elements().size(); i++) {
      bool is_this = static_cast<int>(i) == *index;
      auto option = type_->elements()[i]->expect<OptionalType>();
      auto payload = option->getElementType()->expect<TupleType>();
      Value* part =
          is_this ? fields(payload, loc, m, args.slice(1), kwargs) : graph.insertConstant(IValue(), loc);
      parts.push_back(graph.insertUncheckedCast(part, option));
    }
    return std::make_shared<SimpleValue>(graph.insertNode(graph.createTuple(parts, type_))->output());
  }

 private:
  static Value* fields(const TupleTypePtr& payload, const SourceRange& loc, GraphFunction& m,
                       at::ArrayRef<NamedValue> args, at::ArrayRef<NamedValue> kwargs) {
    Graph& graph = *m.graph();
    if (payload->schema())
      return NamedTupleConstructor(payload).call(loc, m, args, kwargs, 1)->asValue(loc, m);
    if (args.size() != payload->elements().size()) throw(ErrorReport(loc) << "the variant has other fields");
    std::vector<Value*> values;
    for (size_t i = 0; i < args.size(); i++) {
      values.push_back(tryConvertToType(loc, graph, payload->elements()[i], args[i].value(graph), true));
    }
    return graph.insertNode(graph.createTuple(values))->output();
  }

  TupleTypePtr type_;
};

// `$matches(value, pattern)`: a value equals a constant. A module that is an enum equals the name of its variant, which
// is known, so that the other arms are not compiled; a struct always matches its name.
std::shared_ptr<SugaredValue> emit_matches(const StaticForm&, const SourceRange& loc, GraphFunction& m,
                                           const std::vector<Value*>& args) {
  Value* value = args.at(0);
  if (auto tuple = value->type()->cast<TupleType>()) {
    if (!is_enum(*tuple)) return constant(true, loc, m);
    // A variant without fields is a value of its own.
    Value* name = args.at(1)->type()->cast<TupleType>() ? variant_name(args[1], m) : args[1];
    return std::make_shared<SimpleValue>(
        m.graph()->insert(aten::eq, {variant_name(value, m), name}, {}, loc));
  }
  if (auto type = value->type()->cast<ClassType>(); type && type->is_module()) {
    if (!type->hasConstant("variant")) return constant(true, loc, m);
    auto variant = toIValue(args.at(1)).value();
    return constant(type->getConstant("variant").toStringRef() == variant.toStringRef(), loc, m);
  }
  auto known = toIValue(value), pattern = toIValue(args.at(1));
  if (known && pattern && !known->isTensor()) return constant(*known == *pattern, loc, m);
  return std::make_shared<SimpleValue>(m.graph()->insert(aten::eq, {value, args.at(1)}, {}, loc));
}

// `$indices(list)` is `0..list.len()`, and `$indices(list, a, b)` is `a..list.len() - b`. Over modules, a loop is
// unrolled, and an index is a constant.
std::shared_ptr<SugaredValue> emit_indices(const StaticForm& form, const SourceRange& loc, GraphFunction& m,
                                           const std::vector<Value*>& args) {
  Value* list = args.at(0);
  Graph& graph = *m.graph();
  auto known = [&](size_t i) {
    if (i >= args.size()) return int64_t(0);
    auto number = toIValue(args[i]);
    if (!number) throw(ErrorReport(loc) << "a loop over indices of modules has bounds that are known");
    return number->toInt();
  };
  if (list->type()->cast<ClassType>()) {
    auto n = toIValue(form.sugared(list)->len(loc, m)).value().toInt();
    SugaredValues indices;
    for (int64_t i = known(1); i < n - known(2); i++) {
      indices.push_back(std::make_shared<SimpleValue>(graph.insertConstant(i, loc)));
    }
    return std::make_shared<SugaredTupleValue>(std::move(indices));
  }
  Value* end = graph.insert(aten::len, {list}, {}, loc);
  if (args.size() == 1) return std::make_shared<RangeValue>(loc, m, std::vector<Value*>{end});
  return std::make_shared<RangeValue>(
      loc, m, std::vector<Value*>{args[1], graph.insert(aten::sub, {end, args.at(2)}, {}, loc)});
}

// `$choose(i, a, b)`: the module `a` where `i` is 0, or `b` where it is 1.
std::shared_ptr<SugaredValue> emit_choose(const StaticForm& form, const SourceRange&, GraphFunction&,
                                          const std::vector<Value*>& args) {
  Options options;
  for (size_t i = 1; i < args.size(); i++) options.emplace_back(int64_t(i) - 1, form.sugared(args[i]));
  return choice(args.at(0), std::move(options));
}

// `$module(x)`: a parameter that is a module, with the fields and methods that Rust sees.
std::shared_ptr<SugaredValue> emit_module(const StaticForm& form, const SourceRange&, GraphFunction&,
                                          const std::vector<Value*>& args) {
  return form.sugared(args.at(0));
}

constexpr std::pair<const char*, StaticForm::Emit> FORMS[] = {
    {"as_variant", emit_as_variant},
    {"field", emit_field},
    {"matches", emit_matches},
    {"indices", emit_indices},
};

// Words with a meaning in libtorch itself, where Python would import a name for them.
constexpr std::pair<const char*, std::shared_ptr<SugaredValue> (*)()> SPECIAL_WORDS[] = {
    {"panic",
     []() -> std::shared_ptr<SugaredValue> { return std::make_shared<ExceptionValue>("RuntimeError"); }},
    {"fork", []() -> std::shared_ptr<SugaredValue> { return SpecialFormValue::create(prim::fork); }},
    {"annotate", []() -> std::shared_ptr<SugaredValue> { return SpecialFormValue::create(prim::annotate); }},
};

// The form or word named `name`; null where neither table has it.
std::shared_ptr<SugaredValue> static_form(const std::string& name,
                                          const std::shared_ptr<Declared>& declared) {
  for (const auto& [form, emit] : FORMS) {
    if (name == form) return std::make_shared<StaticForm>(emit, declared);
  }
  for (const auto& [word, make] : SPECIAL_WORDS) {
    if (name == word) return make();
  }
  return nullptr;
}

class RustResolver : public Resolver {
 public:
  RustResolver(const Body& body, std::shared_ptr<CompilationUnit> unit, std::shared_ptr<Declared> declared)
      : unit_(std::move(unit)),
        declared_(std::move(declared)),
        types_(body.types),
        constants_(body.constants),
        functions_(body.functions) {}

  std::shared_ptr<SugaredValue> resolveValue(const std::string& name, GraphFunction& m,
                                             const SourceRange& loc) override {
    if (name == "torch") return std::make_shared<BuiltinModule>("aten");
    if (name.empty() || name[0] != '$') return nullptr;
    if (name.rfind("$C", 0) == 0) {
      const IValue& constant = constants_.at(std::stoul(name.substr(2)));
      return std::make_shared<SimpleValue>(m.graph()->insertConstant(constant, loc));
    }
    if (name.rfind("$F", 0) == 0) {
      const std::string& function = functions_.at(std::stoul(name.substr(2)));
      if (find_generic(declared_, nullptr, function)) {
        return std::make_shared<GenericCallee>(nullptr, nullptr, function, unit_, declared_);
      }
      Function* found = find_function(declared_, unit_, function);
      if (!found) throw(ErrorReport(loc) << "there is no function `" << function << "`");
      return std::make_shared<FunctionValue>(found);
    }
    // `$T0(…)`: a struct's type, called with its fields.
    if (name.rfind("$T", 0) == 0) {
      auto tuple = resolveType(name, loc)->cast<TupleType>();
      if (!tuple || !tuple->schema()) throw(ErrorReport(loc) << "this is not a struct");
      return std::make_shared<NamedTupleConstructor>(tuple);
    }
    // `$V0("Full", …)`: a variant of the enum `$T0`.
    if (name.rfind("$V", 0) == 0) {
      auto tuple = resolveType("$T" + name.substr(2), loc)->cast<TupleType>();
      if (!tuple || !is_enum(*tuple))
        throw(ErrorReport(loc) << "this is not an enum whose variants have fields");
      return std::make_shared<EnumConstructor>(tuple);
    }
    // `$U0`: a value of the type `$T0` without content, which is assigned before it is read.
    if (name.rfind("$U", 0) == 0) {
      auto type = resolveType("$T" + name.substr(2), loc);
      auto* node = m.graph()->insertNode(m.graph()->createUninitialized(type));
      return std::make_shared<SimpleValue>(node->output());
    }
    // `$D0`: what `Default::default()` is of the type `$T0`, such as an empty list.
    if (name.rfind("$D", 0) == 0) {
      return std::make_shared<SimpleValue>(default_of(resolveType("$T" + name.substr(2), loc), m, loc));
    }
    const std::string word = name.substr(1);
    if (word == KEEP_CHANGES) return keep_changes_form();
    if (word == CHOOSE) return std::make_shared<StaticForm>(emit_choose, declared_);
    if (word == MODULE) return std::make_shared<StaticForm>(emit_module, declared_);
    if (auto mode = grad_mode(word, unit_)) return mode;
    if (auto form = static_form(word, declared_)) return form;
    return rust_operator(word, unit_, declared_);
  }

  // libtorch asks twice for each type: first with the source text of the expression, which is Rust and means nothing
  // here, then with the name in the tree.
  TypePtr resolveType(const std::string& name, const SourceRange&) override {
    if (name.rfind("$T", 0) != 0) return nullptr;
    return types_.at(std::stoul(name.substr(2)));
  }

 private:
  std::shared_ptr<CompilationUnit> unit_;
  std::shared_ptr<Declared> declared_;
  std::vector<TypePtr> types_;
  std::vector<IValue> constants_;
  std::vector<std::string> functions_;
};

}  // namespace

std::vector<std::string> static_forms() {
  std::vector<std::string> names;
  for (const auto& [name, emit] : FORMS) names.emplace_back(name);
  for (const auto& [name, make] : SPECIAL_WORDS) names.emplace_back(name);
  for (const char* mode : GRAD_MODES) names.emplace_back(mode);
  return names;
}

std::shared_ptr<SugaredValue> RustSelf::makeSugared(Value* v) const {
  v->setType(type_);
  return std::make_shared<ModuleSugar>(v, type_, declared_);
}

ResolverPtr make_resolver(const Body& body, std::shared_ptr<CompilationUnit> unit,
                          std::shared_ptr<Declared> declared) {
  return std::make_shared<RustResolver>(body, std::move(unit), std::move(declared));
}

}  // namespace tch_jit
