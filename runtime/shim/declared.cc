// Stage: compiles a declared method or function when it is first called. libtorch's compiler is entered again while it
// compiles the caller, as Python's recursive scripting does.

#include "declared.h"

#include <algorithm>

#include "casts.h"
#include "decide.h"
#include "evaluation.h"
#include "loops.h"
#include "readable.h"
#include "sugared.h"
#include "support.h"
#include "tree.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

std::string renamed(const std::unordered_map<std::string, std::string>& names, const std::string& name) {
  auto found = names.find(name);
  return found == names.end() ? name : found->second;
}

// Takes the body `name` out of `bodies`: what is being compiled is declared no more.
std::optional<Body> take(std::unordered_map<std::string, Body>& bodies, const std::string& name) {
  auto found = bodies.find(name);
  if (found == bodies.end()) return std::nullopt;
  Body body = std::move(found->second);
  bodies.erase(found);
  return body;
}

// Counts what an assignment, or a loop, assigns.
void count_assigned(const Expr& to, std::unordered_map<std::string, int>& counts) {
  if (to.kind() == TK_VAR) counts[Var(to).name().name()]++;
  if (to.kind() == TK_TUPLE_LITERAL) {
    for (const Expr& part : TupleLiteral(to).inputs()) count_assigned(part, counts);
  }
}

void count_assigned(const TreeRef& tree, std::unordered_map<std::string, int>& counts) {
  if (tree->isAtom()) return;
  switch (tree->kind()) {
    case TK_ASSIGN:
      for (const Expr& to : Assign(tree).lhs_list()) count_assigned(to, counts);
      break;
    case TK_AUG_ASSIGN: count_assigned(AugAssign(tree).lhs(), counts); break;
    case TK_FOR:
      for (const Expr& to : For(tree).targets()) count_assigned(to, counts);
      break;
    default: break;
  }
  for (const TreeRef& child : tree->trees()) count_assigned(child, counts);
}

std::unordered_set<std::string> reassigned(const Def& def) {
  std::unordered_map<std::string, int> counts;
  count_assigned(def.tree(), counts);
  std::unordered_set<std::string> names;
  for (const auto& [name, n] : counts) {
    if (n > 1) names.insert(name);
  }
  return names;
}

void compile(const Body& body, const c10::QualifiedName& prefix, const std::shared_ptr<Declared>& declared,
             const std::shared_ptr<CompilationUnit>& unit, const RustSelf* self) {
  auto type = self ? self->getClassType() : nullptr;
  Def def = keep_changes(without_dead_branches(body, type, *declared));
  declared->reassigned[c10::QualifiedName(prefix, def.name().name()).qualifiedName()] = reassigned(def);
  auto functions = unit->define(prefix, {}, {}, {def}, {make_resolver(body, unit, declared)}, self);
  settle_loops(functions);
  for (Function* function : functions) {
    Graph& graph = *toGraphFunction(*function).graph();
    drop_casts(graph.block());
    if (declared->is_eval_only) settle_evaluation(graph, graph.block());
    keep_readable(*function);
  }
}

}  // namespace

Body::Body(const tj_method& method) : def(decode_def(method)) {
  for (size_t i = 0; i < method.n_types; i++) types.push_back(method.types[i]->type);
  for (size_t i = 0; i < method.n_constants; i++) constants.push_back(*method.constants[i]);
  for (size_t i = 0; i < method.n_functions; i++) functions.push_back(to_string(method.functions[i]));
}

std::string Declared::field(const c10::ClassType& type, const std::string& name) const {
  auto names = classes.find(&type);
  return names == classes.end() ? name : renamed(names->second.fields, name);
}

bool Declared::is_assigned_once(const GraphFunction& body, const std::string& variable) const {
  auto names = reassigned.find(body.qualname().qualifiedName());
  return names != reassigned.end() && names->second.count(variable) == 0;
}

std::string Declared::method(const c10::ClassType& type, const std::string& name) const {
  auto names = classes.find(&type);
  return names == classes.end() ? name : renamed(names->second.methods, name);
}

Function* find_method(const std::shared_ptr<Declared>& declared, const c10::ClassTypePtr& type,
                      const std::string& name) {
  if (Function* known = type->findMethod(name)) return known;
  auto names = declared->classes.find(type.get());
  if (names == declared->classes.end()) return nullptr;
  auto body = take(names->second.bodies, name);
  if (!body) return nullptr;
  RustSelf self(type, declared);
  compile(*body, type->name().value(), declared, type->compilation_unit(), &self);
  return type->findMethod(name);
}

std::vector<std::pair<size_t, size_t>> Generic::modules(bool is_method) const {
  std::vector<std::pair<size_t, size_t>> found;
  size_t first = is_method ? 1 : 0;
  const auto params = body.def.decl().params();
  for (size_t i = first; i < params.size(); i++) {
    if (auto type = body.module_type(params[i])) found.emplace_back(i - first, *type);
  }
  return found;
}

std::optional<size_t> Body::module_type(const Param& param) const {
  if (!param.type().present()) return std::nullopt;
  // A type is named by its slot.
  auto slot = std::stoul(Var(param.type().get()).name().name().substr(2));
  auto kind = types.at(slot)->kind();
  auto cls = types[slot]->cast<c10::ClassType>();
  bool is_module = kind == TypeKind::AnyClassType || (cls && cls->is_module());
  return is_module ? std::optional<size_t>(slot) : std::nullopt;
}

bool Body::takes_modules() const {
  return std::any_of(types.begin(), types.end(),
                     [](const auto& type) { return type->kind() == TypeKind::AnyClassType; });
}

Generic* find_generic(const std::shared_ptr<Declared>& declared, const c10::ClassType* type,
                      const std::string& name) {
  auto* generics = &declared->generic_functions;
  if (type) {
    auto names = declared->classes.find(type);
    if (names == declared->classes.end()) return nullptr;
    generics = &names->second.generics;
  }
  auto found = generics->find(name);
  return found == generics->end() ? nullptr : &found->second;
}

Function* instantiate(const std::shared_ptr<Declared>& declared, const std::shared_ptr<CompilationUnit>& unit,
                      const c10::ClassTypePtr& type, const std::string& name,
                      const std::vector<c10::ClassTypePtr>& classes) {
  Generic& generic = *find_generic(declared, type.get(), name);
  const c10::QualifiedName qualified(name);
  const c10::QualifiedName prefix = type ? type->name().value() : c10::QualifiedName(qualified.prefix());
  auto function = [&](const std::string& atom) -> Function* {
    return type ? type->findMethod(atom) : unit->find_function(c10::QualifiedName(prefix, atom));
  };
  std::vector<const c10::ClassType*> key;
  for (const auto& cls : classes) key.push_back(cls.get());
  if (auto known = generic.compiled.find(key); known != generic.compiled.end())
    return function(known->second);
  std::string atom = qualified.name();
  for (const auto& cls : classes) atom += "_" + cls->name().value().name();
  const std::string base = atom;
  for (int n = 1; function(atom); n++) atom = base + "_" + std::to_string(n);
  generic.compiled[key] = atom;
  Body body = generic.body;
  const auto modules = generic.modules(type != nullptr);
  for (size_t i = 0; i < modules.size(); i++) body.types[modules[i].second] = classes.at(i);
  auto ident = Ident::create(body.def.name().range(), atom);
  body.def =
      Def(Compound::create(TK_DEF, body.def.range(), {ident.tree(), body.def.decl(), body.def.statements()}));
  if (type) {
    RustSelf self(type, declared);
    compile(body, prefix, declared, unit, &self);
  } else {
    compile(body, prefix, declared, unit, nullptr);
  }
  return function(atom);
}

Function* find_function(const std::shared_ptr<Declared>& declared,
                        const std::shared_ptr<CompilationUnit>& unit, const std::string& name) {
  const c10::QualifiedName qualified(name);
  if (Function* known = unit->find_function(qualified)) return known;
  auto body = take(declared->functions, name);
  if (!body) return nullptr;
  compile(*body, c10::QualifiedName(qualified.prefix()), declared, unit, nullptr);
  return unit->find_function(qualified);
}

}  // namespace tch_jit
