// Stage: loops over modules come in, and go out such that libtorch can unroll them: it writes the body once for each
// module, so there is no loop that `break` or `continue` could leave, and no list beside the modules whose length is
// known.
//
//   for layer in layers:            leaves = False
//     if a: continue                for layer in layers:
//     if b: break             =>      if not leaves:
//     x = layer(x)                      if a: pass
//                                       else:
//                                         if b: leaves = True
//                                         else: x = layer(x)
//
// What follows an `if` that always leaves goes into its other branch, so that libtorch decides both by one condition.

#include "unroll.h"

#include <algorithm>

#include "decide.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

TreeRef node(int kind, const SourceRange& range, TreeList&& children) {
  return Compound::create(kind, range, std::move(children));
}

TreeRef list(const SourceRange& range, TreeList&& items) { return node(TK_LIST, range, std::move(items)); }

TreeRef var(const std::string& name, const SourceRange& range) {
  return Var::create(range, Ident::create(range, name)).tree();
}

TreeRef number(int64_t value, const SourceRange& range) {
  return Const::create(range, std::to_string(value)).tree();
}

TreeRef call(const std::string& name, const SourceRange& range, TreeList&& args) {
  return node(TK_APPLY, range, {var(name, range), list(range, std::move(args)), list(range, {})});
}

TreeRef assign(const TreeRef& target, const TreeRef& value) {
  const SourceRange& range = target->range();
  auto some = node(TK_OPTION, range, {TreeRef(value)});
  return node(TK_ASSIGN, range, {list(range, {target}), some, node(TK_OPTION, range, {})});
}

TreeRef flag(const std::string& name, bool value, const SourceRange& range) {
  return assign(var(name, range), node(value ? TK_TRUE : TK_FALSE, range, {}));
}

TreeRef branch(const TreeRef& cond, TreeList&& then, TreeList&& otherwise) {
  const SourceRange& range = cond->range();
  if (then.empty()) then.push_back(node(TK_PASS, range, {}));
  return node(TK_IF, range, {cond, list(range, std::move(then)), list(range, std::move(otherwise))});
}

void collect_names(const TreeRef& tree, std::unordered_set<std::string>& names) {
  if (tree->kind() == TK_IDENT) names.insert(tree->tree(0)->stringValue());
  if (tree->isAtom() || tree->kind() == TK_IDENT) return;
  for (const auto& inner : tree->trees()) collect_names(inner, names);
}

// Whether a statement leaves the loop that it stands in.
bool leaves(const TreeRef& statement) {
  switch (statement->kind()) {
    case TK_BREAK:
    case TK_CONTINUE: return true;
    case TK_IF:
      return std::any_of(statement->tree(1)->trees().begin(), statement->tree(1)->trees().end(), leaves) ||
             std::any_of(statement->tree(2)->trees().begin(), statement->tree(2)->trees().end(), leaves);
    case TK_WITH:
      return std::any_of(statement->tree(1)->trees().begin(), statement->tree(1)->trees().end(), leaves);
    default: return false;
  }
}

// Whether statements always leave the loop.
bool always_leaves(const TreeList& statements) {
  return std::any_of(statements.begin(), statements.end(), [](const TreeRef& statement) {
    if (statement->kind() == TK_BREAK || statement->kind() == TK_CONTINUE) return true;
    return statement->kind() == TK_IF && always_leaves(statement->tree(1)->trees()) &&
           always_leaves(statement->tree(2)->trees());
  });
}

// Whether the statements read a variable that `before` assigns.
bool reads_what_it_assigns(const TreeList& statements, const TreeRef& before) {
  std::unordered_set<std::string> assigned, read;
  collect_assigned(before, assigned);
  for (const auto& statement : statements) collect_names(statement, read);
  return std::any_of(assigned.begin(), assigned.end(),
                     [&](const auto& name) { return read.count(name) > 0; });
}

// The statements of one round, without what leaves it.
class Round {
 public:
  Round(std::string leaves, std::string skips) : leaves_(std::move(leaves)), skips_(std::move(skips)) {}

  TreeList rewrite(const TreeList& statements) {
    TreeList out;
    for (size_t i = 0; i < statements.size(); i++) {
      const TreeRef& statement = statements[i];
      const SourceRange& range = statement->range();
      if (!tch_jit::leaves(statement)) {
        out.push_back(statement);
        continue;
      }
      if (statement->kind() == TK_BREAK || statement->kind() == TK_CONTINUE) {
        if (statement->kind() == TK_BREAK) {
          out.push_back(flag(leaves_, true, range));
          breaks = true;
        }
        out.push_back(flag(skips_, true, range));
        return out;
      }
      TreeList rest(statements.begin() + static_cast<std::ptrdiff_t>(i) + 1, statements.end());
      if (statement->kind() == TK_IF) {
        TreeList then = statement->tree(1)->trees(), otherwise = statement->tree(2)->trees();
        if (always_leaves(then)) {
          otherwise.insert(otherwise.end(), rest.begin(), rest.end());
          rest.clear();
        } else if (always_leaves(otherwise)) {
          then.insert(then.end(), rest.begin(), rest.end());
          rest.clear();
        } else if (reads_what_it_assigns(rest, statement)) {
          // A branch that leaves does not assign it, so that it is known in the other one only.
          then.insert(then.end(), rest.begin(), rest.end());
          otherwise.insert(otherwise.end(), rest.begin(), rest.end());
          rest.clear();
        }
        out.push_back(branch(statement->tree(0), rewrite(then), rewrite(otherwise)));
      } else {
        out.push_back(
            node(TK_WITH, range, {statement->tree(0), list(range, rewrite(statement->tree(1)->trees()))}));
      }
      if (!rest.empty()) {
        asks = true;
        out.push_back(branch(node(TK_NOT, range, {var(skips_, range)}), rewrite(rest), {}));
      }
      return out;
    }
    return out;
  }

  // Whether the loop may be left, and whether a round asks if it is left.
  bool breaks = false, asks = false;

 private:
  std::string leaves_, skips_;
};

}  // namespace

Unroller::Unroller(const TreeRef& body) { collect_names(body, names_); }

std::string Unroller::unique(const std::string& base) {
  std::string name = base;
  for (int n = 1; !names_.insert(name).second; n++) name = base + "_" + std::to_string(n);
  return name;
}

TreeRef Unroller::without_exits(const TreeRef& loop, TreeList& before) {
  const TreeList& statements = loop->tree(2)->trees();
  if (std::none_of(statements.begin(), statements.end(), leaves)) return loop;
  const SourceRange& range = loop->range();
  const std::string leaves = unique("leaves"), skips = unique("skips");
  Round round(leaves, skips);
  TreeList body = round.rewrite(statements);
  if (round.asks) body.insert(body.begin(), flag(skips, false, range));
  if (round.breaks) {
    before.push_back(flag(leaves, false, range));
    TreeRef goes_on = node(TK_NOT, range, {var(leaves, range)});
    body = {branch(goes_on, std::move(body), {})};
  }
  return node(TK_FOR, range, {loop->tree(0), loop->tree(1), list(range, std::move(body))});
}

TreeRef Unroller::without_zip(const TreeRef& loop, size_t modules, TreeList& before) {
  const SourceRange& range = loop->range();
  TreeRef iterated = loop->tree(1)->tree(0), target = loop->tree(0)->tree(0);
  TreeRef number_target = nullptr;
  if (Apply(iterated).callee().kind() == TK_VAR &&
      Var(Apply(iterated).callee()).name().name() == "enumerate") {
    number_target = target->tree(0)->tree(0);
    target = target->tree(0)->tree(1);
    iterated = Apply(iterated).inputs()[0].tree();
  }
  auto parts = Apply(iterated).inputs();
  TreeRef values = parts[1 - modules].tree();
  const TreeRef& targets = target->tree(0);
  const std::string all = unique("values"), at = unique("index");
  if (values->kind() == TK_APPLY && Apply(values).callee().kind() == TK_VAR) {
    const std::string& name = Var(Apply(values).callee()).name().name();
    if (name == "range" || name == "$indices") {
      const std::string item = unique("item");
      values = node(TK_LIST_COMP, range, {var(item, range), var(item, range), values});
    }
  }
  before.push_back(assign(var(all, range), values));
  TreeList body;
  TreeRef index = list(range, {var(at, range)});
  body.push_back(assign(targets->tree(1 - modules), node(TK_SUBSCRIPT, range, {var(all, range), index})));
  if (number_target) body.push_back(assign(number_target, var(at, range)));
  for (const TreeRef& statement : loop->tree(2)->trees()) body.push_back(statement);
  TreeRef is_there = node('<', range, {var(at, range), call("len", range, {var(all, range)})});
  TreeRef pair = node(TK_TUPLE_LITERAL, range, {list(range, {var(at, range), targets->tree(modules)})});
  TreeRef numbered = call("enumerate", range, {parts[modules].tree()});
  return node(
      TK_FOR, range,
      {list(range, {pair}), list(range, {numbered}), list(range, {branch(is_there, std::move(body), {})})});
}

}  // namespace tch_jit
