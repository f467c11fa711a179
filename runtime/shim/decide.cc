// Stage: a body comes in, and goes out without the branches that the class of its module rules out, before libtorch
// compiles it.
//
// Rust checks the types of a dead branch, but libtorch cannot compile it: a child that is None has no `forward`. libtorch
// leaves out the branches of an `if` on some conditions only. It compiles the right side of `child is None or …`, takes
// a condition in a variable, and `&` of two, for unknown, and compiles what follows a branch that always returns.
//
// Decided are comparisons with None and with variants, where the class says what the fields hold; constants of the
// class, of Rust and of the body; and what logic and integers make of these. An operand that is not decided is still
// evaluated wherever Rust evaluates it.

#include "decide.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <unordered_set>
#include <utility>

#include "choice.h"
#include "sugared.h"
#include "unroll.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

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

bool operator==(const Known& a, const Known& b) {
  if (a.what != b.what || a.type != b.type) return false;
  return a.what != Known::Constant || (a.value.tagKind() == b.value.tagKind() && a.value == b.value);
}

using Facts = std::unordered_map<std::string, Known>;

Known module_of(c10::ClassTypePtr type) { return {Known::Module, std::move(type), {}}; }
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

TreeRef literal(bool value, const SourceRange& range) {
  return Compound::create(value ? TK_TRUE : TK_FALSE, range, {});
}

TreeRef logic(int kind, const SourceRange& range, TreeRef a, TreeRef b) {
  return Compound::create(kind, range, {std::move(a), std::move(b)});
}

bool is_var(const TreeRef& tree) { return tree->kind() == TK_VAR; }
const std::string& name_of(const TreeRef& var) { return var->tree(0)->tree(0)->stringValue(); }

// How control leaves statements.
struct Exit {
  enum Kind { Never, FromLoop, FromMethod };
  Kind kind = Never;
  // Whether it leaves only because a branch is decided. Else what follows is known to Rust's compiler, too: it is there
  // because libtorch needs it, such as a value for a variable after `break`.
  bool decided = false;
};

class Decider {
 public:
  Decider(const Body& body, const c10::ClassTypePtr& self, const Declared& declared)
      : body_(body), self_(self), declared_(declared), unroller_(body.def.statements().tree()) {
    for (const auto& param : body.def.decl().params()) {
      auto type = body.module_type(param);
      if (!type) continue;
      facts_[param.ident().name()] = module_of(body.types[*type]->expect<c10::ClassType>());
      parameters_.insert(param.ident().name());
    }
  }

  // What remains of the statements, and how control leaves them.
  std::pair<TreeRef, Exit> block(const TreeRef& list) {
    TreeList statements;
    Exit exit;
    for (const auto& statement : list->trees()) {
      Exit here = add(statement, statements);
      if (here.kind == Exit::Never) continue;
      exit = here;
      // What follows is dead. After `break` in a branch, libtorch wants values of the variables that it assigns.
      if (here.decided && (here.kind == Exit::FromMethod || !in_branch_)) break;
    }
    return {rebuilt(list, std::move(statements)), exit};
  }

 private:
  static TreeRef rebuilt(const TreeRef& tree, TreeList&& children) {
    return Compound::create(tree->kind(), tree->range(), std::move(children));
  }

  // Adds what remains of a statement; how control leaves there.
  Exit add(const TreeRef& statement, TreeList& out) {
    switch (statement->kind()) {
      case TK_IF: return add_if(statement, out);
      case TK_WHILE:
      case TK_FOR: add_loop(statement, out); return {};
      case TK_WITH: {
        auto [body, exit] = block(statement->tree(1));
        out.push_back(rebuilt(statement, {fold(statement->tree(0)), body}));
        return exit;
      }
      case TK_ASSIGN: {
        TreeRef folded = fold(statement);
        note_assignment(Assign(folded));
        out.push_back(folded);
        return {};
      }
      case TK_AUG_ASSIGN: forget(statement); break;
      default: break;
    }
    out.push_back(fold(statement));
    switch (statement->kind()) {
      case TK_RETURN:
      case TK_RAISE: return {Exit::FromMethod};
      case TK_BREAK:
      case TK_CONTINUE: return {Exit::FromLoop};
      default: return {};
    }
  }

  Exit add_if(const TreeRef& statement, TreeList& out) {
    TreeRef cond = fold(statement->tree(0));
    if (auto holds = truth(cond)) {
      // Evaluated as in Rust, though its result is known.
      if (!known(cond)) out.push_back(Compound::create(TK_EXPR_STMT, cond->range(), {cond}));
      auto [branch, exit] = block(statement->tree(*holds ? 1 : 2));
      for (const auto& inner : branch->trees()) out.push_back(inner);
      exit.decided = exit.kind != Exit::Never;
      return exit;
    }
    std::string name;
    TreeList modules;
    if (auto numbered = number_modules(statement, name, modules)) {
      Exit exit = add_if(numbered, out);
      choices_[name] = std::move(modules);
      return exit;
    }
    bool was_in_branch = std::exchange(in_branch_, true);
    Facts before = facts_;
    auto [then, then_exit] = block(statement->tree(1));
    std::swap(before, facts_);
    auto [otherwise, other_exit] = block(statement->tree(2));
    in_branch_ = was_in_branch;
    out.push_back(rebuilt(statement, {cond, then, otherwise}));
    if (other_exit.kind != Exit::Never) {
      facts_ = std::move(before);
    } else if (then_exit.kind == Exit::Never) {
      keep_common(before);
    }
    return {std::min(then_exit.kind, other_exit.kind), then_exit.decided || other_exit.decided};
  }

  // For an `if` that only gives a variable one module or another, the `if` that gives it their numbers instead; null for
  // others. From then on, the variable stands for the module with the number.
  TreeRef number_modules(const TreeRef& statement, std::string& name, TreeList& modules) {
    TreeList branches;
    for (size_t i : {1, 2}) {
      const TreeList& statements = statement->tree(i)->trees();
      if (statements.size() != 1) return nullptr;
      TreeRef only = statements[0], replaced;
      if (only->kind() == TK_IF) {
        replaced = number_modules(only, name, modules);
      } else if (only->kind() == TK_ASSIGN) {
        replaced = number_module(Assign(only), name, modules);
      }
      if (!replaced) return nullptr;
      branches.push_back(rebuilt(statement->tree(i), {replaced}));
    }
    return rebuilt(statement, {statement->tree(0), branches[0], branches[1]});
  }

  TreeRef number_module(const Assign& assign, std::string& name, TreeList& modules) {
    if (assign.lhs_list().size() != 1 || !assign.rhs().present() || assign.type().present()) return nullptr;
    TreeRef target = assign.lhs(), value = assign.rhs().get();
    auto what = known(value);
    if (!is_var(target) || !what || what->what != Known::Module) return nullptr;
    if (name.empty()) name = name_of(target);
    if (name != name_of(target)) return nullptr;
    TreeRef number = Const::create(value->range(), std::to_string(modules.size())).tree();
    modules.push_back(value);
    return rebuilt(
        assign, {assign.tree()->tree(0), rebuilt(assign.tree()->tree(1), {number}), assign.tree()->tree(2)});
  }

  static TreeRef form(const char* name, const SourceRange& range, TreeList&& args) {
    TreeRef callee = Var::create(range, Ident::create(range, std::string("$") + name)).tree();
    TreeRef none = Compound::create(TK_LIST, range, {});
    return Compound::create(TK_APPLY, range,
                            {callee, Compound::create(TK_LIST, range, std::move(args)), none});
  }

  // What a variable becomes that is a module: `$module(name)` for a parameter, and `$choose(name, modules…)` for one that
  // stands for one of several modules.
  TreeRef module_in(const TreeRef& var) {
    if (parameters_.count(name_of(var))) return form(MODULE, var->range(), {var});
    auto found = choices_.find(name_of(var));
    if (found == choices_.end()) return var;
    TreeList args{var};
    args.insert(args.end(), found->second.begin(), found->second.end());
    return form(CHOOSE, var->range(), std::move(args));
  }

  // What holds before each round of the loop holds in it.
  void add_loop(const TreeRef& loop, TreeList& out) {
    bool is_for = loop->kind() == TK_FOR;
    TreeRef statement = is_for ? unrollable(loop, out) : loop;
    TreeRef iterated = is_for ? fold(statement->tree(1)) : nullptr;
    forget(statement);
    Facts before = facts_;
    bool was_in_branch = std::exchange(in_branch_, false);
    if (is_for) {
      TreeRef body = block(statement->tree(2)).first;
      out.push_back(rebuilt(statement, {statement->tree(0), iterated, body}));
    } else if (TreeRef cond = fold(statement->tree(0)); known_bool(cond) != false) {
      out.push_back(rebuilt(statement, {cond, block(statement->tree(1)).first}));
    }
    in_branch_ = was_in_branch;
    facts_ = std::move(before);
  }

  // The loop, such that libtorch can unroll it where it runs over modules.
  TreeRef unrollable(const TreeRef& loop, TreeList& out) {
    TreeRef iterated = loop->tree(1)->tree(0), target = loop->tree(0)->tree(0);
    if (!note_modules(iterated, target)) return loop;
    TreeRef rewritten = loop;
    if (auto modules = modules_beside_list(iterated, target)) {
      TreeList before;
      rewritten = unroller_.without_zip(loop, *modules, before);
      for (const auto& statement : before) add(statement, out);
    }
    TreeList before;
    rewritten = unroller_.without_exits(rewritten, before);
    for (const auto& statement : before) add(statement, out);
    return rewritten;
  }

  // Whether a loop over this is unrolled. Notes which modules the names in `target` may hold.
  bool note_modules(const TreeRef& iterated, const TreeRef& target) {
    if (auto element = element_of(iterated)) {
      if (is_var(target)) examples_[name_of(target)] = *element;
      if (target->kind() == TK_TUPLE_LITERAL && *element) note_parts(*element, target);
      return true;
    }
    if (iterated->kind() != TK_APPLY || !is_var(iterated->tree(0))) return false;
    const std::string& name = name_of(iterated->tree(0));
    auto args = Apply(iterated).inputs();
    bool is_pair = target->kind() == TK_TUPLE_LITERAL && target->tree(0)->trees().size() == 2;
    auto part = [&](size_t i) { return is_pair ? target->tree(0)->tree(i) : target; };
    if (name == "$indices") return element_of(args[0]).has_value();
    if (name == "enumerate") return note_modules(args[0], part(1));
    if (name == "zip") {
      bool left = note_modules(args[0], part(0)), right = note_modules(args[1], part(1));
      return left || right;
    }
    return false;
  }

  // The modules in a tuple of modules.
  void note_parts(const c10::ClassTypePtr& tuple, const TreeRef& target) {
    size_t i = 0;
    for (const auto& part : target->tree(0)->trees()) {
      auto known = known_member(module_of(tuple), std::to_string(i++));
      if (known && known->what == Known::Module && is_var(part)) examples_[name_of(part)] = known->type;
    }
  }

  // For `zip(modules, list)`, which of both the modules are; none where both are modules, or none is.
  std::optional<size_t> modules_beside_list(const TreeRef& iterated, const TreeRef& target) {
    if (iterated->kind() != TK_APPLY || !is_var(iterated->tree(0))) return std::nullopt;
    const std::string& name = name_of(iterated->tree(0));
    auto args = Apply(iterated).inputs();
    bool is_pair = target->kind() == TK_TUPLE_LITERAL && target->tree(0)->trees().size() == 2;
    if (!is_pair) return std::nullopt;
    if (name == "enumerate") return modules_beside_list(args[0], target->tree(0)->tree(1));
    if (name != "zip" || args.size() != 2) return std::nullopt;
    bool left = note_modules(args[0], args[0].tree()), right = note_modules(args[1], args[1].tree());
    if (left == right) return std::nullopt;
    return left ? 0 : 1;
  }

  // The class of the first element of a list of modules, null where the list is empty or the element no module; none
  // where it is no such list.
  std::optional<c10::ClassTypePtr> element_of(const TreeRef& tree) {
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
  c10::ClassTypePtr example(const TreeRef& tree) {
    if (auto value = known(tree)) return value->what == Known::Module ? value->type : nullptr;
    auto member = [&](const TreeRef& of, const std::string& name) -> c10::ClassTypePtr {
      auto type = example(of);
      if (!type) return nullptr;
      auto value = known_member(module_of(type), name);
      return value && value->what == Known::Module ? value->type : nullptr;
    };
    switch (tree->kind()) {
      case TK_VAR: {
        auto found = examples_.find(name_of(tree));
        return found == examples_.end() ? nullptr : found->second;
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

  void forget(const TreeRef& statement) {
    std::unordered_set<std::string> names;
    collect_assigned(statement, names);
    for (const auto& name : names) facts_.erase(name);
  }

  void note_assignment(const Assign& assign) {
    forget(assign);
    if (assign.lhs_list().size() != 1 || !assign.rhs().present() || assign.type().present()) return;
    TreeRef target = assign.lhs();
    auto value = known(assign.rhs().get());
    if (is_var(target) && value && value->what != Known::Present) facts_[name_of(target)] = *value;
  }

  void keep_common(const Facts& others) {
    for (auto it = facts_.begin(); it != facts_.end();) {
      auto other = others.find(it->first);
      it = other != others.end() && other->second == it->second ? std::next(it) : facts_.erase(it);
    }
  }

  // The expression with its decided parts replaced, innermost first.
  TreeRef fold(const TreeRef& tree) {
    // The operator of `x |= y` is a node without operands.
    if (tree->trees().empty() || tree->kind() == TK_IDENT) return tree;
    if (is_var(tree)) return module_in(tree);
    TreeRef folded = tree->map([&](const TreeRef& inner) { return fold(inner); });
    switch (folded->kind()) {
      case TK_AND: return fold_and_or(folded, /*is_and=*/true);
      case TK_OR: return fold_and_or(folded, /*is_and=*/false);
      case '&': return fold_both(folded, TK_AND);
      case '|': return fold_both(folded, TK_OR);
      case '^': return fold_xor(folded);
      case TK_IF_EXPR:
        if (auto holds = known_bool(folded->tree(0))) return folded->tree(*holds ? 1 : 2);
        return folded;
      case TK_NOT:
      case TK_IS:
      case TK_ISNOT:
      case TK_APPLY:
        if (auto value = known_bool(folded)) return literal(*value, folded->range());
        return is_rust_not(folded) ? fold_not(folded) : folded;
      default: return folded;
    }
  }

  static bool is_rust_not(const TreeRef& tree) {
    return tree->kind() == TK_APPLY && is_var(tree->tree(0)) && name_of(tree->tree(0)) == "$not";
  }

  // `!` of a truth value that is decided, though it is evaluated: libtorch takes its own `not` for decided, too.
  TreeRef fold_not(const TreeRef& tree) {
    const TreeRef& operand = Apply(tree).inputs()[0].tree();
    return truth(operand) ? Compound::create(TK_NOT, tree->range(), {operand}) : tree;
  }

  // `a and b` of Rust's `&&`, and `a or b` of `||`: `b` runs only if `a` does not decide.
  TreeRef fold_and_or(const TreeRef& tree, bool is_and) {
    const TreeRef &a = tree->tree(0), &b = tree->tree(1);
    if (auto left = truth(a)) {
      if (*left != is_and) return a;
      if (known(a)) return b;
    }
    // libtorch takes the condition for decided where the right side is.
    return known_bool(b) == is_and ? a : tree;
  }

  // `a & b` and `a | b` of truth values evaluate both sides. `and` does so, too, where its right side is a literal, and
  // libtorch takes it for decided.
  TreeRef fold_both(const TreeRef& tree, int kind) {
    auto with = [&](const TreeRef& other, bool decided) {
      return decided == (kind == TK_AND) ? other
                                         : logic(kind, tree->range(), other, literal(decided, tree->range()));
    };
    const TreeRef &a = tree->tree(0), &b = tree->tree(1);
    auto left = known_bool(a), right = known_bool(b);
    if (left && right) return literal(kind == TK_AND ? *left && *right : *left || *right, tree->range());
    if (right) return with(a, *right);
    return left ? with(b, *left) : tree;
  }

  TreeRef fold_xor(const TreeRef& tree) {
    const TreeRef &a = tree->tree(0), &b = tree->tree(1);
    auto left = known_bool(a), right = known_bool(b);
    if (left && right) return literal(*left != *right, tree->range());
    if (!left && !right) return tree;
    const TreeRef& other = left ? b : a;
    bool is_negated = left ? *left : right.value_or(false);
    return is_negated ? Compound::create(TK_NOT, tree->range(), {other}) : other;
  }

  // What the condition gives, if that is known, though it may have to be evaluated.
  std::optional<bool> truth(const TreeRef& tree) {
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

  std::optional<bool> known_bool(const TreeRef& tree) {
    auto value = known(tree);
    if (!value || value->what != Known::Constant || !value->value.isBool()) return std::nullopt;
    return value->value.toBool();
  }

  std::optional<int64_t> known_int(const TreeRef& tree) {
    auto value = known(tree);
    if (!value || value->what != Known::Constant || !value->value.isInt()) return std::nullopt;
    return value->value.toInt();
  }

  // What is known of an expression that need not be evaluated.
  std::optional<Known> known(const TreeRef& tree) {
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

  static std::optional<Known> known_number(const Const& number) {
    if (!number.isIntegral()) return std::nullopt;
    errno = 0;
    int64_t value = std::strtoll(number.tree()->tree(0)->stringValue().c_str(), nullptr, 0);
    if (errno != 0) return std::nullopt;
    return constant(value);
  }

  std::optional<Known> known_variable(const std::string& name) {
    if (name == "self" && self_) return module_of(self_);
    if (name.rfind("$C", 0) == 0) return known_value(body_.constants.at(std::stoul(name.substr(2))));
    auto fact = facts_.find(name);
    if (fact == facts_.end()) return std::nullopt;
    return fact->second;
  }

  std::optional<Known> known_member(const std::optional<Known>& of, const std::string& rust_name) const {
    if (!of || of->what != Known::Module) return std::nullopt;
    const std::string name = declared_.field(*of->type, rust_name);
    if (auto type = of->type->findAttribute(name)) return known_type(type);
    if (of->type->findConstant(name)) return known_value(of->type->getConstant(name));
    return std::nullopt;
  }

  // An element of a list of modules.
  std::optional<Known> known_element(const Subscript& subscript) {
    auto list = known(subscript.value());
    if (subscript.subscript_exprs().size() != 1) return std::nullopt;
    auto index = known_int(subscript.subscript_exprs()[0]);
    if (!index) return std::nullopt;
    return known_member(list, std::to_string(*index));
  }

  std::optional<Known> known_call(const Apply& call) {
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

  static std::optional<Known> known_length(const std::optional<Known>& list) {
    if (!list || list->what != Known::Module || !is_container(*list->type)) return std::nullopt;
    // Every attribute of a list of modules is an element, but `training`.
    return constant(static_cast<int64_t>(list->type->numAttributes()) - 1);
  }

  // Whether a value equals a pattern: a module that is an enum equals the name of its variant.
  static std::optional<bool> known_match(const std::optional<Known>& value,
                                         const std::optional<Known>& pattern) {
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

  std::optional<bool> compare_with_none(const TreeRef& a, const TreeRef& b) {
    if (b->kind() != TK_NONE) return std::nullopt;
    auto value = known(a);
    return value ? std::optional<bool>(value->what == Known::None) : std::nullopt;
  }

  std::optional<Known> known_order(const TreeRef& tree) {
    auto a = known_int(tree->tree(0)), b = known_int(tree->tree(1));
    if (!a || !b) return std::nullopt;
    switch (tree->kind()) {
      case '<': return constant(*a < *b);
      case '>': return constant(*a > *b);
      case TK_LE: return constant(*a <= *b);
      default: return constant(*a >= *b);
    }
  }

  const Body& body_;
  const c10::ClassTypePtr& self_;
  const Declared& declared_;
  // Whether this is a branch of an `if` that is not decided, and not a loop within it.
  bool in_branch_ = false;
  // What is known of variables at this point of the body.
  Facts facts_;
  // Parameters that are modules.
  std::unordered_set<std::string> parameters_;
  // The modules that variables stand for, which hold their numbers.
  std::unordered_map<std::string, TreeList> choices_;
  // Classes of modules that variables of loops may hold.
  std::unordered_map<std::string, c10::ClassTypePtr> examples_;
  Unroller unroller_;
};

}  // namespace

void collect_assigned(const TreeRef& tree, std::unordered_set<std::string>& names) {
  if (tree->isAtom()) return;
  auto collect_targets = [&](const TreeRef& targets, auto& self) -> void {
    if (is_var(targets)) names.insert(name_of(targets));
    if (targets->isAtom() || is_var(targets)) return;
    for (const auto& target : targets->trees()) self(target, self);
  };
  int kind = tree->kind();
  if (kind == TK_ASSIGN || kind == TK_AUG_ASSIGN || kind == TK_FOR) {
    collect_targets(tree->tree(0), collect_targets);
  }
  for (const auto& inner : tree->trees()) collect_assigned(inner, names);
}

Def without_dead_branches(const Body& body, const c10::ClassTypePtr& self, const Declared& declared) {
  TreeRef statements = Decider(body, self, declared).block(body.def.statements()).first;
  return Def(Compound::create(TK_DEF, body.def.range(), {body.def.name(), body.def.decl(), statements}));
}

}  // namespace tch_jit
