// Stage: keeps what a body changes in place, until libtorch's alias analysis knows the names (see loop_aliases.cc) and
// what holds what is changed (see containers.cc).
//
// libtorch (2.13) removes changes that nothing reads as soon as it has compiled a function, by an analysis that errs about
// loops and containers. So statements end with a call of `$keep_changes()`, which prints, as it seems, what was changed in them: to
// print is an effect, which is kept. The print is taken out of the compiled graph again.

#include <algorithm>
#include <cctype>

#include "loops.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

// Tells such a print from a user's.
const Symbol& keeps() {
  static const Symbol symbol = Symbol::attr("keeps_changes");
  return symbol;
}

// Whether the body may change something in place: by a method such as `add_` or `append`, or by an operator of Rust.
bool may_change(const TreeRef& tree) {
  if (tree->isAtom()) return false;
  if (tree->kind() == TK_FOR || tree->kind() == TK_WHILE || tree->kind() == TK_AUG_ASSIGN) return true;
  if (tree->kind() == TK_IDENT) {
    const std::string& name = Ident(tree).name();
    bool is_slot = name.size() > 1 && name[0] == '$' && std::isupper(static_cast<unsigned char>(name[1]));
    return (name[0] == '$' && !is_slot) || name.back() == '_' || name == "append";
  }
  return std::any_of(tree->trees().begin(), tree->trees().end(), may_change);
}

// The statements with a call: at their end, or before a last one that leaves them or has statements of its own.
TreeRef with_call(const TreeRef& list) {
  TreeList statements = list->trees();
  if (statements.empty()) return list;
  const TreeRef last = statements.back();
  const SourceRange& range = last->range();
  auto name = Var::create(range, Ident::create(range, std::string("$") + KEEP_CHANGES));
  auto call = Apply::create(range, name, List<Expr>::create(range, {}), List<Attribute>::create(range, {}));
  bool is_plain = last->kind() == TK_ASSIGN || last->kind() == TK_AUG_ASSIGN || last->kind() == TK_EXPR_STMT;
  statements.insert(is_plain ? statements.end() : statements.end() - 1, ExprStmt::create(range, call).tree());
  return Compound::create(list->kind(), list->range(), std::move(statements));
}

TreeRef with_calls(const TreeRef& tree) {
  if (tree->isAtom()) return tree;
  TreeList children;
  for (const TreeRef& child : tree->trees()) children.push_back(with_calls(child));
  auto add = [&](size_t i) { children[i] = with_call(children[i]); };
  switch (tree->kind()) {
    case TK_DEF:
    case TK_FOR: add(2); break;
    case TK_WHILE:
    case TK_WITH: add(1); break;
    case TK_IF: add(1), add(2); break;
    default: break;
  }
  return Compound::create(tree->kind(), tree->range(), std::move(children));
}

struct KeepChanges : SugaredValue {
  std::string kind() const override { return "form"; }
  std::shared_ptr<SugaredValue> call(const SourceRange& loc, GraphFunction& m, at::ArrayRef<NamedValue>,
                                     at::ArrayRef<NamedValue>, size_t) override {
    Graph& graph = *m.graph();
    Node* end = graph.insertPoint();
    std::vector<Value*> changed;
    for (Node* node : end->owningBlock()->nodes()) {
      if (node == end) break;
      for (Value* value : written_by(node)) changed.push_back(value);
    }
    if (!changed.empty()) graph.insertNode(graph.create(prim::Print, changed, 0))->i_(keeps(), 1);
    return std::make_shared<SimpleValue>(graph.insertConstant(IValue(), loc));
  }
};

}  // namespace

Def keep_changes(const Def& def) { return may_change(def.tree()) ? Def(with_calls(def.tree())) : def; }

std::shared_ptr<SugaredValue> keep_changes_form() { return std::make_shared<KeepChanges>(); }

void remove_keepers(Block* block) {
  for (auto it = block->nodes().begin(); it != block->nodes().end();) {
    Node* node = *it++;
    for (Block* inner : node->blocks()) remove_keepers(inner);
    if (node->kind() == prim::Print && node->hasAttribute(keeps())) node->destroy();
  }
}

}  // namespace tch_jit
