// Stage: names of a Rust body, while libtorch compiles its tree, become values.
//
// libtorch ships such values for Python's objects only (python_sugared_value.cpp); a C++ module
// would not allow to iterate over a list of submodules, for example. Semantics follow Python's.

#include "sugared.h"

#include <torch/csrc/jit/frontend/error_report.h>
#include <torch/csrc/jit/frontend/script_type_parser.h>

#include "support.h"

namespace tch_jit {
namespace {

using namespace torch::jit;
using SugaredValues = std::vector<std::shared_ptr<SugaredValue>>;

bool is_container(const ClassType& type, const char* name) {
  const auto& qualified = *type.name();
  return qualified.name() == name &&
      qualified.qualifiedName().rfind("__torch__.torch.nn.modules.container.", 0) == 0;
}

// `forward_t(x, train)` of a child that has only `forward(x)`: as in tch, where every `Module`
// is a `ModuleT` that ignores `train`.
struct IgnoreTrain : SugaredValue {
  explicit IgnoreTrain(std::shared_ptr<SugaredValue> forward) : forward_(std::move(forward)) {}
  std::string kind() const override { return "method"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m,
                                     at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue> kwargs,
                                     size_t n_binders) override {
    if (args.empty()) throw(ErrorReport(loc) << "`forward_t` takes an input and `train`");
    return forward_->call(loc, m, args.slice(0, args.size() - 1), kwargs, n_binders);
  }

 private:
  std::shared_ptr<SugaredValue> forward_;
};

// The place of a missing module in a list. libtorch would not let go of the module that the loop's
// variable held the time before, if this were a plain value.
struct Missing : SugaredValue {
  std::string kind() const override { return "None"; }
  Value* asValue(const SourceRange& loc, GraphFunction& m) override {
    return m.graph()->insertConstant(IValue(), loc);
  }
};

// A module inside a compiled body: `self`, or a child reached from it.
struct ModuleSugar : SugaredValue {
  ModuleSugar(Value* self, ClassTypePtr type) : self_(self), type_(std::move(type)) {}

  // libtorch's slicing looks for this very word.
  std::string kind() const override { return "module"; }

  Value* asValue(const SourceRange&, GraphFunction&) override { return self_; }

  std::shared_ptr<SugaredValue> attr(const SourceRange& loc, GraphFunction& m,
                                     const std::string& field) override {
    if (auto attribute = type_->findAttribute(field)) {
      Value* value = m.graph()->insertGetAttr(self_, field);
      if (auto child = attribute->cast<ClassType>(); child && child->is_module()) {
        return std::make_shared<ModuleSugar>(value, child);
      }
      return std::make_shared<SimpleValue>(value);
    }
    if (type_->findMethod(field)) return std::make_shared<MethodValue>(self_, field);
    if (type_->hasConstant(field)) {
      return std::make_shared<SimpleValue>(m.graph()->insertConstant(type_->getConstant(field)));
    }
    if (field == "forward_t" && type_->findMethod("forward")) {
      return std::make_shared<IgnoreTrain>(attr(loc, m, "forward"));
    }
    throw(ErrorReport(loc) << "module `" << type_->name()->name()
                           << "` has no compiled field or method `" << field << "`");
  }

  bool hasAttr(const SourceRange&, GraphFunction&, const std::string& field) override {
    return type_->findAttribute(field) || type_->findMethod(field) || type_->hasConstant(field);
  }

  void setAttr(const SourceRange& loc, GraphFunction& m, const std::string& field,
               Value* value) override {
    SimpleValue(self_).setAttr(loc, m, field, value);
  }

  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m,
                                     at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue> kwargs,
                                     size_t n_binders) override {
    return attr(loc, m, "forward")->call(loc, m, args, kwargs, n_binders);
  }

  SugaredValuePtr asTupleValue(const SourceRange& loc, GraphFunction& m) override {
    return elements(loc, m);
  }

  std::shared_ptr<SugaredValue> iter(const SourceRange& loc, GraphFunction& m) override {
    return elements(loc, m);
  }

  Value* len(const SourceRange& loc, GraphFunction& m) override {
    return m.graph()->insertConstant(static_cast<int64_t>(elements(loc, m)->tup_.size()));
  }

  SugaredValuePtr getitem(const SourceRange& loc, GraphFunction& m, Value* index,
                          TypePtr hint) override {
    if (is_dict()) {
      auto key = toIValue(index);
      if (!key || !key->isString()) {
        throw(ErrorReport(loc) << "a map of modules is indexed by a string literal");
      }
      return attr(loc, m, key->toStringRef());
    }
    // A field of a tuple struct, `child.1`, is lowered like an element of a tuple. The elements of
    // a list are named by their numbers, too.
    auto number = toIValue(index);
    if (number && number->isInt() && hasAttr(loc, m, std::to_string(number->toInt()))) {
      return attr(loc, m, std::to_string(number->toInt()));
    }
    return elements(loc, m)->getitem(loc, m, index, hint);
  }

 private:
  bool is_dict() const {
    return is_container(*type_, "ModuleDict") || is_container(*type_, "ParameterDict");
  }

  std::shared_ptr<SugaredTupleValue> elements(const SourceRange& loc, GraphFunction& m) {
    bool dict = is_dict();
    if (!dict && !is_container(*type_, "ModuleList") && !is_container(*type_, "ParameterList")) {
      throw(ErrorReport(loc) << "module `" << type_->name()->name()
                             << "` is not a list of modules");
    }
    SugaredValues values;
    for (size_t i = 0; i < type_->numAttributes(); i++) {
      const auto& name = type_->getAttributeName(i);
      // All others are elements, also None where an optional one is missing.
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
};

class RustResolver : public Resolver {
 public:
  RustResolver(const tj_method& method, std::shared_ptr<CompilationUnit> unit)
      : unit_(std::move(unit)) {
    for (size_t i = 0; i < method.n_types; i++) types_.push_back(to_string(method.types[i]));
    for (size_t i = 0; i < method.n_constants; i++) constants_.push_back(*method.constants[i]);
  }

  std::shared_ptr<SugaredValue> resolveValue(const std::string& name, GraphFunction& m,
                                             const SourceRange& loc) override {
    if (name == "torch") return std::make_shared<BuiltinModule>("aten");
    if (name.empty() || name[0] != '$') return nullptr;
    if (name == "$panic") return std::make_shared<ExceptionValue>("RuntimeError");
    if (name == "$annotate") return SpecialFormValue::create(prim::annotate);
    if (name.rfind("$C", 0) == 0) {
      const IValue& constant = constants_.at(std::stoul(name.substr(2)));
      return std::make_shared<SimpleValue>(m.graph()->insertConstant(constant, loc));
    }
    // A value of a type, to be assigned before it is read.
    if (name.rfind("$U", 0) == 0) {
      auto type = resolveType("$T" + name.substr(2), loc);
      auto* node = m.graph()->insertNode(m.graph()->createUninitialized(type));
      return std::make_shared<SimpleValue>(node->output());
    }
    return rust_operator(name.substr(1), unit_);
  }

  // libtorch asks twice: with the source text of the expression, which is Rust and means
  // nothing here, then with the name in the tree.
  TypePtr resolveType(const std::string& name, const SourceRange&) override {
    if (name.rfind("$T", 0) != 0) return nullptr;
    return ScriptTypeParser().parseType(types_.at(std::stoul(name.substr(2))));
  }

 private:
  std::shared_ptr<CompilationUnit> unit_;
  std::vector<std::string> types_;
  std::vector<IValue> constants_;
};

}  // namespace

std::shared_ptr<SugaredValue> RustSelf::makeSugared(Value* v) const {
  v->setType(type_);
  return std::make_shared<ModuleSugar>(v, type_);
}

ResolverPtr make_resolver(const tj_method& method, std::shared_ptr<CompilationUnit> unit) {
  return std::make_shared<RustResolver>(method, std::move(unit));
}

}  // namespace tch_jit
