// Answers what a body's expressions are, as far as the class of its module decides it: comparisons with None and with
// variants, constants, and what logic and integers make of these.
//
// In: an expression; the facts that were noted of the variables before it. Out: a value, a class, or nothing. The
// expression is not changed.

#include "knowledge.h"

#include <cerrno>
#include <cstdlib>
#include <unordered_set>
#include <utility>

#include "sugared.h"

namespace tch_jit {

using namespace torch::jit;

namespace {

Known constant(c10::IValue value) { return {Known::Constant, nullptr, std::move(value)}; }

Known known_value(const c10::IValue& value) {
  if (value.isNone()) return {Known::None, nullptr, {}};
  if (value.isBool() || value.isInt() || value.isString()) return constant(value);
  return {Known::Present, nullptr, {}};
}

std::optional<Known> known_type(const c10::TypePtr& type) {
  if (type->kind() == TypeKind::NoneType) return Known{Known::None, nullptr, {}};
  if (type->kind() == TypeKind::OptionalType || type->kind() == TypeKind::UnionType) return std::nullopt;
  auto cls = type->cast<c10::ClassType>();
  if (cls && cls->is_module()) return module_of(std::move(cls));
  return Known{Known::Present, nullptr, {}};
}

std::optional<Known> known_number(const Const& number) {
  if (!number.isIntegral()) return std::nullopt;
  errno = 0;
  int64_t value = std::strtoll(number.tree()->tree(0)->stringValue().c_str(), nullptr, 0);
  if (errno != 0) return std::nullopt;
  return constant(value);
}

std::optional<Known> known_length(const std::optional<Known>& list) {
  if (!list || list->what != Known::Module || !is_container(*list->type)) return std::nullopt;
  // Every attribute of a list of modules is an element, but `training`.
  return constant(static_cast<int64_t>(list->type->numAttributes()) - 1);
}

// Whether a value equals a pattern: a module that is an enum equals the name of its variant.
std::optional<bool> known_match(const std::optional<Known>& value, const std::optional<Known>& pattern) {
  if (!value || !pattern || pattern->what != Known::Constant) return std::nullopt;
  c10::IValue found = value->value;
  if (value->what == Known::Module && value->type->findConstant("variant")) {
    found = value->type->getConstant("variant");
  } else if (value->what != Known::Constant) {
    return std::nullopt;
  }
  if (found.tagKind() != pattern->value.tagKind()) return std::nullopt;
  return found == pattern->value;
}

}  // namespace

bool operator==(const Known& a, const Known& b) {
  if (a.what != b.what || a.type != b.type) return false;
  return a.what != Known::Constant || (a.value.tagKind() == b.value.tagKind() && a.value == b.value);
}

Known module_of(c10::ClassTypePtr type) { return {Known::Module, std::move(type), {}}; }

bool is_var(const TreeRef& tree) { return tree->kind() == TK_VAR; }
const std::string& name_of(const TreeRef& var) { return var->tree(0)->tree(0)->stringValue(); }

std::optional<c10::ClassTypePtr> Knowledge::element_of(const TreeRef& tree) const {
  if (tree->kind() == TK_APPLY && is_var(tree->tree(0))) {
    static const std::unordered_set<std::string> adapters{"$iter", "$rev", "$take", "$skip", "$chain"};
    if (adapters.count(name_of(tree->tree(0)))) return element_of(Apply(tree).inputs()[0].tree());
  }
  auto type = example(tree);
  if (!type || !is_container(*type)) return std::nullopt;
  auto first = known_member(module_of(type), "0");
  return first && first->what == Known::Module ? first->type : nullptr;
}

// A class that the module in the expression may have; null where it is no module.
c10::ClassTypePtr Knowledge::example(const TreeRef& tree) const {
  if (auto value = known(tree)) return value->what == Known::Module ? value->type : nullptr;
  auto member = [&](const TreeRef& of, const std::string& name) -> c10::ClassTypePtr {
    auto type = example(of);
    if (!type) return nullptr;
    auto value = known_member(module_of(type), name);
    return value && value->what == Known::Module ? value->type : nullptr;
  };
  switch (tree->kind()) {
    case TK_VAR: {
      auto found = examples.find(name_of(tree));
      return found == examples.end() ? nullptr : found->second;
    }
    case '.': return member(tree->tree(0), Select(tree).selector().name());
    case TK_SUBSCRIPT: {
      auto element = element_of(tree->tree(0));
      return element ? *element : nullptr;
    }
    case TK_APPLY: {
      auto args = Apply(tree).inputs();
      if (!is_var(tree->tree(0)) || args.empty()) return nullptr;
      const std::string& name = name_of(tree->tree(0));
      if (name == "$unwrap" || name == "$as_variant") return example(args[0]);
      if (name == "$field" && args.size() == 2) {
        auto index = known_int(args[1]);
        return index ? member(args[0], std::to_string(*index)) : nullptr;
      }
      return nullptr;
    }
    default: return nullptr;
  }
}

std::optional<bool> Knowledge::truth(const TreeRef& tree) const {
  int kind = tree->kind();
  if (kind == TK_NOT) {
    auto operand = truth(tree->tree(0));
    return operand ? std::optional<bool>(!*operand) : std::nullopt;
  }
  if (kind != TK_AND && kind != TK_OR && kind != '&' && kind != '|') return known_bool(tree);
  bool decisive = kind == TK_OR || kind == '|';
  auto left = truth(tree->tree(0)), right = truth(tree->tree(1));
  if (left == decisive || right == decisive) return decisive;
  return left && right ? std::optional<bool>(!decisive) : std::nullopt;
}

std::optional<bool> Knowledge::known_bool(const TreeRef& tree) const {
  auto value = known(tree);
  if (!value || value->what != Known::Constant || !value->value.isBool()) return std::nullopt;
  return value->value.toBool();
}

std::optional<int64_t> Knowledge::known_int(const TreeRef& tree) const {
  auto value = known(tree);
  if (!value || value->what != Known::Constant || !value->value.isInt()) return std::nullopt;
  return value->value.toInt();
}

std::optional<Known> Knowledge::known(const TreeRef& tree) const {
  switch (tree->kind()) {
    case TK_NONE: return Known{Known::None, nullptr, {}};
    case TK_TRUE: return constant(true);
    case TK_FALSE: return constant(false);
    case TK_STRINGLITERAL: return constant(StringLiteral(tree).text());
    case TK_CONST: return known_number(Const(tree));
    case TK_VAR: return known_variable(name_of(tree));
    case '.': return known_member(known(tree->tree(0)), Select(tree).selector().name());
    case TK_SUBSCRIPT: return known_element(Subscript(tree));
    case TK_APPLY: return known_call(Apply(tree));
    case TK_NOT: {
      auto operand = known_bool(tree->tree(0));
      if (!operand) return std::nullopt;
      return constant(!*operand);
    }
    case TK_IS:
    case TK_ISNOT: {
      auto is_none = compare_with_none(tree->tree(0), tree->tree(1));
      if (!is_none) return std::nullopt;
      return constant(*is_none == (tree->kind() == TK_IS));
    }
    case '<':
    case '>':
    case TK_LE:
    case TK_GE: return known_order(tree);
    default: return std::nullopt;
  }
}

std::optional<Known> Knowledge::known_variable(const std::string& name) const {
  if (name == "self" && self_) return module_of(self_);
  if (name.rfind("$C", 0) == 0) return known_value(body_.constants.at(std::stoul(name.substr(2))));
  auto fact = facts.find(name);
  if (fact == facts.end()) return std::nullopt;
  return fact->second;
}

std::optional<Known> Knowledge::known_member(const std::optional<Known>& of,
                                             const std::string& rust_name) const {
  if (!of || of->what != Known::Module) return std::nullopt;
  const std::string name = declared_.field(*of->type, rust_name);
  if (auto type = of->type->findAttribute(name)) return known_type(type);
  if (of->type->findConstant(name)) return known_value(of->type->getConstant(name));
  return std::nullopt;
}

// An element of a list of modules.
std::optional<Known> Knowledge::known_element(const Subscript& subscript) const {
  auto list = known(subscript.value());
  if (subscript.subscript_exprs().size() != 1) return std::nullopt;
  auto index = known_int(subscript.subscript_exprs()[0]);
  if (!index) return std::nullopt;
  return known_member(list, std::to_string(*index));
}

std::optional<Known> Knowledge::known_call(const Apply& call) const {
  TreeRef callee = call.callee();
  auto args = call.inputs();
  if (!is_var(callee) || args.empty()) return std::nullopt;
  const std::string& name = name_of(callee);
  if (name == "len") return known_length(known(args[0]));
  if (name == "$as_variant" || name == "$module" || name == "$exact") return known(args[0]);
  if (name == "$unwrap") {
    auto value = known(args[0]);
    return value && value->what == Known::None ? std::nullopt : value;
  }
  if (name == "$field") {
    auto value = known(args[0]);
    for (size_t i = 1; i < args.size(); i++) {
      auto index = known_int(args[i]);
      value = index ? known_member(value, std::to_string(*index)) : std::nullopt;
    }
    return value;
  }
  if (name == "$not") {
    auto operand = known_bool(args[0]);
    if (!operand) return std::nullopt;
    return constant(!*operand);
  }
  if (args.size() != 2) return std::nullopt;
  if (name == "$annotate") return known(args[1]);
  if (name == "$matches" || name == "$eq" || name == "$ne") {
    auto equal = known_match(known(args[0]), known(args[1]));
    if (!equal) return std::nullopt;
    return constant(*equal == (name != "$ne"));
  }
  return std::nullopt;
}

std::optional<bool> Knowledge::compare_with_none(const TreeRef& a, const TreeRef& b) const {
  if (b->kind() != TK_NONE) return std::nullopt;
  auto value = known(a);
  return value ? std::optional<bool>(value->what == Known::None) : std::nullopt;
}

std::optional<Known> Knowledge::known_order(const TreeRef& tree) const {
  auto a = known_int(tree->tree(0)), b = known_int(tree->tree(1));
  if (!a || !b) return std::nullopt;
  switch (tree->kind()) {
    case '<': return constant(*a < *b);
    case '>': return constant(*a > *b);
    case TK_LE: return constant(*a <= *b);
    default: return constant(*a >= *b);
  }
}

}  // namespace tch_jit
