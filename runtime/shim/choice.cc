// Stage: a module that is chosen while a body runs. TorchScript knows each module's class while it compiles, so a method
// of such a module is called in a chain of branches, one for each module that it may be:
//
//   self.experts[k].forward(x)   =>   if k == 0: y = self.experts.0.forward(x)
//                                     elif k == 1: y = self.experts.1.forward(x)
//                                     else: raise …

#include "choice.h"

#include <functional>

#include <torch/csrc/jit/frontend/error_report.h>

namespace tch_jit {
namespace {

using namespace torch::jit;
using SugaredValues = std::vector<std::shared_ptr<SugaredValue>>;

// Adds the branches from option `i` on; each gives what `make` adds for its option.
Value* branches(const SourceRange& loc, GraphFunction& m, Value* key, const Options& options, size_t i,
                const std::function<Value*(size_t)>& make) {
  Graph& graph = *m.graph();
  Value* is_chosen = graph.insert(aten::eq, {key, options[i].first}, {}, loc);
  Node* node = graph.insertNode(graph.create(prim::If, {is_chosen}, 0));
  node->setSourceRange(loc);
  Block *then = node->addBlock(), *otherwise = node->addBlock();
  Value *a = nullptr, *b = nullptr;
  {
    WithInsertPoint in(then);
    a = make(i);
  }
  {
    WithInsertPoint in(otherwise);
    if (i + 1 < options.size()) {
      b = branches(loc, m, key, options, i + 1, make);
    } else {
      const char* message = key->type()->isSubtypeOf(*IntType::get()) ? "index out of bounds" : "no such key";
      graph.insert(prim::RaiseException, {IValue(message)}, {}, loc);
      b = graph.insertNode(graph.createUninitialized(a->type()))->output();
    }
  }
  auto type = unifyTypes(a->type(), b->type());
  if (!type) {
    throw(ErrorReport(loc)
          << "a module is chosen here while the method runs, and the modules do not give the same: `"
          << a->type()->annotation_str() << "` and `" << b->type()->annotation_str() << "`");
  }
  then->registerOutput(a);
  otherwise->registerOutput(b);
  return node->addOutput()->setType(*type);
}

// A method of the module that is chosen.
struct ChosenMethod : SugaredValue {
  ChosenMethod(Value* key, Options methods) : key_(key), methods_(std::move(methods)) {}
  std::string kind() const override { return "method"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m, at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue> kwargs, size_t n_binders) override {
    // The arguments are evaluated before the branches.
    std::vector<NamedValue> values;
    for (const auto& arg : args) values.emplace_back(loc, arg.value(*m.graph()));
    return std::make_shared<SimpleValue>(branches(loc, m, key_, methods_, 0, [&](size_t i) {
      return methods_[i].second->call(loc, m, values, kwargs, n_binders)->asValue(loc, m);
    }));
  }

 private:
  Value* key_;
  Options methods_;
};

struct ChosenModule : SugaredValue {
  ChosenModule(Value* key, Options modules) : key_(key), modules_(std::move(modules)) {}
  std::string kind() const override { return "module"; }

  std::shared_ptr<SugaredValue> attr(const SourceRange& loc, GraphFunction& m,
                                     const std::string& name) override {
    Options members;
    for (const auto& [key, module] : modules_) members.emplace_back(key, module->attr(loc, m, name));
    const std::string kind = members.front().second->kind();
    if (kind == "module") return choice(key_, std::move(members));
    if (kind == "method") return std::make_shared<ChosenMethod>(key_, std::move(members));
    return std::make_shared<SimpleValue>(
        branches(loc, m, key_, members, 0, [&](size_t i) { return members[i].second->asValue(loc, m); }));
  }

  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m, at::ArrayRef<NamedValue> args,
                                     at::ArrayRef<NamedValue> kwargs, size_t n_binders) override {
    return attr(loc, m, "forward()")->call(loc, m, args, kwargs, n_binders);
  }

  Value* asValue(const SourceRange& loc, GraphFunction&) override {
    throw(ErrorReport(loc) << "a module that is chosen while the method runs is no value\n"
                              "help: call its methods, or read its fields");
  }

 private:
  Value* key_;
  Options modules_;
};

}  // namespace

std::shared_ptr<SugaredValue> choice(Value* key, Options options) {
  return std::make_shared<ChosenModule>(key, std::move(options));
}

}  // namespace tch_jit
