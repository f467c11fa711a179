// What is known of a body's expressions while it is compiled, see knowledge.cc.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "declared.h"

namespace tch_jit {

// What is known of a value while compiling.
struct Known {
  enum What {
    None,
    Module,  // of the class `type`
    Constant,  // `value`: a truth value, an integer or a text
    Present,  // some value, not None
  };
  What what;
  c10::ClassTypePtr type;
  c10::IValue value;
};

bool operator==(const Known& a, const Known& b);

Known module_of(c10::ClassTypePtr type);

bool is_var(const torch::jit::TreeRef& tree);
const std::string& name_of(const torch::jit::TreeRef& var);

// What the class of a module, and the statements up to a point, tell of the expressions of its body.
class Knowledge {
 public:
  using Facts = std::unordered_map<std::string, Known>;

  // `self` is null for a function.
  Knowledge(const Body& body, const c10::ClassTypePtr& self, const Declared& declared)
      : body_(body), self_(self), declared_(declared) {}

  // What is known of an expression that need not be evaluated.
  std::optional<Known> known(const torch::jit::TreeRef& tree) const;
  std::optional<bool> known_bool(const torch::jit::TreeRef& tree) const;
  std::optional<int64_t> known_int(const torch::jit::TreeRef& tree) const;
  // What the condition gives, if that is known, though it may have to be evaluated.
  std::optional<bool> truth(const torch::jit::TreeRef& tree) const;
  // A field of what is known.
  std::optional<Known> known_member(const std::optional<Known>& of, const std::string& rust_name) const;
  // The class of the first element of a list of modules, null where the list is empty or the element no module; none
  // where it is no such list.
  std::optional<c10::ClassTypePtr> element_of(const torch::jit::TreeRef& tree) const;

  // What is known of variables at this point of the body.
  Facts facts;
  // Classes of modules that variables of loops may hold.
  std::unordered_map<std::string, c10::ClassTypePtr> examples;

 private:
  std::optional<Known> known_variable(const std::string& name) const;
  std::optional<Known> known_element(const torch::jit::Subscript& subscript) const;
  std::optional<Known> known_call(const torch::jit::Apply& call) const;
  std::optional<Known> known_order(const torch::jit::TreeRef& tree) const;
  std::optional<bool> compare_with_none(const torch::jit::TreeRef& a, const torch::jit::TreeRef& b) const;
  c10::ClassTypePtr example(const torch::jit::TreeRef& tree) const;

  const Body& body_;
  const c10::ClassTypePtr& self_;
  const Declared& declared_;
};

}  // namespace tch_jit
