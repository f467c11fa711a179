// What bodies of one compilation unit may name: fields, methods and functions, by their names in Rust. A method or a
// function is compiled when a body that is compiled first calls it, so that what only dead branches call never is.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/frontend/tree_views.h>

#include "shim.h"

namespace tch_jit {

// A body that is not compiled yet, with what Rust evaluated for it.
struct Body {
  explicit Body(const tj_method& method);

  torch::jit::Def def;
  std::vector<c10::TypePtr> types;
  std::vector<c10::IValue> constants;
  std::vector<std::string> functions;

  // Whether a parameter is a module, of a class that the caller decides.
  bool takes_modules() const;
  // The index of the type of a parameter that is a module; none for others.
  std::optional<size_t> module_type(const torch::jit::Param& param) const;
};

// A method or a function that takes modules: it is compiled for each class that is passed.
struct Generic {
  Body body;
  // The names of those that are compiled, by the classes that they take.
  std::map<std::vector<const c10::ClassType*>, std::string> compiled;

  // The index of the parameter, counted without `self`, and that of its type, for each that takes a module.
  std::vector<std::pair<size_t, size_t>> modules(bool is_method) const;
};

struct ClassNames {
  // Names in TorchScript where they differ from those that bodies use.
  std::unordered_map<std::string, std::string> fields;
  std::unordered_map<std::string, std::string> methods;
  // Methods that nothing has called, by their names in TorchScript.
  std::unordered_map<std::string, Body> bodies;
  std::unordered_map<std::string, Generic> generics;
  // Integers that are positive in all instances: fields, by their names in TorchScript, and parts of tuples, such as
  // `config.0`.
  std::unordered_set<std::string> positive;
  // Whether the class was compiled or loaded before. In Rust, its methods take tuples of their arguments.
  bool is_artifact = false;
};

struct Declared {
  // Whether the module is compiled for evaluation only.
  bool is_eval_only = false;
  std::unordered_map<const c10::ClassType*, ClassNames> classes;
  // Functions that nothing has called, by their qualified names.
  std::unordered_map<std::string, Body> functions;
  std::unordered_map<std::string, Generic> generic_functions;
  // The variables that more than one statement assigns, by the qualified names of the bodies that are compiled.
  std::unordered_map<std::string, std::unordered_set<std::string>> reassigned;

  // The name of a field in TorchScript.
  std::string field(const c10::ClassType& type, const std::string& name) const;
  // The name of a method in TorchScript.
  std::string method(const c10::ClassType& type, const std::string& name) const;
  // Whether a variable of the body is assigned by one statement only.
  bool is_assigned_once(const torch::jit::GraphFunction& body, const std::string& variable) const;
};

// The method with this name in TorchScript; compiles it if nothing did so far. Null where there is none.
torch::jit::Function* find_method(const std::shared_ptr<Declared>& declared, const c10::ClassTypePtr& type,
                                  const std::string& name);
// The method or function, to be called with modules; null where it takes none. `type` is null for a function.
Generic* find_generic(const std::shared_ptr<Declared>& declared, const c10::ClassType* type,
                      const std::string& name);
// Its form for these classes, which is compiled if nothing did so far.
torch::jit::Function* instantiate(const std::shared_ptr<Declared>& declared,
                                  const std::shared_ptr<torch::jit::CompilationUnit>& unit,
                                  const c10::ClassTypePtr& type, const std::string& name,
                                  const std::vector<c10::ClassTypePtr>& classes);
// As find_method, for a function.
torch::jit::Function* find_function(const std::shared_ptr<Declared>& declared,
                                    const std::shared_ptr<torch::jit::CompilationUnit>& unit,
                                    const std::string& name);

}  // namespace tch_jit
