// Stage: compiles a declared method or function when it is first called. libtorch's compiler is entered again while it
// compiles the caller, as Python's recursive scripting does.

#include "declared.h"

#include "decide.h"
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

void compile(const Body& body, const c10::QualifiedName& prefix, const std::shared_ptr<Declared>& declared,
             const std::shared_ptr<CompilationUnit>& unit, const RustSelf* self) {
  auto type = self ? self->getClassType() : nullptr;
  Def def = keep_changes(without_dead_branches(body, type, *declared));
  auto functions = unit->define(prefix, {}, {}, {def}, {make_resolver(body, unit, declared)}, self);
  settle_loops(functions);
  for (Function* function : functions) keep_readable(*function);
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
