// Stage: a body comes in, and goes out without the branches that the class of its module rules out, before libtorch
// compiles it.
//
// Rust checks the types of a dead branch, but libtorch cannot compile it: a child that is None has no `forward`. libtorch
// leaves out the branches of an `if` on some conditions only. It compiles the right side of `child is None or …`, takes
// a condition in a variable, and `&` of two, for unknown, and compiles what follows a branch that always returns.
//
// What decides a condition is in knowledge.cc. An operand that is not decided is still evaluated wherever Rust evaluates
// it.

#include "decide.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "choice.h"
#include "knowledge.h"
#include "sugared.h"
#include "unroll.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

TreeRef literal(bool value, const SourceRange& range) {
  return Compound::create(value ? TK_TRUE : TK_FALSE, range, {});
}

TreeRef logic(int kind, const SourceRange& range, TreeRef a, TreeRef b) {
  return Compound::create(kind, range, {std::move(a), std::move(b)});
}

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
      : knowledge_(body, self, declared), unroller_(body.def.statements().tree()) {
    for (const auto& param : body.def.decl().params()) {
      auto type = body.module_type(param);
      if (!type) continue;
      knowledge_.facts[param.ident().name()] = module_of(body.types[*type]->expect<c10::ClassType>());
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
    if (auto holds = knowledge_.truth(cond)) {
      // Evaluated as in Rust, though its result is known.
      if (!knowledge_.known(cond)) out.push_back(Compound::create(TK_EXPR_STMT, cond->range(), {cond}));
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
    Knowledge::Facts before = knowledge_.facts;
    auto [then, then_exit] = block(statement->tree(1));
    std::swap(before, knowledge_.facts);
    auto [otherwise, other_exit] = block(statement->tree(2));
    in_branch_ = was_in_branch;
    out.push_back(rebuilt(statement, {cond, then, otherwise}));
    if (other_exit.kind != Exit::Never) {
      knowledge_.facts = std::move(before);
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
    auto what = knowledge_.known(value);
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
    Knowledge::Facts before = knowledge_.facts;
    bool was_in_branch = std::exchange(in_branch_, false);
    if (is_for) {
      TreeRef body = block(statement->tree(2)).first;
      out.push_back(rebuilt(statement, {statement->tree(0), iterated, body}));
    } else if (TreeRef cond = fold(statement->tree(0)); knowledge_.known_bool(cond) != false) {
      out.push_back(rebuilt(statement, {cond, block(statement->tree(1)).first}));
    }
    in_branch_ = was_in_branch;
    knowledge_.facts = std::move(before);
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
    if (auto element = knowledge_.element_of(iterated)) {
      if (is_var(target)) knowledge_.examples[name_of(target)] = *element;
      if (target->kind() == TK_TUPLE_LITERAL && *element) note_parts(*element, target);
      return true;
    }
    if (iterated->kind() != TK_APPLY || !is_var(iterated->tree(0))) return false;
    const std::string& name = name_of(iterated->tree(0));
    auto args = Apply(iterated).inputs();
    bool is_pair = target->kind() == TK_TUPLE_LITERAL && target->tree(0)->trees().size() == 2;
    auto part = [&](size_t i) { return is_pair ? target->tree(0)->tree(i) : target; };
    if (name == "$indices") return knowledge_.element_of(args[0]).has_value();
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
      auto known = knowledge_.known_member(module_of(tuple), std::to_string(i++));
      if (known && known->what == Known::Module && is_var(part))
        knowledge_.examples[name_of(part)] = known->type;
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

  void forget(const TreeRef& statement) {
    std::unordered_set<std::string> names;
    collect_assigned(statement, names);
    for (const auto& name : names) knowledge_.facts.erase(name);
  }

  void note_assignment(const Assign& assign) {
    forget(assign);
    if (assign.lhs_list().size() != 1 || !assign.rhs().present() || assign.type().present()) return;
    TreeRef target = assign.lhs();
    auto value = knowledge_.known(assign.rhs().get());
    if (is_var(target) && value && value->what != Known::Present) knowledge_.facts[name_of(target)] = *value;
  }

  void keep_common(const Knowledge::Facts& others) {
    for (auto it = knowledge_.facts.begin(); it != knowledge_.facts.end();) {
      auto other = others.find(it->first);
      it = other != others.end() && other->second == it->second ? std::next(it) : knowledge_.facts.erase(it);
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
        if (auto holds = knowledge_.known_bool(folded->tree(0))) return folded->tree(*holds ? 1 : 2);
        return folded;
      case TK_NOT:
      case TK_IS:
      case TK_ISNOT:
      case TK_APPLY:
        if (auto value = knowledge_.known_bool(folded)) return literal(*value, folded->range());
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
    return knowledge_.truth(operand) ? Compound::create(TK_NOT, tree->range(), {operand}) : tree;
  }

  // `a and b` of Rust's `&&`, and `a or b` of `||`: `b` runs only if `a` does not decide.
  TreeRef fold_and_or(const TreeRef& tree, bool is_and) {
    const TreeRef &a = tree->tree(0), &b = tree->tree(1);
    if (auto left = knowledge_.truth(a)) {
      if (*left != is_and) return a;
      if (knowledge_.known(a)) return b;
    }
    // libtorch takes the condition for decided where the right side is.
    return knowledge_.known_bool(b) == is_and ? a : tree;
  }

  // `a & b` and `a | b` of truth values evaluate both sides. `and` does so, too, where its right side is a literal, and
  // libtorch takes it for decided.
  TreeRef fold_both(const TreeRef& tree, int kind) {
    auto with = [&](const TreeRef& other, bool decided) {
      return decided == (kind == TK_AND) ? other
                                         : logic(kind, tree->range(), other, literal(decided, tree->range()));
    };
    const TreeRef &a = tree->tree(0), &b = tree->tree(1);
    auto left = knowledge_.known_bool(a), right = knowledge_.known_bool(b);
    if (left && right) return literal(kind == TK_AND ? *left && *right : *left || *right, tree->range());
    if (right) return with(a, *right);
    return left ? with(b, *left) : tree;
  }

  TreeRef fold_xor(const TreeRef& tree) {
    const TreeRef &a = tree->tree(0), &b = tree->tree(1);
    auto left = knowledge_.known_bool(a), right = knowledge_.known_bool(b);
    if (left && right) return literal(*left != *right, tree->range());
    if (!left && !right) return tree;
    const TreeRef& other = left ? b : a;
    bool is_negated = left ? *left : right.value_or(false);
    return is_negated ? Compound::create(TK_NOT, tree->range(), {other}) : other;
  }

  Knowledge knowledge_;
  // Whether this is a branch of an `if` that is not decided, and not a loop within it.
  bool in_branch_ = false;
  // Parameters that are modules.
  std::unordered_set<std::string> parameters_;
  // The modules that variables stand for, which hold their numbers.
  std::unordered_map<std::string, TreeList> choices_;
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
